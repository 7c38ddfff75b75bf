"""Whoever labels can do so in Chinese: every wording is translated, whole, and compiled."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.test import TestCase
from django.utils.translation import override
from django.utils.translation.template import templatize

from annotation import guidelines
from annotation.page import preferences
from datasets_app.languages import name_of
from datasets_app.protocols import VERSIONS
from tests import build
from tests.cast import PASSWORD, Cast, cast

PROJECT = Path(settings.PROJECT)
FOLDER = PROJECT / "config" / "locale" / "zh_Hans" / "LC_MESSAGES"
ROOMS = ("annotation", "config", "datasets_app")
# What curators, moderators and administrators read; `make messages` leaves out the same.
NOT_THEIRS = (
    *("config/checks.py", "config/curate", "config/management", "config/templates/curate"),
    *("annotation/management", "datasets_app/commands.py", "datasets_app/management"),
    *("datasets_app/models", "datasets_app/selection.py"),
)
NAMED = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?(?:strong|code|a)\b")
IN_TEMPLATE = re.compile(
    r"""(?:\b(?P<plural>ngettext)|\b(?P<context>pgettext)|\b(?:gettext|_))\(\s*"""
    r"""(?P<first>u?'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"""(?:\s*,\s*(?P<second>u?'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))?"""
)
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"), 0),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), 1),
}


def sources(kind: str) -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for path in sorted((PROJECT / room).rglob(kind)):
            name = path.relative_to(PROJECT).as_posix()
            if not name.startswith(NOT_THEIRS) and "/migrations/" not in name:
                yield name, path.read_text()


def words_in_python(source: str) -> Iterator[str]:
    """The keys of the catalogue that a module asks for; a context is parted off by \\x04."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        which = CALLS.get(node.func.id)
        given = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
        if which is not None and len(given) > which and isinstance(given[which], str):
            yield "\x04".join(str(word) for word in given[: which + 1])


def words_in_template(source: str) -> Iterator[str]:
    for found in IN_TEMPLATE.finditer(templatize(source)):
        first = ast.literal_eval(found["first"])
        second = ast.literal_eval(found["second"]) if found["context"] else ""
        yield f"{first}\x04{second}" if found["context"] else first


def asked_for() -> dict[str, str]:
    """Every wording that an annotator may meet, and one file that holds it."""
    python = {word: name for name, text in sources("*.py") for word in words_in_python(text)}
    pages = {word: name for name, text in sources("*.html") for word in words_in_template(text)}
    return {word: name for word, name in (python | pages).items() if word}


def written(path: Path) -> dict[str, str]:
    """The catalogue's source, as `gettext` keys: without a library, as the tests need none else."""
    catalogue: dict[str, str] = {}
    for block in path.read_text().split("\n\n"):
        parts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            found = re.match(r'(msg\w+(?:\[0\])?) (?=")', line)
            name = found[1] if found else name
            if name and '"' in line and not line.startswith("#"):
                parts[name] = parts.get(name, "") + ast.literal_eval(line[line.index('"') :])
        context = f"{parts['msgctxt']}\x04" if "msgctxt" in parts else ""
        if parts.get("msgid") and ", fuzzy" not in block:
            said = parts.get("msgstr") or parts.get("msgstr[0]", "")
            catalogue[context + parts["msgid"]] = said
    return catalogue


CATALOGUE = written(FOLDER / "django.po")


def test_everything_an_annotator_may_read_is_translated() -> None:
    wanted = asked_for()
    assert len(wanted) > 800
    missing = {word: name for word, name in wanted.items() if not CATALOGUE.get(word)}
    assert missing == {}, "run `make messages` and translate: docs/languages.md"


def test_the_sources_are_read_as_they_are_written() -> None:
    """The control: what is not in the catalogue would be found."""
    assert list(words_in_python("_('a' 'b'); pgettext('c', 'd'); ngettext('e', 'f', 2); _(g)")) == [
        *("ab", "c\x04d", "e")
    ]
    page = (
        "{% load i18n %}{% translate 'one' %}{% translate 'two' context 'c' %}"
        "{% blocktranslate trimmed with x=y %}three {{ x }}{% endblocktranslate %}"
        "{% blocktranslate count n=n %}four{% plural %}{{ n }} fours{% endblocktranslate %}"
    )
    assert list(words_in_template(page)) == ["one", "c\x04two", "three %(x)s", "four"]


def test_no_name_or_element_is_lost_in_translation() -> None:
    for word, translation in CATALOGUE.items():
        source, said = NAMED.findall(word.rpartition("\x04")[2]), NAMED.findall(translation)
        # A plural's first form may spell the one out: Chinese has but the other, with the number.
        assert set(source) <= set(said) <= set(source) | {"%(n)s"}, word


def test_what_is_compiled_is_what_is_written() -> None:
    with (FOLDER / "django.mo").open("rb") as compiled:
        known = gettext.GNUTranslations(compiled)
    catalog = known._catalog  # type: ignore[attr-defined]  # it has no other way in
    flat = {key[0] if isinstance(key, tuple) else key: said for key, said in catalog.items()}
    assert {key: said for key, said in flat.items() if key} == CATALOGUE


def test_every_group_of_questions_has_a_name_in_both_languages() -> None:
    groups = {q.group for protocol in VERSIONS.values() for q in protocol.questions if q.group}
    assert len(groups) > 20
    for group in sorted(groups):
        with override("en"):
            name = guidelines.group_name(group)
        assert CATALOGUE.get(name), group
        with override("zh-hans"):
            assert re.search("[\u4e00-\u9fff]", guidelines.group_name(group)), group


def test_a_language_is_named_in_the_language_of_the_page() -> None:
    with override("en"):
        named = [name_of(tag) for tag in ("en", "zh-Hans", "zh", "pt-BR", "tlh")]
    assert named == ["English", "Simplified Chinese", "Chinese", "Brazilian Portuguese", "tlh"]
    with override("zh-hans"):
        assert name_of("en") == "英语"


class LanguageTest(TestCase):
    people: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset(slug="texts")
        cls.people = cast(dataset)
        build.items(1, dataset)
        build.campaign(dataset)

    def choose(self, language: str) -> None:
        self.client.post("/language/", {"language": language, "next": "/label/"})

    def test_the_browsers_wish_decides_until_somebody_chooses(self) -> None:
        wish = {"accept-language": "zh-CN,zh;q=0.9"}
        html = self.client.get("/accounts/login/", headers=wish).content.decode()
        assert '<html lang="zh-hans"' in html
        assert "登录" in html
        self.choose("en")
        assert '<html lang="en"' in self.client.get("/help/", headers=wish).content.decode()

    def test_a_choice_comes_along_to_the_next_browser(self) -> None:
        self.client.force_login(self.people.ana)
        self.choose("zh-hans")
        assert preferences.of_user(self.people.ana).language == "zh-hans"
        other = self.client_class()
        other.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
        html = other.get("/label/texts/").content.decode()
        assert '<html lang="zh-hans"' in html
        assert "第 1 步，共 3 步：安全性" in html

    def test_a_language_that_there_is_not_is_not_kept(self) -> None:
        self.client.force_login(self.people.ana)
        self.choose("tlh")
        assert preferences.of_user(self.people.ana).language == ""
