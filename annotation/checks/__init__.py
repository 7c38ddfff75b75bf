"""Checks: places beside the slots at which a person is measured; nobody can tell them apart."""

from __future__ import annotations
