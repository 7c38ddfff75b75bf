"""Why answers were not taken, in one shape for the page without script and for the one with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from annotation import labelling
from annotation.judgement import Problem
from annotation.labelling import Objection
from annotation.page import playing

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was stored. `problems` are about single answers, `objections` about several."""

    status: int
    message: str
    problems: tuple[Problem, ...] = ()
    objections: tuple[Objection, ...] = ()

    @property
    def is_mendable(self) -> bool:
        """Whether other answers to the same item would be taken."""
        return self.status == 422

    def as_dict(self) -> dict[str, Any]:
        """For the page's script."""
        return {
            "message": self.message,
            "problems": [asdict(problem) for problem in self.problems],
            "objections": [
                {"rule": o.rule, "message": o.message, "weight": o.weight.value}
                for o in self.objections
            ],
        }


def attempt(verb: Callable[[], Given]) -> Given | Refusal:
    """What the verb gives, or why it refused."""
    try:
        return verb()
    except labelling.AnswersRefused as refused:
        return Refusal(422, _("Something is missing or does not fit."), problems=refused.problems)
    except labelling.RulesBroken as broken:
        return Refusal(422, _("These answers do not go together."), objections=broken.objections)
    except labelling.BadOverride as bad:
        message = _("A reason is at most 2,000 letters long.")
        return Refusal(422, message, objections=bad.objections)
    except labelling.KeyReused:
        return Refusal(409, _("This was submitted already, with other answers. The first stand."))
    except labelling.NotOpen:
        return Refusal(409, _("This item is closed: your earlier answers stand."))
    except labelling.UnknownLease:
        return Refusal(404, _("You do not have this item."))
    except labelling.NotPlayed as short:
        return Refusal(422, _too_little(short))
    except playing.Implausible:
        message = _(
            "More is said to have been played than there was time for: play it, then submit."
        )
        return Refusal(422, message)
    except playing.NotAView:
        return Refusal(409, _("This was not sent by the page that was given to you: load it anew."))


def _too_little(short: labelling.NotPlayed) -> str:
    shares = ", ".join(
        f"{_('Prompt') if name == 'prompt' else name.upper()} {int(share * 100)} %"
        for name, share in short.shares.items()
    )
    return _("Play at least %(wanted)d %% of each first. Played so far: %(shares)s.") % {
        "wanted": round(short.wanted * 100),
        "shares": shares,
    }
