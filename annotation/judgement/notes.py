"""Notes to marks and spans: short, of one line, with nothing in them that cannot be seen."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from annotation.judgement.misfit import Misfit

LONGEST = 500
# Scripts and emoji join their letters by these; other characters without a shape hide or steer.
_JOINERS = "\u200c\u200d"


def read_note(value: object, what: str) -> str:
    """The note with white space evened out. `what` names its mark or span. Raises Misfit."""
    if not isinstance(value, str):
        raise Misfit(_("The note to %s is no text.") % what)
    if len(value) > LONGEST:
        length = {"what": what, "most": LONGEST}
        raise Misfit(_("The note to %(what)s has more than %(most)d characters.") % length)
    note = " ".join(value.split())
    if any(unicodedata.category(c)[0] == "C" and c not in _JOINERS for c in note):
        message = _("The note to %s holds characters that cannot be seen: type it anew.")
        raise Misfit(message % what)
    return note
