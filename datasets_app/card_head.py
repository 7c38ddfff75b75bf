"""The head of a dataset card: the YAML by which the `datasets` library understands the folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from datasets_app.formats.base import Feature, Features, Format, Table
from datasets_app.manifest import Manifest, RowCount
from datasets_app.models import Version

# The Hub's size classes: up to how many rows, and how the class is called.
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)


def head(version: Version, format: Format, tables: Sequence[Table], signed: Manifest) -> str:
    """The front matter between its two lines of dashes.

    Only splits that have rows are named: the library cannot load an empty file.
    """
    # In one line each: a line of three dashes inside a value would end the head.
    about = {key: " ".join(str(value).split()) for key, value in version.about.items()}
    words: dict[str, Any] = {
        "pretty_name": about.get("name") or version.dataset.slug,
        "language": [about.get("language") or "en"],
        "license": about.get("licence") or "other",
        "annotations_creators": _creators(version.census),
        "task_categories": list(format.task_categories),
        "size_categories": [size_of(sum(count["rows"] for count in signed["rows"]))],
        "tags": [*format.tags, "castor", "not-for-all-audiences"],
        "configs": _configs(tables, signed["rows"]),
        "dataset_info": _infos(tables, signed["rows"]),
    }
    text = yaml.safe_dump(words, sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{text}---\n"


def size_of(rows: int) -> str:
    """The size class of so many rows."""
    return next((name for most, name in _SIZES if rows < most), "100M<n<1B")


def _creators(census: Mapping[str, Any]) -> list[str]:
    questions = census.get("questions", {}).values()
    votes = sum(count["votes"] for count in questions)
    imported = sum(count["imported"] for count in questions)
    found = {
        "crowdsourced": votes > imported,
        "found": imported > 0,
        "expert-generated": any(count["ruled"] for count in questions),
    }
    return [name for name, is_so in found.items() if is_so] or ["no-annotation"]


def _by_config(
    tables: Sequence[Table], rows: Sequence[RowCount]
) -> Iterator[tuple[str, Table, list[RowCount]]]:
    """Each config that has rows, with its table: in the order of the tables, then by name."""
    for table in tables:
        names = {count["config"] for count in rows}
        if not table.config_column:
            names &= {table.config}
        for name in sorted(names):
            yield name, table, [count for count in rows if count["config"] == name]


def _configs(tables: Sequence[Table], rows: Sequence[RowCount]) -> list[dict[str, Any]]:
    configs: list[dict[str, Any]] = []
    for name, table, counts in _by_config(tables, rows):
        files = [{"split": count["split"], "path": count["path"]} for count in counts]
        config: dict[str, Any] = {"config_name": name, "data_files": files}
        # What has several kinds of rows loads the first by default; categories load by name only.
        if not configs and not table.config_column:
            config["default"] = True
        configs.append(config)
    return configs


def _infos(tables: Sequence[Table], rows: Sequence[RowCount]) -> list[dict[str, Any]]:
    return [
        {"config_name": name, "features": features_of(table.features)}
        for name, table, _ in _by_config(tables, rows)
    ]


def features_of(features: Features) -> list[dict[str, Any]]:
    """Features as the card spells them, in words that every release of the library reads."""
    return [{"name": name, **_spelled(feature)} for name, feature in features.items()]


def _spelled(feature: Feature) -> dict[str, Any]:
    if isinstance(feature, dict):
        return {"struct": features_of(feature)}
    if isinstance(feature, list):
        inner = feature[0]
        return {"list": inner if isinstance(inner, str) else _inner(inner)}
    return {"dtype": feature}


def _inner(feature: Feature) -> Any:
    return features_of(feature) if isinstance(feature, dict) else _spelled(feature)
