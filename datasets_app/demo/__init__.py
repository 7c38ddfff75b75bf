"""Content of Castor's own making, in the shapes of three source systems, for a first look at it."""

from __future__ import annotations
