"""Taking what comes from outside into the ledger. `load` is the verb; docs/loading.md tells how."""

from __future__ import annotations

from datasets_app.intake.loading import Source, load
from datasets_app.intake.report import LoadReport
from datasets_app.intake.target import LoadRefused, Wishes

__all__ = ["LoadRefused", "LoadReport", "Source", "Wishes", "load"]
