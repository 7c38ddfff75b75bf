"""The dataset card of an export: its README, computed from the version and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils import translation

from datasets_app.card_head import head
from datasets_app.formats.base import Format, Table
from datasets_app.label_sets import LABEL_SETS
from datasets_app.manifest import Manifest
from datasets_app.models import Version
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Question
from datasets_app.selection import REASONS
from datasets_app.splits import ORDER
from datasets_app.vocabulary import Outcome, QuestionKind, Severity

# Under so many votes a verdict rests on one or two people.
FEW_VOTES = 3

_OUTCOMES = {
    "0": "first response",
    "1": "second response",
    Outcome.TIE.value: "equal",
    Outcome.BOTH_UNACCEPTABLE.value: "both unacceptable",
    Outcome.CANNOT_JUDGE.value: "cannot judge",
}


def render(version: Version, format: Format, tables: Sequence[Table], signed: Manifest) -> str:
    """The card as Markdown with its head in YAML. `signed` is the manifest, but for its files.

    Always in English, whatever language is in force: the card belongs to the export's bytes.
    """
    with translation.override(None):
        protocol = protocol_named(version.protocol)
        sections = (
            _title(version, format, protocol),
            _contents(version, signed),
            _loading(tables, signed),
            _labelling(version, protocol),
            _agreement(version, protocol),
            _distributions(version, protocol),
            _left_out(version, format, signed),
            _limits(version, signed, protocol),
        )
        body = "\n".join(section for section in sections if section)
        return head(version, format, tables, signed) + "\n" + body


def _title(version: Version, format: Format, protocol: Protocol) -> str:
    name = " ".join(str(version.about.get("name", "")).split()) or version.dataset.slug
    lines = [f"# {name}, version {version.number}", ""]
    if protocol.upsetting:
        # Its first sentence says what there is to see, the others how our pages show it.
        warning = protocol.upsetting.partition(". ")[0].rstrip(".")
        lines += [f"> **Content warning.** {warning}.", ""]
    if description := str(version.about.get("description", "")).strip():
        lines += [description, ""]
    lines += [f"In the form **{format.title}** (`{format.key}`): {format.summary}", ""]
    return "\n".join(lines)


def _contents(version: Version, signed: Manifest) -> str:
    many = len({count["config"] for count in signed["rows"]}) > 1
    heads = ("Config", "Split", "Rows") if many else ("Split", "Rows")
    rows = [
        (count["config"], count["split"], f"{count['rows']:,}")[0 if many else 1 :]
        for count in signed["rows"]
    ]
    splits = version.recipe["splits"]
    shares = ", ".join(f"{split.value} {splits[split.value]:g}" for split in ORDER)
    return _section(
        "Contents",
        _table(heads, rows) if rows else "No record can be said in this form.",
        f"Made from {signed['records']:,} records. Splits ({shares}, seed {version.recipe['seed']})"
        " are drawn by group: all items that share a prompt or a media file are on one side.",
    )


def _loading(tables: Sequence[Table], signed: Manifest) -> str:
    if not signed["rows"]:
        return ""
    first = signed["rows"][0]
    has_many = len({count["config"] for count in signed["rows"]}) > 1
    name = f", name={first['config']!r}" if has_many or tables[0].config_column else ""
    return _section(
        "Loading",
        "```python\nfrom datasets import load_dataset\n\n"
        f"rows = load_dataset('path/to/this/folder'{name}, split={first['split']!r})\n```",
    )


def _labelling(version: Version, protocol: Protocol) -> str:
    steps = [
        f"{number}. **{_sentence(step.title)}**: {step.ask} "
        f"({', '.join(f'`{question.key}`' for question in step.questions)})"
        for number, step in enumerate(protocol.steps, start=1)
    ]
    questions = version.census.get("questions", {}).values()
    votes = sum(count["votes"] for count in questions)
    imported = sum(count["imported"] for count in questions)
    told = (
        f"{votes:,} votes of {version.census.get('workers', 0):,} people stand behind the verdicts"
        + (f"; {imported:,} of the votes came with the data." if imported else ".")
    )
    return _section(
        "How it was labelled",
        f"Protocol `{version.protocol}`, label set `{protocol.label_set}`. {protocol.summary}",
        "\n".join(steps),
        "Nobody sees what others answered. " + told,
        "People appear under pseudonyms that hold in this version only.",
    )


def _sentence(title: str) -> str:
    return title[:1].upper() + title[1:]


def _agreement(version: Version, protocol: Protocol) -> str:
    rows = []
    for question, count in _counted(version, protocol):
        mean = "" if count["agreement"] is None else f"{100 * count['agreement']:.1f} %"
        each = count["votes"] / count["verdicts"]
        rows.append(
            (
                f"`{question.key}`",
                f"{count['verdicts']:,}",
                f"{each:.2f}",
                mean,
                f"{count['ruled']:,}",
            )
        )
    heads = ("Question", "Verdicts", "Votes each", "Mean agreement", "Ruled by a curator")
    return _section(
        "Agreement",
        _table(heads, rows),
        "Agreement is the share of the votes that went to the leading answer, "
        "not corrected for chance.",
    )


def _counted(version: Version, protocol: Protocol) -> Iterator[tuple[Question, Mapping[str, Any]]]:
    counts = version.census.get("questions", {})
    for question in protocol.questions:
        if question.key in counts:
            yield question, counts[question.key]


def _distributions(version: Version, protocol: Protocol) -> str:
    parts = []
    for question, count in _counted(version, protocol):
        verdicts = count["verdicts"]
        rows = [
            (_value_name(question, value), f"{number:,}", f"{100 * number / verdicts:.1f} %")
            for value, number in _in_order(question, count["values"], protocol)
        ]
        parts.append(f"### `{question.key}`: {question.wording}")
        if question.is_in_words and not rows:
            parts.append(f"In words: {verdicts:,} texts.")
        elif question.is_kept_as_given:
            given = ", ".join(f"{number} {value}" for value, number, _share in rows)
            parts.append(f"Kept as given, on {verdicts:,} of the judged: {given}.")
        else:
            parts.append(_table(("Answer", "Verdicts", "Share"), rows))
    return _section("Answers", *parts)


def _in_order(
    question: Question, values: Mapping[str, int], protocol: Protocol
) -> list[tuple[str, int]]:
    """Categories as the label set has them, numbers by size, anything else by frequency."""
    if question.kind is QuestionKind.CATEGORIES:
        order = {key: place for place, key in enumerate(LABEL_SETS[protocol.label_set].keys)}
        return sorted(values.items(), key=lambda pair: (order.get(pair[0], len(order)), pair[0]))
    if question.kind in (QuestionKind.SEVERITY, QuestionKind.SCALE):
        return sorted(values.items(), key=lambda pair: int(pair[0]))
    return sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))


def _value_name(question: Question, value: str) -> str:
    if question.kind is QuestionKind.SEVERITY:
        return f"{value} {Severity(int(value)).label.lower()}"
    if question.kind is QuestionKind.SCALE:
        return f"{value} {(question.anchors or {}).get(int(value), '')}".strip()
    if question.kind is QuestionKind.CHOICE:
        return _OUTCOMES.get(value, value)
    return value


def _left_out(version: Version, format: Format, signed: Manifest) -> str:
    refusals = sorted(version.refusals.items())
    rows = [(_reason(reason), f"{number:,}") for reason, number in refusals]
    parts = [_table(("Not in the version, because", "Items"), rows)] if rows else []
    for config, refused in signed["refusals"].items():
        why = [
            (format.refuses.get(reason, reason), f"{number:,}")
            for reason, number in refused.items()
        ]
        if why:
            where = f" as `{config}`" if len(signed["refusals"]) > 1 else ""
            parts.append(_table((f"In the version, but not said{where}, because", "Records"), why))
    return _section("What was left out, and why", *parts) if parts else ""


def _reason(reason: str) -> str:
    if reason.startswith("rule_"):
        return f"{REASONS['rule']} (`{reason.removeprefix('rule_')}`)"
    return str(REASONS.get(reason, reason))


def _limits(version: Version, signed: Manifest, protocol: Protocol) -> str:
    counted = [count for _, count in _counted(version, protocol)]
    lines = [
        "Verdicts are what these people agreed on under this protocol, not the truth about harm."
    ]
    if any(count["votes"] < FEW_VOTES * (count["verdicts"] - count["ruled"]) for count in counted):
        lines.append(f"Some verdicts rest on fewer than {FEW_VOTES} votes.")
    if any(count["imported"] for count in counted):
        lines.append("Some votes came with the data; how they were given is not known here.")
    if told := _circles(version):
        lines.append(told)
    shares = version.recipe["splits"]
    missing = [
        split.value for split in ORDER if shares[split.value] and not version.counts[split.value]
    ]
    if missing:
        lines.append(f"No group fell to: {', '.join(missing)}. A split without rows has no file.")
    if models := version.census.get("models", {}):
        most = max(sorted(models), key=lambda name: models[name])
        lines.append(
            f"Named models behind the responses: {len(models):,}; most often `{_cell(most)}`."
        )
    lines.append(
        "Texts and files may show harm, by design; do not train on them without a purpose."
    )
    form = f"`{signed['format']['key']}` form {signed['format']['version']}"
    made = f"Version digest `{version.digest}`. Castor {signed['castor']}; {form}."
    return _section("Known limits", "\n".join(f"- {line}" for line in lines), made)


def _circles(version: Version) -> str:
    """What the version holds of preferences that run in circles; "" where none could."""
    found = version.census.get("circles", {})
    if not found.get("prompts"):
        return ""
    prompts = found["prompts"]
    where = f"{prompts:,} prompts have" if prompts > 1 else "One prompt has"
    tried = f"{where} three comparisons or more"
    if not found["on"]:
        return f"{tried}; no preference of these records runs in a circle there."
    on = ", ".join(f"`{key}` {number:,}" for key, number in found["on"].items())
    return (
        f"{tried}; some preferences run in a circle there, such as A over B, B over C, C over A: "
        f"{on} of the records. No scalar reward fits all of a circle."
    )


def _section(title: str, *parts: str) -> str:
    return "\n\n".join((f"## {title}", *parts)) + "\n"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
