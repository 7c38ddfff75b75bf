"""Signing in and up in words that are understood, in either language."""

from __future__ import annotations

import re

from django.test import TestCase
from django.urls import reverse

from datasets_app import invitations
from datasets_app.vocabulary import Role
from tests import build
from tests.cast import PASSWORD, Cast, cast

CHINESE = {"accept-language": "zh-CN"}


class AccountWords(TestCase):
    cast: Cast
    link: str

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset()
        cls.cast = cast(dataset)
        token = invitations.invite(dataset, role=Role.ANNOTATOR, by=cls.cast.cora)
        cls.link = reverse("invitation", args=[token])

    def signs_up(self, **fields: str) -> str:
        """The page that comes when Eve, who was invited, signs up in Chinese with these."""
        self.client.get(self.link)
        form = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD, **fields}
        url = reverse("account_signup")
        return self.client.post(url, form, headers=CHINESE).content.decode()

    def test_heading_field_and_button_of_the_sign_in_are_not_one_word(self) -> None:
        page = self.client.get(reverse("account_login"), headers=CHINESE).content.decode()
        (label,) = re.findall(r'<label for="id_login">([^<]*)</label>', page)
        assert label == "用户名或电子邮件"
        assert re.findall(r"<button class=\"button primary wide\">([^<]*)<", page) == ["登录"]

    def test_who_names_his_address_is_signed_in_as_who_names_himself(self) -> None:
        for name in ("ana", "ana@example.org"):
            form = {"login": name, "password": PASSWORD}
            assert self.client.post(reverse("account_login"), form).status_code == 302
            assert self.client.session["_auth_user_id"] == str(self.cast.ana.pk)
            self.client.logout()

    def test_the_sign_in_does_not_lead_to_itself(self) -> None:
        login = reverse("account_login")
        assert f'href="{login}"' not in self.client.get(login).content.decode()
        assert f'href="{login}"' in self.client.get(reverse("help")).content.decode()

    def test_a_password_that_is_too_short_is_refused_in_chinese(self) -> None:
        page = self.signs_up(password1="beaver", password2="beaver")
        assert "密码太短。密码必须包含至少 8 个字符。" in page
        assert "too short" not in page

    def test_what_a_password_must_be_is_said_as_politely_as_all_else(self) -> None:
        page = self.signs_up(password2="otherwise")
        assert page.count("<li>您的密码") == 4
        assert "你" not in page

    def test_each_problem_of_a_form_leads_to_its_field(self) -> None:
        page = self.signs_up(username="", password2="otherwise")
        for field in ("id_username", "id_password2"):
            assert re.search(rf'<li><a href="#{field}">[^<]+</a>: [^<]+</li>', page)
            assert f'id="{field}"' in page
