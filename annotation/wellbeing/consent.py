"""Consent: which kinds of content campaigns give only to who says yes, and who has said it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from annotation.models import Campaign, Wishes
from annotation.themes import KINDS
from annotation.vocabulary import CampaignState


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of content to which somebody may say yes, or has; `campaigns` are those that ask.

    There are none where the yes outlived the question: it can be taken back all the same.
    """

    kind: str
    name: Promise
    campaigns: tuple[str, ...]
    is_wanted: bool


def asked(wishes: Wishes, campaigns: Iterable[Campaign]) -> list[Asked]:
    """What the open ones of these campaigns ask this person, and what he said yes to before."""
    asking = [one for one in campaigns if one.state == CampaignState.OPEN]
    found = [
        Asked(
            kind,
            name,
            tuple(one.name for one in asking if kind in one.needs_consent),
            kind in wishes.wanted,
        )
        for kind, name in KINDS.items()
    ]
    return [one for one in found if one.campaigns or one.is_wanted]


def withheld(wishes: Wishes, campaign: Campaign) -> list[Promise]:
    """What the campaign does not give this person without a yes, in words."""
    missing = {*campaign.needs_consent} - {*wishes.wanted}
    return [name for kind, name in KINDS.items() if kind in missing]
