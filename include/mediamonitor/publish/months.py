"""The CSV files of a month. Clippings of days that did not change are taken from the last file, byte for byte."""

from __future__ import annotations

import shutil
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import IO

from mediamonitor.publish.slices import day_groups
from mediamonitor.warehouse.connection import Warehouse

_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of some days that follow one another in a file of a month; `size` in bytes."""

    first: str
    """A day in ISO 8601, as `last` is."""
    last: str
    size: int
    rows: int

    def holds(self, day: date) -> bool:
        """Whether the lines of this day, if it has any, stand here."""
        return self.first <= day.isoformat() <= self.last


@dataclass(frozen=True, slots=True)
class Last:
    """The file of the last publication, and the parts that it consists of, in order."""

    path: Path
    parts: Sequence[Part]

    def append(self, part: Part, to: IO[bytes]) -> None:
        """Write the lines of one part."""
        with self.path.open("rb") as file:
            file.readline()  # the names of the columns
            file.seek(sum(one.size for one in self.parts if one.last < part.first), 1)
            for at in range(0, part.size, _AT_ONCE):
                to.write(file.read(min(_AT_ONCE, part.size - at)))


def days_of(month: date) -> list[date]:
    """All days of the month that begins on this day."""
    return [month + timedelta(days=number) for number in range(monthrange(month.year, month.month)[1])]


def write_totals(warehouse: Warehouse, month: date, file: Path) -> int:
    """The table of all entities and days; the number of its rows."""
    (rows,) = warehouse.row("published/daily_mentions_csv", days=days_of(month), path=str(file))
    return int(rows)


def write_clippings(
    warehouse: Warehouse, weights: Iterable[tuple[date, int]], changed: Iterable[date], last: Last | None, file: Path
) -> list[Part]:
    """The mentions of the days that `weights` names, with the bytes of each, in order; the parts of the new file.

    What `last` has of days that are not among `changed` is copied.
    """
    kept = [part for part in last.parts if not any(map(part.holds, changed))] if last else []
    piece = file.with_name("piece")
    parts = []
    with file.open("wb") as whole:
        _copy_lines(warehouse, [], piece, whole, names=True)
        for part in _planned(weights, kept):
            if last and isinstance(part, Part):
                last.append(part, whole)
                parts.append(part)
            elif not isinstance(part, Part):
                start = whole.tell()
                rows = _copy_lines(warehouse, part, piece, whole)
                parts.append(Part(part[0].isoformat(), part[-1].isoformat(), whole.tell() - start, rows))
    return parts


def _planned(weights: Iterable[tuple[date, int]], kept: Sequence[Part]) -> Iterator[Part | list[date]]:
    """What a file consists of, in order: parts that are kept, and days to write in one go."""
    for part, days in groupby(weights, key=lambda one: next((part for part in kept if part.holds(one[0])), None)):
        if part:
            yield part
        else:
            yield from (group for group, _ in day_groups(days))


def _copy_lines(warehouse: Warehouse, days: list[date], piece: Path, whole: IO[bytes], names: bool = False) -> int:
    """Append the clippings of these days, by way of a file of their own; their number."""
    (rows,) = warehouse.row("published/clippings_csv", days=days, path=str(piece))
    with piece.open("rb") as lines:
        if not names:
            lines.readline()
        shutil.copyfileobj(lines, whole)
    return int(rows)
