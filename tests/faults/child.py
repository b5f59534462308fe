"""A process of its own that ingests and publishes a folder: `dies` at its n-th act, or `loops` for some seconds.

Great Expectations and the worker processes are left out, so that a run takes a tenth of a second; every other stage is
the real one.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from flow.harness import article
from mediamonitor import pipeline
from mediamonitor.context import Context
from mediamonitor.landing.folder import Folder
from mediamonitor.landing.staged import Rows
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.reader import Reader
from mediamonitor.quality import suite
from mediamonitor.settings import Settings
from mediamonitor.sources import parse_sources
from mediamonitor.warehouse.connection import Warehouse
from mediamonitor.watchlist.matcher import Matcher
from mediamonitor.watchlist.parse import parse_watchlist
from mediamonitor.workers import __main__ as worker
from mediamonitor.workers.chunk import Item
from mediamonitor.workers.pool import Workers


def place_settings(place: Path) -> Settings:
    return Settings(
        landing=f"{place}/landing",
        warehouse=f"duckdb://{place}/w.duckdb",
        staging=f"{place}/staging",
        published=f"{place}/published",
        watchlist=f"{place}/watchlist.yaml",
        batch_objects=7,
        lock_timeout_seconds=60,
    )


def read_here(workers: Workers, chunk: list[Item], deaths: int = 0) -> list[pa.RecordBatch]:
    """What a worker process does with a chunk."""
    setup = workers._setup
    rows = Rows(workers._watchlist_version, setup.rules_version)
    reader = Reader(parse_sources(setup.sources), KeyPatterns(setup.key_patterns), setup.prefix)
    matcher = Matcher(parse_watchlist(setup.watchlist, ""))
    for item in chunk:
        worker.read_item(item, reader, matcher, rows)
    return [rows.batch()]


def counted(slices: Iterable[pa.RecordBatch], accounts: pa.Table, encodings: Sequence[str]) -> suite.Validation:
    """A validation that finds nothing."""
    return suite.Validation({"none": suite.Outcome("row", sum(rows.num_rows for rows in slices))})


def be_quick(patched: pytest.MonkeyPatch) -> None:
    """Leave out what takes most of the time."""
    patched.setattr(suite, "validate", counted)
    patched.setattr(Workers, "_read", read_here)


def run(place: Path, name: str) -> None:
    """One whole run, as the command line does it."""
    left = 1
    for number in itertools.count():
        if not left:
            break
        context = Context(place_settings(place), f"{name}-{number}", datetime.now(timezone.utc))
        found = pipeline.discover(context)
        staged = pipeline.extract(context, found["batches"], "1")
        pipeline.load(context, pipeline.validate(context, staged))
        left = found["untried_left"]
    pipeline.publish(Context(place_settings(place), f"{name}-publish", datetime.now(timezone.utc)))


def die_at(last: int) -> Callable[[], int]:
    """Ends the process, as kill -9 would, before the `last`-th act in the warehouse or write to a store (0: never)."""
    acts = itertools.count(1)

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*told: Any, **more: Any) -> Any:
            if next(acts) == last:
                os._exit(9)
            return real(*told, **more)

        return act

    Warehouse.run = dying(Warehouse.run)  # type: ignore[method-assign]
    Folder.put = dying(Folder.put)  # type: ignore[method-assign]
    Folder.delete = dying(Folder.delete)  # type: ignore[method-assign]
    return lambda: next(acts) - 1


def loop(place: Path, seconds: float, name: str) -> None:
    """Put a file, run, and again, until the time is over."""
    end = time.monotonic() + seconds
    folder = place / "landing" / name / "2026" / "03" / "02"
    folder.mkdir(parents=True)
    for number in itertools.count():
        if time.monotonic() > end:
            break
        (folder / f"{number}.txt").write_bytes(article(f"Title {number} of {name}"))
        run(place, f"{name}-{number}")


if __name__ == "__main__":
    be_quick(pytest.MonkeyPatch())
    if sys.argv[1] == "dies":
        count = die_at(int(sys.argv[3]))
        run(Path(sys.argv[2]), f"dies-{sys.argv[3]}")
        print(count())
    else:
        loop(Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
