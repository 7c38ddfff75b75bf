"""The labelling benchmark measures what it says, and says in one line that it lacks a browser."""

from __future__ import annotations

import shutil

import pytest
from django.conf import settings
from django.core.management.base import CommandError
from django.test import override_settings

from annotation.models import Annotation
from benchmarks.labelling import BENCHMARK, BROWSERS

SUBMISSIONS = 4


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="there is no Chromium here")
def test_submissions_are_timed_beside_their_limits_and_the_page_is_weighed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = {"submissions": SUBMISSIONS, "round_trip": 50}
    # The files as `make run` serves them, small.
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    served = {"BACKEND": "config.static.HashedFiles"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": served}):
        found = {figure.name: figure for figure in BENCHMARK.run(options)}
    assert Annotation.objects.count() == SUBMISSIONS
    (waited,) = (figure.value for name, figure in found.items() if "waited" in name)
    assert waited >= options["round_trip"]
    assert all(figure.value > 0 for name, figure in found.items() if name.startswith("submit key"))
    (weight,) = (figure for name, figure in found.items() if "compressed" in name)
    assert weight.is_met
    assert weight.value > 10
    assert found["requests to anybody else"].value == 0


@pytest.mark.django_db
def test_without_a_browser_it_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CommandError, match=r"^there is no Chromium on this machine") as refused:
        BENCHMARK.run({"submissions": SUBMISSIONS, "round_trip": 50})
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
