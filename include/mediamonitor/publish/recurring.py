"""Recurring lines: what a source prints under article after article is not about any of them (contract §3).

Such a line stays in `body`, and names in it are kept as hits of the zone `boilerplate` and not counted: in all of these
articles, the first included. The rule is a function of the articles and their days, whatever the order of arrival.
"""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from mediamonitor.article import UNKNOWN_SOURCE
from mediamonitor.sources import Sources
from mediamonitor.warehouse.connection import Warehouse

WINDOW_DAYS = 30
LEAST_TITLES = 5
"""A line recurs when so many articles of a window with different title keys hold it ..."""
LEAST_SHARE = 0.02
"""... and this share of the source's articles in that window."""
LONGEST_RECURRING = 300
"""A longer line is text, however often it stands."""
LINES_AT_ONCE = 4_000_000
"""Lines compared in one go: what DuckDB groups of these fits into 300 MB."""


def mask_recurring_lines(warehouse: Warehouse, sources: Sources) -> int:
    """Find recurring lines around the days whose articles changed; returns how many articles have other masked lines.

    Run inside a transaction, before `recount` matches these articles again. Fills `recurring_lines`.
    """
    scope = {"window": WINDOW_DAYS, "unknown": UNKNOWN_SOURCE}
    _, lines = warehouse.row("recurring/scope", **scope)
    parts = 1 + lines // LINES_AT_ONCE
    for part in range(parts if lines else 0):
        warehouse.run("recurring/part", part=part, parts=parts, titles=LEAST_TITLES, share=LEAST_SHARE, **scope)
    with warehouse.given(allowed_lines=_allowed_lines(sources)):
        (changed,) = warehouse.row("recurring/apply_masks")
    return int(changed)


def line_spans(body: str, lines: Collection[str]) -> tuple[tuple[int, int], ...]:
    """Where these lines stand in `body`, as ranges of code points, in order."""
    spans: list[tuple[int, int]] = []
    start = 0
    for line in body.split("\n"):
        if line in lines:
            spans.append((start, start + len(line)))
        start += len(line) + 1
    return tuple(spans)


def _allowed_lines(sources: Sources) -> pa.Table:
    pairs = [(entry.source, line) for entry in sources.sources for line in entry.allowed_lines]
    return pa.table(
        {
            "source": pa.array([source for source, _ in pairs], pa.string()),
            "line": pa.array([line for _, line in pairs], pa.string()),
        }
    )
