"""One item of PKU-SafeRLHF, which Ana and Ben may judge."""

from __future__ import annotations

from django.test import TestCase

from annotation.models import Annotator, Campaign
from datasets_app.models import Dataset, Item
from tests import build
from tests.cast import as_annotator, cast


class OneItem(TestCase):
    dataset: Dataset
    ana: Annotator
    ben: Annotator
    item: Item
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        cls.item = build.item(cls.dataset)
        cls.campaign = build.campaign(cls.dataset)
