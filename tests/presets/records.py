"""Records with all their parts, made from the few that a golden case is about."""

from __future__ import annotations

from typing import Any, cast

from datasets_app.formats.base import Format, Refusal, Shape
from datasets_app.formats.reading import Reading
from datasets_app.protocols import protocol_named
from datasets_app.record import RecordBody


def record(protocol: str, case: dict[str, Any]) -> RecordBody:
    """A whole record of a protocol. `case` says turns (or a prompt), responses, verdicts.

    A response is a text or an object; a verdict is [question, response, value] and may end with
    its votes as [worker, value, imported].
    """
    turns = case.get("turns") or [{"speaker": "user", "text": case["prompt"]}]
    known = protocol_named(protocol)
    body = {
        "item": "0198d0a0-0000-7000-8000-000000000001",
        "external_id": case.get("external_id", "row-1"),
        "dataset": "golden",
        "protocol": f"{known.key}@{known.version}",
        "label_set": known.label_set,
        "group": "0" * 64,
        "split": "train",
        "meta": case.get("meta", {}),
        "turns": [{"media": [], **turn} for turn in turns],
        "prompt_id": "0198d0a0-0000-7000-8000-000000000002",
        "prompt_external_id": "",
        "prompt_meta": case.get("prompt_meta", {}),
        "responses": [_response(at, given) for at, given in enumerate(case["responses"])],
        "media": case.get("media", []),
        "verdicts": [_verdict(*given) for given in case["verdicts"]],
        "machine": None,
    }
    return cast(RecordBody, body)


def said(format: Format, protocol: str, case: dict[str, Any]) -> dict[str, Any]:
    """What each table of a format makes of a case: {config: rows, or the reason for none}."""
    reading = Reading(record(protocol, case))
    found = {}
    for table in format.tables(Shape(protocol_named(protocol))):
        rows = table.rows(reading)
        found[table.config] = rows.reason if isinstance(rows, Refusal) else rows
    return found


def _response(position: int, given: Any) -> dict[str, Any]:
    words = {"text": given} if isinstance(given, str) else given
    return {
        "id": f"0198d0a0-0000-7000-8000-00000000001{position}",
        "position": position,
        "media": None,
        "model": "",
        "parent": None,
        "meta": {},
        **words,
    }


def _verdict(question: str, response: int | None, value: Any, votes: Any = ()) -> dict[str, Any]:
    return {
        "question": question,
        "response": response,
        "value": value,
        "method": "majority",
        "agreement": 1.0,
        "posterior": None,
        "votes": [dict(zip(("worker", "value", "imported"), vote, strict=True)) for vote in votes],
    }
