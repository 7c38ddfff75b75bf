"""The story of an item: its events told in words, the coming and going of slots folded away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from annotation.models import Annotator, Check, Slot
from config.curate import wording
from config.curate.ballots import Ballot
from datasets_app.models import Event, Item, Ruling
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import ItemState

# What changes an item, by verb; where it says more, with what it came to.
_DEEDS = {
    "load": gettext_noop("loaded it"),
    "replace": gettext_noop("replaced its content by a newer load"),
    "screen": gettext_noop("screened it by machine"),
    "quarantine": gettext_noop("held it back"),
    "release": gettext_noop("released it"),
    "withdraw": gettext_noop("withdrew it"),
    "report": gettext_noop("reported it"),
    "settle": gettext_noop("counted the votes"),
    "resume": gettext_noop("went on with it where people had stopped"),
    "weigh": gettext_noop("counted the votes anew"),
    "widen": gettext_noop("asked one person more, because the answers were not sure"),
    "unjudgeable": gettext_noop("sent it to the curators, because people could not judge it"),
    "prioritise": gettext_noop("changed when it is asked for"),
    "prioritise first": gettext_noop("asked for it first"),
    "prioritise usual": gettext_noop("asked for it in the usual order again"),
    "reopen": gettext_noop("took votes away and opened it again"),
    "rule": gettext_noop("ruled"),
    "hold_back": gettext_noop("kept it out of versions"),
    "let_go": gettext_noop("let versions have it again"),
    "make_gold": gettext_noop("made it gold"),
    "make_gold silent": gettext_noop("made it gold that looks like any item"),
    "make_gold attention": gettext_noop("made it an attention check"),
    "make_gold qualification": gettext_noop("made it an item of the qualification"),
    "edit_gold": gettext_noop("changed what is expected of it as gold"),
    "retire_gold": gettext_noop("retired it as gold"),
}
# What is done under one's own name. Whoever does anything else is a judge.
_BY_NAME = frozenset(
    {
        "load", "replace", "release", "withdraw", "prioritise", "reopen", "rule", "hold_back",
        "let_go", "make_gold", "edit_gold", "retire_gold",
    }
)  # fmt: skip
# What happens at its slots and as a check: work, told in one line for each run of it.
_WORK = {
    "lease": gettext_noop("took %(step)s"),
    "submit": gettext_noop("answered %(step)s"),
    "submit_late": gettext_noop("answered %(step)s too late to count"),
    "revise": gettext_noop("revised %(step)s"),
    "expire": gettext_noop("took %(step)s back when its time ran out"),
    "release": gettext_noop("gave %(step)s back"),
    "rest": gettext_noop("took %(step)s back, the day's limit being reached"),
    "skip": gettext_noop("skipped %(step)s"),
    "report": gettext_noop("reported it at %(step)s"),
    "revoke": gettext_noop("took %(step)s back from who left the campaign"),
    "item_left": gettext_noop("took %(step)s back, the item being no longer open"),
    "campaign_closed": gettext_noop("took %(step)s back, the campaign being closed"),
    "set_aside": gettext_noop("set an answer to %(step)s aside"),
    "give_up": gettext_noop("gave up an answer to %(step)s whose second part never came"),
    "check": gettext_noop("took %(step)s as a check"),
    "answer_check": gettext_noop("answered %(step)s as a check"),
    "revise_check": gettext_noop("revised %(step)s as a check"),
    "end_check": gettext_noop("ended %(step)s, a check, without an answer"),
    "end_check skipped": gettext_noop("skipped or reported %(step)s, a check"),
}
_TAKEN = ("lease", "check")
_ANSWERS = ("submit", "submit_late", "revise", "answer_check", "revise_check")


@dataclass(frozen=True, slots=True)
class Line:
    """Who did what, when."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One entry of the story; `lines` are what it sums up, or what was ruled.

    `before` and `after` are states of the item, "" where it stayed in its state.
    """

    at: datetime
    who: str
    what: str
    before: str = ""
    after: str = ""
    reason: str = ""
    lines: list[Line] = field(default_factory=list)
    is_work: bool = False


def story(found: Item, protocol: Protocol, papers: Sequence[Ballot]) -> list[Chapter]:
    """What became of an item, first to last; annotators go by their pseudonyms."""
    events = list(Event.objects.filter(item=found.pk).select_related("actor").order_by("id"))
    rulings = list(Ruling.objects.filter(item=found).select_related("ruled_by").order_by("id"))
    names = _Names(events)
    steps = {
        f"{kind}:{pk}": wording.step(protocol, step)
        for kind, model in (("slot", Slot), ("check", Check))
        for pk, step in model.objects.filter(item=found).values_list("pk", "step")
    }
    chapters: list[Chapter] = []
    for is_work, run in groupby(events, key=_is_work):
        if is_work:
            chapters += _work(list(run), names, steps)
        else:
            chapters += [_deed(event, names) for event in run if event.verb != "rule"]
    moves = {event.at: event for event in events if event.verb == "rule"}
    chapters += _rulings(rulings, moves, papers)
    return sorted(chapters, key=lambda chapter: chapter.at)


class _Names:
    """Who did it: whoever judges by pseudonym, others by their login, nobody is Castor itself."""

    def __init__(self, events: Sequence[Event]) -> None:
        actors = {event.actor_id for event in events if event.actor_id}
        self._masks = {a.user_id: a.pseudonym for a in Annotator.objects.filter(user__in=actors)}
        self._reporters = {event.actor_id for event in events if event.verb == "report"}

    def of(self, event: Event) -> str:
        if event.actor_id is None:
            return "Castor"
        # An actor may have been erased: the log outlives the person.
        login = event.actor.get_username() if event.actor else f"user {event.actor_id}"
        # Loading, moderating and curating are done by people under their own name.
        if event.verb in _BY_NAME and not _is_work(event) and not self._goes_with_report(event):
            return login
        return self._masks.get(event.actor_id, login)

    def _goes_with_report(self, event: Event) -> bool:
        """Older events say of gold that a report retired that its reporter did; they stay."""
        return event.verb in ("retire_gold", "let_go") and event.actor_id in self._reporters


def _is_work(event: Event) -> bool:
    return event.subject.startswith(("slot:", "annotation:", "check:"))


def _work(events: Sequence[Event], names: _Names, steps: Mapping[str, str]) -> list[Chapter]:
    """A run of work as one chapter; a lease that was answered goes without saying."""
    ended = {(e.subject, e.actor_id) for e in events if e.verb not in _TAKEN}
    told = [e for e in events if e.verb not in _TAKEN or (e.subject, e.actor_id) not in ended]
    answers = [event for event in told if event.verb in _ANSWERS]
    people = len({names.of(event) for event in answers or told})
    who = ngettext("%d person", "%d people", people) % people
    if answers:
        what = ngettext("answered once", "answered %d times", len(answers))
        what = what % len(answers) if "%d" in what else what
    else:
        what = _("had it, and gave no answer yet")
    lines = [Line(e.at, names.of(e), _work_in_words(e, steps.get(e.subject, ""))) for e in told]
    return [Chapter(events[-1].at, who, what, lines=lines, is_work=True)]


def _work_in_words(event: Event, step: str) -> str:
    named = _("“%s”") % step if step else _("a step")
    words = _words(_WORK, event)
    return _(words) % {"step": named} if words else f"{event.verb} {named}"


def _deed(event: Event, names: _Names) -> Chapter:
    words = _words(_DEEDS, event)
    return Chapter(
        event.at,
        names.of(event),
        _(words) if words else event.verb,
        _state(event.before),
        _state(event.after),
        event.reason,
    )


def _words(known: Mapping[str, str], event: Event) -> str | None:
    return known.get(f"{event.verb} {event.after}") or known.get(event.verb)


def _state(said: str) -> str:
    """A state of the item; "" for anything else that an event leads from or to."""
    return said if said in ItemState.values else ""


def _rulings(
    rulings: Sequence[Ruling], moves: Mapping[datetime, Event], papers: Sequence[Ballot]
) -> list[Chapter]:
    """One chapter for what was ruled at once: rulings and move share their transaction's time."""
    ballots = {(paper.question.key, paper.response): paper for paper in papers}
    chapters = []
    for at, group in groupby(rulings, key=lambda ruling: ruling.created_at):
        together = list(group)
        who, reason = together[0].ruled_by.get_username(), together[0].reason
        move = moves.get(at)
        chapters.append(
            Chapter(
                at,
                who,
                _("ruled"),
                move.before if move else "",
                move.after if move else "",
                reason,
                [Line(at, *_ruled(r, ballots.get((r.question, r.response_id)))) for r in together],
            )
        )
    return chapters


def _ruled(ruling: Ruling, ballot: Ballot | None) -> tuple[str, str]:
    """The question and the answer of a ruling, in words."""
    if ballot is None:
        return ruling.question, str(ruling.value)
    place = f"{ballot.letter}: " if ballot.letter else ""
    return f"{place}{ballot.wording}", ballot.in_words(ruling.value)
