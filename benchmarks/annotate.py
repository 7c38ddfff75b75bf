"""How fast annotators get and give: by the verbs and at the HTTP door, beside raw SQL."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.middleware.csrf import _get_new_csrf_string

from annotation import assigning, campaigns, labelling, placing
from annotation.invariants import CHECKS
from annotation.models import Annotator, Campaign
from benchmarks import raw_queue
from benchmarks.base import Benchmark, Figure
from benchmarks.crowd import Timed, Turn, crowd
from config.management.commands.invariants import rows_breaking
from config.sessions import SessionStore
from datasets_app.models import Dataset, Membership
from datasets_app.vocabulary import Role

# DESIGN §10: 25 times what Label Studio 1.23 does, 12 % of raw SQL, nobody waits.
LEAST_A_SECOND = 25 * 15
LEAST_OF_RAW = 12
MOST_P95 = 60
MOST_ALONE = 8
MOST_GROWTH = 1.3
OVERLAP = 3

ANSWERS: dict[str, dict[str, Any]] = {
    "safety": {"safe": {"a": True, "b": True}},
    "helpful": {"better": "a"},
    "safer": {"safer": "tie"},
}


def arguments(parser: ArgumentParser) -> None:
    """How many people, how long, and how far to grow."""
    parser.add_argument("--annotators", type=int, default=16, help="People at once.")
    parser.add_argument("--seconds", type=float, default=8.0, help="How long each figure takes.")
    parser.add_argument("--items", type=int, default=10_000, help="Open items at the start.")
    parser.add_argument(
        "--grow",
        action="store_true",
        help="Also at 100,000 and a million items, and after 10,000 and 100,000 answers.",
    )


def run(options: Mapping[str, Any]) -> list[Figure]:
    """Raw SQL, the verbs, the door; then somebody alone; then growth, if asked for."""
    people, seconds = options["annotators"], options["seconds"]
    campaign = _campaign(options["items"])
    annotators = [_annotator(campaign, number) for number in range(people)]
    raw_queue.prepare(options["items"], OVERLAP, people)
    raw = crowd(
        [partial(raw_queue.person, number + 1) for number in range(people)], seconds=seconds
    )
    verbs = crowd([partial(_by_verbs, one, campaign) for one in annotators], seconds=seconds)
    with _door() as port:
        at_the_door = partial(_at_the_door, campaign=campaign, port=port)
        door = crowd([partial(at_the_door, one) for one in annotators], seconds=seconds)
        alone = crowd([partial(at_the_door, _annotator(campaign, people))], seconds=seconds / 2)
    figures = [
        *_throughput(raw, verbs, door),
        *_latency(f"{people} at the door", door, most=MOST_P95),
        *_latency(f"{people} by the verbs", verbs),
        *_latency("one alone at the door", alone, most=MOST_ALONE),
        *_faults(),
    ]
    return figures + (list(_growth(seconds)) if options["grow"] else [])


def _throughput(raw: Timed, verbs: Timed, door: Timed) -> list[Figure]:
    return [
        Figure("raw SQL: claim and submit", raw.rate, "a second"),
        Figure("the verbs: submit and next", verbs.rate, "a second"),
        Figure("the door: submit and next", door.rate, "a second", goal=LEAST_A_SECOND),
        Figure("the verbs, of raw SQL", 100 * verbs.rate / raw.rate, "%", goal=LEAST_OF_RAW),
        Figure("the door, of raw SQL", 100 * door.rate / raw.rate, "%", goal=LEAST_OF_RAW),
    ]


def _latency(who: str, timed: Timed, most: float | None = None) -> list[Figure]:
    return [
        Figure(f"{who}, p50", timed.share(0.5), "ms"),
        Figure(f"{who}, p95", timed.share(0.95), "ms", goal=most, less_is_better=True),
    ]


def _faults() -> list[Figure]:
    """Counted from the database, after all that."""
    titles = {"I2": "given twice to one person", "I3": "given beyond the overlap"}
    return [
        Figure(
            title,
            sum(len(rows_breaking(check)) for check in CHECKS if check.number == number),
            "times",
            goal=0,
            less_is_better=True,
        )
        for number, title in titles.items()
    ]


# --- People


def _by_verbs(annotator: Annotator, campaign: Campaign) -> Turn:
    """Somebody who calls the verbs: submits what is held, and gets what is next."""
    held = assigning.leases(annotator, campaign)

    def turn() -> bool:
        nonlocal held
        with transaction.atomic():  # one commit for both, as at the door
            labelling.submit(
                annotator,
                token=held[0].token,
                key=uuid.uuid4(),
                answers=ANSWERS[held[0].step],
                seconds=20.0,
            )
            try:
                held = assigning.leases(annotator, campaign)
            except assigning.Busy:
                held = held[1:]
        return bool(held)

    return turn


def _at_the_door(annotator: Annotator, campaign: Campaign, port: int) -> Turn:
    """Somebody whose page submits and gets the item after next, as the labelling page does."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    headers = _signed_in(annotator.user, port)
    path = f"/label/{campaign.slug}/"

    def post(where: str, body: dict[str, Any]) -> dict[str, Any]:
        client.request("POST", path + where, json.dumps(body), headers)
        answer = client.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {text[:200]!r}")
        return dict(json.loads(text))

    sheets = post("ahead/", {"holding": []})["ahead"]

    def turn() -> bool:
        nonlocal sheets
        shown, *sheets = sheets
        body = {
            "token": shown["token"],
            "key": str(uuid.uuid4()),
            "answers": ANSWERS[shown["step"]],
            "seconds": 20.0,
            "holding": [sheet["token"] for sheet in sheets],
        }
        sheets += post("", body)["ahead"]
        return bool(sheets)

    return turn


