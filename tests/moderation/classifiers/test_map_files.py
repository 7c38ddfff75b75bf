"""Map files: complete, or refused with one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets_app.label_sets import LABEL_SETS
from moderation.classifiers.contract import ClassifierError
from moderation.classifiers.map_files import MAPS, read_map
from tests.moderation.classifiers.tiny import LABELS, MAP

JIGSAW = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
PLAIN = """
label_set = "pku_saferlhf"
ignore = ["other"]
[categories]
bad = "Violence"
[severity_of]
Violence = 2
"""


def refusal(folder: Path, text: str, labels: tuple[str, ...]) -> str:
    """Why the map is refused, in one line."""
    (folder / "classifier.toml").write_text(text)
    with pytest.raises(ClassifierError) as caught:
        read_map(folder, labels)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_folders_own_map_is_read(tmp_path: Path) -> None:
    (tmp_path / "classifier.toml").write_text(MAP)
    assert read_map(tmp_path, LABELS).category_keys == ("Violence", "Drugs")


def test_labels_may_be_ignored_by_name(tmp_path: Path) -> None:
    (tmp_path / "classifier.toml").write_text(PLAIN)
    assert read_map(tmp_path, ("bad", "other")).category_keys == ("Violence",)


def test_a_shipped_map_is_found_by_its_labels(tmp_path: Path) -> None:
    assert read_map(tmp_path, JIGSAW).label_set == "pku_saferlhf"


def test_labels_that_no_map_knows_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match=r"no label map for the labels LABEL_0, LABEL_1"):
        read_map(tmp_path, ("LABEL_0", "LABEL_1"))


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_map_speaks_of_a_label_set_that_is_there(path: Path) -> None:
    found = read_map(path.parent / "nowhere", JIGSAW)
    assert set(found.category_keys) <= set(LABEL_SETS[found.label_set].keys)


@pytest.mark.parametrize(
    ("text", "labels", "wrong"),
    [
        ("not toml =", ("bad",), "not a label map"),
        ("label_set = 1", ("bad",), "required"),
        ('label_set = "x"\n[categories]', ("bad",), "required"),
        ('label_set = "x"\nextra = 1\n[categories]\nbad = "V"', ("bad",), "unknown key extra"),
        ('label_set = "x"\nwindow = 2\n[categories]\nbad = "V"', ("bad",), "window"),
        ('label_set = "x"\nreads = "both"\n[categories]\nbad = "V"', ("bad",), "reads"),
        ('label_set = "x"\nactivation = "relu"\n[categories]\nbad = "V"', ("bad",), "activation"),
        ('label_set = "x"\nsafe = "bad"\n[categories]\nbad = "V"', ("bad",), "wrong kind"),
        ('label_set = "x"\n[categories]\nbad = 7', ("bad",), "names of categories"),
        ('label_set = "x"\n[categories]\nbad = "V"', ("bad",), "severity_of"),
        (PLAIN, ("bad",), "no label 'other'"),
        (PLAIN, ("bad", "other", "new"), "says nothing about the label 'new'"),
        (PLAIN.replace('["other"]', '["bad"]'), ("bad",), "twice"),
        (PLAIN.replace("= 2", "= 4"), ("bad", "other"), "1, 2 or 3"),
        (MAP.replace('"severity 3" = 3', '"severity 3" = 2'), LABELS, "0, 1, 2, 3"),
    ],
)
def test_an_incomplete_map_is_refused_with_the_reason(
    tmp_path: Path, text: str, labels: tuple[str, ...], wrong: str
) -> None:
    assert wrong in refusal(tmp_path, text, labels)
