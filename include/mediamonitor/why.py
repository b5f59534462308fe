"""Why a count is what it is: the sentences behind it. `python -m mediamonitor why --day D --entity E`."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from mediamonitor.errors import ConfigurationError, shown
from mediamonitor.publish.snippets import marked_sentence
from mediamonitor.settings import Settings
from mediamonitor.warehouse.connection import open_warehouse

REASONS = {
    "zone": "not in the text: {zone}",
    "ambiguous": "another entity has the same alias, and nothing tells which is meant",
    "excluded": "it stands in words that the watchlist excludes",
    "require": "the article has none of the words that the watchlist requires",
    "surname": "the surname alone: neither full name nor title introduces it, or another first name stands before",
    "inactive": "the entity is not watched on that day",
    "capitals": "in a line of capitals, which tells nothing of a single word or an abbreviation",
}
"""What each `why_not` means, in the words of a person."""


def why(settings: Settings, day: date, entity_id: str, source: str | None = None) -> tuple[dict[str, Any], list[str]]:
    """Every hit of an entity on a day, counted or not, as a summary for programs and lines for a person.

    Duplicates are shown and marked: they are in no count. Raises ConfigurationError for an entity that nobody watches.
    """
    with open_warehouse(settings, must_exist=True) as warehouse:
        if (entity_id,) not in warehouse.rows("entity_ids"):
            raise ConfigurationError(f"no entity has the id {entity_id!r}; `entities` in media.duckdb lists them")
        result = warehouse.run("why", day=day, entity_id=entity_id, source=source)
        names = [column[0] for column in result.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    for row in rows:
        row["sentence"] = marked_sentence(row.pop("text"), row["start_char"], row["end_char"])
    counted = [row for row in rows if row["is_counted"] and not row["duplicate_of"]]
    articles = len({row["article_id"] for row in counted})
    lines = [f"{entity_id} on {day}: {articles:,} articles, {len(counted):,} occurrences counted."]
    for _, hits in groupby(rows, key=itemgetter("article_id")):
        lines += ["", *_of_article(list(hits))]
    summary = {"entity_id": entity_id, "day": day, "articles": articles, "occurrences": len(counted), "hits": rows}
    return summary, lines


def _of_article(hits: list[dict[str, Any]]) -> list[str]:
    first = hits[0]
    head = f"{first['source']}: {first['title'] or '(no title)'}  ({first['key']})"
    if first["duplicate_of"]:
        head += "  a duplicate, in no count"
    return [shown(head), *(shown(f"  {_told(hit)}{hit['sentence']}") for hit in hits)]


def _told(hit: dict[str, Any]) -> str:
    if hit["is_counted"]:
        return f"{hit['zone']:<8} "
    return f"not counted ({REASONS[hit['why_not']].format(zone=hit['zone'])}): "
