"""The marts: counts of the days whose inputs changed, computed again from articles and hits, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

import pyarrow as pa

from mediamonitor.publish.snippets import LONGEST, sentence_around
from mediamonitor.settings import Settings
from mediamonitor.sources import Sources
from mediamonitor.warehouse.connection import Warehouse
from mediamonitor.watchlist.matcher import Matcher, Texts, matching_rules_version
from mediamonitor.watchlist.model import Watchlist

ROWS_AT_ONCE = 10_000
"""Articles matched again in one go: about 30 MB of text."""

_FRESH_HITS = pa.schema(
    [
        ("article_id", pa.string()),
        ("version", pa.int64()),
        ("published_on", pa.date32()),
        ("entity_id", pa.string()),
        ("alias", pa.string()),
        ("zone", pa.string()),
        ("start_char", pa.int64()),
        ("end_char", pa.int64()),
        ("is_counted", pa.bool_()),
        ("why_not", pa.string()),
    ]
)
_REMATCHED = pa.schema([("article_id", pa.string()), ("version", pa.int64())])


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication whose marts are committed; its files follow."""

    publication_id: int
    as_of: datetime
    watchlist_version: str
    rules_version: str
    days: tuple[date, ...]


def recount(warehouse: Warehouse, watchlist: Watchlist, sources: Sources) -> int:
    """Match again every article that was matched with another watchlist or other rules; returns how many.

    The hits, the entities and the dirty days change in one transaction, so a count never mixes two lists.
    """
    version, rules = watchlist.content_hash, matching_rules_version()
    with warehouse.transaction():
        with warehouse.given(given_sources=_source_table(sources)):
            warehouse.run("replace_sources")
        with warehouse.given(given_entities=_entity_table(watchlist)):
            warehouse.run("replace_entities")
        stale, first, last = warehouse.row("stale_articles", watchlist_version=version, matching_rules=rules)
        if not stale:
            return 0
        matcher = Matcher(watchlist)
        for start in range(first, last + 1, ROWS_AT_ONCE):
            texts = warehouse.rows(
                "stale_texts",
                first=start,
                last=start + ROWS_AT_ONCE - 1,
                watchlist_version=version,
                matching_rules=rules,
            )
            hits = [
                (
                    article_id,
                    seq,
                    day,
                    hit.entity_id,
                    hit.alias,
                    hit.zone,
                    hit.start_char,
                    hit.end_char,
                    hit.is_counted,
                    hit.why_not,
                )
                for article_id, seq, day, title, body, trailer, echo in texts
                for hit in matcher.match(Texts(title, body, trailer, echo), day)
            ]
            fresh = (
                pa.Table.from_arrays(
                    [
                        pa.array(column, field.type)
                        for column, field in zip(zip(*hits, strict=True), _FRESH_HITS, strict=True)
                    ],
                    schema=_FRESH_HITS,
                )
                if hits
                else _FRESH_HITS.empty_table()
            )
            rematched = pa.table(
                [pa.array([text[0] for text in texts], pa.string()), pa.array([text[1] for text in texts], pa.int64())],
                schema=_REMATCHED,
            )
            with warehouse.given(fresh_hits=fresh, rematched=rematched):
                warehouse.run("replace_hits", watchlist_version=version, matching_rules=rules)
        return int(stale)


def restate(
    warehouse: Warehouse,
    settings: Settings,
    versions: tuple[str, str],
    now: datetime,
    from_day: date | None,
    to_day: date | None,
) -> bool:
    """Compute the dirty days again and open a publication. False when nothing is dirty. One transaction.

    `versions` are those of the watchlist and the rules. `from_day` and `to_day` (inclusive) make more days dirty.
    """
    close_seconds = int(
        (settings.closes_at(date(2000, 1, 1)) - datetime(2000, 1, 1, tzinfo=timezone.utc)) / timedelta(seconds=1)
    )
    with warehouse.transaction():
        warehouse.run("mark_days", close_seconds=close_seconds, now=now, from_day=from_day, to_day=to_day)
        marks, _ = warehouse.row("restated_days")
        if not marks:
            return False
        mentions = warehouse.rows("fresh_mentions", around=LONGEST + 100)
        snippets = pa.table(
            {
                "article_id": pa.array([row[0] for row in mentions], pa.string()),
                "entity_id": pa.array([row[1] for row in mentions], pa.string()),
                "snippet": pa.array([_snippet(*row[2:]) for row in mentions], pa.string()),
            }
        )
        with warehouse.given(snippets=snippets):
            warehouse.run(
                "restate_marts",
                close_seconds=close_seconds,
                now=now,
                watchlist_version=versions[0],
                rules_version=versions[1],
            )
    return True


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


def _source_table(sources: Sources) -> pa.Table:
    entries = sources.sources
    columns = {
        name: pa.array([getattr(e, name) for e in entries], pa.string())
        for name in ("source", "name", "country", "language", "kind", "owner")
    }
    columns["reach"] = pa.array([e.reach for e in entries], pa.int64())
    columns["timezone"] = pa.array([e.timezone for e in entries], pa.string())
    return pa.table(columns)
