"""The warehouse afresh from landing, beside the old one, and then in its place.

Articles, hits, ledger and quarantine are read again by the same stages. What landing does not hold is carried over:
publications, quality results, marks of people (`ignored`), and what the gate holds back; whom it let in stays in. The
lock is held from the first look to the swap, so nobody writes meanwhile; a crash leaves the old file in its place.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from mediamonitor import pipeline
from mediamonitor.context import Context
from mediamonitor.errors import InfrastructureError, shown
from mediamonitor.settings import Settings
from mediamonitor.warehouse.connection import Damaged, Warehouse, locked, open_warehouse, opened, schema_known
from mediamonitor.warehouse.upkeep import aside, remove_database, swap_in

log = logging.getLogger("mediamonitor")

CARRIED = (
    "publications",
    "publication_log",
    "quality_results",
    "entities",
    "sources",
    "ignored",
    "alerts",
    "mention_revisions",
    "story_aliases",
    "coverage",
    "mention_counts",
    "dirty_days",
    "articles",
)
"""History that landing does not hold: one file in `warehouse/sql/rebuild/` each, and a line in carry_over.sql."""
DIFFERENCES = {
    "gone": "whose file is no longer in landing: they leave",
    "older": "of an earlier version, whose newer one was refused: they leave",
    "keeps_day": "without a date that keep the day of an earlier version: they may move to another day",
}
"""Articles that a rebuild does not find again as they are."""
SHOWN = 5
PLACED_AT_ONCE = 400_000
"""Articles that get their places in one transaction; DuckDB holds in memory what an UPDATE writes until it ends."""


@dataclass(slots=True)
class Before:
    """What the old warehouse says. `unreadable` names what it no longer can say."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    @property
    def articles(self) -> int | None:
        """How many articles are live, None where that cannot be read."""
        return next((row["articles"] for row in self._rows("live_articles")), None)

    def differences(self) -> dict[str, dict[str, int]]:
        """Articles by key, for each of DIFFERENCES."""
        return {what: {row["key"]: row["articles"] for row in self._rows(what)} for what in DIFFERENCES}

    def lines(self) -> list[str]:
        """What would differ, for a person."""
        lines = []
        for what, keys in self.differences().items():
            lines.append(f"{sum(keys.values()):>9,}  articles {DIFFERENCES[what]}")
            lines += [f"{'':>11}{shown(key)}" for key in list(keys)[:SHOWN]]
            lines += [f"{'':>11}and {len(keys) - SHOWN:,} more files"] if len(keys) > SHOWN else []
        if self.unreadable:
            lines += ["", "The old warehouse cannot be read; these begin anew: " + ", ".join(self.unreadable) + "."]
        return lines

    def _rows(self, name: str) -> list[dict[str, Any]]:
        return self.tables[name].to_pylist() if name in self.tables else []


def look(context: Context) -> Before:
    """What a rebuild would change. Changes nothing."""
    with locked(context.settings) as path:
        return _look(context, path)


def rebuild(context: Context) -> tuple[dict[str, Any], list[str]]:
    """Rebuild the warehouse; a summary, and lines for a person.

    Raises InfrastructureError when an object that was read before cannot be read, and whatever the stages raise: the
    old warehouse is then in its place, unchanged.
    """
    with locked(context.settings) as path:
        before = _look(context, path)
        fresh = Path(f"{path}.rebuilding")
        remove_database(fresh)
        try:
            beside = replace(context, settings=replace(context.settings, warehouse=f"duckdb://{fresh}"))
            _fill(beside, before)
            with open_warehouse(beside.settings) as warehouse:
                articles = _carry_over(warehouse, before, context)
            kept = swap_in(fresh, path, aside(path, "rebuild", context.now))
        finally:
            remove_database(fresh)
    known = "unknown" if before.articles is None else f"{before.articles:,}"
    lines = [*before.lines(), "", f"Rebuilt: {articles:,} articles, {known} before. Now publish."]
    if kept:
        lines.append(f"The old warehouse is kept as {kept}.")
    summary = {"articles": articles, "articles_before": before.articles, "kept": str(kept) if kept else None}
    return {**summary, "unreadable": before.unreadable, "differences": before.differences()}, lines


def _look(context: Context, path: Path) -> Before:
    """Each table is read by itself: where one is damaged, the others are still there."""
    landing, before = context.landing(), Before()
    listing = landing.listing()
    for name in (*CARRIED, *DIFFERENCES, "held_back", "had_read", "live_articles"):
        try:
            with _old(path, context.settings) as warehouse, warehouse.given(listing=listing):
                before.tables[name] = warehouse.table(f"rebuild/{name}", bucket=landing.bucket)
        except Damaged as error:
            log.warning("%s cannot be read: %s", name, error)
            before.unreadable.append(name)
    return before


@contextmanager
def _old(path: Path, settings: Settings) -> Iterator[Warehouse]:
    """The old warehouse; where only its log is damaged, as it was before that."""
    if not path.exists():
        raise Damaged(f"there is no {path}")
    if not Path(f"{path}.wal").exists():
        with opened(path, settings) as warehouse:
            yield warehouse
        return
    try:
        with opened(path, settings):
            pass
        read = path
    except Damaged:
        read = Path(f"{path}.without-log")  # DuckDB looks for the log beside the name that it is given
        read.unlink(missing_ok=True)
        os.link(path, read)
    try:
        with opened(read, settings, read_only=True) as warehouse:
            if warehouse.row("current_schema")[0] != schema_known():
                raise Damaged(f"{path} has an older schema and a damaged log")
            yield warehouse
    finally:
        if read != path:
            read.unlink()


def _fill(context: Context, before: Before) -> None:
    """The stages, pass by pass, until every object has its verdict that had one, or may have had."""
    held_back, had_read = before.tables.get("held_back"), before.tables.get("had_read")
    keys = pa.table({"key": pa.array([], pa.string())}) if had_read is None else had_read
    unread, number = None, 0
    while unread != 0:
        number += 1
        one = replace(context, run_id=f"{context.run_id}-{number}")
        found = pipeline.discover(one)
        staged = pipeline.extract(one, found["batches"], "1")
        pipeline.load(one, pipeline.validate(one, staged, ("*",), held_back))
        with open_warehouse(context.settings) as warehouse, warehouse.given(had_read=keys):
            (left,) = warehouse.row("rebuild/unread", is_known=had_read is not None)
        if left == unread:
            raise InfrastructureError(f"{left:,} objects could not be read; the old warehouse is in place, try again")
        unread = left


def _carry_over(warehouse: Warehouse, before: Before, context: Context) -> int:
    tables = {}
    for name in CARRIED:
        result = warehouse.run(f"rebuild/{name}")  # `articles` has a view of them besides
        tables[f"before_{name}"] = before.tables.get(name, result.to_arrow_reader(1).schema.empty_table())
    with warehouse.given(**tables):
        with warehouse.transaction():
            warehouse.run("rebuild/carry_over", now=context.now)
        (last,) = warehouse.row("rebuild/last_rowid")
        for first in range(0, last + 1, PLACED_AT_ONCE):
            with warehouse.transaction():
                warehouse.run("rebuild/places", first=first, last=first + PLACED_AT_ONCE - 1)
    return int(warehouse.row("rebuild/live_articles")[0])
