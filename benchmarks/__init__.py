"""How fast Castor is, beside what the machine allows. `manage.py benchmark NAME` runs one."""

from __future__ import annotations

from benchmarks import annotate, export, import_pairs, labelling, screen, settle
from benchmarks.base import Benchmark

MODULES = (annotate, export, import_pairs, labelling, screen, settle)
BENCHMARKS: dict[str, Benchmark] = {module.BENCHMARK.key: module.BENCHMARK for module in MODULES}
