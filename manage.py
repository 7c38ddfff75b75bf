#!/usr/bin/env python3
"""Castor's command line: `manage.py help` lists every command."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def main() -> None:
    """Run one command.

    A setting that makes no sense, or a database that does not answer, ends it with one line and
    exit code 2.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.db import Error

    from config.environment import BadSetting

    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except BadSetting as error:
        _end(str(error))
    except Error as error:
        if "--traceback" in sys.argv:
            raise
        from datasets_app.commands import said_by_database

        _end(said_by_database(error))


def _end(line: str) -> NoReturn:
    sys.stderr.write(f"castor: {line}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
