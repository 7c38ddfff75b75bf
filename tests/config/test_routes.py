"""Who gets at which address: every route of /label/, /curate/ and /moderate/, by role and method.

One table says who is let in. A route that it does not name fails, and so does one that is gone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import get_resolver, reverse

from annotation import assigning, entries, labelling
from annotation.models import Campaign, Entry, Gold
from annotation.quality import qualifying
from annotation.vocabulary import GoldPurpose
from datasets_app import access, exports, invitations, versions
from datasets_app.models import Dataset, Export, Invitation, Item
from datasets_app.vocabulary import Role
from tests import build
from tests.annotation import checked
from tests.annotation.answering import PLAIN, submit
from tests.cast import Cast, as_annotator, cast, member, person
from tests.config.test_web import patterns
from tests.datasets_app import settled

ROLES = ("nobody", "dan", "eve", "ana", "mo", "cora", "participant")
# Eve annotates in another dataset. Who has signed in at all:
ANYBODY = frozenset(ROLES) - {"nobody"}
# Annotates in this campaign.
AT_WORK = frozenset({"ana", "participant"})
ANA = frozenset({"ana"})
CURATOR = frozenset({"cora"})
MODERATOR = frozenset({"mo"})
# With an account.
MEMBERS = ANYBODY - {"participant"}
NO = frozenset[str]()

# Route → who may read (GET), who may write (POST). NO where the method is not taken.
TABLE: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "label:home": (ANYBODY, NO),
    "label:unreachable": (ANYBODY, NO),
    "label:worker": (ANYBODY, NO),
    "label:page": (AT_WORK, AT_WORK),
    "label:ahead": (NO, AT_WORK),
    "label:draft": (NO, AT_WORK),
    "label:held": (NO, AT_WORK),
    "label:extend": (NO, AT_WORK),
    "label:leave": (NO, AT_WORK),
    "label:release": (NO, AT_WORK),
    "label:reveal": (NO, AT_WORK),
    "label:pause": (AT_WORK, AT_WORK),
    "label:wish": (NO, ANYBODY),
    "label:consent": (NO, ANYBODY),
    "label:skip": (AT_WORK, AT_WORK),
    "label:report": (AT_WORK, AT_WORK),
    "label:revise": (ANA, ANA),  # it is Ana's answer
    "label:guideline": (AT_WORK, NO),
    "label:read": (NO, AT_WORK),
    "label:qualify": (AT_WORK, AT_WORK),
    "label:expected": (ANA, NO),  # it is Ana's answer
    "label:played": (NO, AT_WORK),
    "label:pulse": (AT_WORK, NO),
    "label:text": (NO, ANYBODY),
    "label:keys": (ANYBODY, ANYBODY),
    "curate:datasets": (MEMBERS, NO),
    "curate:overview": (CURATOR, NO),
    "curate:items": (CURATOR, NO),
    "curate:item": (CURATOR, NO),
    "curate:rule": (NO, CURATOR),
    "curate:prioritise": (NO, CURATOR),
    "curate:campaign": (CURATOR, CURATOR),
    "curate:guideline": (CURATOR, CURATOR),
    "curate:limits": (NO, CURATOR),
    "curate:close_campaign": (NO, CURATOR),
    "curate:open_campaign": (NO, CURATOR),
    "curate:disputes": (CURATOR, NO),
    "curate:versions": (CURATOR, NO),
    "curate:version_table": (CURATOR, NO),
    "curate:cut": (NO, CURATOR),
    "curate:version": (CURATOR, NO),
    "curate:exports": (CURATOR, NO),
    "curate:export": (NO, CURATOR),
    "curate:download": (CURATOR, NO),
    "curate:people": (CURATOR, NO),
    "curate:invite": (NO, CURATOR),
    "curate:revoke": (NO, CURATOR),
    "curate:annotator": (CURATOR, NO),
    "curate:lift": (NO, CURATOR),
    "curate:end_work": (NO, CURATOR),
    "curate:set_aside": (NO, CURATOR),
    "curate:gold": (CURATOR, NO),
    "curate:check_settings": (NO, CURATOR),
    "curate:check_rules": (NO, CURATOR),
    "curate:make_gold": (CURATOR, CURATOR),
    "curate:edit_gold": (CURATOR, CURATOR),
    "curate:retire_gold": (NO, CURATOR),
    "curate:workforce": (CURATOR, NO),
    "curate:open_entry": (NO, CURATOR),
    "curate:close_entry": (NO, CURATOR),
    "curate:readmit": (NO, CURATOR),
    "curate:hours": (NO, CURATOR),
    "moderate:datasets": (MEMBERS, NO),
    "moderate:quarantine": (MODERATOR, NO),
    "moderate:decide": (NO, MODERATOR),
}
ROUTES = [
    (name, entry)
    for name, entry in patterns(get_resolver())
    if name.startswith(("label:", "curate:", "moderate:"))
]
# Forms that say enough to be taken up; the others are refused as incomplete, which is not 404.
BODIES: dict[str, dict[str, Any]] = {
    "curate:export": {"format": "records"},
    "curate:close_campaign": {"campaign": "pairs"},  # without a reason it stays open
    "curate:open_campaign": {"campaign": "pairs"},
}
JSON = {
    "label:ahead",
    "label:draft",
    "label:extend",
    "label:held",
    "label:leave",
    "label:played",
    "label:release",
    "label:reveal",
}
SAYS_NO = frozenset({403, 404, 405})


def test_the_table_names_every_route_and_no_other() -> None:
    assert {name for name, _entry in ROUTES} == TABLE.keys()


class Routes(TestCase):
    dataset: Dataset
    cast: Cast
    item: Item
    campaign: Campaign
    entry: Entry
    export: Export
    invitation: Invitation
    answered: int
    gold: Gold
    trial: UUID

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        other = build.dataset(slug="other")
        member(person("eve"), other, Role.ANNOTATOR)
        settled.item(cls.dataset)
        cls.item = build.items(3, cls.dataset)[0]
        cls.campaign = build.campaign(cls.dataset, slug="pairs")
        ana = as_annotator(cls.cast.ana)
        cls.answered = submit(ana, assigning.leases(ana, cls.campaign, want=1)[0]).annotation_id
        version = versions.cut(cls.dataset, versions.Recipe(), by=None)
        cls.export = exports.make_now(version, "records", by=None)
        cls.entry = entries.open_entry(
            cls.campaign, by=cls.cast.cora, days=1, places=9, name="Study"
        )
        (cls.gold,) = checked.some_gold(cls.campaign)
        checked.some_gold(cls.campaign, purpose=GoldPurpose.QUALIFICATION)
        cls.trial = qualifying.begin(ana, cls.campaign)[0].token
        labelling.submit(ana, token=cls.trial, key=uuid4(), answers=PLAIN["safety"])
        invitations.invite(cls.dataset, role=Role.ANNOTATOR, by=cls.cast.cora)
        cls.invitation = Invitation.objects.get()

    def setUp(self) -> None:
        cache.clear()

    def browser(self, role: str) -> Client:
        client = Client()
        if role == "participant":
            link = f"{reverse('enter', args=[self.entry.token])}?PROLIFIC_PID=5f1e0a77"
            assert client.post(link).status_code == 302
        elif role != "nobody":
            client.force_login(person(role))
        return client

    def address(self, name: str, slug: str = "pairs") -> str:
        known: dict[str, object] = {
            "slug": slug,
            "item_id": self.item.pk,
            "number": 1,
            "export_id": self.export.pk,
            "invitation_id": self.invitation.pk,
            "entry_id": self.entry.pk,
            "pk": self.answered,
            "key": as_annotator(self.cast.ben).key,
            "gold_id": self.gold.pk,
            "step": "safety",
            "token": self.trial,
        }
        (pattern,) = [entry.pattern for found, entry in ROUTES if found == name]
        return reverse(name, kwargs={key: known[key] for key in pattern.converters})

    def status(self, client: Client, name: str, method: str, slug: str = "pairs") -> int:
        """What comes of it; 0 for who is sent to sign in."""
        address = self.address(name, slug)
        if method == "GET":
            answer = client.get(address)
        elif name in JSON:
            body = {"token": str(uuid4()), "tokens": [], "revision": 1, "answers": {}}
            answer = client.post(address, body, content_type="application/json")
        else:
            answer = client.post(address, BODIES.get(name, {}))
        if answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"):
            return 0
        return int(answer.status_code)

    def let_in(self, *names: str) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        """Who is let in at these routes, as it is."""
        found: dict[str, tuple[set[str], set[str]]] = {name: (set(), set()) for name in names}
        # All come in before any of them closes a door.
        browsers = {role: self.browser(role) for role in ROLES}
        for role, client in browsers.items():
            for name in names:
                for place, method in enumerate(("GET", "POST")):
                    status = self.status(client, name, method)
                    assert status < 500, (role, method, name)
                    assert (status == 0) is (role == "nobody"), (role, method, name, status)
                    if status and status not in SAYS_NO:
                        found[name][place].add(role)
        return {
            name: (frozenset(reads), frozenset(writes)) for name, (reads, writes) in found.items()
        }

    def test_everybody_is_let_in_where_the_table_says_and_nowhere_else(self) -> None:
        found = self.let_in(*TABLE)
        wrong = {
            name: (sorted(found[name][0]), sorted(found[name][1]))
            for name, (reads, writes) in TABLE.items()
            if found[name] != (reads, writes)
        }
        assert wrong == {}

    def test_nobody_of_one_dataset_gets_at_another(self) -> None:
        """The same addresses under the other dataset's name, and with this one's numbers."""
        for role in ("ana", "cora", "participant"):
            client = self.browser(role)
            for name, entry in ROUTES:
                if "slug" in entry.pattern.converters:
                    for method in _taken(name):
                        assert self.status(client, name, method, "other") in SAYS_NO, (role, name)

    def test_other_methods_are_not_taken(self) -> None:
        client = self.browser("cora")
        for name in TABLE:
            assert client.delete(self.address(name)).status_code in {404, 405}, name

    def test_no_route_takes_nul_into_its_view(self) -> None:
        browsers = {role: self.browser(role) for role in ("ana", "mo", "cora")}
        for name, (reads, writes) in TABLE.items():
            address = self.address(name)
            for role, client in browsers.items():
                if role in reads:
                    assert client.get(address, {"q": "\0"}).status_code == 400, name
                if role in writes and name not in JSON:
                    assert client.post(address, {"reason": "\0"}).status_code == 400, name
                if role in writes and name in JSON:
                    body: dict[str, Any] = {"token": "\0", "tokens": ["\0"]}
                    body |= {"answers": {"\0": "\ud800"}}
                    body |= {"view": "\0", "played": {"\0": "\0"}, "revision": 1, "shown": True}
                    answer = client.post(address, body, content_type="application/json")
                    assert answer.status_code < 500, name
                    body["token"] = str(uuid4())
                    answer = client.post(address, body, content_type="application/json")
                    assert answer.status_code < 500, name

    def test_without_the_look_at_roles_the_table_is_wrong(self) -> None:
        """The negative control: whoever asks gets the dataset."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(access, "datasets_of", lambda user, *roles: Dataset.objects.all())
            found = self.let_in("curate:overview", "curate:hours")
        assert "dan" in found["curate:overview"][0]
        assert "eve" in found["curate:hours"][1]
        assert found["curate:overview"] != TABLE["curate:overview"]


def _taken(name: str) -> list[str]:
    """The methods that a route takes from anybody."""
    return [method for method, roles in zip(("GET", "POST"), TABLE[name], strict=True) if roles]