def _signed_in(user: User, port: int) -> dict[str, str]:
    """What a signed-in browser sends with every request."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    secret = _get_new_csrf_string()
    ours = str(settings.CASTOR_PORT)  # cookies are named after the port, and the door has another
    cookies = {
        settings.SESSION_COOKIE_NAME.replace(ours, str(port)): str(session.session_key),
        settings.CSRF_COOKIE_NAME.replace(ours, str(port)): secret,
    }
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": secret,
        "Content-Type": "application/json",
        "Accept": "application/json",
    }


@contextmanager
def _door() -> Iterator[int]:
    """The web server as `make run` starts it, on a free port and this database."""
    call_command("collectstatic", interactive=False, verbosity=0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": _url(),
        "CASTOR_HOME": str(settings.CASTOR_HOME),
        "CASTOR_PORT": str(port),
        "CASTOR_HOST": "127.0.0.1",
        "CASTOR_SECRET_KEY": settings.SECRET_KEY,
    }
    words = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            words, env=environment, cwd=settings.PROJECT, stdout=log, stderr=log
        )
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait()


def _url() -> str:
    words = connection.settings_dict
    password = f":{quote(words['PASSWORD'], safe='')}" if words["PASSWORD"] else ""
    port = f"&port={words['PORT']}" if words["PORT"] else ""
    host = quote(words["HOST"], safe="")
    return f"postgresql://{words['USER']}{password}@/{words['NAME']}?host={host}{port}"


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            client.request("GET", "/healthz")
            if client.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            client.close()
    raise RuntimeError("the web server did not start")


# --- Rows


_ITEMS = """
WITH prompt AS (
    INSERT INTO datasets_app_prompt (id, dataset_id, external_id, digest, turns, meta)
    SELECT gen_random_uuid(), %(dataset)s, '', md5(n::text), jsonb_build_array(jsonb_build_object(
        'speaker', 'user', 'text', repeat('question ', 22), 'media', '[]'::jsonb)), '{}'
    FROM generate_series(%(from)s, %(to)s) AS n RETURNING id
), numbered AS (
    SELECT id, row_number() OVER () AS n, gen_random_uuid() AS first, gen_random_uuid() AS second
    FROM prompt
), response AS (
    INSERT INTO datasets_app_response (id, prompt_id, digest, text, model, meta)
    SELECT first, id, 'first', repeat('answer one ', 54), 'a', '{}'::jsonb FROM numbered
    UNION ALL
    SELECT second, id, 'second', repeat('answer two ', 54), 'b', '{}'::jsonb FROM numbered
)
INSERT INTO datasets_app_item
    (id, dataset_id, prompt_id, first_id, second_id, external_id, digest, state, meta)
-- Ids that grow, as those of items that were loaded do.
SELECT lpad(to_hex(n + %(from)s), 32, '0')::uuid, %(dataset)s, id, first, second, id, id, 'open',
       '{}'
