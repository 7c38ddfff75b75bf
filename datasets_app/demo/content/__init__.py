"""The words of the demo, and what its simulated annotators hold to be right.

`*_pairs` are what is loaded, without labels. `*_truth.json` says of each item, by external id,
what a careful person would answer: `answers` in the shape of `protocols.base`, all steps in one
object, responses named by position "0" and "1"; `hard` where sensible people would disagree.
"""

from __future__ import annotations

from pathlib import Path

CONTENT = Path(__file__).parent
