"""Quarantine as a tool: look at what was refused, held back or not read, take it again, or mark it as not worth a look.

Each function returns a summary for programs and lines for a person. Raises ConfigurationError where nothing fits.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from mediamonitor.errors import ConfigurationError, shown
from mediamonitor.reasons import advice, check_reason
from mediamonitor.settings import Settings
from mediamonitor.warehouse.connection import Warehouse, open_warehouse

Told = tuple[dict[str, Any], list[str]]


@dataclass(frozen=True, slots=True)
class Which:
    """What is meant: all that fits each of these that is given.

    `key` is an object's key, or one record as the list shows it: key, member and number with colons between them.
    """

    key: str | None = None
    reason: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        if self.reason:
            check_reason(self.reason)

    @property
    def all_of_it(self) -> bool:
        """Whether nothing was chosen."""
        return not (self.key or self.reason or self.source)

    def __str__(self) -> str:
        return " and ".join(f"{name} {shown(value)}" for name, value in asdict(self).items() if value)

    def nothing_fits(self) -> ConfigurationError:
        """The error that says so."""
        return ConfigurationError(f"nothing in quarantine has {self}; `quarantine list` shows what is there")


def list_refused(settings: Settings, which: Which) -> Told:
    """What is open or ignored, by reason, and what is deferred or vanished."""
    with open_warehouse(settings, must_exist=True) as warehouse:
        rows = _dicts(warehouse, "quarantine/list", **asdict(which))
    records = [f":{row['member']}:{row['record_no']}" if _is_one_of_many(row) else "" for row in rows]
    lines = [
        f"{row['state']:<10} {row['reason_code']:<28} {shown(row['key'] + record)}"
        for row, record in zip(rows, records, strict=True)
    ]
    nothing = "Nothing is in quarantine." if which.all_of_it else f"Nothing in quarantine has {which}."
    return {"quarantine": rows}, lines or [nothing]


def show(settings: Settings, which: Which) -> Told:
    """Everything about one object: each refusal, past ones included, and what to do about it."""
    if not which.key:
        raise ConfigurationError("quarantine show needs a key; `quarantine list` shows them")
    with open_warehouse(settings, must_exist=True) as warehouse:
        rows = [
            {**row, "to_do": advice(row["reason_code"])}
            for row in _dicts(warehouse, "quarantine/show", **asdict(which))
        ]
    if not rows:
        raise which.nothing_fits()
    lines = [
        line for row in rows for line in (*(f"{name:>14}  {shown(str(value))}" for name, value in row.items()), "")
    ]
    return {"quarantine": rows}, lines


def ignore(settings: Settings, which: Which) -> Told:
    """Mark as not worth a look: it is not taken again by itself, whatever rules change."""
    _refuse_all(which, "ignore")
    with open_warehouse(settings, must_exist=True) as warehouse, warehouse.transaction():
        ignored = len(warehouse.rows("quarantine/ignore", **asdict(which)))
        if not ignored and warehouse.rows("quarantine/list", **asdict(which)):
            raise ConfigurationError(f"nothing with {which} is open, and only what is open can be ignored")
        if not ignored:
            raise which.nothing_fits()
    line = f"{ignored:,} record(s) with {which} are ignored; a new version of a file is looked at again."
    return {"ignored": ignored}, [line]


def retry(settings: Settings, which: Which, now: datetime) -> Told:
    """Take again: each object gets a new observation, which the next ingest reads and no gate stops.

    An ignored record is meant only by its key, and is then open again.
    """
    _refuse_all(which, "retry")
    with open_warehouse(settings, must_exist=True) as warehouse, warehouse.transaction():
        fitting, deleted, waiting = warehouse.row("quarantine/retry", **asdict(which))
        if not fitting:
            raise which.nothing_fits()
        (retried,) = warehouse.row("ledger/reopen_objects", now=now)
    if deleted == fitting:
        raise ConfigurationError(f"what has {which} is deleted from landing; only a new upload can be taken")
    lines = [f"{retried + waiting:,} object(s) with {which} are taken again by the next ingest."]
    if deleted:
        lines.append(f"{deleted:,} are deleted from landing and cannot be.")
    return {"retried": retried, "waiting": waiting, "deleted": deleted}, lines


def _refuse_all(which: Which, action: str) -> None:
    if which.all_of_it:
        raise ConfigurationError(f"quarantine {action} needs a key, --reason or --source; `quarantine list` shows them")


def _is_one_of_many(row: dict[str, Any]) -> bool:
    return bool(row["member"]) or row["record_no"] > 1


def _dicts(warehouse: Warehouse, name: str, **values: Any) -> list[dict[str, Any]]:
    result = warehouse.run(name, **values)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
