"""The marts: counts of the days whose inputs changed, computed again from articles and hits."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, timezone

import pyarrow as pa

from mediamonitor.errors import shown
from mediamonitor.publish.slices import day_groups, pieces
from mediamonitor.publish.snippets import LONGEST, sentence_around
from mediamonitor.publish.spikes import compute_spikes, note_alerts
from mediamonitor.settings import Settings
from mediamonitor.stories.clusters import WINDOW_DAYS
from mediamonitor.warehouse.connection import Warehouse

log = logging.getLogger("mediamonitor")

OPENERS_AT_ONCE = 200_000
"""Hits among which the first of each story is looked for in one go: what DuckDB groups of them fits into 300 MB."""
ROWS_AT_ONCE = 3_000_000
"""Hits and mentions of the days that one publication restates. Until a transaction ends DuckDB 1.5.5 holds 21 bytes of
each row that it deletes, and more of each that it inserts; 18 million mentions at once do not fit into 300 MB."""
MOST_SAID = 10
"""Source-days that a run names one by one."""
EXPECTATION = {"weeks": 8, "least_weeks": 4, "alive_days": 3, "partial_share": 0.5}
"""What is expected of a source-day: the median of the same weekday over `weeks` weeks, if `least_weeks` were seen. One
without articles was seen where the source was heard of within `alive_days`. Less than `partial_share` is partial."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What is committed and not yet in the files: the days of every open publication, under the number of the last."""

    publication_id: int
    as_of: datetime
    watchlist_version: str
    rules_version: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Forced:
    """Days to compute again whatever has changed: a range (inclusive), and some more; the publication after `after`."""

    from_day: date | None = None
    to_day: date | None = None
    more_days: tuple[date, ...] = ()
    after: int = 0


def restate(
    warehouse: Warehouse,
    settings: Settings,
    versions: tuple[str, str],
    now: datetime,
    days: Forced,
) -> None:
    """Compute the dirty days again and open a publication, if anything is dirty.

    Very many days are cut into several publications, each a transaction of its own: one holds its changes in memory.
    `versions` are those of the watchlist and the rules.
    """
    close_seconds = int(
        (settings.closes_at(date(2000, 1, 1)) - datetime(2000, 1, 1, tzinfo=timezone.utc)) / timedelta(seconds=1)
    )
    spans = {"close_seconds": close_seconds, "now": now}
    with_versions = {"watchlist_version": versions[0], "rules_version": versions[1]}
    with warehouse.transaction():
        warehouse.run("marts/mark_days", **spans, **asdict(days))
        if not warehouse.row("marts/restated_days")[0]:
            return
        _find_openers(warehouse)
        if warehouse.row("marts/reopened_days", window=WINDOW_DAYS)[0]:
            _find_openers(warehouse)
        groups = [group for group, _ in day_groups(warehouse.rows("marts/rows_by_day"), ROWS_AT_ONCE)]
    for number, group in enumerate(groups or [[]], start=1):
        with warehouse.transaction():
            warehouse.run("marts/restated_now", days=group)
            _count_again(warehouse)
            warehouse.run("marts/restate_story_totals")
            warehouse.run("marts/restate_coverage", **spans, **with_versions, **EXPECTATION)
            _say_dated_by_arrival(warehouse)
            warehouse.run("marts/revise", now=now)
            compute_spikes(warehouse)
            if number >= len(groups):
                note_alerts(warehouse, now)
            warehouse.run("marts/begin_publication", **spans, **with_versions, after=days.after)


def _find_openers(warehouse: Warehouse) -> None:
    """Which article opens each story that the restated days have a part in."""
    first, last = warehouse.row("marts/restated_span")
    reach = {"first": first, "last": last, "window": WINDOW_DAYS}
    parts = 1 + warehouse.row("marts/openings", **reach)[0] // OPENERS_AT_ONCE
    for part in range(parts):
        warehouse.run("marts/story_openers", **reach, part=part, parts=parts)


def _say_dated_by_arrival(warehouse: Warehouse) -> None:
    """Contract §2: such a source-day takes part in no baseline, expectation or spike, and the run says so."""
    found = warehouse.rows("marts/dated_by_arrival")
    for source, day, by_arrival, articles in found[:MOST_SAID]:
        log.warning(
            "%s on %s: %d of %d articles are dated by their arrival; the day takes no part in baselines, expectations "
            "and spikes of this source",
            shown(source),
            day,
            by_arrival,
            articles,
        )
    if len(found) > MOST_SAID:
        log.warning("... and %d more such days of sources: see coverage.dated_by_arrival", len(found) - MOST_SAID)


def _count_again(warehouse: Warehouse) -> None:
    """The mentions and counts of the restated days, some days at a time."""
    warehouse.run("marts/clear_marts")
    for days, size in day_groups(warehouse.rows("marts/restated_weights")):
        span = {"first": days[0], "last": days[-1]}
        warehouse.run("marts/fresh_mentions", **span)
        for low, high in pieces(size):
            _add_mentions(warehouse, low, high)
        warehouse.run("marts/count_mentions", **span)


def _add_mentions(warehouse: Warehouse, low: str, high: str) -> None:
    """The fresh mentions in this range of articles, with their sentences."""
    rows = warehouse.rows("marts/mention_texts", around=LONGEST + 100, low=low, high=high)
    made = pa.table(
        {
            "article_id": pa.array([row[0] for row in rows], pa.string()),
            "entity_id": pa.array([row[1] for row in rows], pa.string()),
            "snippet": pa.array([_snippet(*row[2:]) for row in rows], pa.string()),
        }
    )
    with warehouse.given(made=made):
        warehouse.run("marts/add_mentions")


def open_publication(warehouse: Warehouse) -> Publication | None:
    """The publications whose files may not all be written, as one: the last stands for those before it."""
    rows = warehouse.rows("published/open")
    if not rows:
        return None
    publication_id, as_of, watchlist_version, rules_version = rows[0]
    days = tuple(day for (day,) in warehouse.rows("published/days"))
    return Publication(publication_id, as_of, watchlist_version, rules_version, days)


def _snippet(around: str, start: int | None, length: int | None) -> str:
    if start is None or length is None:
        return around[:LONGEST]
    return sentence_around(around, start, start + length)
