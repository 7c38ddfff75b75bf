"""The frame around every page: doors by role, the theme, and pages that say what went wrong."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, TestCase

from config.navigation import open_doors
from tests import build
from tests.cast import Cast, cast


def addresses(user: User | AnonymousUser) -> list[str]:
    """Where the doors lead that this person sees."""
    request = RequestFactory().get("/label/")
    request.user = user
    return [door.address for door in open_doors(request)]


class DoorsTests(TestCase):
    """Each role opens its own part of Castor."""

    people: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast(build.dataset())

    def test_an_annotator_sees_the_door_to_labelling_only(self) -> None:
        assert addresses(self.people.ana) == ["/label/"]

    def test_a_curator_and_a_moderator_see_their_own(self) -> None:
        assert addresses(self.people.cora) == ["/curate/"]
        assert addresses(self.people.mo) == ["/moderate/"]

    def test_an_outsider_sees_none(self) -> None:
        assert addresses(self.people.dan) == []

    def test_nobody_signed_in_sees_none(self) -> None:
        assert addresses(AnonymousUser()) == []

    def test_a_superuser_sees_all(self) -> None:
        root = User.objects.create_superuser("root", "root@example.org", "x")
        assert addresses(root) == ["/label/", "/curate/", "/moderate/"]

    def test_the_door_of_this_page_is_marked(self) -> None:
        request = RequestFactory().get("/label/some-campaign/")
        request.user = self.people.ana
        assert [door.is_current for door in open_doors(request)] == [True]


def page_with_cookie(theme: str) -> str:
    """The start of a page, for a browser that has chosen this theme."""
    request: HttpRequest = RequestFactory().get("/")
    request.COOKIES["castor_theme"] = theme
    return render_to_string("404.html", request=request).split("<head>")[0]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_chosen_theme_is_in_the_page_before_any_script_runs(theme: str) -> None:
    assert f'class="{theme}"' in page_with_cookie(theme)


@pytest.mark.parametrize("theme", ["", "system", 'dark" onload="x', "darker"])
def test_any_other_cookie_leaves_the_choice_to_the_system(theme: str) -> None:
    assert "class=" not in page_with_cookie(theme)


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_page_needs_nothing_but_itself(code: str) -> None:
    # Django renders 400 and 500 without a request: no user, no messages, no session to lean on.
    page = render_to_string(f"{code}.html")
    assert code[:3] in page
    assert page.count("<h1>") == 1
    assert 'href="/"' in page
    assert 'href="/help/"' in page


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_with_our_page() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "ana"})
    assert answer.status_code == 403
    assert "This page was too old to be sent" in answer.content.decode()
