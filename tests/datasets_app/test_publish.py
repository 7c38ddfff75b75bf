"""Publishing, with the real client of the Hub against a Hub on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from huggingface_hub import HfApi, constants
from pytest_django.fixtures import Settings

from datasets_app import exports, manifest, versions
from datasets_app.hub import publishing
from datasets_app.hub.publishing import PublishFault, publish
from datasets_app.models import Event, Publication, Version
from datasets_app.vocabulary import JobState, Split
from tests import build, hub_server
from tests.cast import cast
from tests.datasets_app import settled
from tests.hub_server import Blob, Hub

pytestmark = [
    pytest.mark.django_db,
    # The client's own way of sending bytes, of which its library warns.
    pytest.mark.filterwarnings("ignore:Use 'content="),
]

REPOSITORY = "beavers/lodge"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_server.running() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.setenv("HF_TOKEN", hub_server.TOKEN)
        # Xet is a service of its own, which this Hub does not have; the client then speaks LFS.
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(publishing, "WAITS", (0.0, 0.0, 0.0))
        yield running


@pytest.fixture
def version(tmp_path: Path, settings: Settings) -> Version:
    settings.CASTOR_MEDIA_ROOT = tmp_path / "media"
    dataset = build.dataset("pku_saferlhf", slug="lodge")
    for _ in range(8):
        settled.item(dataset)
    return versions.cut(dataset, versions.Recipe(), None)


def test_it_publishes_one_commit_and_a_tag(hub: Hub, version: Version) -> None:
    done = publish(version, "trl_preference", REPOSITORY, None)
    repository = hub.repositories[REPOSITORY]
    assert repository.messages == ["initial", "lodge@1 as trl_preference"]
    assert repository.tags == {"v1": done.commit}
    assert repository.visibility == "private"
    assert done.is_new
    files = hub.files(REPOSITORY)
    assert files.keys() == {
        ".gitattributes",
        "README.md",
        "manifest.json",
        "harmless/train.parquet",
        "helpful/train.parquet",
        *(path for path in files if path.endswith("test.parquet")),
    }
    assert repository.commits[done.commit]["helpful/train.parquet"].lfs


def test_what_is_at_the_hub_is_the_export(hub: Hub, version: Version, tmp_path: Path) -> None:
    publish(version, "records", REPOSITORY, None)
    for path, content in hub.files(REPOSITORY, "v1").items():
        if path != ".gitattributes":
            target = tmp_path / "back" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    assert manifest.verify(tmp_path / "back")["version"]["digest"] == version.digest


def test_run_again_it_does_nothing(hub: Hub, version: Version) -> None:
    first = publish(version, "trl_preference", REPOSITORY, None)
    again = publish(version, "trl_preference", REPOSITORY, None)
    assert (again.commit, again.is_new) == (first.commit, False)
    assert (hub.asked("commit"), hub.asked("tag")) == (1, 1)
    assert len(hub.repositories[REPOSITORY].commits) == 2


def test_killed_between_commit_and_tag_it_only_tags(
    hub: Hub, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: object, **_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("huggingface_hub.HfApi.create_tag", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(version, "trl_preference", REPOSITORY, None)
    left = Publication.objects.get()
    assert (left.state, hub.repositories[REPOSITORY].tags) == (JobState.RUNNING, {})
    Publication.objects.update(leased_until="2000-01-01T00:00:00Z")

    done = publish(version, "trl_preference", REPOSITORY, None)
    assert hub.repositories[REPOSITORY].tags == {"v1": done.commit}
    assert hub.asked("commit") == 1
    assert Publication.objects.get().state == JobState.DONE


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("create", 500),
        ("refs", 429),
        ("info", 503),
        ("paths", 500),
        ("commit", 429),
        ("commit", 500),
        ("tag", 429),
    ],
)
def test_it_asks_again_when_the_hub_is_overloaded(
    hub: Hub, version: Version, what: str, status: int
) -> None:
    hub.faults.append((what, status, {"Retry-After": "0"}))
    publish(version, "trl_preference", REPOSITORY, None)
    assert hub.repositories[REPOSITORY].tags.keys() == {"v1"}
    assert len(hub.repositories[REPOSITORY].commits) == 2


def test_a_commit_whose_answer_was_lost_is_not_made_twice(hub: Hub, version: Version) -> None:
    hub.lose_answers_of.append("commit")
    publish(version, "trl_preference", REPOSITORY, None)
    assert len(hub.repositories[REPOSITORY].commits) == 2


def test_it_gives_up_on_a_hub_that_stays_away(hub: Hub, version: Version) -> None:
    hub.faults += [("refs", 503, {})] * 10
    with pytest.raises(PublishFault, match=r"503.*Run it again later"):
        publish(version, "trl_preference", REPOSITORY, None)
    assert Publication.objects.get().state == JobState.FAILED
    hub.faults.clear()
    assert publish(version, "trl_preference", REPOSITORY, None).is_new


def test_it_does_not_overwrite_what_somebody_committed_meanwhile(
    hub: Hub, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = publishing._Push._send

    def and_somebody_commits(push: publishing._Push, additions: list[object]) -> None:
        send(push, additions)
        repository = hub.repositories[REPOSITORY]
        theirs = {"theirs.txt": Blob(b"!", lfs=False)}
        repository.commit((repository.at("main") or {}) | theirs, "theirs")

    with monkeypatch.context() as patch:
        patch.setattr(publishing._Push, "_send", and_somebody_commits)
        with pytest.raises(PublishFault, match="Somebody else changed beavers/lodge"):
            publish(version, "trl_preference", REPOSITORY, None)
    assert hub.repositories[REPOSITORY].messages[-1] == "theirs"
    assert hub.repositories[REPOSITORY].tags == {}


def test_without_the_parent_commit_it_would_be_overwritten(
    hub: Hub, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = HfApi.create_commit

    def unguarded(api: HfApi, *args: object, **words: object) -> object:
        repository = hub.repositories[REPOSITORY]
        repository.commit(dict(repository.at("main") or {}), "theirs")
        return commit(api, *args, **{**words, "parent_commit": None})

    monkeypatch.setattr(HfApi, "create_commit", unguarded)
    publish(version, "trl_preference", REPOSITORY, None)
    assert hub.repositories[REPOSITORY].messages[-1] != "theirs"


def test_a_refused_token_is_told_in_one_line(
    hub: Hub, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(PublishFault, match="refuses HF_TOKEN for beavers/lodge") as told:
        publish(version, "trl_preference", REPOSITORY, None)
    assert "hf_wrong" not in str(told.value)
    assert "\n" not in str(told.value)
    assert hub.repositories == {}


def test_without_a_token_nothing_is_asked(
    hub: Hub, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(PublishFault, match="HF_TOKEN is not set"):
        publish(version, "trl_preference", REPOSITORY, None)
    assert hub.log == []
    assert publishing.run_waiting() == 0


def test_a_hub_that_cannot_be_reached_is_told_in_one_line(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_TOKEN", hub_server.TOKEN)
    monkeypatch.setattr(publishing, "WAITS", ())
    with pytest.raises(PublishFault, match="cannot be reached"):
        publish(version, "trl_preference", REPOSITORY, None)


def test_another_export_under_the_tag_is_left_alone(hub: Hub, version: Version) -> None:
    publish(version, "trl_preference", REPOSITORY, None)
    with pytest.raises(PublishFault, match="another export under the tag v1"):
        publish(version, "votes", REPOSITORY, None)
    assert hub.asked("commit") == 1


def test_the_next_version_replaces_the_files_of_the_one_before(hub: Hub, version: Version) -> None:
    publish(version, "votes", REPOSITORY, None)
    dataset = version.dataset
    settled.item(dataset)
    second = versions.cut(dataset, versions.Recipe(splits={Split.TEST: 1.0}), None)
    publish(second, "votes", REPOSITORY, None)
    assert hub.repositories[REPOSITORY].tags.keys() == {"v1", "v2"}
    assert not [path for path in hub.files(REPOSITORY, "v2") if "train" in path]
    assert [path for path in hub.files(REPOSITORY, "v1") if "train" in path]


def test_a_worker_publishes_what_waits(hub: Hub, version: Version) -> None:
    cora = cast(version.dataset).cora
    export = exports.make_now(version, "trl_preference", cora)
    publication = publishing.request(export, REPOSITORY, cora)
    assert publishing.run_waiting() == 1
    publication.refresh_from_db()
    assert (publication.state, publication.tag) == (JobState.DONE, "v1")
    told = Event.objects.filter(verb="publication").order_by("id").values_list("before", "after")
    assert list(told) == [("", "queued"), ("queued", "running"), ("running", "done")]


@pytest.mark.parametrize("name", ["lodge", "a/b/c", "../x/y", "a/b.git", "a/", "a b/c"])
def test_it_refuses_what_names_no_repository(hub: Hub, version: Version, name: str) -> None:
    with pytest.raises(PublishFault, match="write ORG/NAME"):
        publish(version, "trl_preference", name, None)
    assert hub.log == []


def test_the_command_prints_one_object(
    hub: Hub, version: Version, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("publish", "lodge@1", format="trl_preference", repo=REPOSITORY, json=True)
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "repository": REPOSITORY,
        "commit": hub.repositories[REPOSITORY].head,
        "tag": "v1",
        "is_new": True,
    }


def test_the_command_tells_an_unknown_version_in_one_line(hub: Hub, version: Version) -> None:
    with pytest.raises(CommandError, match="There is no version lodge@7") as told:
        call_command("publish", "lodge@7", format="votes", repo=REPOSITORY)
    assert told.value.returncode == 2
