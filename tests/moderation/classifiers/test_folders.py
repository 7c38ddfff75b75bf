"""Folders: a model is data; whatever could run or point elsewhere is refused beforehand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from moderation.classifiers.contract import ClassifierError
from moderation.classifiers.folders import checked
from tests.moderation.classifiers.tiny import reconfigured, saved


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved(tmp_path / "model")


def refusal(folder: Path) -> str:
    with pytest.raises(ClassifierError) as caught:
        checked(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_of_data_passes(folder: Path) -> None:
    assert [path.name for path in checked(folder).weights] == ["model.safetensors"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no such folder" in refusal(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["modeling_x.py", "sub/tool.py", "lib.so", "Evil.PY"])
def test_code_is_refused_wherever_it_lies(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("")
    assert "code" in refusal(folder)


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "a.pt", "b.PTH", "training_args.bin", "c.pkl"]
)
def test_what_may_be_a_pickle_is_refused_even_beside_safetensors(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    assert name in refusal(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"auto_map": {"AutoConfig": "x.Y"}},
        {"vision": {"auto_map": {"AutoModel": "x.Y"}}},
        {"parts": [{"trust_remote_code": True}]},
        {"quantization_config": {"quant_method": "x"}},
        {"custom_pipelines": {"a": 1}},
        {"_attn_implementation": "someone/kernels"},
        {"attn_implementation": "someone/kernels"},
    ],
)
def test_a_configuration_that_asks_for_more_than_data_is_refused(
    folder: Path, changes: dict[str, object]
) -> None:
    assert "refused" in refusal(reconfigured(folder, **changes))


def test_so_is_the_tokenizers_own_configuration(folder: Path) -> None:
    (folder / "tokenizer_config.json").write_text('{"auto_map": {"AutoTokenizer": ["x.Y", null]}}')
    assert "auto_map" in refusal(folder)


def test_keys_of_every_day_are_no_reason_to_refuse(folder: Path) -> None:
    checked(reconfigured(folder, _attn_implementation="sdpa", auto_map={}, trust_remote_code=False))


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    assert missing in refusal(folder)


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000, '{"a": '])
def test_a_configuration_that_is_no_object_is_refused(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    assert "JSON" in refusal(folder)


def test_an_adapter_is_refused(folder: Path) -> None:
    (folder / "adapter_config.json").write_text("{}")
    assert "adapter" in refusal(folder)


@pytest.mark.parametrize(
    "name", ["../model.safetensors", "/etc/passwd", "part.bin", 7, "gone.safetensors"]
)
def test_an_index_names_only_safetensors_beside_it(folder: Path, name: object) -> None:
    (folder / "model.safetensors").unlink()
    index = {"weight_map": {"layer": name}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "safetensors" in refusal(folder)


def test_weights_in_several_files_are_read_in_order(folder: Path) -> None:
    first = folder / "model-1-of-2.safetensors"
    (folder / "model.safetensors").rename(first)
    (folder / "model-2-of-2.safetensors").write_bytes(first.read_bytes())
    names = {"b": "model-2-of-2.safetensors", "a": "model-1-of-2.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    assert [path.name for path in checked(folder).weights] == sorted(names.values())


@pytest.mark.parametrize("labels", [None, {}, {"1": "x"}, []])
def test_outputs_without_names_are_refused(folder: Path, labels: object) -> None:
    with pytest.raises(ClassifierError, match="id2label"):
        _ = checked(reconfigured(folder, id2label=labels)).labels


@pytest.mark.parametrize(
    "name", ["model.safetensors", "config.json", "tokenizer.json", "classifier.toml"]
)
def test_the_revision_changes_with_every_file_that_decides(folder: Path, name: str) -> None:
    before = checked(folder).revision
    assert before == checked(folder).revision
    with (folder / name).open("ab") as file:
        file.write(b"\n")
    assert checked(folder).revision != before


def test_the_revision_does_not_change_with_a_readme_or_a_place(
    folder: Path, tmp_path: Path
) -> None:
    before = checked(folder).revision
    (folder / "README.md").write_text("hello")
    assert checked(folder.rename(tmp_path / "elsewhere")).revision == before
