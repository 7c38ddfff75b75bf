#!/usr/bin/env python3
"""Castor's command line: `manage.py help` lists every command."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one command. A setting that makes no sense ends it with one line and exit code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.environment import BadSetting

    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except BadSetting as error:
        sys.stderr.write(f"castor: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
