"""Exports: whole or not at all, the same bytes every time, loadable, and naming nobody."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import datasets as hf_datasets
import pytest
from django.core.management import CommandError, call_command
from PIL import Image
from pytest_django.fixtures import Settings

from datasets_app import exporting, exports, jobs, manifest, versions
from datasets_app.exporting import ExportFault
from datasets_app.folders import FolderInUse, draft_beside
from datasets_app.formats import FORMATS, UnknownFormat, fitting, format_named
from datasets_app.hashed_file import HashedFile
from datasets_app.models import Dataset, Event, Export, Media, Version
from datasets_app.storage import media_key, storage
from datasets_app.vocabulary import JobState, Split
from tests import build
from tests.cast import as_annotator, cast
from tests.datasets_app import settled

pytestmark = pytest.mark.django_db

THREE = ("pku_saferlhf", "beavertails_v", "safesora")
EACH = pytest.mark.parametrize("protocol", THREE)
ALL = [(protocol, format.key) for protocol in THREE for format in fitting(protocol)]
SPLITS = {Split.TRAIN: 0.5, Split.VALIDATION: 0.2, Split.TEST: 0.3}


@pytest.fixture(autouse=True)
def own_storage(tmp_path: Path, settings: Settings) -> None:
    settings.CASTOR_MEDIA_ROOT = tmp_path / "storage"


@pytest.fixture
def hub_free(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hf_datasets.config, "HF_DATASETS_OFFLINE", True)
    monkeypatch.setattr(hf_datasets.config, "HF_HUB_OFFLINE", True)


def a_version(protocol: str, items: int = 8, **words: Any) -> Version:
    dataset = build.dataset(protocol, slug=f"{protocol.replace('_', '-')}-lodge")
    settled.with_files(dataset, items, **words)
    return versions.cut(dataset, versions.Recipe(splits=SPLITS), None)


def written(version: Version, key: str, folder: Path) -> manifest.Manifest:
    return exports.write(version, FORMATS[key], folder)


def loaded(folder: Path, cache: Path, *config: str) -> hf_datasets.DatasetDict:
    return hf_datasets.load_dataset(str(folder), *config, cache_dir=str(cache))


def row_counts(version: Version, each: int = 1, **names: str) -> dict[str, int]:
    """What a load must count: the splits that have records, by the names that a format gives."""
    counts = {names.get(split, split): each * n for split, n in version.counts.items()}
    return {name: count for name, count in counts.items() if count}


def some_row(found: hf_datasets.DatasetDict) -> Any:
    return next(iter(found.values()))[0]


def some_features(found: hf_datasets.DatasetDict) -> Any:
    return next(iter(found.values())).features


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# The same bytes


@pytest.mark.parametrize(("protocol", "key"), ALL)
def test_run_again_it_gives_the_same_bytes_and_the_manifest_tells_them(
    protocol: str, key: str, tmp_path: Path
) -> None:
    version = a_version(protocol, 4)
    written(version, key, tmp_path / "one")
    # What may change meanwhile must not show.
    Dataset.objects.update(name="Renamed", description="Other words", licence="mit", language="de")
    version = Version.objects.get(pk=version.pk)
    signed = written(version, key, tmp_path / "two")
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    assert_says_what_is_there(signed, version, tmp_path / "two")


def assert_says_what_is_there(signed: manifest.Manifest, version: Version, folder: Path) -> None:
    assert manifest.verify(folder) == signed
    assert signed["version"]["digest"] == version.digest
    assert signed["version"]["recipe"]["splits"] == {"train": 0.5, "validation": 0.2, "test": 0.3}
    assert signed["records"] == version.size
    listed = {entry["path"] for entry in signed["files"]}
    assert listed | {manifest.NAME} == set(bytes_of(folder))
    assert not any(signed["refusals"].values())


def test_pages_of_records_make_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = a_version("pku_saferlhf", 8)
    written(version, "trl_preference", tmp_path / "one")
    monkeypatch.setattr(exporting, "PAGE", 3)
    written(version, "trl_preference", tmp_path / "two")
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


@pytest.mark.django_db(transaction=True)
def test_another_process_writes_the_same_bytes(
    tmp_path: Path, castor_env: dict[str, str], settings: Settings
) -> None:
    version = a_version("beavertails_v", 4)
    script = (
        "import django; django.setup()\n"
        "from pathlib import Path\n"
        "from datasets_app import exports, versions\n"
        "from datasets_app.formats import fitting\n"
        f"version = versions.version_named({str(version)!r})\n"
        "for form in fitting(version.protocol):\n"
        f"    exports.write(version, form, Path({str(tmp_path / 'there')!r}) / form.key)\n"
    )
    # Sets come in another order there; nothing that is written may follow it.
    env = castor_env | {"CASTOR_MEDIA_ROOT": str(settings.CASTOR_MEDIA_ROOT), "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", script], env=env, check=True)
    for form in fitting(version.protocol):
        exports.write(version, form, tmp_path / "here" / form.key)
    assert bytes_of(tmp_path / "here") == bytes_of(tmp_path / "there")


def test_refusals_are_counted_by_reason(tmp_path: Path) -> None:
    dataset = build.dataset("pku_saferlhf")
    settled.item(dataset)
    settled.item(dataset, verdicts={"better": "tie"})
    settled.item(
        dataset,
        verdicts={
            "better": "tie",
            "safer": "tie",
            "safe": (True, True),
            "categories": ([], []),
            "severity": (0, 0),
        },
    )
    version = versions.cut(dataset, versions.Recipe(), None)
    assert written(version, "pku_saferlhf", tmp_path / "pku")["refusals"] == {
        "default": {"no_preference": 2}
    }
    assert written(version, "trl_preference", tmp_path / "trl")["refusals"] == {
        "helpful": {"no_preference": 2},
        "harmless": {"no_preference": 1},
    }


def test_a_response_in_two_pairs_is_one_row_of_the_moderation_form(tmp_path: Path) -> None:
    dataset = build.dataset("beavertails_v")
    item = settled.stored(settled.item(dataset))
    third = build.a_response(item.prompt, "A third answer.")
    again = settled.item(dataset, prompt=item.prompt, first=item.first, second=third)
    assert again.first_id == item.first_id
    version = versions.cut(dataset, versions.Recipe(), None)
    signed = written(version, "beavertails_v_qa", tmp_path / "qa")
    assert sum(count["rows"] for count in signed["rows"]) == 3
    assert signed["refusals"] == {"default": {"repeated": 1}}


def test_two_films_of_the_same_name_are_not_written_over_each_other(tmp_path: Path) -> None:
    dataset = build.dataset("safesora")
    item = settled.stored(settled.item(dataset))
    for response in (item.first, item.second):
        assert response is not None
        response.meta = {"video_id": "same"}
        response.save()
    version = versions.cut(dataset, versions.Recipe(), None)
    signed = written(version, "safesora", tmp_path / "out")
    assert signed["refusals"] == {"default": {"same_file_name": 1}}
    assert signed["rows"] == []


# What the unmodified library reads


@pytest.mark.usefixtures("hub_free")
def test_pku_saferlhf_loads(tmp_path: Path) -> None:
    version = a_version("pku_saferlhf")
    written(version, "pku_saferlhf", tmp_path / "out")
    found = loaded(tmp_path / "out", tmp_path / "cache")
    assert found.num_rows == row_counts(version)
    features = some_features(found)
    assert features["better_response_id"] == hf_datasets.Value("int64")
    assert features["is_response_0_safe"] == hf_datasets.Value("bool")
    assert len(features["response_0_harm_category"]) == 19
    row = some_row(found)
    assert (row["better_response_id"], row["safer_response_id"]) == (1, 0)
    assert (row["is_response_0_safe"], row["response_1_severity_level"]) == (True, 2)


@pytest.mark.usefixtures("hub_free")
@pytest.mark.parametrize("key", ["beavertails_v", "beavertails_v_qa"])
def test_beavertails_v_loads_with_pictures(key: str, tmp_path: Path) -> None:
    version = a_version("beavertails_v")
    written(version, key, tmp_path / "out")
    found = loaded(tmp_path / "out", tmp_path / "cache", "false_information")
    each = 1 if key == "beavertails_v" else 2
    assert found.num_rows == row_counts(version, each, test="evaluation")
    features = some_features(found)
    assert features["image"] == hf_datasets.Image()
    assert features["image_severity"] == hf_datasets.Value("int64")
    row = some_row(found)
    assert isinstance(row["image"], Image.Image)
    assert row["image"].size == (8, 8)
    if key == "beavertails_v":
        assert features["more_helpful_response_id"] == hf_datasets.Value("string")
        assert features["response_1_harmless_rate"] == hf_datasets.Value("int64")
        assert (row["more_helpful_response_id"], row["is_response_1_safe"]) == ("1", "no")


@pytest.mark.usefixtures("hub_free")
def test_beavertails_v_wants_the_name_of_a_category(tmp_path: Path) -> None:
    dataset = build.dataset("beavertails_v")
    for category in ("animal_abuse", "false_information"):
        settled.with_files(dataset, 2, verdicts={"category": [category]})
    version = versions.cut(dataset, versions.Recipe(splits={Split.TRAIN: 1.0}), None)
    written(version, "beavertails_v", tmp_path / "out")
    with pytest.raises(ValueError, match="Config name is missing"):
        loaded(tmp_path / "out", tmp_path / "cache")
    assert loaded(tmp_path / "out", tmp_path / "cache", "animal_abuse").num_rows == {"train": 2}


@pytest.mark.usefixtures("hub_free")
@pytest.mark.parametrize("key", ["safesora", "safesora_label"])
def test_safesora_loads_and_its_films_lie_there(key: str, tmp_path: Path) -> None:
    version = a_version("safesora")
    written(version, key, tmp_path / "out")
    found = loaded(tmp_path / "out", tmp_path / "cache")
    each = 1 if key == "safesora" else 2
    assert found.num_rows == row_counts(version, each)
    # And as its own loader reads it: a JSON list in gzip, films by prompt and video.
    config = next((tmp_path / "out").glob("config-*.json.gz"))
    with gzip.open(config, "rt", encoding="utf-8") as file:
        rows = json.load(file)
    films = [row[side] for row in rows for side in ("video_0", "video_1")] if each == 1 else rows
    for film in films:
        path = tmp_path / "out" / "videos" / film["prompt_id"] / f"{film['video_id']}.mp4"
        assert path.read_bytes().startswith(b"film of ")


@pytest.mark.usefixtures("hub_free")
def test_trl_preference_loads_the_helpful_rows_by_default(tmp_path: Path) -> None:
    version = a_version("pku_saferlhf")
    written(version, "trl_preference", tmp_path / "out")
    helpful = loaded(tmp_path / "out", tmp_path / "cache")
    harmless = loaded(tmp_path / "out", tmp_path / "cache", "harmless")
    assert helpful.num_rows == harmless.num_rows == row_counts(version)
    assert some_row(helpful)["chosen"] == some_row(harmless)["rejected"]
    assert list(some_features(helpful)) == ["prompt", "chosen", "rejected"]


@pytest.mark.usefixtures("hub_free")
def test_trl_preference_loads_images(tmp_path: Path) -> None:
    version = a_version("beavertails_v", 3)
    written(version, "trl_preference", tmp_path / "out")
    found = loaded(tmp_path / "out", tmp_path / "cache")
    assert some_features(found)["images"] == hf_datasets.List(hf_datasets.Image())
    row = some_row(found)
    assert [image.size for image in row["images"]] == [(8, 8)]
    assert [part["type"] for part in row["prompt"][0]["content"]] == ["image", "text"]


@pytest.mark.usefixtures("hub_free")
@EACH
def test_votes_load_by_question(protocol: str, tmp_path: Path) -> None:
    version = a_version(protocol, 6)
    written(version, "votes", tmp_path / "out")
    found = loaded(tmp_path / "out", tmp_path / "cache", "better")
    assert sum(found.num_rows.values()) == 18
    names = ["task", "worker", "label", "question", "item", "response", "imported"]
    assert list(some_features(found)) == names


@pytest.mark.usefixtures("hub_free")
@EACH
def test_records_load(protocol: str, tmp_path: Path) -> None:
    version = a_version(protocol, 6)
    written(version, "records", tmp_path / "out")
    found = loaded(tmp_path / "out", tmp_path / "cache")
    assert sum(found.num_rows.values()) == 6
    row = some_row(found)
    assert {json.loads(v["value"]) for v in row["verdicts"] if v["question"] == "better"} <= {0, 1}
    for part in row["media"]:
        assert (tmp_path / "out" / part["path"]).stat().st_size == part["size"]


@pytest.mark.usefixtures("hub_free")
def test_a_split_without_rows_has_no_file_and_the_rest_loads(tmp_path: Path) -> None:
    dataset = build.dataset("pku_saferlhf")
    settled.item(dataset)
    version = versions.cut(dataset, versions.Recipe(splits={Split.TEST: 1.0}), None)
    written(version, "pku_saferlhf", tmp_path / "out")
    assert not (tmp_path / "out" / "train.jsonl").exists()
    assert loaded(tmp_path / "out", tmp_path / "cache").num_rows == {"test": 1}


# Naming nobody


def test_no_annotator_is_named_in_any_byte(tmp_path: Path) -> None:
    canaries: list[str] = []
    for protocol in THREE:
        dataset = build.dataset(protocol)
        people = cast(dataset)
        judges = [as_annotator(person) for person in (people.ana, people.ben)]
        voters = tuple(str(judge.key) for judge in judges)
        settled.with_files(dataset, 4, votes=(*voters, "source-nickname-77"))
        version = versions.cut(dataset, versions.Recipe(), people.cora)
        canaries += [str(judge.key) for judge in judges] + [judge.key.hex for judge in judges]
        canaries += [judge.pseudonym for judge in judges]
        for person in (people.ana, people.ben, people.cora):
            canaries += [person.email, person.username + "@"]
        for form in fitting(protocol):
            exports.write(version, form, tmp_path / protocol / form.key)
    canaries.append("source-nickname-77")
    for path, content in plain_bytes(tmp_path):
        for canary in canaries:
            assert canary.encode() not in content, f"{canary} in {path}"


def plain_bytes(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every byte of every export, packed ones unpacked."""
    for path in folder.rglob("*"):
        if path.is_file() and "storage" not in path.parts:
            if path.suffix == ".gz":
                yield path, gzip.decompress(path.read_bytes())
            elif path.suffix == ".parquet":
                frame = hf_datasets.Dataset.from_parquet(
                    str(path), cache_dir=str(folder / "storage" / "cache")
                ).with_format("arrow")[:]
                yield path, json.dumps(frame.to_pylist(), default=repr).encode()
            yield path, path.read_bytes()


