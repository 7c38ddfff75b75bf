"""What a person chooses for the labelling page: how texts are shown, and which key does what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation import access
from annotation.models import Annotator
from annotation.page import own_keys, preferences
from annotation.page.keys import KEYS
from annotation.page.preferences import Preferences

_IS_YES = {"yes": True, "no": False}
_SWITCHES = ("as_written", "apart", "pictures_apart")


@require_POST
def text(request: HttpRequest) -> HttpResponse:
    """Texts as written or rendered, A and B together or apart; back to the page that asked."""
    given = {name: request.POST[name] for name in _SWITCHES if name in request.POST}
    if not given or not _IS_YES.keys() >= set(given.values()):
        return HttpResponse(_("This form was not made by this page."), status=400)
    chosen = {name: _IS_YES[said] for name, said in given.items()}
    preferences.choose(access.annotator_of(request.user), **chosen)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(back if is_ours else "label:home")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Every act of the labelling page with its key, to be changed; a POST keeps them."""
    annotator = access.annotator_of(request.user)
    if request.method == "POST":
        return _keep(request, annotator)
    chosen = preferences.of(annotator)
    context = _context(chosen, chosen.keys, own_keys.unfit(chosen.keys))
    return render(request, "label/keys.html", context)


def _keep(request: HttpRequest, annotator: Annotator) -> HttpResponse:
    if "reset" in request.POST:
        preferences.choose(annotator, keys={}, is_keyless=False)
        messages.success(request, _("All keys are as they were at the beginning."))
        return redirect("label:keys")
    if not any(f"key-{act}" in request.POST for act in own_keys.CHANGEABLE):
        return HttpResponse(_("This form was not made by this page."), status=400)
    written = {act: request.POST.get(f"key-{act}", "") for act in own_keys.CHANGEABLE}
    is_keyless = request.POST.get("is_keyless") == "yes"
    try:
        own = own_keys.read(written)
    except own_keys.BadKeys as bad:
        context = _context(Preferences(is_keyless=is_keyless), written, bad.problems)
        context["problems"] = bad.problems
        return render(request, "label/keys.html", context, status=422)
    preferences.choose(annotator, keys=own, is_keyless=is_keyless)
    messages.success(request, _("Your keys are kept."))
    return redirect("label:keys")


def _context(
    chosen: Preferences, written: Mapping[str, str], problems: Mapping[str, str]
) -> dict[str, Any]:
    rows = [
        {
            "key": key,
            "is_fixed": key.act in own_keys.FIXED,
            "name": own_keys.cap_of(own_keys.press_of(written.get(key.act) or key.press)),
            "problem": problems.get(key.act, ""),
        }
        for key in KEYS
    ]
    return {"rows": rows, "caps": json.dumps(own_keys.CAPS), "is_keyless": chosen.is_keyless}
