"""Recount: a changed watchlist counts the whole history again (contract §5; issue 6).

An article is matched again if it holds a spelling of an entity that changed, as it was or as it is: nothing else can be
found in it than before. Where the rules of matching changed, where nobody knows the list that an article was matched
with, and where its masked lines changed, it is matched again whatever it holds.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from mediamonitor.errors import shown
from mediamonitor.publish.recurring import line_spans, mask_recurring_lines
from mediamonitor.sources import Sources
from mediamonitor.warehouse.connection import Warehouse
from mediamonitor.watchlist.changes import INVISIBLE_PATTERN, needles_of_changes, patterns_of, read_content
from mediamonitor.watchlist.matcher import Matcher, Texts, matching_rules_version
from mediamonitor.watchlist.model import Watchlist

log = logging.getLogger("mediamonitor")

SETTLED_AT_ONCE = 500_000
"""Articles in one transaction. DuckDB holds in memory what an UPDATE writes until it ends; 3.65 million rows of that do
not fit into 300 MB."""
ROWS_AT_ONCE = 10_000
"""Articles matched again in one go: about 30 MB of text."""
MOST_PATTERNS = 8
"""Looking for so many takes as long as matching everything again, which is then done."""

_REMATCHED = pa.schema([("article_id", pa.string()), ("version", pa.int64())])


def recount(warehouse: Warehouse, watchlist: Watchlist, sources: Sources) -> int:
    """Match again every article in which the given watchlist or other rules may find something else; returns how many.

    Afterwards every current article has the version of this watchlist, and the hits that a fresh match gives. Very many
    articles are several transactions; a run that was killed between two goes on with those of another version. Nothing
    may be counted before, so that no count mixes two lists.
    """
    versions = {"watchlist_version": watchlist.content_hash, "matching_rules": matching_rules_version()}
    with warehouse.transaction():
        with warehouse.given(given_sources=_source_table(sources)):
            for source, before, after in warehouse.rows("recount/other_zones"):
                log.warning(
                    "the time zone of %s was %s and is %s: articles that are loaded keep the day that they have; "
                    "rebuild reads them again",
                    *(shown(source), before, after),
                )
            warehouse.run("recount/replace_sources")
        with warehouse.given(given_entities=_entity_table(watchlist), given_groups=_group_table(watchlist)):
            warehouse.run("recount/replace_entities")
        mask_recurring_lines(warehouse, sources)
        old = _watchlists_before(warehouse, versions)
        warehouse.run("load/remember_watchlist", watchlist_version=watchlist.content_hash, content=watchlist.content)
        patterns = patterns_of(needles_of_changes(old.values(), watchlist))
        if len(patterns) > MOST_PATTERNS:
            old, patterns = {}, []
    known = pa.table({"watchlist_version": pa.array(list(old), pa.string())})
    matcher: Matcher | None = None
    rematched = 0
    while True:
        with warehouse.transaction():
            with warehouse.given(known_versions=known):
                (stale,) = warehouse.row("recount/stale", **versions, most=SETTLED_AT_ONCE)
            if not stale:
                warehouse.run("recount/forget_watchlists", watchlist_version=watchlist.content_hash)
                return rematched
            for pattern in patterns:
                warehouse.run("recount/choose", names=pattern, invisible=INVISIBLE_PATTERN)
            matcher = matcher or Matcher(watchlist)
            rematched += _match_again(warehouse, matcher, versions)
            warehouse.run("recount/settle", **versions)


def _watchlists_before(warehouse: Warehouse, versions: dict[str, str]) -> dict[str, Watchlist]:
    """The lists that current articles were matched with, but for the given one and for those that cannot be read."""
    rows = warehouse.rows("recount/watchlists_before", **versions)
    return {version: watchlist for version, content in rows if (watchlist := read_content(content))}


def _match_again(warehouse: Warehouse, matcher: Matcher, versions: dict[str, str]) -> int:
    """Replace the hits of the chosen articles; returns how many those are."""
    rematched = 0
    for first, last in warehouse.rows("recount/goes", rows_at_once=ROWS_AT_ONCE):
        texts = warehouse.rows("recount/texts", first=first, last=last)
        rematched += len(texts)
        fresh_hits = pa.Table.from_pylist(
            list(_hits(matcher, texts)), schema=warehouse.table("recount/hit_columns").schema
        )
        ids = {"article_id": [text[0] for text in texts], "version": [text[1] for text in texts]}
        with warehouse.given(fresh_hits=fresh_hits, rematched=pa.table(ids, _REMATCHED)):
            warehouse.run("recount/replace_hits", **versions)
    return rematched


def _hits(matcher: Matcher, texts: Iterable[tuple[Any, ...]]) -> Iterable[dict[str, Any]]:
    """Rows of `hits` for articles as recount/texts.sql gives them."""
    for article_id, version, day, *columns in texts:
        for hit in matcher.match(_texts(*columns), day):
            row = {"article_id": article_id, "version": version, "published_on": day}
            yield {**row, **hit._asdict(), "is_counted": hit.is_counted}


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
