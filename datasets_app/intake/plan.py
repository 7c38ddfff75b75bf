"""Decides what becomes of each arrival; pure: it touches plain values and no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from datasets_app.intake.arrivals import Arrival, NewPrompt, NewResponse
from datasets_app.intake.known import Known, KnownItem, KnownPrompt, KnownResponse
from datasets_app.intake.merging import Vote
from datasets_app.intake.report import LoadReport
from datasets_app.intake.votes import VoteShape
from datasets_app.vocabulary import ItemState


@dataclass(slots=True)
class NewItem:
    """An item to store, with the ids its prompt and responses really have."""

    arrival: Arrival
    prompt: bytes
    responses: list[bytes]


@dataclass(slots=True)
class Replacement:
    """An item nobody has seen, and the content that takes the place of its old one."""

    item: KnownItem
    before: str
    new: NewItem


@dataclass(slots=True)
class Plan:
    """What one batch asks of the database. The keys of the updates are ids.

    `responses` are (prompt, response, parent), parents before what goes on from them.

    `seen` maps an item to how many rows of this load have spoken of it; it leaves out those that
    this batch makes and that came once.
    """

    prompts: list[NewPrompt] = field(default_factory=list)
    responses: list[tuple[bytes, NewResponse, bytes | None]] = field(default_factory=list)
    items: list[NewItem] = field(default_factory=list)
    replacements: list[Replacement] = field(default_factory=list)
    prompt_updates: dict[bytes, KnownPrompt] = field(default_factory=dict)
    response_updates: dict[bytes, KnownResponse] = field(default_factory=dict)
    item_updates: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    votes: list[Vote] = field(default_factory=list)
    seen: dict[bytes, int] = field(default_factory=dict)


class Planner:
    """Plans one batch. `known` is kept up to date, so that later rows meet the earlier ones."""

    def __init__(self, known: Known, shape: VoteShape, report: LoadReport) -> None:
        self.plan = Plan()
        self._known = known
        self._shape = shape
        self._report = report

    def take(self, arrival: Arrival) -> None:
        """Decide about one row, in the order of the file."""
        item = self._known.by_external_id.get(arrival.external_id)
        twin = self._known.by_digest.get(arrival.digest)
        if item is None and twin is None:
            self._store(arrival)
        elif item is None:
            self._report.duplicates += 1
        elif item.digest == arrival.digest:
            self._meet_again(arrival, item)
        elif item.rows:
            self._refuse(arrival, "has the id of an earlier row, but another content")
        elif twin is not None:
            self._report.duplicates += 1
        elif not item.may_have_been_seen:
            self._replace(arrival, item)
        else:
            self._refuse(
                arrival,
                f"has the id of an item that is {item.state} already, but another content; "
                "people may have seen it: give the new one a new id",
            )

    def _store(self, arrival: Arrival) -> None:
        new, _ = self._content(arrival)
        self.plan.items.append(new)
        self._report.loaded += 1
        item = KnownItem(arrival.id, arrival.digest, ItemState.SCREENING, dict(arrival.meta), 1)
        self._known.by_external_id[arrival.external_id] = item
        self._known.by_digest[arrival.digest] = item
        self._vote(arrival, item, new.responses)

    def _meet_again(self, arrival: Arrival, item: KnownItem) -> None:
        """The same item as before: another vote, newer metadata, or nothing new."""
        first_time = not item.rows
        self._see(item)
        if item.state == ItemState.WITHDRAWN:
            self._report.unchanged += 1
            return
        new, changed = self._content(arrival)
        merged = {**item.meta, **arrival.meta}
        if merged != item.meta:
            item.meta = self.plan.item_updates[item.id] = merged
            changed = True
        voted = self._vote(arrival, item, new.responses)
        if first_time:
            self._report.updated += changed
            self._report.unchanged += not changed
        elif not voted:
            self._report.duplicates += 1

    def _replace(self, arrival: Arrival, item: KnownItem) -> None:
        new, _ = self._content(arrival)
        self.plan.replacements.append(Replacement(item, item.digest, new))
        del self._known.by_digest[item.digest]
        item.digest = arrival.digest
        item.meta = self.plan.item_updates[item.id] = {**item.meta, **arrival.meta}
        self._known.by_digest[item.digest] = item
        self._report.updated += 1
        self._see(item)
        self._vote(arrival, item, new.responses)

    def _content(self, arrival: Arrival) -> tuple[NewItem, bool]:
        """Prompt and responses, those that are there already by their own ids.

        Says whether what is known of any of them changes: what a file says is newer than what is
        stored, and what it does not mention stays.
        """
        prompt, changed = self._prompt(arrival.prompt)
        ids = []
        for response in arrival.responses:
            id, newer = self._response(prompt, response)
            ids.append(id)
            changed = changed or newer
        return NewItem(arrival, prompt, ids), changed

    def _prompt(self, new: NewPrompt) -> tuple[bytes, bool]:
        known = self._known.prompts.get(new.digest)
        if known is None:
            self._known.prompts[new.digest] = KnownPrompt(new.id, new.external_id, dict(new.meta))
            self.plan.prompts.append(new)
            return new.id, False
        merged = {**known.meta, **new.meta}
        external_id = new.external_id or known.external_id
        if merged == known.meta and external_id == known.external_id:
            return known.id, False
        known.meta, known.external_id = merged, external_id
        self.plan.prompt_updates[known.id] = known
        return known.id, True

    def _response(self, prompt: bytes, new: NewResponse) -> tuple[bytes, bool]:
        known = self._known.responses.get((prompt, new.digest))
        if known is None:
            parent = self._response(prompt, new.parent)[0] if new.parent else None
            known = KnownResponse(new.id, new.model, dict(new.meta))
            self._known.responses[prompt, new.digest] = known
            self.plan.responses.append((prompt, new, parent))
            return new.id, False
        merged = {**known.meta, **new.meta}
        model = new.model or known.model
        if merged == known.meta and model == known.model:
            return known.id, False
        known.meta, known.model = merged, model
        self.plan.response_updates[known.id] = known
        return known.id, True

    def _vote(self, arrival: Arrival, item: KnownItem, responses: list[bytes]) -> bool:
        """Keep the row's votes; True if it has any that the protocol asks for."""
        voted = False
        for vote in arrival.votes:
            answers = self._shape.canonical(vote.answers, responses)
            if answers:
                self.plan.votes.append(Vote(item.id, arrival.file, vote.worker, answers))
                voted = True
        return voted

    def _see(self, item: KnownItem) -> None:
        item.rows += 1
        self.plan.seen[item.id] = item.rows

    def _refuse(self, arrival: Arrival, reason: str) -> None:
        self._report.refuse(arrival.bad(reason))
