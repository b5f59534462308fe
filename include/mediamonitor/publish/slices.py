"""Cutting what is published into pieces of bounded size, since DuckDB sorts what fits into its memory and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

Day = TypeVar("Day", date, date | None)
SLICE_BYTES = 60_000_000
_STEPS = 4096


@dataclass(frozen=True, slots=True)
class Slice:
    """Some days and, where one day is too much for a piece, a range of article ids: from `low` up to before `high`."""

    days: list[date]
    undated: bool
    low: str
    high: str


def day_groups(weights: Iterable[tuple[Day, int]], most: int | None = None) -> Iterator[tuple[list[Day], int]]:
    """Days (None is undated) of at most `most` (SLICE_BYTES) together, with their weight, in order; one at least."""
    most = SLICE_BYTES if most is None else most
    held: list[Day] = []
    size = 0
    for day, weight in weights:
        if held and size + weight > most:
            yield held, size
            held, size = [], 0
        held.append(day)
        size += weight
    if held:
        yield held, size


def slices(weights: Iterable[tuple[date | None, int]]) -> Iterator[Slice]:
    """Pieces of about SLICE_BYTES that hold everything together, in order."""
    for days, size in day_groups(weights):
        for low, high in pieces(size) if len(days) == 1 else pieces(0):
            yield Slice([day for day in days if day], None in days, low, high)


def pieces(size: int) -> Iterator[tuple[str, str]]:
    """Ranges of article ids for so many bytes, of about SLICE_BYTES each."""
    return id_ranges(1 + size // SLICE_BYTES)


def id_ranges(parts: int) -> Iterator[tuple[str, str]]:
    """So many ranges (at most 4,096) of article ids, which are hashes in hex and so fill them evenly."""
    parts = min(parts, _STEPS)
    borders = [f"{_STEPS * number // parts:03x}" for number in range(parts)]
    yield from zip(borders, [*borders[1:], "g"], strict=True)
