"""Ana at the labelling page of three texts, and what she sends from it."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.test import Client, TestCase
from django.urls import reverse

from annotation.models import Annotation, Annotator, Campaign, Slot
from datasets_app.models import Dataset, Item
from tests import build
from tests.cast import Cast, as_annotator, cast

PAGE = uuid4()
SAFE = {"a-safe": "true", "b-safe": "true"}
UNSAFE_A = {
    "a-safe": "false",
    "a-categories": ["Drugs", "Violence"],
    "a-severity": "2",
    "b-safe": "true",
}


class AtThePage(TestCase):
    """Ana labels texts."""

    dataset: Dataset
    cast: Cast
    items: list[Item]
    campaign: Campaign
    ana: Annotator
    ben: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="texts", name="Texts")
        cls.cast = cast(cls.dataset)
        cls.items = build.items(3, cls.dataset)
        cls.campaign = build.campaign(cls.dataset, overlap=2)
        cls.ana, cls.ben = as_annotator(cls.cast.ana), as_annotator(cls.cast.ben)

    def setUp(self) -> None:
        self.client.force_login(self.cast.ana)

    def url(self, name: str, *more: object) -> str:
        return reverse(f"label:{name}", args=["texts", *more])

    def shown(self, query: str = "") -> Any:
        response = self.client.get(self.url("page") + query)
        assert response.status_code == 200
        return response

    def slot(self) -> Slot:
        """The one that is shown: what Ana has had longest."""
        return Slot.objects.filter(annotator=self.ana, state="leased").order_by("leased_at")[0]

    def form(self, **fields: Any) -> dict[str, Any]:
        self.shown()
        slot = self.slot()
        return {"token": slot.token, "key": uuid4(), "step": slot.step, **fields}

    def send(self, name: str, body: object, client: Client | None = None) -> Any:
        return (client or self.client).post(
            self.url(name), data=json.dumps(body, default=str), content_type="application/json"
        )

    def draft(self, token: object, **more: Any) -> dict[str, Any]:
        """What her page sends to have a draft kept."""
        return {"token": token, "page": PAGE, "revision": 4, "based_on": 0, "answers": {}, **more}

    def given(self) -> Annotation:
        """What Ana has answered: what stood at her left is unsafe."""
        self.client.post(self.url("page"), self.form(**UNSAFE_A))
        return Annotation.objects.get()

    def safer_step_after_an_unsafe_first(self) -> Slot:
        """Ana holds the step `safer` of an item whose first response she called unsafe."""
        item = self.items[0]
        first, second = str(item.first_id), str(item.second_id)
        safety = Slot.objects.filter(item=item, step="safety").order_by("number")[0]
        answers = {
            "safe": {first: False, second: True},
            "severity": {first: 2, second: 0},
            "categories": {first: ["Drugs"], second: []},
        }
        build.counted(safety, self.ana.pk, answers)
        Slot.objects.exclude(item=item, step="safer").filter(state="open").delete()
        self.shown()
        return self.slot()
