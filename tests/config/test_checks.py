"""The system checks: each fault is named, with what to do, and nothing else is."""

from __future__ import annotations

import pytest
from django.core.checks import CheckMessage
from django.db import connection
from django.test import override_settings

from config.checks import check_database, check_settings

SAFE = {"PRODUCTION": True, "CASTOR_TLS_PROXY": True, "CASTOR_DEMO": False}
FAULTS = [
    ("castor.E001", {**SAFE, "ALLOWED_HOSTS": []}),
    ("castor.E002", {**SAFE, "DEBUG": True}),
    ("castor.E009", {**SAFE, "CASTOR_DEMO": True}),
    ("castor.W003", {**SAFE, "CASTOR_TLS_PROXY": False}),
    ("castor.W002", {"CASTOR_HOST": "0.0.0.0"}),  # noqa: S104
    ("castor.E003", {"CELERY_BROKER_URL": "sqs://queue"}),
    ("castor.E004", {"CASTOR_S3_ENDPOINT": "https://s3.example.org"}),
    ("castor.E004", {"CASTOR_S3_BUCKET": "b", "CASTOR_S3_KEY": "k"}),
    ("castor.E005", {"CASTOR_OIDC_URL": "https://id.example.org"}),
    ("castor.E005", {"CASTOR_HUGGINGFACE_CLIENT_ID": "c", "CASTOR_HUGGINGFACE_SECRET": "s"}),
    ("castor.E008", {"LANGUAGES": []}),
    ("castor.W001", {"CASTOR_UNKNOWN_SETTINGS": [("CASTOR_PROT", "CASTOR_PORT")]}),
]


def found() -> list[CheckMessage]:
    return check_settings(None)


def test_nothing_is_wrong_by_default() -> None:
    assert found() == []


@pytest.mark.parametrize(("id", "fault"), FAULTS)
def test_it_names_each_fault_and_says_what_to_do(id: str, fault: dict[str, object]) -> None:
    with override_settings(**{"ALLOWED_HOSTS": ["castor.example.org"], **fault}):
        messages = found()
    assert [message.id for message in messages] == [id]
    assert messages[0].hint


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_alone_is_no_exposure(host: str) -> None:
    with override_settings(CASTOR_HOST=host):
        assert found() == []


@pytest.mark.django_db
def test_the_database_of_the_tests_is_new_enough() -> None:
    assert check_database(None, databases=["default"]) == []


@pytest.mark.django_db
def test_it_refuses_an_old_server(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        def __enter__(self) -> Old:
            return self

        def __exit__(self, *_: object) -> None: ...

        def execute(self, statement: str) -> None: ...

        def fetchone(self) -> tuple[int, str]:
            return (140_011, "SQL_ASCII")

    monkeypatch.setattr(connection, "cursor", Old)
    ids = [message.id for message in check_database(None, databases=["default"])]
    assert ids == ["castor.E006", "castor.E007"]
