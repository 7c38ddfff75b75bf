"""`manage.py verify DIR`: recompute every digest and row count of an export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app import manifest
from datasets_app.commands import CastorCommand, one_line


class Command(CastorCommand):
    """Prove that a folder is what its manifest says."""

    help = "Recompute every digest and row count of an export; exit 2 at the first difference."
    told = (manifest.Broken,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="The folder of an export.")

    def handle(self, *args: Any, **options: Any) -> None:
        signed = manifest.verify(Path(options["folder"]))
        rows = sum(count["rows"] for count in signed["rows"])
        name = f"{signed['version'].get('dataset')}@{signed['version'].get('number')}"
        result = {
            # The manifest may come from anybody: nothing of it reaches a terminal as it stands.
            "version": one_line(name),
            "format": one_line(str(signed["format"].get("key"))),
            "files": len(signed["files"]),
            "rows": rows,
        }
        if options["json"]:
            self.print_json({"folder": options["folder"], "intact": True, **result})
        else:
            self.stdout.write(
                f"{options['folder']} is intact: {result['version']} as {result['format']}, "
                f"{rows:,} rows in {len(signed['files']):,} files."
            )
