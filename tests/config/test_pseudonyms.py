"""No annotator's name or address stands on a curator's page, in the file that pays or an export."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client, TestCase
from django.urls import reverse

from annotation import assigning, entries, labelling, leaving, settling
from annotation.assigning import Assignment
from annotation.checks import mixing
from annotation.models import Annotator, Campaign, Check, Gold
from annotation.models.annotator import pseudonym_of
from annotation.quality import gold, qualifying
from annotation.vocabulary import CheckPurpose, CheckState, GoldPurpose, SkipReason
from datasets_app import exporting, versions
from datasets_app.formats import FORMATS
from datasets_app.models import Dataset, Event, Item, Version
from tests import build
from tests.annotation import checked
from tests.annotation.answering import PLAIN, submit, work
from tests.annotation.test_checks import at_once
from tests.cast import Cast, as_annotator, cast, member

NAMED = ("anastasia.kowalska", "benedikt.oyelaran")
SECRETS = (*NAMED, "kowalska-home.example", "oyelaran-home.example", "5f1e0a77c0ffee")


@pytest.fixture
def people(db: None) -> Cast:
    """Ana and Ben, by names and addresses that stand in no other word."""
    made = cast()
    for user, name in ((made.ana, NAMED[0]), (made.ben, NAMED[1])):
        user.username, user.first_name, user.last_name = name, *name.split(".")
        user.email = f"{name}@{name.split('.')[1]}-home.example"
        user.save()
    return made


@pytest.fixture
def dataset(people: Cast, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Four items: answered, skipped, reported; some settled, one by somebody who left since.

    With them gold, a repeat and a qualification, of each one answered; of gold one reported.
    """
    monkeypatch.setattr(mixing, "REPEAT_AFTER", 0)
    dataset = build.dataset(slug="pairs")
    for user, role in ((people.ana, "annotator"), (people.ben, "annotator")):
        member(user, dataset, role)  # type: ignore[arg-type]  # the value of a Role
    member(people.cora, dataset, "curator")  # type: ignore[arg-type]
    member(people.mo, dataset, "moderator")  # type: ignore[arg-type]
    build.items(4, dataset)
    campaign = build.campaign(dataset, overlap=2)
    entry = entries.open_entry(campaign, by=people.cora, days=1, places=1, name="Study")
    participant = entries.enter(entry, SECRETS[-1])
    ana, ben = as_annotator(people.ana), as_annotator(people.ben)
    labelling.skip(
        ana, assigning.leases(ana, campaign, want=1)[0].token, reason=SkipReason.BROKEN, note="?"
    )
    labelling.report(ben, assigning.leases(ben, campaign, want=1)[0].token, reason="badly garbled")
    work(participant, campaign, at_most=2)
    answer_checks(ana, campaign, curator=people.cora)
    report_a_check(ben, campaign)
    Campaign.objects.update(is_checked=False)
    for one in (ana, ben):
        work(one, campaign)
    settling.settle(dataset)
    versions.cut(dataset, versions.Recipe(), by=people.cora)
    leaving.set_aside(ben, campaign, by=people.cora, reason="too fast")
    return dataset


def answer_checks(ana: Annotator, campaign: Campaign, *, curator: User) -> None:
    """Silent gold, her own answer again, and an item of the qualification, made by a curator."""
    for purpose in (GoldPurpose.SILENT, GoldPurpose.QUALIFICATION):
        item = checked.a_settled_item(campaign.dataset)
        known = checked.expected(item)
        gold.make(
            campaign, item, "safety", expected=known, purpose=purpose, explanation="So.", by=curator
        )
    work(ana, campaign, at_most=1)
    for shares in ({"gold_share": 0.5}, {"gold_share": 0.0, "repeat_share": 0.5}):
        submit(ana, a_check(ana, checked.mixing(campaign, **shares)))
    trial = qualifying.begin(ana, campaign)[0]
    labelling.submit(ana, token=trial.token, key=uuid4(), answers=PLAIN["safety"])
    answered = Check.objects.filter(annotator=ana, state=CheckState.ANSWERED)
    assert set(answered.values_list("purpose", flat=True)) == set(CheckPurpose.values) - {
        CheckPurpose.ATTENTION
    }


def report_a_check(ben: Annotator, campaign: Campaign) -> None:
    held = a_check(ben, checked.mixing(campaign))
    assert labelling.report(ben, held.token, reason="nobody should read it")


def a_check(annotator: Annotator, campaign: Campaign) -> Assignment:
    """What this person holds when a check is due, and nothing else is held."""
    at_once(annotator, campaign)
    (held,) = assigning.leases(annotator, campaign, want=1)
    assert held.check is not None
    return held


