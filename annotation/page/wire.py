"""What the labelling page's script sends and gets: JSON objects, read strictly."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotation import access, sizes
from annotation.models import Annotator, Campaign

# Whose page asks, by the annotator's key. An answer that repeats it is an answer of these doors to
# that person; whatever else comes back (a proxy's page, another person's) settles nothing.
PERSON = "X-Annotator"

View = Callable[..., HttpResponse]
Answer = dict[str, Any] | HttpResponse


class BadBody(Exception):
    """The body is not what the page would send; the text is one line that says why."""


class AnotherPerson(Exception):
    """The page that asks is not of the person who is signed in now."""


def takes_json(view: Callable[..., Answer]) -> View:
    """A view that gets the request's JSON object as `body` and may return one to be sent.

    What is no JSON object is answered 400, with what is wrong as `message`.
    """

    @require_POST
    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return answered(request, lambda: view(request, *args, body=read_object(request), **kwargs))

    return reads_json(wrapped)


def reads_json(view: View) -> View:
    """Say of a view that a body of JSON is meant for it; of others, forms alone are taken."""
    view.reads_json = True  # type: ignore[attr-defined]  # what a function may carry
    return view


def answered(request: HttpRequest, act: Callable[[], Answer]) -> HttpResponse:
    """What the act gives, or in JSON why it could not be done, signed with whose page asked."""
    try:
        found = act()
    except AnotherPerson:
        message = _("Somebody else is signed in in this browser now.")
        return JsonResponse({"message": message}, status=409)
    except BadBody as bad:
        found = JsonResponse({"message": str(bad)}, status=400)
    except Http404:
        found = JsonResponse({"message": _("You do not take part here.")}, status=404)
    answer = found if isinstance(found, HttpResponse) else JsonResponse(found)
    if PERSON in request.headers:
        answer[PERSON] = request.headers[PERSON]
    return answer


def at_work(request: HttpRequest, slug: str) -> tuple[Annotator, Campaign]:
    """As `access.at_work`, for the person whose page asks. Raises AnotherPerson and Http404."""
    try:
        annotator, campaign = access.at_work(request.user, slug)
    except Http404:
        require_person(request, Annotator.objects.filter(user=request.user.pk).first())
        raise
    require_person(request, annotator)
    return annotator, campaign


def require_person(request: HttpRequest, annotator: Annotator | None) -> None:
    """Raise AnotherPerson when the page that asks names somebody else."""
    named = request.headers.get(PERSON)
    if named is not None and (annotator is None or named != str(annotator.key)):
        raise AnotherPerson


def is_json(request: HttpRequest) -> bool:
    """Whether the request comes from the page's script and wants JSON back."""
    return request.content_type == "application/json"


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body. Raises BadBody for anything else, duplicate keys included."""
    try:
        body = request.body
    except RequestDataTooBig:
        body = None
    if body is None or len(body) > sizes.BODY:
        raise BadBody(_("This is larger than any answer."))
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise BadBody(_("This is no JSON that we can read.")) from None
    if not isinstance(found, dict):
        raise BadBody(_("This is no JSON object."))
    return found


def uuid_in(body: dict[str, Any], name: str) -> UUID:
    """The UUID under that name. Raises BadBody."""
    return as_uuid(body.get(name), name)


def as_uuid(value: object, name: str) -> UUID:
    """A UUID from its text. Raises BadBody that says which one it is not."""
    try:
        return UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise BadBody(_("“%s” is no identifier.") % name) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
