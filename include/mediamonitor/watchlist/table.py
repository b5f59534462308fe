"""A watchlist from a table: CSV, as spreadsheets save it, to YAML."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import yaml

from mediamonitor.errors import ConfigurationError
from mediamonitor.watchlist.parse import parse_watchlist

PLAIN = ("id", "name", "kind", "surname")
LISTS = ("aliases", "require", "exclude")
DAYS = {"active_from": "from", "active_to": "to"}
BETWEEN = "|"
"""Between the entries of a cell that holds several."""


def yaml_of_csv(text: str, name: str) -> str:
    """The watchlist in this CSV, as YAML that `parse_watchlist` takes.

    The first row names the columns: id, name, kind, and if need be surname, aliases, require, exclude (entries between
    `|`), active_from, active_to. Commas or semicolons part the cells. Raises ConfigurationError with the line.
    """
    first_line = text.partition("\n")[0]
    reader = csv.DictReader(StringIO(text), delimiter=";" if first_line.count(";") > first_line.count(",") else ",")
    columns = [(column or "").strip().lower() for column in reader.fieldnames or []]
    unknown = [column for column in columns if column not in (*PLAIN, *LISTS, *DAYS)]
    missing = [column for column in ("id", "name", "kind") if column not in columns]
    if unknown or missing:
        wrong = f"unknown column {unknown[0]!r}" if unknown else f"the column {missing[0]!r} is missing"
        raise ConfigurationError(f"{name}, line 1: {wrong}; known are {', '.join((*PLAIN, *LISTS, *DAYS))}")
    reader.fieldnames = columns
    entities = []
    for row in reader:
        if None in row:
            raise ConfigurationError(f"{name}, line {reader.line_num}: more cells than the first row has columns")
        entity = _entity({column: (cell or "").strip() for column, cell in row.items()})
        if entity:
            try:
                parse_watchlist(_yaml([entity]), name)
            except ConfigurationError as error:
                what = str(error).partition(": ")[2]
                raise ConfigurationError(f"{name}, line {reader.line_num}: {what}") from None
            entities.append(entity)
    made = _yaml(entities)
    parse_watchlist(made, f"{name} as YAML")
    return made


def _entity(cells: dict[str, str]) -> dict[str, Any]:
    entity: dict[str, Any] = {column: cells[column] for column in PLAIN if cells.get(column)}
    for column in LISTS:
        if entries := [entry.strip() for entry in cells.get(column, "").split(BETWEEN) if entry.strip()]:
            entity[column] = entries
    active = {key: cells[column] for column, key in DAYS.items() if cells.get(column)}
    return {**entity, "active": active} if active else entity


def _yaml(entities: list[dict[str, Any]]) -> str:
    return yaml.safe_dump({"version": 1, "entities": entities}, allow_unicode=True, sort_keys=False, width=120)
