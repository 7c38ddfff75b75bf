"""Exports whose files lie in S3: the same files, read back from there."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from datasets_app import exports, manifest, versions
from datasets_app.formats import FORMATS
from datasets_app.storage import storage
from datasets_app.vocabulary import JobState
from tests import build
from tests.datasets_app import settled

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket(settings: Settings, tmp_path: Path) -> Iterator[None]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings.CASTOR_MEDIA_ROOT = tmp_path / "media"
    settings.CASTOR_S3_BUCKET = "lodge"
    settings.CASTOR_S3_ENDPOINT = f"http://{host}:{port}"
    settings.CASTOR_S3_REGION = "us-east-1"
    settings.CASTOR_S3_KEY = "key"
    settings.CASTOR_S3_SECRET = "secret"
    settings.CASTOR_S3_ORIGIN = ""
    client = boto3.client(
        "s3",
        endpoint_url=settings.CASTOR_S3_ENDPOINT,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket="lodge")
    try:
        yield
    finally:
        server.stop()


@pytest.mark.usefixtures("bucket")
def test_an_export_is_made_from_s3_and_kept_there(tmp_path: Path) -> None:
    dataset = build.dataset("safesora", slug="lodge")
    settled.with_files(dataset, 2)
    version = versions.cut(dataset, versions.Recipe(), None)
    export = exports.make_now(version, "safesora", None)
    assert export.state == JobState.DONE
    assert len(list(storage().keys(f"exports/version-{version.pk}/safesora"))) >= 6

    with exports.local_copy(export) as folder:
        signed = manifest.verify(folder)
    assert signed == exports.write(version, FORMATS["safesora"], tmp_path / "out")
    with exports.open_file(export, "manifest.json") as file:
        assert file.read() == (tmp_path / "out" / "manifest.json").read_bytes()
    with zipfile.ZipFile(BytesIO(b"".join(exports.open_archive(export)))) as archive:
        assert set(archive.namelist()) == {entry["path"] for entry in exports.files(export)}
