"""The warehouse as a file: back it up, restore it, make it smaller, put another in its place. All under its lock.

A live database is only ever read through DuckDB: an `open()` of ours would drop DuckDB's lock (lock.py). A copy is
compared with the original, table by table, before anything trusts it.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from mediamonitor.disk import disk_full
from mediamonitor.errors import CheckFailed, ConfigurationError, InfrastructureError
from mediamonitor.settings import Settings
from mediamonitor.warehouse.connection import Warehouse, locked, open_warehouse, opened

COMPACT_SHARE = 0.25
COMPACT_BYTES = 64_000_000
"""A file is made smaller when more than this share of it, and more than so many bytes, hold nothing."""
ROOM_FACTOR = 4
ROOM_LEAST = 50_000_000
"""What a load may need beside a staged part: its text uncompressed in the log and again in the file."""


def backup(settings: Settings, target: Path) -> int:
    """Copy the warehouse into the new file `target`; returns its bytes, and leaves nothing there where it fails.

    Raises ConfigurationError where the file exists, InfrastructureError where its disk has no room.
    """
    _refuse_unless_new(target)
    with open_warehouse(settings, must_exist=True) as warehouse:
        partial = Path(f"{target}.partial")
        size, free = warehouse.row("file_space")
        require_room(partial, size - free)
        try:
            _copy_whole(warehouse, partial)
        except BaseException as error:
            remove_database(partial)
            if "No space left" in str(error):  # DuckDB's words, and not of the warehouse's disk
                raise disk_full(target) from None
            raise
    os.replace(partial, target)
    return target.stat().st_size


def restore(settings: Settings, source: Path, now: datetime) -> Path | None:
    """Put a copy of the backup in the place of the warehouse; returns where the old one is kept, None without one.

    Raises ConfigurationError where `source` is no backup of a warehouse, or of a newer version.
    """
    if source.is_dir():
        raise ConfigurationError(f"{source} is a folder; name a file that `backup` wrote")
    if not source.is_file():
        raise ConfigurationError(f"{source} does not exist; name a file that `backup` wrote")
    with locked(settings) as path:
        if path.exists() and path.samefile(source):
            raise ConfigurationError(f"{source} is the warehouse itself; name a file that `backup` wrote")
        fresh = Path(f"{path}.restoring")
        require_room(path, source.stat().st_size)
        with opened(source, settings, read_only=True) as warehouse:
            _copy_whole(warehouse, fresh)
        return swap_in(fresh, path, aside(path, "restore", now))


def compact(settings: Settings) -> int:
    """Write the warehouse afresh where much of its file holds nothing; returns the bytes saved, mostly 0.

    A crash leaves the old file in its place, and a half-written one beside it that the next call writes again.
    """
    with locked(settings) as path:
        fresh = Path(f"{path}.compacting")
        with opened(path, settings) as warehouse:
            size, free = warehouse.row("file_space")
            if free <= max(COMPACT_BYTES, COMPACT_SHARE * size):
                return 0
            require_room(path, size - free)
            _copy_whole(warehouse, fresh)
        before = path.stat().st_size
        swap_in(fresh, path, None)
        return before - path.stat().st_size


def swap_in(fresh: Path, path: Path, kept: Path | None) -> Path | None:
    """Put the closed file `fresh` in the place of `path`, in one step; the old one stays as `kept`, with its log.

    Returns where the old one is kept. Call it under the lock. Raises InfrastructureError.
    """
    log = Path(f"{path}.wal")
    if Path(f"{fresh}.wal").exists() or (kept is None and log.exists()):
        raise InfrastructureError(f"{path} or its copy was not closed; nothing was changed, try again")
    try:
        _drop_second_names(path)
        for end in ("", ".wal"):
            old = Path(f"{path}{end}")
            if kept is not None and old.exists():
                os.link(old, f"{kept}{end}")
        log.unlink(missing_ok=True)  # a new file does not open beside the log of another
        os.replace(fresh, path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise InfrastructureError(
            f"{path} could not be replaced ({error.strerror}); the old file is in place"
        ) from None
    return kept if kept is not None and kept.exists() else None


def aside(path: Path, act: str, now: datetime) -> Path:
    """Where the file that an act replaces is kept."""
    return Path(f"{path}.before-{act}-{now:%Y%m%dT%H%M%SZ}")


def remove_database(path: Path) -> None:
    """Delete a database file that was not finished, with its log and lock."""
    for end in ("", ".wal", ".lock"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def require_room(path: Path, needed: float) -> None:
    """Raise InfrastructureError unless the disk of `path` has so many bytes left; it says how many."""
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise InfrastructureError(
            f"the disk of {path} has {free / 1e6:,.0f} MB left and this needs {needed / 1e6:,.0f} MB; "
            "make room and run again: nothing was changed"
        )


def room_for(part: Path) -> float:
    """How much free room a load of this staged part may need."""
    return ROOM_FACTOR * part.stat().st_size + ROOM_LEAST


def _copy_whole(warehouse: Warehouse, path: Path) -> None:
    remove_database(path)
    with warehouse.beside(path):
        warehouse.run("copy_database")
        original = _contents(warehouse)
        warehouse.query("USE snapshot")
        copied = _contents(warehouse)
    if copied != original:
        remove_database(path)
        raise CheckFailed(f"the copy of {warehouse.path} differs from it; nothing was changed, report this")
    os.chmod(path, 0o600)


def _contents(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    """Rows and a sum over all values of each table."""
    return {name: warehouse.row("table_content", table_name=name) for (name,) in warehouse.rows("table_names")}


def _refuse_unless_new(target: Path) -> None:
    if target.exists():
        raise ConfigurationError(f"{target} exists already; choose another name")
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        raise ConfigurationError(f"cannot write to {target.parent}; choose a folder that this user may write to")


def _drop_second_names(path: Path) -> None:
    """A swap that was killed may have left a second name of the file itself, which would change with it."""
    for other in path.parent.iterdir():
        if other.name.startswith(f"{path.name}.before-") and path.exists() and other.samefile(path):
            other.unlink()
