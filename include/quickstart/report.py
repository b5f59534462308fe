"""What a reader finds in published/media.duckdb, as text. Nothing here looks anywhere else."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from quickstart.airflow import USER, password
from quickstart.installation import shown
from quickstart.place import Place

Counts = dict[tuple[date, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Reading:
    """The published counts at one moment."""

    totals: Counts
    """Articles and occurrences, all sources together, by day and entity name."""
    mention_counts: list[dict[str, Any]]
    """The rows of that table."""


def read(media: Path) -> Reading:
    """What is published now."""
    totals = _rows(media, "SELECT published_on, name, articles, occurrences FROM daily_totals ORDER BY ALL")
    return Reading(
        {(row["published_on"], row["name"]): (row["articles"], row["occurrences"]) for row in totals},
        _rows(media, "SELECT * FROM mention_counts ORDER BY published_on, source, entity_id"),
    )


def mentions(before: Reading, after: Reading) -> list[str]:
    """The counts of the day that changed most, before and after, and in one line what else changed."""
    changed = {key for key, counts in after.totals.items() if before.totals.get(key) != counts}
    days = {day: sum(key[0] == day for key in changed) for day, _ in after.totals}
    chosen = max(days, key=lambda day: (days[day], day))
    lines = [
        f"Mentions on {_day(chosen)}, all sources",
        "",
        f"{'':31}{'articles':^26}   {'occurrences':^26}".rstrip(),
        f"{'':31}{'before':>8}{'after':>8}{'change':>9}    {'before':>8}{'after':>8}{'change':>9}",
    ]
    for (day, name), new in sorted(after.totals.items()):
        if day == chosen:
            old = before.totals.get((day, name), (0, 0))
            mark = "*" if old != new else " "
            lines.append(f"  {mark} {name:<27}{_cells(old[0], new[0])}    {_cells(old[1], new[1])}".rstrip())
    others = sorted(key for key in changed if key[0] != chosen)
    if others:
        lines += ["", "  * changed by round 2. It also changed"]
        for day, name in others:
            old, new = before.totals.get((day, name), (0, 0)), after.totals[day, name]
            lines.append(f"    {_day(day)}: {name}, articles {old[0]} -> {new[0]}, occurrences {old[1]} -> {new[1]}")
    return lines


def _cells(before: int, after: int) -> str:
    change = "" if before == after else f"{after - before:+}"
    return f"{before:>8}{after:>8}{change:>9}"


def coverage(media: Path) -> list[str]:
    """Articles counted, by source and day; a day on which nothing came is told apart from a zero."""
    rows = _rows(media, "SELECT * FROM coverage WHERE published_on IS NOT NULL ORDER BY published_on, source")
    days = sorted({row["published_on"] for row in rows})
    cells = {(row["source"], row["published_on"]): row for row in rows}
    lines = ["Articles counted", "", f"{'':31}" + "".join(f"{day:%a} {day.day}".rjust(11) for day in days)]
    for source in sorted({row["source"] for row in rows}):
        texts = [_counted(cells.get((source, day))) for day in days]
        lines.append(f"    {source:<27}" + "".join(text.rjust(11) for text in texts))
    gaps = [row for row in rows if row["status"] == "no_data"]
    for row in gaps:
        lines += ["", f"  no data: nothing came from {row['source']} on {_day(row['published_on'])}."]
    return [*lines, "  A gap is no zero: it has no row in daily_mentions and is in no share."] if gaps else lines


def _counted(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    return "no data" if row["status"] == "no_data" else str(row["articles"])


def quarantined(media: Path) -> list[str]:
    """What could not be used and why."""
    rows = _rows(media, "SELECT key, reason_code FROM quarantine WHERE state = 'open' ORDER BY key")
    width = max((len(row["key"]) for row in rows), default=0)
    lines = [f"    {row['key']:<{width}}  {row['reason_code']}" for row in rows]
    return ["Quarantined: files that are in no count, and why", "", *lines]


def where(place: Place) -> list[str]:
    """Where things are, and how to ask them."""
    python, media = shown(Path(sys.executable)), shown(place.media)
    return [
        "Where things are",
        "",
        f"    results      {media}",
        f"    as files     {shown(place.published)}/ (Parquet, CSV, checksums in manifest.json)",
        f"    quality      {shown(place.published / 'quality' / 'index.html')}",
        f"    warehouse    {shown(place.warehouse)}",
        f"    task logs    {shown(place.airflow / 'logs')}/",
        "",
        "Ask the results",
        "",
        f'{python} -c "import duckdb',
        f"media = duckdb.connect('{media}', read_only=True)",
        "print(media.sql('SELECT name, sum(articles) FROM daily_totals GROUP BY ALL ORDER BY 2 DESC'))\"",
    ]


def user_interface(place: Place, url: str) -> list[str]:
    """How to get into the Airflow UI, and how to stop it all."""
    put = f"{shown(Path(sys.executable))} -m quickstart put"
    return [
        "Airflow",
        "",
        f"    {url}",
        f"    user         {USER}",
        f"    password     {password(place)}",
        "",
        "    The articles of include/samples/1-first are in the bucket. The later ones, or your own:",
        f"    PYTHONPATH=include {put} include/samples/2-later",
        "    Stop it with: make down",
        "",
    ]


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _rows(media: Path, query: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(media), read_only=True) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
