"""`manage.py settings`: what may be set, and what is."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.environment import Setting


class Command(BaseCommand):
    """Lists every setting; with --markdown as the table of docs/settings.md."""

    help = "List every setting with its value; secrets are not shown."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument("--markdown", action="store_true", help="the table of docs/settings.md")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django declares it
        """To standard output."""
        found = list(settings.CASTOR_SETTINGS.values())
        if options["markdown"]:
            self.stdout.write(table(found))
            return
        for setting in found:
            self.stdout.write(f"{setting.name}={shown_value(setting)}")


def table(found: list[Setting]) -> str:
    """Markdown: name, kind, default, use."""
    head = ["| setting | kind | default | use |", "|---|---|---|---|"]
    return "\n".join([*head, *(row(setting) for setting in found)])


def row(setting: Setting) -> str:
    """One line of the table."""
    default = setting.default
    if default and "`" not in default:
        default = f"`{default}`"
    return f"| `{setting.name}` | {setting.kind} | {default} | {setting.use} |"


def shown_value(setting: Setting) -> str:
    """What holds: what the environment says, or the default; of a path, where it leads."""
    value = os.environ.get(setting.name, "") or os.environ.get(f"{setting.name}_FILE", "")
    if setting.secret:
        return "(set)" if value else "(not set)"
    return setting.holds or value or setting.default
