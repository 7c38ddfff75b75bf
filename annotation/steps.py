"""How the steps of a protocol hang together: which are open to all, and which follow another."""

from __future__ import annotations

from datasets_app.protocols.base import Protocol, Step


def open_to_all(protocol: Protocol) -> list[Step]:
    """The steps that anyone may begin; the others are reserved for who did the step before."""
    return [step for step in protocol.steps if not step.after]


def following(protocol: Protocol, key: str) -> list[Step]:
    """The steps that come right after this one, for the same person."""
    return [step for step in protocol.steps if step.after == key]


def together(protocol: Protocol, step: Step) -> list[Step]:
    """The steps that the same person answers, this one included: its whole chain."""
    first = step
    while first.after:
        first = protocol.step(first.after)
    chain = [first]
    for link in chain:  # grows while it is walked
        chain += following(protocol, link.key)
    return chain


def links(protocol: Protocol) -> list[str]:
    """Each step that somebody may begin with each that follows it for the same person, as "a/b"."""
    return [
        f"{first.key}/{link.key}"
        for first in open_to_all(protocol)
        for link in together(protocol, first)[1:]
    ]


def asked_of_everybody(protocol: Protocol, step: Step) -> list[str]:
    """Keys of the questions that nobody who answered the step's chain can have left out."""
    return [
        question.key
        for link in together(protocol, step)
        for question in link.questions
        if question.required and question.when is None
    ]