FROM numbered
"""


def _campaign(items: int) -> Campaign:
    dataset = Dataset.objects.create(slug="benchmark", name="Benchmark", protocol="pku_saferlhf@1")
    _grow(dataset, 0, items)
    campaign = campaigns.default_for(dataset)
    placing.place_ahead(campaign)
    return campaign


def _grow(dataset: Dataset, present: int, items: int) -> None:
    for start in range(present + 1, items + 1, 50_000):
        values = {"dataset": dataset.pk, "from": start, "to": min(start + 49_999, items)}
        _execute(_ITEMS, values)
    _execute("ANALYZE")


def _annotator(campaign: Campaign, number: int) -> Annotator:
    user = User.objects.create(username=f"worker-{number}")
    Membership.objects.create(user=user, dataset=campaign.dataset, role=Role.ANNOTATOR)
    return Annotator.objects.create(user=user)


def _execute(statement: str, values: Mapping[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# --- Growth: the same figure at ten and a hundred times the size


# The places of an annotator who has been at it for long, with what he gave.
_DONE = """
WITH mine AS (
    SELECT id, item_id, step FROM annotation_slot
    WHERE campaign_id = %(campaign)s AND state = 'open' AND number = 1
    ORDER BY position LIMIT %(number)s
), done AS (
    UPDATE annotation_slot s SET state = 'done', annotator_id = %(annotator)s,
        token = gen_random_uuid(), flipped = false, leased_at = now()
    FROM mine WHERE s.id = mine.id RETURNING s.id, s.item_id, s.step, s.token, s.position
), walked AS (
    INSERT INTO annotation_progress (annotator_id, campaign_id, step, priority, position)
    SELECT %(annotator)s, %(campaign)s, step, 1, max(position) FROM done GROUP BY step
    ON CONFLICT (annotator_id, campaign_id, step, priority)
    DO UPDATE SET position = excluded.position
)
INSERT INTO annotation_annotation
    (key, body_digest, campaign_id, item_id, step, annotator_id, slot_id, token, protocol, answers,
     overrides, flipped, guideline_version, standing)
SELECT gen_random_uuid(), repeat('0', 64), %(campaign)s, item_id, step, %(annotator)s, id, token,
       'pku_saferlhf@1', '{}', '{}', false, 1, 'counted'
FROM done
"""


def _growth(seconds: float) -> Iterator[Figure]:
    """p95 of submit and next for somebody alone, by the verbs: what grows, grows here."""
    _execute("TRUNCATE datasets_app_dataset CASCADE")
    campaign = _campaign(10_000)
    base = _p95(campaign, _annotator(campaign, 1_000), seconds)
    yield Figure("alone by the verbs at 10,000 items, p95", base, "ms")
    present = 10_000
    for number, items in enumerate((100_000, 1_000_000)):
        _grow(campaign.dataset, present, items)
        present = items
        placing.place_ahead(campaign)
        found = _p95(campaign, _annotator(campaign, 1_001 + number), seconds)
        yield Figure(f"the same at {items:,} items", found, "ms")
        yield Figure(
            f"the same at {items:,} items, of 10,000",
            found / base,
            "times",
            goal=MOST_GROWTH,
            less_is_better=True,
        )
    yield from _experience(campaign, seconds)


def _experience(campaign: Campaign, seconds: float) -> Iterator[Figure]:
    placing.place(campaign, at_most=60_000)
    _execute("ANALYZE")
    base = _p95(campaign, _annotator(campaign, 2_000), seconds)
    for number, done in enumerate((10_000, 100_000)):
        old_hand = _annotator(campaign, 2_001 + number)
        _execute(_DONE, {"campaign": campaign.pk, "annotator": old_hand.pk, "number": done})
        _execute("ANALYZE")
        found = _p95(campaign, old_hand, seconds)
        yield Figure(
            f"after {done:,} answers, of a new annotator",
            found / base,
            "times",
            goal=MOST_GROWTH,
            less_is_better=True,
        )


def _p95(campaign: Campaign, annotator: Annotator, seconds: float) -> float:
    alone = crowd([partial(_by_verbs, annotator, campaign)], seconds=seconds / 2)
    return alone.share(0.95)


BENCHMARK = Benchmark("annotate", "Getting and giving", arguments, run)
