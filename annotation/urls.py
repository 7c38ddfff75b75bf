"""The annotator's addresses, below /label/."""

from __future__ import annotations

from django.urls import path

from annotation.views import (
    choosing,
    home,
    labelling,
    learning,
    parting,
    revising,
    unreachable,
    wellbeing,
)

app_name = "label"

urlpatterns = [
    path("", home.home, name="home"),
    # No campaign's name has a dot.
    path("unreachable.html", unreachable.page, name="unreachable"),
    path("worker.js", unreachable.worker, name="worker"),
    path("settings/text/", choosing.text, name="text"),
    path("settings/keys/", choosing.keys, name="keys"),
    path("settings/wishes/", wellbeing.wish, name="wish"),
    path("settings/consent/", wellbeing.consent, name="consent"),
    path("<slug:slug>/", labelling.page, name="page"),
    path("<slug:slug>/ahead/", labelling.ahead, name="ahead"),
    path("<slug:slug>/draft/", labelling.draft, name="draft"),
    path("<slug:slug>/held/", labelling.still_held, name="held"),
    path("<slug:slug>/extend/", labelling.extend, name="extend"),
    path("<slug:slug>/leave/", labelling.leave, name="leave"),
    path("<slug:slug>/release/", labelling.release, name="release"),
    path("<slug:slug>/reveal/", wellbeing.reveal, name="reveal"),
    path("<slug:slug>/break/", wellbeing.pause, name="pause"),
    path("<slug:slug>/skip/", parting.skip, name="skip"),
    path("<slug:slug>/report/", parting.report, name="report"),
    path("<slug:slug>/revise/<int:pk>/", revising.revise, name="revise"),
    path("<slug:slug>/guideline/", learning.guideline, name="guideline"),
    path("<slug:slug>/guideline/read/", learning.read, name="read"),
    path("<slug:slug>/qualify/", learning.qualify, name="qualify"),
    path("<slug:slug>/qualify/<uuid:token>/", learning.expected, name="expected"),
    path("<slug:slug>/played/", labelling.played, name="played"),
    path("<slug:slug>/pulse/", home.pulse, name="pulse"),
]
