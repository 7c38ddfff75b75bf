"""The story of an item has words for whatever can be written down of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotation import returning
from annotation.models import Check
from annotation.vocabulary import CheckState, GoldPurpose
from config.curate.story import Chapter, story
from datasets_app.models import Event, Item
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation import checked
from tests.cast import as_annotator, person

PROJECT = Path(__file__).parents[3]
PKU = protocol_named("pku_saferlhf")

# Verbs of events about an item, by what is their subject.
VERBS = {
    "": """load replace screen quarantine release withdraw report settle unjudgeable reopen rule
        hold_back let_go""",
    "campaign": "widen prioritise resume weigh",
    "gold": "make_gold edit_gold retire_gold",
    "slot": """lease submit expire release rest skip report revoke item_left campaign_closed
        set_aside give_up""",
    "annotation": "submit_late revise",
    "check": "check answer_check revise_check end_check report",
}
TABLE = [(kind, verb) for kind, verbs in VERBS.items() for verb in verbs.split()]
# Handed to a statement as a value.
HANDED_ON = re.compile(r'_run\(\s*\w+,\s*campaign,\s*"(\w+)"')
OF_GOLD = re.compile(r'_note\(\w+, "(\w+_gold)"')
# Where a statement writes an event about an item, and the verb in it.
WRITTEN = re.compile(
    r"INSERT INTO datasets_app_event\s*\([^)]*\bitem\b[^)]*\)\s*"
    r"SELECT\s+(?:%\(actor\)s|%\(user\)s(?:::bigint)?)?,?\s*('\w+'|%\(verb\)s)"
)
# The packed rows of a load.
PACKED = re.compile(r'start\(_EVENT\) \+ text\("(\w+)"\)')


def sources() -> Iterator[str]:
    for app in ("annotation", "config", "datasets_app", "moderation"):
        for path in sorted((PROJECT / app).rglob("*.py")):
            yield path.read_text()


def called(text: str) -> Iterator[str]:
    """Verbs that a module hands to the ledger's pen, about an item."""
    for call in ast.walk(ast.parse(text)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        named = {one.arg: one.value for one in call.keywords}
        if call.func.attr == "note" and "item" in named:
            verb = call.args[0]
        elif call.func.attr == "move" and "verb" in named:
            verb = named["verb"]
        else:
            continue
        if isinstance(verb, ast.Constant):
            yield str(verb.value)


def found() -> set[str]:
    """The verbs that the code writes about items."""
    verbs = set(returning._VERBS.values())
    for text in sources():
        verbs |= set(called(text))
        for written in (HANDED_ON, OF_GOLD, PACKED):
            verbs |= set(written.findall(text))
        verbs |= {verb.strip("'") for verb in WRITTEN.findall(text)}
    return verbs - {"%(verb)s"}


def test_the_table_knows_every_verb_that_the_code_writes_about_an_item() -> None:
    assert found() == {verb for _kind, verb in TABLE}


def an_event(item: Item, kind: str, verb: str, **fields: Any) -> None:
    if kind == "slot":
        number = build.campaign(item.dataset).slots.filter(item=item)[0].pk
    elif kind == "check":
        number = a_check(item).pk
    else:
        number = 1
    subject = f"{kind}:{number}" if kind else ""
    Event.objects.create(verb=verb, dataset=item.dataset, item=item.pk, subject=subject, **fields)


def a_check(item: Item) -> Check:
    (gold,) = checked.some_gold(build.campaign(item.dataset))
    return Check.objects.create(
        campaign=gold.campaign,
        annotator=as_annotator(person("ana")),
        gold=gold,
        item=item,
        step="safety",
        purpose="silent",
        flipped=False,
        token="00000000-0000-4000-8000-000000000001",
        leased_at="2026-01-01T00:00Z",
        expires_at="2026-01-01T01:00Z",
        attempt=1,
        endurance=0.5,
        faults={},
    )


def last_of(item: Item) -> Chapter:
    return story(item, PKU, [])[-1]


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "verb"), [pair for pair in TABLE if pair[1] != "rule"])
def test_every_verb_is_told_in_words(kind: str, verb: str) -> None:
    item = build.item(build.dataset())
    an_event(item, kind, verb)
    told = last_of(item)
    (line,) = told.lines if told.is_work else [told]
    assert told.is_work is (kind in {"slot", "annotation", "check"})
    # As it is only a verb is told that there are no words for.
    assert line.what.split()[0] != verb
    assert "_" not in line.what


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("verb", "after"),
    [
        *(("make_gold", purpose.value) for purpose in GoldPurpose),
        ("prioritise", "first"),
        ("prioritise", "usual"),
    ],
)
def test_what_it_came_to_is_told_in_the_words_and_is_no_state_of_the_item(
    verb: str, after: str
) -> None:
    item = build.item(build.dataset())
    an_event(item, "gold", verb)
    plain = last_of(item).what
    an_event(item, "gold", verb, after=after)
    told = last_of(item)
    assert told.what != plain
    assert (told.before, told.after) == ("", "")


@pytest.mark.django_db
def test_a_check_is_work_and_a_state_of_the_item_is_shown() -> None:
    item = build.item(build.dataset())
    an_event(item, "check", "end_check", before="leased", after=CheckState.SKIPPED.value)
    told = last_of(item)
    assert (told.is_work, told.after) == (True, "")
    assert told.lines[-1].what == "skipped or reported “safety”, a check"
    an_event(item, "", "settle", before=ItemState.OPEN.value, after=ItemState.SETTLED.value)
    assert (last_of(item).before, last_of(item).after) == ("open", "settled")


@pytest.mark.django_db
def test_gold_that_its_reporter_retired_names_nobody() -> None:
    item, ana = build.item(build.dataset()), person("ana")
    mask = as_annotator(ana).pseudonym
    for verb in ("report", "retire_gold", "let_go"):
        an_event(item, "", verb, actor=ana)
        assert last_of(item).who == mask
    an_event(item, "gold", "retire_gold", actor=person("cora"))
    assert last_of(item).who == "cora"
