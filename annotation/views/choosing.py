"""What a person chooses for the labelling page: how texts are shown."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from annotation import access, preferences

_SWITCHES = ("as_written", "apart")


@require_POST
def text(request: HttpRequest) -> HttpResponse:
    """Texts as written or rendered, together or apart; back to the page that asked."""
    chosen = {name: request.POST[name] == "yes" for name in _SWITCHES if name in request.POST}
    preferences.choose(access.annotator_of(request.user), **chosen)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(back if is_ours else "label:home")
