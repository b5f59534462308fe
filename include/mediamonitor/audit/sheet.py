"""The sheet that coders fill in: a CSV file, written once and read back however a spreadsheet saved it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from mediamonitor.errors import ConfigurationError

CODERS = ("coder_1", "coder_2")
SHOWN = ("no", "sentence", "title", "date", "source")
STRATA = ("stratum", "stratum_size", "stratum_drawn")
WHERE = ("article_id", "zone", "start_char", "end_char")
COLUMNS = (*SHOWN, *CODERS, "note", *STRATA, *WHERE)
CODES = {"1": True, "0": False, "?": None}
"""Whether the marked words mean the entity; `?` where nobody can tell."""
MAX_BYTES = 50_000_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would run a cell that begins like this; it gets an apostrophe before it (contract §4)."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A stratum with what one coder says of the places drawn from it, in the order of the sheet."""

    name: str
    size: int
    codes: tuple[bool | None, ...]

    @property
    def is_counted(self) -> bool:
        """Whether its places are in the counts."""
        return self.name.startswith("counted:")

    @property
    def told(self) -> int:
        """How many places the coder could tell."""
        return sum(code is not None for code in self.codes)

    @property
    def true(self) -> int:
        """How many of them mean the entity."""
        return sum(code is True for code in self.codes)


def write_sheet(path: Path, rows: Iterable[dict[str, object]]) -> None:
    """Write the sheet. Raises ConfigurationError where the file exists: codes may stand in it already."""
    try:
        with path.open("x", encoding="utf-8-sig", newline="") as file:  # with its mark, for spreadsheets
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([_safe(row.get(column, "")) for column in COLUMNS] for row in rows)
    except FileExistsError:
        raise ConfigurationError(f"{path} is there already, perhaps with codes in it; name another file") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from None


def read_sheet(path: Path) -> dict[str, list[Coded]]:
    """The codes of each coder that filled in a column, by stratum. Raises ConfigurationError with the line."""
    rows = _rows(path)
    coders = [coder for coder in CODERS if any(row[coder] for _, row in rows)]
    if not coders:
        raise ConfigurationError(f"{path}: nothing is coded; write 1, 0 or ? into {CODERS[0]} of every row")
    sizes: dict[str, tuple[int, int]] = {}
    codes: dict[str, dict[str, list[bool | None]]] = {coder: {} for coder in coders}
    numbers: set[str] = set()
    for line, row in rows:
        where = f"{path}, line {line}"
        if row["no"] in numbers:
            raise ConfigurationError(f"{where}: row {row['no']} stands twice")
        numbers.add(row["no"])
        size = _size(row, where)
        if sizes.setdefault(row["stratum"], size) != size:
            raise ConfigurationError(f"{where}: the stratum {row['stratum']!r} has other sizes in another row")
        for coder in coders:
            if row[coder] not in CODES:
                what = f"{row[coder]!r} stands" if row[coder] else "nothing stands"
                raise ConfigurationError(f"{where}: {what} in {coder}; write 1 (means it), 0 (does not) or ?")
            codes[coder].setdefault(row["stratum"], []).append(CODES[row[coder]])
    for stratum, found in Counter(row["stratum"] for _, row in rows).items():
        if found != sizes[stratum][1]:
            raise ConfigurationError(
                f"{path}: {sizes[stratum][1]} rows of {stratum!r} were drawn and {found} are there; "
                "a sample without some of its rows is none"
            )
    return {
        coder: [Coded(stratum, sizes[stratum][0], tuple(given)) for stratum, given in of.items()]
        for coder, of in codes.items()
    }


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigurationError(f"{path} is larger than any sheet of ours")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8; save it as `CSV UTF-8`") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from None
    head = text.partition("\n")[0]
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), restval="")
    needed = ("no", *CODERS, *STRATA)
    try:
        missing = [name for name in needed if name not in (reader.fieldnames or [])]
        if missing:
            raise ConfigurationError(f"{path}: the column {missing[0]!r} is missing; is it a sheet of `audit`?")
        rows = [(reader.line_num, {name: (row[name] or "").strip() for name in needed}) for row in reader]
    except csv.Error as error:
        raise ConfigurationError(f"{path}, line {reader.line_num}: {error}") from None
    rows = [(line, row) for line, row in rows if any(row.values())]
    if not rows:
        raise ConfigurationError(f"{path} has no rows")
    return rows


def _size(row: dict[str, str], where: str) -> tuple[int, int]:
    """How large the row's stratum is, and how many were drawn of it."""
    size, drawn = row["stratum_size"], row["stratum_drawn"]
    if not (size.isdecimal() and drawn.isdecimal() and 0 < int(drawn) <= int(size)):
        raise ConfigurationError(
            f"{where}: stratum_size {size!r} and stratum_drawn {drawn!r} are not as they were written"
        )
    return int(size), int(drawn)


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
