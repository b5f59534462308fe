"""`audit`: a sheet of sentences to code, and what the codes of a filled sheet say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from mediamonitor.audit.estimate import agreement, precision, recall
from mediamonitor.audit.sample import Drawing, Place, Stratum, lot, near_misses, stems_of
from mediamonitor.audit.sheet import Coded, read_sheet, write_sheet
from mediamonitor.errors import ConfigurationError
from mediamonitor.publish.snippets import marked_sentence
from mediamonitor.settings import Settings
from mediamonitor.warehouse.connection import Warehouse, open_warehouse
from mediamonitor.watchlist.changes import patterns_of

ARTICLES_AT_ONCE, HITS_AT_ONCE = 2_000, 50_000
ASIDE = ("trailer", "byline", "headline_echo")
"""Zones that are columns of their own, as the title is; all others stand in the body."""


def draw(settings: Settings, entity_id: str, number: int, seed: int, path: Path) -> tuple[dict[str, Any], list[str]]:
    """Write a sheet of about `number` places of an entity; a summary, and lines for a person.

    The same warehouse, number and seed give the same sheet. Raises ConfigurationError for an entity that nobody watches
    or that stands nowhere, and for a file that exists.
    """
    with open_warehouse(settings, must_exist=True) as warehouse:
        names = warehouse.rows("audit/spellings", entity_id=entity_id)
        if not names:
            raise ConfigurationError(f"no entity has the id {entity_id!r}; `entities` in media.duckdb lists them")
        drawing = Drawing(seed, number)
        for batch in warehouse.batches("audit/hits", HITS_AT_ONCE, entity_id=entity_id):
            for hit in batch.to_pylist():
                place = Place(hit["article_id"], hit["zone"], hit["start_char"], hit["end_char"])
                if hit["why_not"]:
                    drawing.add("not counted", hit["why_not"], place)
                else:
                    drawing.add("counted", hit["alias"], place)
        _add_near_misses(warehouse, drawing, entity_id, [names[0][0], *names[0][1]])
        strata = drawing.strata(number)
        if not strata:
            raise ConfigurationError(f"{entity_id} and words like its names stand in no article")
        rows = _rows(warehouse, strata, seed)
    write_sheet(path, ({"no": at, **row} for at, row in enumerate(rows, start=1)))
    groups: Counter[str] = Counter()
    for stratum in strata:
        groups[stratum.group] += stratum.size
    lines = [
        f"{path}: {len(rows):,} places in {len(strata)} strata, of "
        + ", ".join(f"{size:,} {group}" for group, size in groups.items())
        + ".",
        "Write into coder_1 (and, for a second person, coder_2): 1 where the words in [ ] mean it in the article's own "
        "text, 0 where not, ? where nobody can tell.",
        f"Then: audit --read {path}",
    ]
    strata_told = [{"stratum": one.name, "size": one.size, "drawn": len(one.drawn)} for one in strata]
    return {"file": str(path), "rows": len(rows), "strata": strata_told}, lines


def _add_near_misses(warehouse: Warehouse, drawing: Drawing, entity_id: str, names: Iterable[str]) -> None:
    stems = stems_of(names)
    if not stems:
        return
    values = {"entity_id": entity_id, "pattern": "|".join(patterns_of(stems))}
    for batch in warehouse.batches("audit/near_misses", ARTICLES_AT_ONCE, **values):
        for row in batch.to_pylist():
            hits: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
            for hit in row["hits"]:
                hits[hit["in_title"]].append((hit["start"], hit["end"]))
            columns = [("title", row["title"], hits[True]), ("body", row["body"], hits[False])]
            for word, place in near_misses(row["article_id"], columns, stems):
                drawing.add("not found", word, place)


def _rows(warehouse: Warehouse, strata: list[Stratum], seed: int) -> list[dict[str, Any]]:
    """The rows of the sheet, mixed, so that no row tells whether it is counted."""
    ids = sorted({place.article_id for stratum in strata for place in stratum.drawn})
    columns = ("article_id", "date", "source", "title", "body", *ASIDE)
    with warehouse.given(drawn=pa.table({"article_id": pa.array(ids, pa.string())})):
        texts = {row[0]: dict(zip(columns, row, strict=True)) for row in warehouse.rows("audit/texts")}
    rows = []
    drawn = [(stratum, place) for stratum in strata for place in stratum.drawn]
    for stratum, place in sorted(drawn, key=lambda one: lot(f"{seed} mixed", one[1])):
        article = texts[place.article_id]
        text = article[place.zone if place.zone in ("title", *ASIDE) else "body"]
        rows.append(
            {
                "sentence": marked_sentence(text, place.start, place.end),
                **{name: article[name] for name in ("title", "date", "source", "article_id")},
                "stratum": stratum.name,
                "stratum_size": stratum.size,
                "stratum_drawn": len(stratum.drawn),
                "zone": place.zone,
                "start_char": place.start,
                "end_char": place.end,
            }
        )
    return rows


def read(path: Path) -> tuple[dict[str, Any], list[str]]:
    """What the codes of a sheet say. Raises ConfigurationError, with the line, for one that is filled in wrongly."""
    coded = read_sheet(path)
    lines: list[str] = []
    summary: dict[str, Any] = {"file": str(path)}
    for coder, strata in coded.items():
        told, of = sum(one.told for one in strata), sum(len(one.codes) for one in strata)
        found = {"precision": precision(strata), "recall": recall(strata)}
        lines += [f"{coder}: {told:,} of {of:,} places told"]
        for name, estimate in found.items():
            lines.append(f"  {name:<10} {estimate.line() if estimate else 'cannot be told'}")
        lines += [f"    {_told(one)}" for one in sorted(strata, key=lambda one: one.name)]
        summary[coder] = {
            name: {"value": one.value, "low": one.low, "high": one.high} if one else None for name, one in found.items()
        }
    if len(coded) == 2:
        alpha = agreement(*coded.values())
        summary["alpha"] = alpha
        value = "cannot be told, all codes are the same" if alpha is None else f"{alpha:.3f}"
        lines.append(f"Krippendorff's alpha: {value}")
    lines.append(
        "Recall is of the sentences that hold a name, or a word that begins like one; others are not looked at."
    )
    return summary, lines


def _told(stratum: Coded) -> str:
    return f"{stratum.true:,} of {stratum.told:,} mean it, of {stratum.size:,}  {stratum.name}"