def test_the_canary_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets_app.record.pseudonyms", lambda _secret, _number: lambda key: key)
    with pytest.raises(AssertionError, match="records"):
        test_no_annotator_is_named_in_any_byte(tmp_path)


# Whole or not at all


def test_it_replaces_an_export_and_nothing_else(tmp_path: Path) -> None:
    version = a_version("pku_saferlhf", 3)
    folder = tmp_path / "out"
    folder.mkdir()
    written(version, "votes", folder)
    written(version, "records", folder)
    assert manifest.verify(folder)["format"]["key"] == "records"
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter-1.md").write_text("Beavers")
    with pytest.raises(FolderInUse, match="holds something else"):
        written(version, "votes", other)
    assert bytes_of(other) == {"chapter-1.md": b"Beavers"}
    with pytest.raises(FolderInUse, match="not a folder"):
        written(version, "votes", other / "chapter-1.md")


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_fault_leaves_nothing_behind(
    fault: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = a_version("pku_saferlhf", 3)
    written(version, "votes", tmp_path / "out")
    before = bytes_of(tmp_path / "out")

    def full(*_args: object) -> str:
        raise fault

    monkeypatch.setattr("datasets_app.card.render", full)
    with pytest.raises(type(fault)):
        written(version, "records", tmp_path / "out")
    assert bytes_of(tmp_path / "out") == before
    assert {path.name for path in tmp_path.iterdir()} <= {"out", "storage"}


@pytest.mark.parametrize(
    ("protocol", "key"), [("pku_saferlhf", "trl_preference"), ("safesora", "safesora")]
)
def test_a_full_disk_is_told_in_one_line(
    protocol: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = a_version(protocol, 2)

    def full(_file: HashedFile, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(HashedFile, "write", full)
    with pytest.raises(CommandError, match="No space left on device") as error:
        call_command("export", str(version), format=key, to=str(tmp_path / "out"))
    assert error.value.returncode == 2
    assert not [path for path in tmp_path.iterdir() if path.name != "storage"]


def test_a_missing_file_is_told_in_one_line(tmp_path: Path) -> None:
    version = a_version("beavertails_v", 1)
    digest = Media.objects.get().digest
    storage().delete(media_key(digest))
    with pytest.raises(ExportFault, match=f"{digest} is not in the storage"):
        written(version, "beavertails_v", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("key", ["beavertails_v", "records"])
def test_a_damaged_file_is_not_passed_on(key: str, tmp_path: Path) -> None:
    version = a_version("beavertails_v", 1)
    path = storage().path(media_key(Media.objects.get().digest))
    assert path is not None
    path.write_bytes(settled.png(9) + b"!")
    with pytest.raises(ExportFault, match="is damaged"):
        written(version, key, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_a_kill_left_behind_is_cleared_away(tmp_path: Path) -> None:
    version = a_version("pku_saferlhf", 2)
    dead = tmp_path / ".out.draft-dead"
    dead.mkdir()
    (dead / "train.jsonl").write_text("{")
    written(version, "votes", tmp_path / "out")
    assert not dead.exists()


def test_a_draft_that_somebody_works_on_is_left_alone(tmp_path: Path) -> None:
    version = a_version("pku_saferlhf", 2)
    with draft_beside(tmp_path / "out") as living:
        written(version, "votes", tmp_path / "out")
        assert living.exists()


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_leaves_no_export(
    tmp_path: Path, castor_env: dict[str, str]
) -> None:
    version = a_version("pku_saferlhf", 4)
    script = (
        "import django, os, signal; django.setup()\n"
        "from pathlib import Path\n"
        "from datasets_app import card, exports, versions\n"
        "from datasets_app.formats import FORMATS\n"
        "card.render = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"version = versions.version_named({str(version)!r})\n"
        f"exports.write(version, FORMATS['records'], Path({str(tmp_path / 'out')!r}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=castor_env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    assert len(list(tmp_path.glob(".out.draft-*"))) == 1
    written(version, "records", tmp_path / "out")
    assert manifest.verify(tmp_path / "out")
    assert not list(tmp_path.glob(".out.draft-*"))


# Exports as rows


def test_asked_for_twice_it_is_one_row() -> None:
    version = a_version("pku_saferlhf", 2)
    cora = cast(version.dataset).cora
    one, two = (exports.request(version, "votes", cora) for _ in range(2))
    assert one == two
    assert (one.state, one.total_rows, one.requested_by) == (JobState.QUEUED, 2, cora)
    assert Event.objects.filter(verb="export").count() == 1


def test_a_worker_makes_what_waits() -> None:
    version = a_version("beavertails_v", 3)
    export = exports.request(version, "records", None)
    assert exports.run_waiting() == 1
    assert exports.run_waiting() == 0
    export.refresh_from_db()
    assert (export.state, export.done_rows, export.attempts) == (JobState.DONE, 3, 1)
    assert export.manifest is not None
    assert export.manifest["records"] == 3
    files = exports.files(export)
    assert export.size == sum(entry["bytes"] for entry in files[:-1])
    assert files[-1]["path"] == "manifest.json"
    told = Event.objects.filter(verb="export").order_by("id").values_list("before", "after")
    assert list(told) == [("", "queued"), ("queued", "running"), ("running", "done")]


def test_its_files_are_those_that_the_command_writes(tmp_path: Path) -> None:
    version = a_version("safesora", 3)
    export = exports.make_now(version, "safesora", None)
    written(version, "safesora", tmp_path / "out")
    there = bytes_of(tmp_path / "out")
    for entry in exports.files(export):
        with exports.open_file(export, entry["path"]) as file:
            assert file.read() == there[entry["path"]]
    with exports.local_copy(export) as folder:
        manifest.verify(folder)


def test_all_files_come_as_one_archive(tmp_path: Path) -> None:
    version = a_version("safesora", 2)
    export = exports.make_now(version, "safesora", None)
    packed = b"".join(exports.open_archive(export))
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "out")
    assert manifest.verify(tmp_path / "out")


def test_only_its_own_files_can_be_opened() -> None:
    export = exports.make_now(a_version("pku_saferlhf", 2), "votes", None)
    for name in ("../../media", "none.txt", "/etc/passwd", ""):
        with pytest.raises(KeyError):
            exports.open_file(export, name)


def test_before_it_is_done_there_is_nothing_to_read() -> None:
    export = exports.request(a_version("pku_saferlhf", 2), "votes", None)
    for read in (exports.files, exports.open_archive):
        with pytest.raises(exports.NotReady):
            read(export)


def test_poison_ends_after_three_tries() -> None:
    version = a_version("beavertails_v", 1)
    digest = Media.objects.get().digest
    storage().delete(media_key(digest))
    export = exports.request(version, "records", None)
    healthy = exports.request(version, "votes", None)
    # The first sweep goes on to the healthy one, and comes back to the poison until it is over.
    assert exports.run_waiting() == 4
    for row in (export, healthy):
        row.refresh_from_db()
    assert (export.state, export.attempts) == (JobState.FAILED, 3)
    assert "is not in the storage" in export.error
    assert healthy.state == JobState.DONE
    assert exports.run_waiting() == 0


def test_asked_for_again_after_a_failure_it_is_tried_again() -> None:
    version = a_version("beavertails_v", 1)
    key = media_key(Media.objects.get().digest)
    path = storage().path(key)
    assert path is not None
    path.rename(path.with_suffix(".away"))
    export = exports.request(version, "records", None)
    exports.run_waiting()
    path.with_suffix(".away").rename(path)
    cora = cast(version.dataset).cora
    assert exports.request(version, "records", cora).state == JobState.QUEUED
    asked = Event.objects.filter(verb="export", before="failed", after="queued").get()
    assert (asked.actor_id, asked.dataset_id) == (cora.pk, version.dataset_id)
    exports.run_waiting()
    export.refresh_from_db()
    assert (export.state, export.error) == (JobState.DONE, "")


def test_a_worker_that_fell_silent_is_succeeded() -> None:
    version = a_version("pku_saferlhf", 2)
    exports.request(version, "votes", None)
    dead = jobs.claim(Export)
    assert dead is not None
    assert jobs.claim(Export) is None
    Export.objects.update(leased_until="2000-01-01T00:00:00Z")
    assert exports.run_waiting() == 1
    with pytest.raises(jobs.LostLease):
        jobs.renew(dead, done_rows=7)
    with pytest.raises(jobs.LostLease):
        jobs.finish(dead, manifest={}, size=0)
    jobs.fail(dead, "too late")
    export = Export.objects.get()
    assert (export.state, export.attempts, export.error) == (JobState.DONE, 2, "")


def test_without_the_fence_the_dead_worker_would_overwrite(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exports.request(a_version("pku_saferlhf", 2), "votes", None)
    dead = jobs.claim(Export)
    assert dead is not None
    Export.objects.update(leased_until="2000-01-01T00:00:00Z")
    exports.run_waiting()
    monkeypatch.setattr(jobs, "_held", lambda job: Export.objects.filter(pk=job.pk))
    jobs.fail(dead, "too late")
    assert Export.objects.get().error == "too late"


def test_a_worker_that_falls_silent_three_times_is_poison() -> None:
    exports.request(a_version("pku_saferlhf", 1), "votes", None)
    for _ in range(3):
        assert jobs.claim(Export) is not None
        Export.objects.update(leased_until="2000-01-01T00:00:00Z")
    assert jobs.claim(Export) is None
    export = Export.objects.get()
    assert (export.state, export.error) == (JobState.FAILED, jobs.INTERRUPTED)


def test_progress_is_told_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    renew = jobs.renew

    def watched(job: Export, **progress: Any) -> None:
        seen.append(progress["done_rows"])
        renew(job, **progress)

    monkeypatch.setattr(jobs, "TELL_SECONDS", 0.0)
    monkeypatch.setattr(exporting, "PAGE", 2)
    monkeypatch.setattr(jobs, "renew", watched)
    exports.make_now(a_version("pku_saferlhf", 5), "votes", None)
    assert seen[:3] == [2, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_the_work_is_taken_up_again(castor_env: dict[str, str]) -> None:
    version = a_version("pku_saferlhf", 4)
    export = exports.request(version, "records", None)
    script = (
        "import django, os, signal; django.setup()\n"
        "from datasets_app import exports\n"
        "exports._store = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "exports.run_waiting()\n"
    )
    root = os.fspath(storage().root)  # type: ignore[attr-defined]
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=castor_env | {"CASTOR_MEDIA_ROOT": root},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    export.refresh_from_db()
    assert (export.state, export.attempts) == (JobState.RUNNING, 1)
    assert list(Path(root, "incoming").iterdir())
    Export.objects.update(leased_until="2000-01-01T00:00:00Z")
    assert exports.run_waiting() == 1
    export.refresh_from_db()
    assert export.state == JobState.DONE
    assert not list(Path(root, "incoming").iterdir())


# Doors


def test_a_format_that_does_not_fit_is_told_with_those_that_do() -> None:
    version = a_version("safesora", 1)
    with pytest.raises(UnknownFormat, match=r"does not fit safesora@1.*records, safesora"):
        exports.request(version, "pku_saferlhf", None)
    with pytest.raises(UnknownFormat, match="'nonsense' is unknown"):
        format_named("nonsense", protocol="safesora@1")


def test_the_command_writes_and_prints_one_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = a_version("pku_saferlhf", 4)
    out = str(tmp_path / "out")
    call_command("export", str(version), format="pku_saferlhf", to=out, json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["to"], told["records"], told["format"]["key"]) == (out, 4, "pku_saferlhf")
    call_command("export", str(version), format="pku_saferlhf", to=out)
    assert "as pku_saferlhf: 4 rows in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"format": "nonsense"}, "The format 'nonsense' is unknown"),
        ({"format": "safesora"}, "does not fit pku_saferlhf@1"),
    ],
)
def test_the_command_tells_what_is_wrong_in_one_line(
    words: dict[str, str], told: str, tmp_path: Path
) -> None:
    version = a_version("pku_saferlhf", 1)
    with pytest.raises(CommandError, match=told) as error:
        call_command("export", str(version), to=str(tmp_path / "out"), **words)
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
