"""`make bench`: the figures of docs/benchmarks.md. One part alone: `python -m benchmarks --part objects`."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import listing, matching, objects, publishing, reading, records, recount, stories

PARTS = {
    "objects": lambda folder: objects.measure(folder, 100_000, 3),
    "records": lambda folder: records.measure(folder, 200_000),
    "reading": lambda folder: reading.measure(2_000, 3_000),
    "listing": lambda folder: listing.measure(folder, 1_000_000),
    "matching": lambda folder: matching.measure(folder, os.environ.get("SETS", "../shared/corpora")),
    "recount": lambda folder: recount.measure(folder, 1_000_000),
    "stories": lambda folder: stories.measure(folder, 2_300_000, 330_000),
    "publishing": lambda folder: publishing.measure(folder, 365, 1_000, 500, 20),
    "large": lambda folder: records.measure_large(folder, 5_000_000_000),
}

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--part", choices=PARTS, action="append", help="this one only; may be repeated")
for part in parser.parse_args().part or [name for name in PARTS if name != "large"]:  # it is long
    with tempfile.TemporaryDirectory(prefix="mediamonitor-bench-") as name:
        PARTS[part](Path(name))
