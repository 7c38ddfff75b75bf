"""What older versions noted of a report is put right: it was one person's."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from annotation import assigning, labelling
from annotation.models import Lapse
from annotation.vocabulary import LapseCause
from moderation import reviewing
from tests import build
from tests.cast import annotators, person

MENDED = import_module("annotation.migrations.0026_whose_doing_a_lapse_was").OWN_REPORTS


@pytest.mark.django_db
def test_who_only_held_what_was_reported_may_have_it_again() -> None:
    dataset = build.dataset("beavertails")
    item = build.item(dataset)
    campaign = build.campaign(dataset, overlap=2)
    ana, ben = annotators(2, dataset)
    held = [assigning.leases(one, campaign, want=1)[0] for one in (ana, ben)]
    assert labelling.report(ana, held[0].token, reason="names a real person")
    Lapse.objects.update(cause=LapseCause.REPORTED)  # as it was written
    assert reviewing.release([item.pk], by=person("mo").pk)
    assert assigning.leases(ben, campaign) == []
    with connection.cursor() as cursor:
        cursor.execute(MENDED)
    assert dict(Lapse.objects.values_list("annotator", "cause")) == {
        ana.pk: LapseCause.REPORTED,
        ben.pk: LapseCause.ITEM_LEFT,
    }
    assert assigning.leases(ana, campaign) == []
    assert [one.item_id for one in assigning.leases(ben, campaign)] == [item.pk]
