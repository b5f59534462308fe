"""The marts: counts of the days whose inputs changed, computed again from articles and hits, in one transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa

from mediamonitor.publish.recurring import line_spans, mask_recurring_lines
from mediamonitor.publish.slices import id_ranges
from mediamonitor.publish.snippets import LONGEST, sentence_around
from mediamonitor.settings import Settings
from mediamonitor.sources import Sources
from mediamonitor.stories.clusters import WINDOW_DAYS
from mediamonitor.warehouse.connection import Warehouse
from mediamonitor.watchlist.matcher import Matcher, Texts, matching_rules_version
from mediamonitor.watchlist.model import Watchlist

ROWS_AT_ONCE = 10_000
"""Articles matched again in one go: about 30 MB of text."""
SNIPPETS_AT_ONCE = 50_000
"""Mentions whose sentence is looked for in one go: about as many kilobytes."""

EXPECTATION = {"weeks": 8, "least_weeks": 4, "alive_days": 3, "partial_share": 0.5}
"""What is expected of a source-day: the median of the same weekday over `weeks` weeks, if `least_weeks` were seen. One
without articles was seen where the source was heard of within `alive_days`. Less than `partial_share` is partial."""

_REMATCHED = pa.schema([("article_id", pa.string()), ("version", pa.int64())])


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication whose marts are committed; its files follow."""

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


def recount(warehouse: Warehouse, watchlist: Watchlist, sources: Sources) -> int:
    """Match again every article that was matched with another watchlist or other rules; returns how many.

    The hits, the entities and the dirty days change in one transaction, so a count never mixes two lists.
    """
    versions = {"watchlist_version": watchlist.content_hash, "matching_rules": matching_rules_version()}
    with warehouse.transaction():
        with warehouse.given(given_sources=_source_table(sources)):
            warehouse.run("replace_sources")
        with warehouse.given(given_entities=_entity_table(watchlist), given_groups=_group_table(watchlist)):
            warehouse.run("replace_entities")
        mask_recurring_lines(warehouse, sources)
        stale, first, last = warehouse.row("stale_articles", **versions)
        if stale:
            matcher = Matcher(watchlist)
            for start in range(first, last + 1, ROWS_AT_ONCE):
                texts = warehouse.rows("stale_texts", first=start, last=start + ROWS_AT_ONCE - 1, **versions)
                _match_again(warehouse, matcher, texts, versions)
    return int(stale)


def _match_again(
    warehouse: Warehouse, matcher: Matcher, texts: list[tuple[Any, ...]], versions: dict[str, str]
) -> None:
    """Replace the hits of these articles (rows of stale_texts.sql)."""
    hits = [
        {"article_id": article_id, "version": version, "published_on": day, **asdict(hit), "is_counted": hit.is_counted}
        for article_id, version, day, *columns in texts
        for hit in matcher.match(_texts(*columns), day)
    ]
    fresh_hits = pa.Table.from_pylist(hits, schema=warehouse.table("hit_columns").schema)
    rematched = pa.table(
        {"article_id": [text[0] for text in texts], "version": [text[1] for text in texts]}, _REMATCHED
    )
    with warehouse.given(fresh_hits=fresh_hits, rematched=rematched):
        warehouse.run("replace_hits", **versions)


def _texts(
    title: str | None,
    body: str,
    trailer: str | None,
    echo: str | None,
    byline: str | None,
    start: int | None,
    end: int | None,
    language: str | None,
    masked: list[str] | None,
) -> Texts:
    dateline = (start, end) if start is not None and end is not None else None
    return Texts(title, body, trailer, echo, byline, dateline, line_spans(body, masked) if masked else (), language)


def restate(
    warehouse: Warehouse,
    settings: Settings,
    versions: tuple[str, str],
    now: datetime,
    days: Forced,
) -> bool:
    """Compute the dirty days again and open a publication. False when nothing is dirty. One transaction.

    `versions` are those of the watchlist and the rules.
    """
    close_seconds = int(
        (settings.closes_at(date(2000, 1, 1)) - datetime(2000, 1, 1, tzinfo=timezone.utc)) / timedelta(seconds=1)
    )
    spans = {"close_seconds": close_seconds, "now": now}
    with warehouse.transaction():
        warehouse.run("mark_days", **spans, **asdict(days))
        marks, _ = warehouse.row("restated_days")
        if not marks:
            return False
        (mentions,) = warehouse.row("fresh_mentions")
        if warehouse.row("story_openers", window=WINDOW_DAYS)[0]:
            (mentions,) = warehouse.row("fresh_mentions")  # of the days that this has added too
        for low, high in id_ranges(1 + mentions // SNIPPETS_AT_ONCE):
            _add_snippets(warehouse, low, high)
        warehouse.run("restate_marts")
        warehouse.run("restate_coverage", **spans, **EXPECTATION)
        warehouse.run("revise", now=now)
        warehouse.run(
            "begin_publication", **spans, watchlist_version=versions[0], rules_version=versions[1], after=days.after
        )
    return True


def _add_snippets(warehouse: Warehouse, low: str, high: str) -> None:
    """The sentences of the fresh mentions in this range of articles."""
    rows = warehouse.rows("mention_texts", around=LONGEST + 100, low=low, high=high)
    made = pa.table(
        {
            "article_id": pa.array([row[0] for row in rows], pa.string()),
            "entity_id": pa.array([row[1] for row in rows], pa.string()),
            "snippet": pa.array([_snippet(*row[2:]) for row in rows], pa.string()),
        }
    )
    with warehouse.given(made=made):
        warehouse.run("add_snippets")


def open_publication(warehouse: Warehouse) -> Publication | None:
    """The oldest publication whose files may not all be written."""
    rows = warehouse.rows("open_publication")
    if not rows:
        return None
    publication_id, as_of, watchlist_version, rules_version = rows[0]
    days = tuple(day for (day,) in warehouse.rows("publication_days", publication_id=publication_id))
    return Publication(publication_id, as_of, watchlist_version, rules_version, days)


def _snippet(around: str, start: int | None, length: int | None) -> str:
    if start is None or length is None:
        return around[:LONGEST]
    return sentence_around(around, start, start + length)


def _entity_table(watchlist: Watchlist) -> pa.Table:
    entities = watchlist.entities
    return pa.table(
        {
            "entity_id": pa.array([e.id for e in entities], pa.string()),
            "name": pa.array([e.name for e in entities], pa.string()),
            "kind": pa.array([e.kind for e in entities], pa.string()),
            "aliases": pa.array([list(e.spellings) for e in entities], pa.list_(pa.string())),
            "active_from": pa.array([e.active.from_ for e in entities], pa.date32()),
            "active_to": pa.array([e.active.to for e in entities], pa.date32()),
        }
    )


def _group_table(watchlist: Watchlist) -> pa.Table:
    groups = watchlist.groups
    return pa.table(
        {
            "group_id": pa.array([group.id for group in groups], pa.string()),
            "name": pa.array([group.name for group in groups], pa.string()),
            "entity_ids": pa.array([list(group.entities) for group in groups], pa.list_(pa.string())),
        }
    )


def _source_table(sources: Sources) -> pa.Table:
    entries = sources.sources
    columns = {
        name: pa.array([getattr(e, name) for e in entries], pa.string())
        for name in ("source", "name", "country", "language", "kind", "owner")
    }
    columns["reach"] = pa.array([e.reach for e in entries], pa.int64())
    columns["timezone"] = pa.array([e.timezone for e in entries], pa.string())
    return pa.table(columns)
