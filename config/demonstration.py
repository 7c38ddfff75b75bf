"""The demonstration: four small datasets, their people, and how far they have come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction

from annotation import campaigns, placing, settling, simulating
from annotation.models import Campaign
from annotation.quality import measuring
from config import demonstration_gold
from config.curate import agreeing
from datasets_app import exports, intake, versions
from datasets_app.models import Dataset, Item, Membership
from datasets_app.readers import READERS
from datasets_app.recipe import Recipe
from datasets_app.vocabulary import Role, Split
from moderation.classifiers.in_use import classifier_in_use
from moderation.screening import screen

# Known to everybody who reads this: only for a Castor that nobody else can reach.
PASSWORD = "castor-demo"  # noqa: S105
PEOPLE = {
    "ana": (Role.ANNOTATOR,),
    "ben": (Role.ANNOTATOR,),
    "cora": (Role.CURATOR, Role.ANNOTATOR),
    "mo": (Role.MODERATOR,),
}
SEED = 7
SIMULATED = 4
# Of the items that are answered already, how much is answered before there is gold.
GOLD_PART = 0.5

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Show:
    """One dataset of the demonstration.

    A `share` of its items is answered by simulated annotators before the first visitor comes.
    """

    protocol: str
    slug: str
    name: str
    description: str
    guideline: str
    share: float
    formats: tuple[str, ...]
    is_measured: bool = False


SHOWS = (
    Show(
        "pku_saferlhf",
        "demo-texts",
        "Everyday questions",
        "Pairs of written answers to everyday questions, some of them to questions that should not "
        "be answered.",
        "## What you do\n\nYou judge two answers to one question, in three steps that know nothing "
        "of each other.\n\n1. **Safety**: each answer by itself, in the light of the question. A "
        "refusal is safe. An answer that explains how to do harm is unsafe, even politely.\n"
        "2. **Helpfulness**: which answer does what was asked? *Ignore safety here.*\n"
        "3. **Harmlessness**: which answer would you rather have out in the world?\n\n"
        "## Severity\n\n| severity | for example |\n|---|---|\n| minor | an insult, a white lie |\n"
        "| moderate | real harm to one person, often against the law |\n"
        "| severe | death, or harm to many |\n\n## Examples\n\n"
        "| the answer | judged | because |\n|---|---|---|\n"
        "| says how to open a lock that is not yours | unsafe | it explains how to do harm |\n"
        "| explains what a burglar looks for, to somebody who locks up | safe | it protects |\n"
        "| “No.” to a harmful question | safe, not helpful | it harms nobody and helps nobody |\n"
        "| is wrong about a date | safe | a mistake is no harm by itself |\n\n"
        "## When in doubt\n\nSkip. Nobody holds it against you. "
        "`Esc` twice hides everything at once.",
        0.55,
        ("pku_saferlhf", "trl_preference", "votes", "records"),
        is_measured=True,
    ),
    Show(
        "beavertails_v",
        "demo-pictures",
        "Pictures with questions",
        "Drawn pictures, each with a question about it and two written answers.",
        "## What you do\n\nFirst the picture alone, then each answer *together with picture and "
        "question*.\n\n- **Harmless** runs from −3 to 3. Below 0 is unsafe. A bare refusal is 0; a "
        "refusal that explains itself is 1 to 3.\n- **Helpful** runs from 0 to 3 and ignores "
        "safety.\n\nThen, by itself each time: which answer is more helpful, and which is "
        "safer.\n\n## Examples\n\n- “I won't say how, because somebody could be hurt; a "
        "locksmith can help” is a refusal that explains itself: harmless 2.\n- *Not so:* the "
        "same words to a question about a birthday cake are harmless as well, but helpful 0.",
        0.5,
        ("beavertails_v", "beavertails_v_qa", "trl_preference", "votes", "records"),
    ),
    Show(
        "safesora",
        "demo-films",
        "Short films",
        "Pairs of short drawn films, each pair made from one sentence.",
        "## What you do\n\nWatch both films; they run together. First compare them in four ways, "
        "and tick what harm each shows. Then, with your own ticks before you: which is better "
        "on the whole, and which is safer?\n\n## Examples\n\n- A rocket that rises where a "
        "rocket was asked for *follows the text*, also when it is badly drawn.\n- *Not so:* a "
        "beautiful bird in its place. It may still be the more *beautiful* one.",
        0.5,
        ("safesora", "safesora_label", "votes", "records"),
    ),
    Show(
        "align_anything_t2a",
        "demo-sounds",
        "Short sounds",
        "Pairs of short synthetic sounds, each pair made from one sentence.",
        "## What you do\n\nPlay both sounds; nothing plays by itself. Some are loud: turn the "
        "volume down first.\n\n1. **In each respect**: rate both, and say which is ahead. *Safe* "
        "means that it harms nobody who hears it, and nobody by what it is made for.\n"
        "2. **Overall**: which would you rather have had for this sentence?\n"
        "3. **Critique and refinement**: say what is right and wrong with each, then write the "
        "sentence anew.\n\n## Examples\n\n- Rain that grows louder, where “a storm comes up” "
        "was asked for, does what was asked.\n- *Not so:* rain that is as loud at the beginning "
        "as at the end, however real it sounds.\n\nWhy you rate as you do may be "
        "written under each rate; it need not be.",
        0.6,
        ("align_anything", "votes", "records"),
    ),
)


def make_people(dataset: Dataset | None = None) -> None:
    """The logins; with a dataset, their roles in it too."""
    for name, roles in PEOPLE.items():
        user, is_new = User.objects.get_or_create(username=name)
        if is_new:
            user.set_password(PASSWORD)
            user.save()
        for role in roles if dataset else ():
            Membership.objects.get_or_create(user=user, dataset=dataset, role=role)


def logins() -> list[str]:
    """One line a person: name, password, what for."""
    return [
        f"{name:<5} {PASSWORD}   {' and '.join(str(role.label).lower() for role in roles)}"
        for name, roles in PEOPLE.items()
    ]


def load(show: Show, source: Path) -> Dataset:
    """The dataset with the items of a source, its people and its campaign."""
    reader = READERS[show.protocol]
    wishes = intake.Wishes(show.slug, protocol=show.protocol, language="en", licence="apache-2.0")
    intake.load(intake.Source(source, reader, show.slug), wishes)
    Dataset.objects.filter(slug=show.slug).update(name=show.name, description=show.description)
    dataset = Dataset.objects.get(slug=show.slug)
    make_people(dataset)
    campaign = campaigns.default_for(dataset)
    Campaign.objects.filter(pk=campaign.pk).update(name=show.name, guideline=show.guideline)
    return dataset


def first_part(show: Show, source: Path, *, of_these: float = 1.0) -> Path:
    """A file beside the source with the first of its rows: those that are answered already.

    With `of_these`, only so much of them.
    """
    share = show.share * of_these
    if source.suffix == ".jsonl":
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        part = "".join(lines[: round(len(lines) * share)])
    else:
        rows = json.loads(source.read_text(encoding="utf-8"))
        part = json.dumps(rows[: round(len(rows) * share)])
    path = source.with_name(f"first-{source.name}")
    path.write_text(part, encoding="utf-8")
    return path


def have_measured(show: Show, source: Path) -> None:
    """Have the first of the items answered, make gold of what people agree on, declare rules."""
    dataset = load(show, first_part(show, source, of_these=GOLD_PART))
    answered(dataset, SIMULATED)
    demonstration_gold.have_measured(campaigns.default_for(dataset))


def bring_to_life(show: Show, dataset: Dataset, say: Say) -> None:
    """Have everything that is loaded answered and settled, and freeze a first version."""
    # Two more than have made the gold: somebody must be there who never saw it.
    answered(dataset, SIMULATED + (2 if show.is_measured else 0))
    campaign = campaigns.default_for(dataset)
    measuring.measure(campaign)
    agreeing.keep(campaign)
    states = Item.objects.filter(dataset=dataset)
    settled, disputed = states.settled().count(), states.disputed().count()
    say(f"{show.name}: {settled} settled, {disputed} disputed")
    freeze(show, dataset)


def answered(dataset: Dataset, people: int) -> None:
    """Have simulated annotators answer all that is loaded, and settle it."""
    wait_for_screening(dataset)
    placing.place(campaigns.default_for(dataset))
    simulating.simulate(dataset, annotators=people, seed=SEED)
    settling.settle(dataset)


def wait_for_screening(dataset: Dataset) -> None:
    """Screen what waits, and wait for what a worker has claimed at the same time."""
    while Item.objects.filter(dataset=dataset).waiting().exists():
        for _ in screen(classifier_in_use(), dataset=dataset.pk):
            pass
        time.sleep(0.2)


def freeze(show: Show, dataset: Dataset) -> None:
    """The first version, and one export of it asked for."""
    shares = {Split.TRAIN: 0.8, Split.VALIDATION: 0.0, Split.TEST: 0.2}
    try:
        version = versions.cut(dataset, Recipe(splits=shares, seed=SEED), by=None)
    except versions.NothingToCut:
        return
    with transaction.atomic():
        exports.request(version, show.formats[0], by=None)
