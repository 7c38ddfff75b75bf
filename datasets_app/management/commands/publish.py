"""`manage.py publish SLUG@N --format NAME --repo ORG/NAME`: one commit and a tag at the Hub."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from datasets_app import exports, versions
from datasets_app.commands import CastorCommand
from datasets_app.formats import FORMATS, UnknownFormat
from datasets_app.hub.publishing import PublishFault, publish
from datasets_app.storage import StorageFault


class Command(CastorCommand):
    """Publish a version in one format to a dataset repository."""

    help = "Publish a version to a dataset repository of the Hub: one commit, then a tag."
    told = (
        PublishFault,
        versions.UnknownVersion,
        UnknownFormat,
        exports.ExportFault,
        exports.NotReady,
        StorageFault,
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", metavar="SLUG@N", help="The version, such as demo@1.")
        parser.add_argument(
            "--format", required=True, metavar="NAME", help=f"One of: {', '.join(FORMATS)}."
        )
        parser.add_argument("--repo", required=True, metavar="ORG/NAME", help="The repository.")

    def handle(self, *args: Any, **options: Any) -> None:
        version = versions.version_named(options["version"])
        result = publish(version, options["format"], options["repo"], None)
        if options["json"]:
            self.print_json(asdict(result))
        elif result.is_new:
            self.stdout.write(
                f"{version} is at {result.repository} as {result.tag} ({result.commit})."
            )
        else:
            self.stdout.write(f"{version} was at {result.repository} already, as {result.tag}.")
