"""Completing: whether somebody who came by an entry has done the work that its code stands for.

The law is in docs/workforce.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from annotation import assigning, entries, reporting
from annotation.models import Annotator, Campaign, Check, Entry
from annotation.vocabulary import CheckPurpose, CheckState, RestCause
from annotation.wellbeing import wishes


class Ending(StrEnum):
    """Why somebody is given nothing more."""

    CLOSED = "closed"  # we closed the entry or the campaign, or the entry has run out
    EMPTY = "empty"  # nothing is left that could be given
    SPARED = "spared"  # something is left, but the person does not want it, or did not qualify
    OUR_DAY = "our_day"  # as much as the campaign lets anybody do in a day
    OWN_DAY = "own_day"  # as much as the person wants to do in a day


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody has done by now: answers `given`, items `skipped`, and those `reported` that no
    moderator has withdrawn.

    `asked` is how many answers the entry asks for; None: as many as there are.
    """

    given: int
    skipped: int
    reported: int
    asked: int | None

    @property
    def missing(self) -> int | None:
        """How many answers there are to go; None where no number was asked for."""
        return None if self.asked is None else max(self.asked - self.given, 0)

    def is_complete(self, ending: Ending, *, is_last_day: bool = False) -> bool:
        """Whether the completion code is earned when it ends so.

        `is_last_day` says that the entry ends before the day's limit does. Skipping is everybody's
        right, and so is reporting: neither is a fault as long as more was answered.
        """
        if self.missing == 0:
            return True
        if not self.given or ending in (Ending.SPARED, Ending.OWN_DAY):
            return False
        if ending is Ending.OUR_DAY:
            return self.asked is None or is_last_day
        return ending is Ending.CLOSED or self.given > self.skipped + self.reported


def account(annotator: Annotator, entry: Entry) -> Account:
    """What this person has done since coming in."""
    checks = Check.objects.filter(annotator=annotator, state=CheckState.SKIPPED)
    skipped = checks.exclude(reporting.own_report(annotator)).exclude(
        purpose=CheckPurpose.QUALIFICATION
    )
    return Account(
        given=entries.given(annotator),
        skipped=annotator.skips.count() + skipped.count(),
        reported=reporting.reports_of(annotator, entry.campaign).others,
        asked=entry.answers,
    )


def ending_of_nothing(annotator: Annotator, campaign: Campaign) -> Ending:
    """Why there is nothing for this person in an open campaign."""
    return Ending.SPARED if assigning.own_reason(annotator, campaign) else Ending.EMPTY


def ending_of_day(annotator: Annotator, campaign: Campaign, cause: RestCause) -> Ending:
    """Whose limit ends the day: the campaign's, unless the person's own is the lower one."""
    own = wishes.of(annotator)
    mine, ours = (
        (own.daily_exposure, campaign.daily_exposure)
        if cause is RestCause.EXPOSURE
        else (own.daily_answers, campaign.daily_answers)
    )
    is_own = mine is not None and (ours is None or mine < ours)
    return Ending.OWN_DAY if is_own else Ending.OUR_DAY


def unfinished(
    annotator: Annotator, entry: Entry, ending: Ending, *, until: datetime | None = None
) -> Account | None:
    """What was done by somebody who has not earned the code yet; None when it is earned.

    `until` is when the day's limit ends.
    """
    found = account(annotator, entry)
    is_last_day = until is not None and entry.expires_at <= until
    return None if found.is_complete(ending, is_last_day=is_last_day) else found
