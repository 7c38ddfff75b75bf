"""Eligibility: what a person is given, is spared, and is told when nothing is left for him."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import TestCase

from annotation import assigning, eligibility, walking
from annotation.models import Annotator, Campaign, Lapse, Progress, Skip, Slot
from annotation.quality import abilities
from annotation.themes import THEMES
from annotation.vocabulary import LapseCause, Spared
from annotation.wellbeing import wishes
from datasets_app import ledger
from datasets_app.label_sets import LABEL_SETS
from datasets_app.models import Dataset, Item, Prompt, Response, Verdict
from datasets_app.vocabulary import Severity, VerdictMethod
from tests import build
from tests.annotation.answering import submit, work
from tests.annotation.weakening import weakened
from tests.cast import as_annotator, cast


class Work(TestCase):
    dataset: Dataset
    campaign: Campaign
    ana: Annotator
    ben: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)

    def placed(self, **fields: Any) -> Campaign:
        self.campaign = build.campaign(self.dataset, **fields)
        return self.campaign

    def given(self, annotator: Annotator) -> set[str]:
        """What this person is given until nothing is left, by external id."""
        return {item.external_id for item in self.items_given(annotator)}

    def items_given(self, annotator: Annotator) -> set[Item]:
        found = set()
        while held := assigning.leases(annotator, self.campaign, want=1):
            found.add(Item.objects.get(pk=held[0].item_id))
            submit(annotator, held[0])
        return found


class TestWishes(Work):
    def test_a_category_opted_out_of_does_not_come(self) -> None:
        build.item(self.dataset, external_id="fight", machine_categories=["Violence"])
        build.item(self.dataset, external_id="boat", machine_categories=[])
        self.placed()
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.given(self.ana) == {"boat"}
        assert self.given(self.ben) == {"boat", "fight"}  # whoever did not opt out

    def test_it_holds_in_every_label_set(self) -> None:
        build.item(self.dataset, machine_categories=["violence_and_physical_harm"])
        self.placed()
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.given(self.ana) == set()

    def test_what_people_found_counts_like_what_a_machine_found(self) -> None:
        item = build.item(self.dataset, machine_categories=[])
        self.placed()
        Verdict.objects.create(
            item=item, question="categories", value=["Violence"], method=VerdictMethod.MAJORITY
        )
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.given(self.ana) == set()

    def test_without_the_look_at_categories_it_would_come(self) -> None:
        build.item(self.dataset, external_id="fight", machine_categories=["Violence"])
        self.placed()
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        guard = "(i.machine_categories && %(unwanted)s::varchar[]) IS NOT TRUE"
        with weakened((walking, "LEASE_CHOOSY"), guard=guard, instead="true"):
            assert self.given(self.ana) == {"fight"}

    def test_what_is_held_goes_back_at_once_and_nothing_is_noted_against_anyone(self) -> None:
        build.items(2, self.dataset, machine_categories=["Violence"])
        self.placed()
        assert len(assigning.leases(self.ana, self.campaign)) == 2
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert not Slot.objects.filter(annotator=self.ana).exists()
        assert {lapse.cause for lapse in Lapse.objects.all()} == {LapseCause.RELEASED}
        assert not Skip.objects.exists()

    def test_who_opts_in_again_is_given_what_was_passed_over(self) -> None:
        build.items(2, self.dataset, machine_categories=["Violence"])
        self.placed()
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.given(self.ana) == set()
        wishes.wish(self.ana, {"unwanted": []})
        assert len(self.given(self.ana)) == 2

    def test_why_nothing_is_left_is_said(self) -> None:
        build.item(self.dataset, machine_categories=["Violence"])
        self.placed()
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert assigning.leases(self.ana, self.campaign) == []
        assert assigning.spared(self.ana, self.campaign) is Spared.CATEGORIES
        work(self.ben, self.campaign)
        assert assigning.spared(self.ben, self.campaign) is None  # there it is truly nothing

    def test_without_the_fragment_it_would_come_all_the_same(self) -> None:
        build.item(self.dataset, machine_categories=["Violence"])
        self.placed()
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(walking, "LEASE_CHOOSY", walking.LEASE)
            assert assigning.leases(self.ana, self.campaign, want=1)


class TestLanguages(Work):
    def test_only_named_languages_come(self) -> None:
        build.item(self.dataset, external_id="fr", meta={"language": "fr"})
        build.item(self.dataset, external_id="de-AT", meta={"language": "de-AT"})
        build.item(self.dataset, external_id="of the dataset")
        self.placed()
        wishes.wish(self.ana, {"languages": ["de"]})
        assert self.given(self.ana) == {"de-AT"}
        assert assigning.spared(self.ana, self.campaign) is Spared.LANGUAGE
        wishes.wish(self.ana, {"languages": ["de", "en"]})
        assert self.given(self.ana) == {"of the dataset"}

    def test_who_named_none_is_given_all(self) -> None:
        build.item(self.dataset, meta={"language": "fr"})
        self.placed()
        assert len(self.given(self.ana)) == 1


class TestAuthors(Work):
    def test_no_author_judges_his_own(self) -> None:
        build.item(self.dataset, external_id="own", meta={"author": "ana"})
        build.item(self.dataset, external_id="own too", meta={"author": "ana@example.org"})
        build.item(self.dataset, external_id="not own", meta={"author": "ben"})
        self.placed()
        assert self.given(self.ana) == {"not own"}
        assert self.given(self.ben) == {"own", "own too"}
        assert assigning.spared(self.ana, self.campaign) is Spared.AUTHOR

    def test_who_wrote_the_prompt_or_a_response_does_not_judge_it_either(self) -> None:
        asked = build.item(self.dataset, external_id="asked")
        for name in ("said first", "said second", "neither"):
            build.item(self.dataset, external_id=name)
        Prompt.objects.filter(pk=asked.prompt_id).update(meta={"author": "ana"})
        said_first = Item.objects.get(external_id="said first")
        said_second = Item.objects.get(external_id="said second")
        Response.objects.filter(pk=said_first.first_id).update(meta={"author": "ana@example.org"})
        Response.objects.filter(as_second=said_second).update(meta={"author": "ana"})
        self.placed()
        assert self.given(self.ana) == {"neither"}
        assert assigning.spared(self.ana, self.campaign) is Spared.AUTHOR
        assert self.given(self.ben) >= {"asked", "said first", "said second"}

    def test_however_the_name_is_written_it_is_his_own(self) -> None:
        EmailAddress.objects.create(user=self.ana.user, email="Ana@work.example", verified=True)
        EmailAddress.objects.create(user=self.ana.user, email="ben@work.example", verified=False)
        written = ["Ana@Example.org", "ANA", " ana ", "ANA@work.example", ["c", " Ana "]]
        others = ["anna", ["ben", "cora"], [], "ben@work.example", None, 17, {"ana": "x"}]
        for author in [*written, ["ANA@WORK.EXAMPLE"], *others]:
            build.item(self.dataset, external_id=f"{author}", meta={"author": author})
        self.placed()
        assert self.given(self.ana) == {f"{author}" for author in others}

    def test_so_it_is_of_prompts_and_responses(self) -> None:
        item = build.item(self.dataset)
        self.placed()
        assert item.second_id is not None
        for model, pk in ((Prompt, item.prompt_id), (Response, item.second_id)):
            for author in ("ANA", ["Cora", "ana@example.org"]):
                model.objects.filter(pk=pk).update(meta={"author": author})
                assert assigning.leases(self.ana, self.campaign) == [], author
                assert assigning.spared(self.ana, self.campaign) is Spared.AUTHOR
            model.objects.filter(pk=pk).update(meta={})
        assert assigning.leases(self.ana, self.campaign)

    def test_each_look_for_an_author_is_one_into_an_index(self) -> None:
        """The terms are read at every submit, and datasets are large."""
        self.placed()
        names = {
            "annotator": self.ana.pk,
            "campaign": self.campaign.pk,
            "user": self.ana.user_id,
        }
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {eligibility._READ}", names)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        for table in ("item", "prompt", "response"):
            assert f"{table}_by_author " in plan
            assert f"{table}_by_authors" in plan

    def test_who_wrote_nothing_is_not_looked_at_for_it(self) -> None:
        """The lease without any of it is his; each of the three makes the other one needed."""
        item = build.item(self.dataset)
        self.placed()
        assert not eligibility.terms_of(self.ana, self.campaign).is_choosy
        for model, pk in ((Item, item.pk), (Prompt, item.prompt_id), (Response, item.first_id)):
            model.objects.filter(pk=pk).update(meta={"author": "ana"})
            assert eligibility.terms_of(self.ana, self.campaign).names == ("ana", "ana@example.org")
            assert eligibility.terms_of(self.ben, self.campaign).names == ()
            model.objects.filter(pk=pk).update(meta={})


class TestCaps(Work):
    def test_one_person_begins_no_more_items_than_the_campaign_allows(self) -> None:
        build.items(4, self.dataset)
        self.placed(most_items=2)
        assert len(self.given(self.ana)) == 2
        assert assigning.spared(self.ana, self.campaign) is Spared.CAP
        assert len(self.given(self.ben)) == 2  # each by himself

    def test_without_the_cap_one_would_begin_them_all(self) -> None:
        build.items(4, self.dataset)
        self.placed(most_items=2)
        terms = ((eligibility, "_READ"), (walking, "LEASE_AND_TERMS"))
        with weakened(*terms, guard=">= me.most_items", instead="< 0"):
            assert len(self.given(self.ana)) == 4

    def test_what_is_held_ahead_counts(self) -> None:
        build.items(5, self.dataset)
        self.placed(most_items=1)
        assert len(assigning.leases(self.ana, self.campaign, want=2)) == 1
        self.placed()
        Campaign.objects.update(most_items=2)
        (first,) = assigning.leases(self.ana, self.campaign, want=1)
        submit(self.ana, first)
        begun = {first.item_id}
        while held := assigning.leases(self.ana, self.campaign, want=2):
            begun |= {one.item_id for one in held}
            submit(self.ana, held[0])
        assert len(begun) == 2

    def test_a_follow_up_of_what_was_begun_still_comes(self) -> None:
        dataset = build.dataset("safesora")
        cast(dataset)
        build.items(3, dataset)
        campaign = build.campaign(dataset, most_items=1)
        (pilot,) = assigning.leases(self.ana, campaign, want=2)
        submit(self.ana, pilot)
        (overall,) = assigning.leases(self.ana, campaign, want=2)
        assert (overall.item_id, overall.step) == (pilot.item_id, "overall")

    def test_without_a_look_in_each_lease_one_more_is_begun(self) -> None:
        build.items(5, self.dataset)
        self.placed(most_items=1)
        guard = "door.most_items IS NULL OR"
        with weakened((walking, "LEASE"), guard=guard, instead="true OR"):
            assert len(assigning.leases(self.ana, self.campaign, want=2)) == 2

    def test_an_ability_that_is_lacking_is_named(self) -> None:
        build.item(self.dataset)
        self.placed()
        for step in ("safety", "helpful", "safer"):
            abilities.ask_for(self.campaign, step, ["severity"])
        assert assigning.leases(self.ana, self.campaign) == []
        assert assigning.spared(self.ana, self.campaign) is Spared.ABILITY


class TestMildAfterSevere(Work):
    def test_a_severe_item_is_followed_by_a_mild_one(self) -> None:
        grave = [build.item(self.dataset, machine_severity=3) for _ in range(2)]
        mild = build.item(self.dataset, machine_severity=1)
        self.placed()
        held = assigning.leases(self.ana, self.campaign)
        assert [one.item_id for one in held] == [grave[0].pk, mild.pk]

    def test_a_campaign_may_do_without(self) -> None:
        grave = [build.item(self.dataset, machine_severity=3) for _ in range(2)]
        build.item(self.dataset, machine_severity=1)
        self.placed(mild_after_severe=0)
        held = assigning.leases(self.ana, self.campaign)
        assert [one.item_id for one in held] == [item.pk for item in grave]

    def test_without_the_ceiling_severe_follows_severe(self) -> None:
        grave = [build.item(self.dataset, machine_severity=3) for _ in range(2)]
        build.item(self.dataset, machine_severity=1)
        self.placed()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(eligibility, "MILD", Severity.SEVERE)
            held = assigning.leases(self.ana, self.campaign)
        assert [one.item_id for one in held] == [item.pk for item in grave]

    def test_a_lease_in_another_campaign_counts(self) -> None:
        other = build.dataset()
        cast(other)
        build.item(other, machine_severity=3)
        assigning.leases(self.ana, build.campaign(other))
        build.item(self.dataset, machine_severity=3)
        mild = build.item(self.dataset, machine_severity=0)
        self.placed()
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        assert held.item_id == mild.pk

    def test_a_severity_that_people_found_counts(self) -> None:
        found, mild = build.items(2, self.dataset)
        ledger.grade([(found.pk, 0, []), (mild.pk, 0, [])])
        Verdict.objects.create(
            item=found,
            question="severity",
            response=found.first,
            value=3,
            method=VerdictMethod.MAJORITY,
        )
        self.placed()
        third = build.item(self.dataset, machine_severity=3)
        build.campaign(self.dataset)
        first, second = assigning.leases(self.ana, self.campaign)
        assert (first.item_id, second.item_id) == (found.pk, mild.pk)
        assert third.pk not in (first.item_id, second.item_id)


class TestTheWalk(Work):
    """Who passes much over is not made to wait for all of it, and is never told a falsehood."""

    def setUp(self) -> None:
        for _ in range(12):
            build.item(self.dataset, machine_categories=["Violence"])
        build.item(self.dataset, external_id="boat", machine_categories=[])
        self.placed(overlap=1)
        Slot.objects.exclude(step="safety").delete()
        wishes.wish(self.ana, {"unwanted": ["violence"]})

    def test_one_asking_looks_at_a_few_windows_and_the_next_goes_on_from_there(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(assigning, "WINDOW", 2)
            patch.setattr(assigning, "MOST_WINDOWS", 2)
            with pytest.raises(assigning.Busy):
                assigning.leases(self.ana, self.campaign, want=1)
            reached = Progress.objects.get(annotator=self.ana, priority=1).position
            with pytest.raises(assigning.Busy):
                assigning.leases(self.ana, self.campaign, want=1)
            assert Progress.objects.get(annotator=self.ana, priority=1).position > reached
            (held,) = assigning.leases(self.ana, self.campaign, want=1)
        assert Item.objects.get(pk=held.item_id).external_id == "boat"

    def test_others_are_given_what_was_passed_over(self) -> None:
        assigning.leases(self.ana, self.campaign, want=1)
        assert len(self.given(self.ben)) == 12

    def test_while_more_can_be_placed_nobody_is_told_that_there_is_nothing(self) -> None:
        assert self.given(self.ana) == {"boat"}
        build.items(6, self.dataset, machine_categories=["Violence"])
        last = build.item(self.dataset, machine_categories=[])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(assigning, "PLACED_ON_DEMAND", 1)
            with pytest.raises(assigning.Busy):
                assigning.leases(self.ana, self.campaign, want=1)
            (held,) = assigning.leases(self.ana, self.campaign, want=1)
        assert held.item_id == last.pk


def test_every_category_of_every_label_set_belongs_to_a_theme() -> None:
    themed = {category for theme in THEMES for category in theme.categories}
    known = {key for each in LABEL_SETS.values() for key in each.keys}
    assert known - themed == set()
    assert themed - known == set()


def test_every_reader_of_slots_asks_the_same_fragment() -> None:
    for statement in (walking.LEASE_CHOOSY, walking.ORACLE):
        assert " ".join(eligibility.FITS.split()) in " ".join(statement.split())
