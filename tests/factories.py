"""Small makers of real things for the tests: an object, what the reader makes of a text, a watchlist."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from typing import Any

from hypothesis import settings

from mediamonitor.article import Article, ObjectRef, Rejection
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.reader import Reader
from mediamonitor.parsing.records import records_of
from mediamonitor.sources import Source, Sources
from mediamonitor.warehouse.connection import Warehouse
from mediamonitor.watchlist.matcher import matching_rules_version
from mediamonitor.watchlist.model import Watchlist

ARRIVED = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)


def examples(count: int) -> settings:
    """The same `count` examples in every run: a red build must be red again on the next machine."""
    return settings(max_examples=count, deadline=None, derandomize=True, database=None)


def make_ref(key: str = "a.txt", **facts: Any) -> ObjectRef:
    """An object as it was listed."""
    values: dict[str, Any] = {"bucket": "b", "seq": 1, "etag": "e", "size_bytes": 100, "last_modified": ARRIVED}
    return ObjectRef(key=key, **{**values, **facts})


def make_source(source: str = "a", **facts: Any) -> Source:
    """An entry of sources.yaml."""
    return Source.model_validate({"source": source, **facts})


def read_all(
    content: str | bytes,
    *,
    key: str = "a.txt",
    metadata: dict[str, str] | None = None,
    sources: list[dict[str, Any]] | None = None,
    key_patterns: str = "{source}/{yyyy}/{mm}/{dd}/,{yyyy}/{mm}/{dd}/",
    prefix: str = "",
    max_article_bytes: int = 20_000_000,
    **ref: Any,
) -> list[Article | Rejection]:
    """What becomes of each record in an object with this content."""
    body = content.encode() if isinstance(content, str) else content
    known = Sources.model_validate({"version": 1, "sources": sources or []})
    reader = Reader(known, KeyPatterns(key_patterns), prefix)
    of, told = make_ref(key, size_bytes=len(body), **ref), metadata or {}
    return [
        reader.placed(of, told, record) if isinstance(record, Rejection) else reader.read(of, told, record)
        for record in records_of(body, key, max_article_bytes)
    ]


def read(content: str | bytes, **told: Any) -> Article | Rejection:
    """What becomes of the one record in an object with this content."""
    (outcome,) = read_all(content, **told)
    return outcome


def read_article(content: str | bytes, **told: Any) -> Article:
    """The article in this content; fails where there is none."""
    outcome = read(content, **told)
    assert isinstance(outcome, Article), outcome
    return outcome


def read_rejection(content: str | bytes, **told: Any) -> Rejection:
    """Why there is no article in this content; fails where there is one."""
    outcome = read(content, **told)
    assert isinstance(outcome, Rejection), outcome
    return outcome


def make_watchlist(*entities: dict[str, Any]) -> Watchlist:
    """A watchlist; an entity is at least {"name": ...}, its kind is then person."""
    filled = [
        {
            "id": re.sub(r"[^a-z0-9-]", "", str(entity.get("name", "e")).lower().replace(" ", "-")) or "e",
            "kind": "person",
            **entity,
        }
        for entity in entities
    ]
    return Watchlist.model_validate({"version": 1, "entities": filled})


Stored = tuple[str, str, str | None, str | None, date | None]
"""An article by title, body, trailer, language and day; its id is its number."""
_STORE = """
INSERT INTO articles BY NAME SELECT
    $number::VARCHAR AS article_id, 1 AS version, true AS is_current, 'b' AS bucket, $number::VARCHAR AS key,
    '' AS member, 1 AS record_no, 'post' AS source, 'key' AS source_from,
    $title AS title, $body AS body, $trailer AS trailer,
    $day AS published_on, $language AS language,
    'utf-8' AS encoding, 1 AS body_chars, 1 AS body_words, '' AS content_sha256,
    NULL AS watchlist_version, $rules AS rules_version, TIMESTAMP '2026-03-02' AS ingested_at, 'r' AS run_id
"""


def store_articles(warehouse: Warehouse, articles: list[Stored]) -> None:
    """These articles in the place of all others, not matched with any watchlist yet."""
    for table in ("articles", "hits", "entities", "groups", "watchlists", "dirty_days"):
        warehouse.query(f"DELETE FROM {table}")
    rules = f"parsing.{matching_rules_version()}"
    for number, (title, body, trailer, language, day) in enumerate(articles):
        values = {"title": title, "body": body, "trailer": trailer, "language": language, "day": day, "rules": rules}
        warehouse.query(_STORE, number=number, **values)
