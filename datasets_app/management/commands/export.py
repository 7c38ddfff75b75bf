"""`manage.py export SLUG@N --format NAME --to DIR`: write a version as files with a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app import exports, versions
from datasets_app.commands import CastorCommand
from datasets_app.formats import FORMATS, UnknownFormat, format_named
from datasets_app.manifest import Manifest
from datasets_app.storage import StorageFault


class Command(CastorCommand):
    """Write a version in one format into a folder."""

    help = "Write a version in one format into a folder: whole or not at all."
    told = (
        versions.UnknownVersion,
        UnknownFormat,
        exports.ExportFault,
        exports.FolderInUse,
        StorageFault,
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", metavar="SLUG@N", help="The version, such as demo@1.")
        parser.add_argument(
            "--format", required=True, metavar="NAME", help=f"One of: {', '.join(FORMATS)}."
        )
        parser.add_argument("--to", required=True, metavar="DIR", help="A new or empty folder.")

    def handle(self, *args: Any, **options: Any) -> None:
        version = versions.version_named(options["version"])
        form = format_named(options["format"], protocol=version.protocol)
        size = version.size
        with self.progress(f"Exporting as {form.key}", unit="records") as tick:
            signed = exports.write(
                version, form, Path(options["to"]), progress=lambda done: tick(done, size)
            )
        if options["json"]:
            self.print_json({"to": options["to"], **_short(signed)})
        else:
            self._tell(str(version), options["to"], signed)

    def _tell(self, version: str, folder: str, signed: Manifest) -> None:
        rows = sum(count["rows"] for count in signed["rows"])
        size = sum(entry["bytes"] for entry in signed["files"])
        self.stdout.write(
            f"{version} as {signed['format']['key']}: {rows:,} rows in {len(signed['files']):,} "
            f"files, {size:,} bytes, in {folder}."
        )
        for config, refused in signed["refusals"].items():
            for reason, count in refused.items():
                self.stdout.write(f"  not in {config} {count:,}: {reason}")


def _short(signed: Manifest) -> dict[str, Any]:
    """A manifest without the list of its files, which may be as long as the data."""
    short: dict[str, Any] = {key: value for key, value in signed.items() if key != "files"}
    return short | {
        "files": len(signed["files"]),
        "bytes": sum(entry["bytes"] for entry in signed["files"]),
    }
