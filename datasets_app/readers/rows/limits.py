"""How much of anything one untrusted source may ask for."""

from __future__ import annotations

MEGABYTE = 1 << 20

# One line, one element of a list, one cell.
LINE = 8 * MEGABYTE
TEXT = 256 * 1024
META = 64 * 1024
NAME = 200
DEPTH = 32
COLUMNS = 1000
ROWS = 20_000_000
# JSON packs 5 to 30 times, the most monotonous of it a hundred times.
GZIP_RATIO = 300
GZIP_FREE = 64 * MEGABYTE