def pages(client: Client, start: str) -> dict[str, str]:
    """Every page under the start that links lead to, and what stands on it."""
    found: dict[str, str] = {}
    waiting = [start]
    while waiting:
        address = waiting.pop()
        answer: HttpResponse = client.get(address)  # type: ignore[assignment]
        found[address] = "".join(
            part.decode("utf-8", "replace") for part in getattr(answer, "streaming_content", ())
        ) or (answer.content.decode() if not answer.streaming else "")
        links = re.findall(r'(?:href|action|data-refresh)="([^"]+)"', found[address])
        inside = {link.replace("&amp;", "&") for link in links if link.startswith(start)}
        waiting += [link for link in inside if link not in found and link not in waiting]
    return found


def named_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text.lower()]


def test_no_page_of_a_curator_names_an_annotator(
    client: Client, people: Cast, dataset: Dataset
) -> None:
    client.force_login(people.cora)
    seen = pages(client, "/curate/")
    assert len(seen) > 15, sorted(seen)
    assert {reverse("curate:item", args=["pairs", one.pk]) for one in Item.objects.all()} <= {*seen}
    assert {address: found for address, text in seen.items() if (found := named_in(text))} == {}
    everything = "".join(seen.values())
    for one in Annotator.objects.filter(annotations__isnull=False).distinct():
        assert one.pseudonym in everything


def test_no_page_of_a_moderator_names_who_reported(
    client: Client, people: Cast, dataset: Dataset
) -> None:
    client.force_login(people.mo)
    seen = pages(client, "/moderate/")
    assert any("badly garbled" in text for text in seen.values())  # the reason that was given
    assert {address: found for address, text in seen.items() if (found := named_in(text))} == {}


def test_who_reports_gold_retires_nothing_under_a_name(dataset: Dataset) -> None:
    """The pages could mask it; the log itself is to tell of a reporter once, as one who reports."""
    reported = Event.objects.get(verb="retire_gold")
    freed = Event.objects.get(verb="let_go")
    assert (reported.actor_id, freed.actor_id) == (None, None)
    assert reported.reason == "nobody should read it"


def test_what_a_curator_does_is_told_by_name(
    client: Client, people: Cast, dataset: Dataset
) -> None:
    """Also of one who judges as well: nobody is to tell from it which pseudonym is the curator."""
    mask = as_annotator(people.cora).pseudonym
    client.force_login(people.cora)
    item = Gold.objects.filter(purpose=GoldPurpose.QUALIFICATION).get().item
    page = client.get(reverse("curate:item", args=["pairs", item.pk])).content.decode()
    assert "<strong>cora</strong> made it an item of the qualification" in page
    assert mask not in page


def test_the_walk_finds_a_name_where_there_is_one(
    client: Client, people: Cast, dataset: Dataset
) -> None:
    """The negative control: who also curates stands among the members by name."""
    member(people.ana, dataset, "curator")  # type: ignore[arg-type]
    client.force_login(people.cora)
    assert [a for a, text in pages(client, "/curate/").items() if named_in(text)] == [
        reverse("curate:people", args=["pairs"])
    ]


def test_the_file_that_pays_holds_ids_of_the_provider_but_no_name(
    client: Client, people: Cast, dataset: Dataset
) -> None:
    client.force_login(people.cora)
    file = client.post(reverse("curate:hours", args=["pairs"])).content.decode()
    assert named_in(file) == [SECRETS[-1]]


@pytest.mark.parametrize("name", ["records", "votes"])
def test_no_file_of_an_export_names_an_annotator(
    dataset: Dataset, tmp_path: Path, name: str
) -> None:
    exporting.write(Version.objects.get(), FORMATS[name], tmp_path / "export")
    files = [path for path in (tmp_path / "export").rglob("*") if path.is_file()]
    assert len(files) > 2
    masks = [one.pseudonym.lower() for one in Annotator.objects.all()]
    for path in files:
        text = path.read_bytes().decode("utf-8", "replace").lower()
        assert not named_in(text), path
        assert not [mask for mask in masks if mask in text], path


class TestOneNameForOnePerson(TestCase):
    def test_two_people_cannot_go_by_the_same_pseudonym(self) -> None:
        ana, ben = (User.objects.create(username=name) for name in ("ana", "ben"))
        one = Annotator.objects.create(user=ana)
        assert re.fullmatch("A(-[0-9A-F]{4}){3}", one.pseudonym)
        near = UUID(one.key.hex[:13] + 19 * "0")
        assert pseudonym_of(near) == one.pseudonym
        with pytest.raises(IntegrityError, match="annotator_pseudonym_once"), transaction.atomic():
            Annotator.objects.create(user=ben, key=near)
        # Without the constraint there would be two.
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX annotator_pseudonym_once")
        two = Annotator.objects.create(user=ben, key=near)
        assert two.pseudonym == one.pseudonym
