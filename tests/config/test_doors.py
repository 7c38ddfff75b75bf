"""The first page, the invitation's page, and the way out."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import TestCase
from django.urls import reverse

from datasets_app import invitations
from datasets_app.models import Dataset, Membership
from datasets_app.vocabulary import Role
from tests import build
from tests.cast import Cast, cast


class Doors(TestCase):
    dataset: Dataset
    cast: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(name="Pairs of answers")
        cls.cast = cast(cls.dataset)

    def test_everybody_lands_where_their_work_is(self) -> None:
        for person, address in (("ana", "/label/"), ("cora", "/curate/"), ("mo", "/moderate/")):
            self.client.force_login(getattr(self.cast, person))
            assert self.client.get("/")["Location"] == address

    def test_who_has_no_work_is_told_so(self) -> None:
        self.client.force_login(self.cast.dan)
        assert "in no dataset yet" in self.client.get("/").content.decode()

    def test_signing_out_empties_the_browser(self) -> None:
        self.client.force_login(self.cast.ana)
        response = self.client.post(reverse("account_logout"), {"all_sent": "yes"})
        assert response["Clear-Site-Data"] == '"storage"'
        assert self.client.get("/").status_code == 302

    def test_signing_out_leaves_what_is_not_sent_yet(self) -> None:
        self.client.force_login(self.cast.ana)
        response = self.client.post(reverse("account_logout"))
        assert "Clear-Site-Data" not in response
        assert self.client.get("/").status_code == 302

    def test_looking_at_the_question_whether_to_sign_out_empties_nothing(self) -> None:
        self.client.force_login(self.cast.ana)
        assert "Clear-Site-Data" not in self.client.get(reverse("account_logout"))

    def test_somebody_without_an_account_comes_in_by_an_invitation(self) -> None:
        token = invitations.invite(self.dataset, role=Role.ANNOTATOR, by=self.cast.cora)
        link = reverse("invitation", args=[token])
        assert "Pairs of answers" in self.client.get(link).content.decode()
        form = {
            "username": "newcomer",
            "email": "",
            "password1": "a beaver gnaws at night",
            "password2": "a beaver gnaws at night",
        }
        self.client.post(f"{reverse('account_signup')}?next={link}", form)
        self.client.post(link)
        newcomer = User.objects.get(username="newcomer")
        assert Membership.objects.get(user=newcomer).role == Role.ANNOTATOR

    def test_without_an_invitation_nobody_signs_up(self) -> None:
        form = {"username": "stranger", "password1": "x" * 12 + "yz", "password2": "x" * 12 + "yz"}
        self.client.post(reverse("account_signup"), form)
        assert not User.objects.filter(username="stranger").exists()

    def test_a_link_that_never_was_tells_nothing(self) -> None:
        page = self.client.get(reverse("invitation", args=["guess"]))
        assert page.status_code == 404
        assert "Pairs" not in page.content.decode()
