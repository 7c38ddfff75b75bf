"""Where a load goes: a dataset that exists and agrees with the request, or one to be made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import connection

from datasets_app import ledger
from datasets_app.models import Dataset
from datasets_app.protocols import Protocol, protocol_named

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_LICENCE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,59}")
_LONGEST_SLUG = 80


class LoadRefused(Exception):
    """This load cannot begin, or cannot be stored; the text is one line with what to do."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a load says of its dataset; "" and None leave it as it is, or to the default."""

    slug: str
    protocol: str = ""
    language: str = ""
    licence: str = ""
    counts_votes: bool | None = None


def protocol_for(wishes: Wishes, *, default: str) -> Protocol:
    """The protocol that the rows must fit: the dataset's own, else the one wished for, else the
    reader's. Raises LoadRefused when the dataset and the wishes disagree, UnknownProtocol.
    """
    _check(wishes)
    found = Dataset.objects.filter(slug=wishes.slug).first()
    wished = protocol_named(wishes.protocol or default)
    if found is None:
        return wished
    own = protocol_named(found.protocol)
    if wishes.protocol and own != wished:
        raise LoadRefused(
            f"the dataset {found.slug} is made for the protocol {found.protocol}, not "
            f"{wishes.protocol}: leave --protocol out, or name another dataset"
        )
    for name, wish in (("language", wishes.language), ("licence", wishes.licence)):
        if wish and wish != getattr(found, name):
            raise LoadRefused(
                f"the dataset {found.slug} has the {name} {getattr(found, name)}: "
                f"leave --{name} out, or name another dataset"
            )
    return own


def settle_target(wishes: Wishes, protocol: Protocol, *, by: int | None) -> Dataset:
    """The dataset, made if it is not there, in the caller's transaction."""
    dataset = Dataset.objects.filter(slug=wishes.slug).first()
    if dataset is None:
        dataset = Dataset.objects.create(
            slug=wishes.slug,
            name=wishes.slug.replace("-", " ").replace("_", " ").capitalize(),
            language=wishes.language or "en",
            licence=wishes.licence or "other",
            protocol=f"{protocol.key}@{protocol.version}",
            counts_imported_votes=bool(wishes.counts_votes),
            created_by_id=by,
        )
        ledger.note("create", by=by, dataset=dataset.pk, subject=f"dataset:{dataset.pk}")
    elif wishes.counts_votes is not None and wishes.counts_votes != dataset.counts_imported_votes:
        dataset.counts_imported_votes = wishes.counts_votes
        dataset.save(update_fields=["counts_imported_votes"])
        ledger.note(
            "change",
            by=by,
            dataset=dataset.pk,
            subject=f"dataset:{dataset.pk}",
            data={"counts_imported_votes": wishes.counts_votes},
        )
    return dataset


@contextmanager
def only_load(slug: str) -> Iterator[None]:
    """Let nobody else load into this dataset. Raises LoadRefused at once if somebody does.

    The lock is the session's, so that it spans transactions and goes with a process that dies.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_lock(slug)])
        (held,) = cursor.fetchone() or (False,)
    if not held:
        raise LoadRefused(f"another load into {slug} is running: wait until it has ended")
    try:
        yield
    finally:
        # A lost connection has let go of it already.
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_lock(slug)])


def _lock(slug: str) -> str:
    return f"castor load {slug}"


def _check(wishes: Wishes) -> None:
    try:
        validate_slug(wishes.slug)
    except ValidationError:
        raise LoadRefused(
            f"{wishes.slug[:80]!r} is no short name: letters, digits, - and _ only"
        ) from None
    if len(wishes.slug) > _LONGEST_SLUG:
        raise LoadRefused(f"a short name has at most {_LONGEST_SLUG} characters")
    if wishes.language and not _LANGUAGE.fullmatch(wishes.language):
        raise LoadRefused(f"{wishes.language[:40]!r} is no language tag: write en, zh-Hans, pt-BR")
    if wishes.licence and not _LICENCE.fullmatch(wishes.licence):
        raise LoadRefused(
            f"{wishes.licence[:80]!r} is no licence as cards name it: write mit, cc-by-4.0, other"
        )
