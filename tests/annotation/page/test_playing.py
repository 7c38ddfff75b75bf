"""Playing: what the server believes of what was played, and what it refuses."""

from __future__ import annotations

from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.test import Client, TestCase

from annotation import labelling
from annotation.labelling import played
from annotation.models import Annotation, Annotator, Viewing
from annotation.page import playing
from annotation.page.playing import Playable, merge
from annotation.page.sheets import Sheet
from annotation.vocabulary import Standing, ViewingEvidence
from datasets_app.models import Item, Media
from datasets_app.protocols.base import Question
from datasets_app.vocabulary import Modality
from tests import build
from tests.cast import Cast, as_annotator, cast

MINUTE = 60_000


def required(sheet: Sheet) -> list[Question]:
    return [question for question in sheet.step.questions if question.required]


class Playing(TestCase):
    """Ana before two sounds of a minute each, in the step that asks to have them played."""

    cast: Cast
    item: Item

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset("align_anything_t2a", slug="sounds")
        cls.cast = cast(dataset)
        cls.item = build.item(dataset)
        Media.objects.filter(modality=Modality.AUDIO).update(duration_ms=MINUTE)
        build.campaign(dataset, overlap=2)

    def setUp(self) -> None:
        self.client.force_login(self.cast.ana)
        self.sheet: Sheet = self.client.get("/label/sounds/").context["sheet"]

    def send(self, door: str, body: dict[str, Any], client: Client | None = None) -> Any:
        return (client or self.client).post(
            f"/label/sounds/{door}", body, content_type="application/json"
        )

    def report(self, *ranges: list[list[float]], **more: Any) -> Any:
        said = dict(zip([each.digest for each in self.sheet.playables], ranges, strict=True))
        return self.send("played/", {"view": self.sheet.view, "played": said} | more)

    def answers(self) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        for question in required(self.sheet):
            is_rate = question.key.endswith("_rate")
            answers[question.key] = {"a": 2, "b": 2} if is_rate else "tie"
        return answers

    def submit(self, **more: Any) -> Any:
        body = {"token": str(self.sheet.token), "key": str(uuid4()), "answers": self.answers()}
        return self.send("", body | {"view": self.sheet.view} | more)

    def wait(self, seconds: float) -> None:
        """Let time pass by the database's clock: what was opened was opened that much earlier."""
        Viewing.objects.update(opened_at=moments_ago(seconds))

    # --- What is believed

    def test_reports_add_up_and_are_remembered(self) -> None:
        assert self.report([[0, 1500.4]], []).json()["shares"] == shares(self.sheet, 0.025, 0)
        self.wait(30)
        got = self.report([[1000, 30_000]], [[10_000, 22_000]]).json()["shares"]
        assert got == shares(self.sheet, 0.5, 0.2)
        again = self.client.get("/label/sounds/").context["sheet"]
        assert again.played[self.sheet.playables[0].digest] == [(0, 30_000)]

    def test_nobody_plays_a_minute_in_three_seconds(self) -> None:
        self.report([], [])
        self.wait(3)
        refused = self.report([[0, MINUTE]], [])
        assert refused.status_code == 422
        assert "there was time for" in refused.json()["message"]
        assert set(Viewing.objects.values_list("played_ms", flat=True)) == {0}

    def test_without_that_bound_the_claim_would_be_believed(self) -> None:
        """Negative control of the test above; the database itself still refuses."""
        self.report([], [])
        self.wait(3)
        with (
            mock.patch.object(playing, "_playable_since", return_value=float("inf")),
            pytest.raises(IntegrityError, match="viewing_takes_time"),
            transaction.atomic(),
        ):
            self.report([[0, MINUTE]], [])

    def test_two_sounds_share_one_pair_of_ears(self) -> None:
        self.report([], [])
        self.wait(30)
        assert self.report([[0, 58_000]], []).status_code == 200
        assert self.report([[0, 58_000]], [[0, 20_000]]).status_code == 422
        self.wait(60)
        assert self.report([[0, 58_000]], [[0, 20_000]]).status_code == 200

    def test_a_second_page_does_not_begin_anew(self) -> None:
        self.report([], [])
        self.wait(40)
        self.sheet = self.client.get("/label/sounds/").context["sheet"]
        assert self.report([[0, 58_000]], []).status_code == 200

    def test_what_lies_outside_the_sound_is_cut_off(self) -> None:
        got = self.report([[-9_000, 600], [59_400, 900_000]], [])
        assert got.json()["shares"] == shares(self.sheet, 0.02, 0)

    def test_what_is_no_list_of_ranges_is_refused(self) -> None:
        for nonsense in ([[0]], [["0", "9"]], [[0, True]], "all", [[0, 1]] * 501, {"0": 1}):
            assert self.report(nonsense, []).status_code == 422, nonsense  # type: ignore[arg-type]
        assert self.report([], [], played="all").status_code == 422

    # --- Whose view it is

    def test_a_view_of_another_person_lease_or_hand_is_refused(self) -> None:
        ben = Client()
        ben.force_login(self.cast.ben)
        bens = ben.get("/label/sounds/").context["sheet"]
        forged = signing.dumps({"by": as_annotator(self.cast.ana).pk}, salt="another")
        for view in (bens.view, forged, self.sheet.view[:-1], "", None, 7):
            assert self.report([], [], view=view).status_code == 409, view
            assert self.submit(view=view).status_code == 409, view
        assert not Annotation.objects.exists()

    def test_a_view_of_another_lease_of_ones_own_is_refused(self) -> None:
        other = playing.issue(as_annotator(self.cast.ana), uuid4(), 0.0, [])
        assert self.submit(view=other).status_code == 409

    # --- What is asked for

    def test_answers_wait_until_enough_was_played(self) -> None:
        refused = self.submit()
        assert refused.status_code == 422
        assert refused.json()["message"] == (
            "Play at least 90 % of each first. Played so far: A 0 %, B 0 %."
        )
        self.wait(60)
        half = {self.sheet.playables[0].digest: [[0, 55_000]]}
        assert "A 91 %, B 0 %" in self.submit(played=half).json()["message"]
        whole = {each.digest: [[0, 55_000]] for each in self.sheet.playables}
        assert self.submit(played=whole).status_code == 200
        assert Annotation.objects.count() == 1

    def test_the_verb_asks_whoever_calls_it(self) -> None:
        """Past the page as well: no caller can forget it."""
        annotator, answers = as_annotator(self.cast.ana), self.answers()
        said: dict[str, Any] = {"token": self.sheet.token, "key": uuid4(), "answers": answers}
        with pytest.raises(labelling.NotPlayed) as short:
            labelling.submit(annotator, **said)
        assert (short.value.shares, short.value.wanted) == ({"a": 0, "b": 0}, 0.9)
        self.credit(ViewingEvidence.SIMULATED)
        assert labelling.submit(annotator, **said).standing is Standing.COUNTED

    def test_without_the_verbs_question_they_would_be_taken_unheard(self) -> None:
        """Negative control of the tests above."""
        with mock.patch.object(played, "require"):
            assert self.submit().status_code == 200

    def test_only_a_simulated_annotator_is_credited_with_what_there_was_no_time_for(self) -> None:
        for evidence in (ViewingEvidence.WAITED, ViewingEvidence.REPORTED):
            with pytest.raises(IntegrityError, match="viewing_takes_time"), transaction.atomic():
                self.credit(evidence)
        self.credit(ViewingEvidence.SIMULATED)
        assert set(Viewing.objects.values_list("evidence", flat=True)) == {"simulated"}

    def test_what_is_reported_later_takes_nothing_of_it_away(self) -> None:
        self.credit(ViewingEvidence.SIMULATED)
        self.report([[0, 900]], [])
        assert set(Viewing.objects.values_list("played_ms", flat=True)) == {54_000}

    def credit(self, evidence: ViewingEvidence) -> None:
        annotator = as_annotator(self.cast.ana)
        lengths = played.lengths_of(self.item.pk)
        played.credit(annotator, self.sheet.token, lengths, share=0.9, evidence=evidence)

    def test_a_form_without_script_waits_for_the_time_it_takes(self) -> None:
        fields = {"token": str(self.sheet.token), "step": "respects", "view": self.sheet.view}
        for question in required(self.sheet):
            sides = ("a-", "b-") if question.key.endswith("_rate") else ("",)
            value = "2" if question.key.endswith("_rate") else "tie"
            fields |= {f"{side}{question.key}": value for side in sides}
        refused = self.client.post("/label/sounds/", fields | {"key": str(uuid4())})
        assert refused.status_code == 422
        assert "Play at least 90 % of each first" in refused.content.decode()
        assert refused.context["sheet"].view == self.sheet.view, "its time runs on"
        with mock.patch.object(playing, "_now", return_value=playing._now() - 55):
            fields["view"] = self.client.get("/label/sounds/").context["sheet"].view
        done = self.client.post("/label/sounds/", fields | {"key": str(uuid4())})
        assert done.status_code == 302
        assert Annotation.objects.count() == 1
        assert set(Viewing.objects.values_list("evidence", flat=True)) == {"waited"}

    def test_a_protocol_that_asks_for_nothing_has_no_view(self) -> None:
        dataset = build.dataset("align_anything_t2t", slug="texts")
        cast(dataset)
        build.item(dataset)
        build.campaign(dataset)
        sheet = self.client.get("/label/texts/").context["sheet"]
        assert (sheet.view, sheet.playables) == ("", ())


def shares(sheet: Sheet, *found: float) -> dict[str, float]:
    return dict(zip([each.digest for each in sheet.playables], found, strict=True))


def moments_ago(seconds: float) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - make_interval(secs => %s)", [seconds])
        return cursor.fetchall()[0][0]


@pytest.mark.parametrize(
    ("ranges", "merged"),
    [
        ([], []),
        ([(5, 9), (0, 5)], [(0, 9)]),
        ([(0, 4), (6, 8)], [(0, 4), (6, 8)]),
        ([(0, 9), (2, 3), (9, 9)], [(0, 9)]),
    ],
)
def test_stretches_are_joined(ranges: playing.Ranges, merged: playing.Ranges) -> None:
    assert merge(ranges) == merged


@pytest.mark.django_db
def test_a_token_says_what_went_in() -> None:
    annotator = Annotator.objects.get_or_create(user=cast().ana)[0]
    media = [Playable("d" * 64, Modality.VIDEO, 4_000, "a")]
    lease = uuid4()
    view = playing.read(annotator, playing.issue(annotator, lease, 0.9, media))
    assert (view.lease, view.share, list(view.media), view.seconds) == (lease, 0.9, media, 4.0)
