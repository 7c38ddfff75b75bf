"""Media through the front door: who gets the bytes, as what, and which part of them."""

from __future__ import annotations

import io
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from annotation import assigning, eligibility, holding, labelling, placing
from annotation.models import Annotator, Campaign, Exposure
from annotation.wellbeing import exposures
from datasets_app import ledger, media_views
from datasets_app.byte_ranges import ByteRange, NotInFile, byte_range
from datasets_app.models import Dataset, Item, Media, Prompt, Verdict
from datasets_app.storage import media_key
from datasets_app.vocabulary import ItemState, VerdictMethod
from tests import build
from tests.cast import Cast, as_annotator, cast

CONTENT = bytes(range(256)) * 1000


class MediaView(TestCase):
    """Ana holds an item with two videos; the others have their own reasons, or none."""

    dataset: Dataset
    cast: Cast
    item: Item
    other: Item
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("safesora", slug="videos")
        cls.cast = cast(cls.dataset)
        cls.item = build.item(cls.dataset)
        cls.campaign = build.campaign(cls.dataset, overlap=2)
        cls.other = build.item(cls.dataset)

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        settings = override_settings(CASTOR_MEDIA_ROOT=folder.name, CASTOR_S3_BUCKET="")
        settings.enable()
        self.addCleanup(settings.disable)
        self.folder = Path(folder.name)
        self.film = self.film_of(self.item)

    def film_of(self, item: Item) -> Media:
        film = item.first.media
        assert film is not None
        for digest in (film.digest, film.poster, film.preview):
            path = self.folder / media_key(digest)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(CONTENT)
        return film

    def get(self, name: str, kind: str = "original", film: Media | None = None, **more: Any) -> Any:
        client = Client()
        client.force_login(getattr(self.cast, name))
        return client.get(f"/media/{(film or self.film).digest}/{kind}", **more)

    def hold(self, name: str = "ana") -> Annotator:
        annotator = as_annotator(getattr(self.cast, name))
        assigning.leases(annotator, self.campaign, want=1)
        return annotator

    # --- Who

    def test_an_annotator_sees_what_he_holds_and_nothing_else(self) -> None:
        assert self.get("ana").status_code == 404
        self.hold()
        assert self.get("ana").status_code == 200
        assert self.get("ana", film=self.film_of(self.other)).status_code == 404
        assert self.get("ben").status_code == 404

    def test_an_annotator_no_longer_sees_what_he_gave_back(self) -> None:
        ana = self.hold()
        (held,) = assigning.leases(ana, self.campaign, want=1)
        holding.release(ana, held.token)
        assert self.get("ana").status_code == 404

    def test_nobody_who_labels_sees_what_was_reported(self) -> None:
        ana = self.hold()
        (held,) = assigning.leases(ana, self.campaign, want=1)
        labelling.report(ana, held.token, reason="a real person")
        assert self.get("ana").status_code == 404
        assert self.get("mo").status_code == 200

    def test_an_annotator_sees_what_he_answered_while_it_is_open(self) -> None:
        slot = self.campaign.slots.filter(item=self.item).order_by("pk")[0]
        build.counted(slot, as_annotator(self.cast.ana).pk, {})
        assert self.get("ana").status_code == 200
        Item.objects.filter(pk=self.item.pk).update(state=ItemState.SETTLED)
        assert self.get("ana").status_code == 404

    def test_curators_and_moderators_see_their_datasets(self) -> None:
        assert self.get("cora").status_code == 200
        assert self.get("mo").status_code == 200
        elsewhere = build.item(build.dataset("safesora"))
        assert self.get("cora", film=self.film_of(elsewhere)).status_code == 404

    def test_dan_and_strangers_see_nothing(self) -> None:
        assert self.get("dan").status_code == 404
        assert Client().get(f"/media/{self.film.digest}/original").status_code == 302

    def test_a_file_that_no_item_shows_is_nobodys(self) -> None:
        assert self.get("cora", film=build.media()).status_code == 404

    # --- What is covered

    def grave(self, name: str = "ana") -> tuple[Annotator, UUID]:
        """Ana holds the item, which is severe."""
        ledger.grade([(self.item.pk, 3, ["crime"])])
        annotator = self.hold(name)
        return annotator, assigning.leases(annotator, self.campaign, want=1)[0].token

    def statuses(self, name: str = "ana") -> dict[str, int]:
        Media.objects.filter(pk=self.film.pk).update(peaks=self.film.poster)
        kinds = ("original", "poster", "peaks", "preview")
        return {kind: self.get(name, kind).status_code for kind in kinds}

    def test_what_is_covered_is_served_only_while_it_is_revealed(self) -> None:
        ana, token = self.grave()
        closed = {"original": 404, "poster": 404, "peaks": 404, "preview": 200}
        assert self.statuses() == closed
        exposures.reveal(ana, self.campaign, token)
        assert set(self.statuses().values()) == {200}
        part = self.get("ana", HTTP_RANGE="bytes=1000-70999")
        assert (part.status_code, part["Content-Length"]) == (206, "70000")
        exposures.cover(ana, self.campaign, token)
        assert self.statuses() == closed
        assert self.get("cora").status_code == 200
        assert self.get("mo").status_code == 200

    def test_what_is_mild_is_served_without_a_reveal(self) -> None:
        """The negative control: it is the gravity that shuts the door."""
        ledger.grade([(self.item.pk, 1, ["crime"])])
        self.hold()
        assert self.get("ana").status_code == 200

    def test_a_severity_that_only_people_or_the_source_know_shuts_the_door_too(self) -> None:
        self.hold()
        assert self.get("ana").status_code == 200
        Prompt.objects.filter(pk=self.item.prompt_id).update(meta={"severity": 2})
        assert self.get("ana").status_code == 404
        Prompt.objects.filter(pk=self.item.prompt_id).update(meta={})
        Verdict.objects.create(
            item=self.item, question="severity", value=2, method=VerdictMethod.MAJORITY
        )
        assert self.get("ana").status_code == 404

    def test_a_reveal_that_fell_silent_opens_nothing(self) -> None:
        ana, token = self.grave()
        exposures.reveal(ana, self.campaign, token)
        silent = timezone.now() - timedelta(seconds=eligibility.GRACE_SECONDS + 1)
        Exposure.objects.update(began_at=silent, seen_at=silent)
        assert self.get("ana").status_code == 404

    def test_a_reveal_opens_no_other_item_and_nothing_for_others(self) -> None:
        ledger.grade([(self.other.pk, 2, ["crime"])])
        ana, token = self.grave()
        self.hold("ben")
        exposures.reveal(ana, self.campaign, token)
        placing.place(self.campaign)
        slot = self.campaign.slots.filter(item=self.other).order_by("pk")[0]
        build.counted(slot, ana.pk, {})
        assert self.get("ana", film=self.film_of(self.other)).status_code == 404
        assert self.get("ben").status_code == 404

    def test_at_the_budget_nothing_is_served(self) -> None:
        ana, token = self.grave()
        Campaign.objects.update(daily_exposure=60)
        self.campaign.refresh_from_db()
        exposures.reveal(ana, self.campaign, token)
        Exposure.objects.update(began_at=timezone.now() - timedelta(minutes=1))
        assert exposures.reveal(ana, self.campaign, token).is_over or timezone.now().hour == 0
        exposures.cover(ana, self.campaign, token)
        assert self.get("ana").status_code == 404

    def test_nothing_of_a_reveal_is_kept_by_the_browser(self) -> None:
        ana, token = self.grave()
        exposures.reveal(ana, self.campaign, token)
        assert self.get("ana")["Cache-Control"] == "private, no-store"
        assert self.get("ana", HTTP_RANGE="bytes=0-9")["Cache-Control"] == "private, no-store"
        assert "max-age" in self.get("ana", "preview")["Cache-Control"]
        assert "max-age" in self.get("cora")["Cache-Control"]

    def test_with_s3_a_link_to_what_is_covered_lives_no_longer_than_a_silent_reveal(self) -> None:
        ana, token = self.grave()
        exposures.reveal(ana, self.campaign, token)
        bucket = mock.Mock()
        bucket.link.return_value = "https://bucket.example.org/signed"
        with mock.patch.object(media_views, "storage", return_value=bucket):
            response = self.get("ana")
        assert response["Cache-Control"] == "private, no-store"
        assert bucket.link.call_args.kwargs["is_fleeting"]
        assert bucket.link.call_args.kwargs["seconds"] <= eligibility.GRACE_SECONDS

    # --- What

    def test_the_bytes_come_with_a_type_of_ours_and_can_do_nothing(self) -> None:
        response = self.get("cora")
        assert b"".join(response.streaming_content) == CONTENT
        assert response["Content-Type"] == "video/mp4"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert "private" in response["Cache-Control"]
        assert response["Content-Length"] == str(len(CONTENT))

    def test_a_type_that_is_not_ours_is_only_bytes(self) -> None:
        Media.objects.filter(pk=self.film.pk).update(mime="text/html")
        assert self.get("cora")["Content-Type"] == "application/octet-stream"

    def test_renditions_have_types_of_their_own(self) -> None:
        assert self.get("cora", "poster")["Content-Type"] == "image/webp"
        assert self.get("cora", "preview")["Content-Type"] == "image/webp"

    def test_what_is_no_kind_or_no_digest_or_not_there_is_not_found(self) -> None:
        for kind in ("peaks", "source_digest", "mime", "pk", "../original"):
            assert self.get("cora", kind).status_code == 404, kind
        client = Client()
        client.force_login(self.cast.cora)
        for digest in ("x", "0" * 64, "..", self.film.digest.upper()):
            assert client.get(f"/media/{digest}/original").status_code == 404, digest
        (self.folder / media_key(self.film.digest)).unlink()
        assert self.get("cora").status_code == 404

    def test_nothing_is_changed_by_asking(self) -> None:
        client = Client()
        client.force_login(self.cast.cora)
        assert client.post(f"/media/{self.film.digest}/original").status_code == 405
        assert client.head(f"/media/{self.film.digest}/original").status_code == 200

    def test_with_s3_it_leads_to_a_link_that_is_soon_forgotten(self) -> None:
        bucket = mock.Mock()
        bucket.link.return_value = "https://bucket.example.org/signed"
        with mock.patch.object(media_views, "storage", return_value=bucket):
            response = self.get("cora")
            assert self.get("dan").status_code == 404
        assert response["Location"] == "https://bucket.example.org/signed"
        bucket.link.assert_called_once_with(
            media_key(self.film.digest),
            mime="video/mp4",
            seconds=media_views.LINK_SECONDS,
            is_fleeting=False,
        )
        assert f"max-age={media_views.LINK_FRESH_SECONDS}" in response["Cache-Control"]
        assert media_views.LINK_FRESH_SECONDS < media_views.LINK_SECONDS

    def test_with_s3_peaks_come_from_here_because_a_script_reads_them(self) -> None:
        Media.objects.filter(pk=self.film.pk).update(peaks="e" * 64)
        bucket = mock.Mock()
        bucket.open.return_value = io.BytesIO(b'{"duration_ms":1,"peaks":[]}')
        with mock.patch.object(media_views, "storage", return_value=bucket):
            response = self.get("cora", "peaks")
            bucket.open.side_effect = FileNotFoundError
            assert self.get("cora", "peaks").status_code == 404
        assert response.content == b'{"duration_ms":1,"peaks":[]}'
        assert response["Content-Type"] == "application/json"
        assert response["X-Content-Type-Options"] == "nosniff"
        bucket.link.assert_not_called()

    # --- Which part

    def test_a_range_is_sent_as_a_part(self) -> None:
        response = self.get("cora", HTTP_RANGE="bytes=1000-70999")
        assert response.status_code == 206
        assert b"".join(response.streaming_content) == CONTENT[1000:71000]
        assert response["Content-Range"] == f"bytes 1000-70999/{len(CONTENT)}"
        assert response["Content-Length"] == "70000"

    def test_a_player_gets_a_long_film_in_parts_and_others_get_what_they_ask_for(self) -> None:
        long = CONTENT * 9
        (self.folder / media_key(self.film.digest)).write_bytes(long)
        player: dict[str, Any] = {"HTTP_SEC_FETCH_DEST": "video"}
        got = b""
        while len(got) < len(long):
            part = self.get("cora", HTTP_RANGE=f"bytes={len(got)}-", **player)
            assert int(part["Content-Length"]) <= media_views.PLAYER_PART < len(long)
            got += b"".join(part.streaming_content)
        assert got == long
        asked = self.get("cora", HTTP_RANGE=f"bytes=0-{len(long) - 1}", **player)
        resumed = self.get("cora", HTTP_RANGE="bytes=0-", HTTP_SEC_FETCH_DEST="document")
        for response in (asked, resumed):
            assert b"".join(response.streaming_content) == long

    def test_a_range_behind_the_end_is_refused(self) -> None:
        response = self.get("cora", HTTP_RANGE=f"bytes={len(CONTENT)}-")
        assert response.status_code == 416
        assert response["Content-Range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", None),
        ("bytes=0-", ByteRange(0, 99)),
        ("bytes=0-0", ByteRange(0, 0)),
        ("bytes=10-19", ByteRange(10, 19)),
        ("bytes=90-5000", ByteRange(90, 99)),
        ("bytes=-10", ByteRange(90, 99)),
        ("bytes=-5000", ByteRange(0, 99)),
        ("bytes=-", None),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("pages=1-2", None),
        ("bytes=a-b", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_a_range_means_what_the_standard_says(header: str, part: ByteRange | None) -> None:
    assert byte_range(header, 100) == part


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", ByteRange(0, 9)),
        ("bytes=95-", ByteRange(95, 99)),
        ("bytes=0-49", ByteRange(0, 49)),
        ("bytes=-50", ByteRange(50, 99)),
    ],
)
def test_only_a_range_without_an_end_is_cut_shorter(header: str, part: ByteRange) -> None:
    assert byte_range(header, 100, most=10) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end_is_told_apart(header: str) -> None:
    with pytest.raises(NotInFile):
        byte_range(header, 100)
