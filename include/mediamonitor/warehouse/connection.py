"""The warehouse: one DuckDB file, opened by one process at a time. The only module that calls `duckdb.connect`.

Every act in it is a file in `sql/`, run by name with bound values. The schema is the sum of `sql/migrations/`, applied
in order when the warehouse is opened; a warehouse of a newer version is refused.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from mediamonitor.disk import disk_full
from mediamonitor.errors import ConfigurationError, InfrastructureError
from mediamonitor.settings import PREFIX, Settings
from mediamonitor.warehouse.lock import exclusive

SQL = Path(__file__).parent / "sql"
ROW_GROUP = 16_384
"""Rows that DuckDB packs at once. Its own 122,880 are hundreds of megabytes of articles, packed anew at each commit."""
_DAMAGE = ("Corrupt", "checksum", "WAL file", "Could not read enough bytes", "deserialize")
"""Words by which DuckDB says that a file is not what it wrote."""


class Damaged(ConfigurationError):
    """The file cannot be read as a warehouse; no retry helps, but restore or rebuild does."""


@cache
def sql(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


class _Lent:
    """An Arrow table that SQL sees until it is taken back (Arrow's PyCapsule interface).

    DuckDB 1.5.5 keeps what was registered within a transaction until that ends: a table itself would stay in memory.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table: pa.Table | None = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        assert self.table is not None, "this table was taken back"
        return self.table.__arrow_c_stream__(requested_schema)


class Warehouse:
    """An open warehouse. Get one from `open_warehouse`; it holds the lock until that block ends."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection, self.path = connection, path

    def run(self, name: str, **values: Any) -> duckdb.DuckDBPyConnection:
        """Run `sql/<name>.sql`, which may hold several statements, with these values bound by name."""
        return self.query(sql(name), **values)

    def query(self, text: str, **values: Any) -> duckdb.DuckDBPyConnection:
        """Run statements that this package wrote; values are bound, each only where the statement names it."""
        result = self._connection
        for statement in self._connection.extract_statements(text):
            wanted = {name: values[name] for name in statement.named_parameters}
            result = self._connection.execute(statement, wanted)
        return result

    def rows(self, name: str, **values: Any) -> list[tuple[Any, ...]]:
        """All rows of `sql/<name>.sql`."""
        return self.run(name, **values).fetchall()

    def row(self, name: str, **values: Any) -> tuple[Any, ...]:
        """The one row of `sql/<name>.sql`."""
        (row,) = self.rows(name, **values)
        return row

    def table(self, name: str, **values: Any) -> pa.Table:
        """The result of `sql/<name>.sql` as an Arrow table."""
        return self.run(name, **values).to_arrow_table()

    def batches(self, name: str, rows: int, **values: Any) -> pa.RecordBatchReader:
        """The result of `sql/<name>.sql` in Arrow batches of at most `rows` rows; read it before anything else."""
        return self.run(name, **values).to_arrow_reader(rows)

    @contextmanager
    def given(self, **tables: pa.Table | pa.RecordBatchReader) -> Iterator[None]:
        """Let SQL see these Arrow tables under their names within the block."""
        lent = {name: _Lent(table) if isinstance(table, pa.Table) else table for name, table in tables.items()}
        for name, table in lent.items():
            self._connection.register(name, table)
        try:
            yield
        finally:
            for name, table in lent.items():
                self._connection.unregister(name)
                if isinstance(table, _Lent):
                    table.table = None

    @contextmanager
    def copied_to(self, path: Path) -> Iterator[None]:
        """A new database file that the block fills as `snapshot`; then it is given the views."""
        with self.beside(path):
            yield
            self.query("USE snapshot")
            self.run("views")

    @contextmanager
    def beside(self, path: Path) -> Iterator[None]:
        """Another database file, made if need be, which SQL sees as `snapshot` within the block."""
        self._connection.execute(f"ATTACH {_quoted(path)} AS snapshot")
        try:
            yield
            self._connection.execute("CHECKPOINT snapshot")
        finally:
            with suppress(duckdb.Error):  # what went wrong before says more
                self._connection.execute("USE warehouse")
                self._connection.execute("DETACH snapshot")

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder beside the warehouse, for the length of the block; one at a time.

        The lock makes it ours alone, so what a killed process left in it goes first. Raises OSError.
        """
        folder = Path(f"{self.path}.scratch")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or none of it.

        A commit that raises may still be durable (a full disk stops the checkpoint after it): whoever retries asks the
        ledger and never assumes.
        """
        self._connection.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):  # a failed statement may have ended the transaction already
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


@contextmanager
def open_warehouse(settings: Settings, must_exist: bool = False) -> Iterator[Warehouse]:
    """The warehouse of these settings, created or migrated if need be, under its lock.

    `must_exist` never creates one. Raises ConfigurationError (not writable, not there, of a newer version) or
    InfrastructureError (in use, disk full, damaged).
    """
    path = warehouse_file(settings)
    if must_exist and not path.exists():
        raise ConfigurationError(f"there is no warehouse at {path} yet; run ingest first")
    with locked(settings), opened(path, settings) as warehouse:
        yield warehouse


def warehouse_file(settings: Settings) -> Path:
    """The database file itself: one file has one lock, whichever link leads to it."""
    return Path(os.path.realpath(settings.warehouse_path))


@contextmanager
def locked(settings: Settings) -> Iterator[Path]:
    """Hold the lock of the warehouse, open or not; gives its file. Raises InfrastructureError that names the holder."""
    path = warehouse_file(settings)
    with exclusive(Path(f"{path}.lock"), settings.lock_timeout_seconds):
        yield path


@contextmanager
def one_ingest(settings: Settings) -> Iterator[None]:
    """Let no other ingest of the command line in: two at once would take each other's objects, so that neither loads.

    Raises as `locked`.
    """
    with exclusive(Path(f"{warehouse_file(settings)}.ingest.lock"), settings.lock_timeout_seconds):
        yield


@contextmanager
def opened(path: Path, settings: Settings, read_only: bool = False) -> Iterator[Warehouse]:
    """A database file as a warehouse, for callers that hold its lock or read a file that nobody writes.

    `read_only` neither creates nor migrates. Raises Damaged, ConfigurationError, InfrastructureError.
    """
    try:
        with duckdb.connect(":memory:", config=_config(path, settings)) as connection:
            options = f"ROW_GROUP_SIZE {ROW_GROUP}" + (", READ_ONLY" if read_only else "")
            connection.execute(f"ATTACH {_quoted(path)} AS warehouse ({options})")
            # After two seconds DuckDB would draw a bar on standard output, in the middle of `--json`.
            # For a table that is not there it would take a Python variable of that name.
            connection.execute(
                "USE warehouse; SET TimeZone = 'UTC'; SET enable_progress_bar = false; "
                "SET python_enable_replacements = false"
            )
            warehouse = Warehouse(connection, path)
            warehouse.run("macros")
            if not read_only:
                os.chmod(path, 0o600)
                warehouse.run("schema_version")
            _migrate(warehouse, read_only)
            yield warehouse
    except duckdb.Error as error:
        raise _plain(error, path) from error


def _config(path: Path, settings: Settings) -> dict[str, Any]:
    return {
        "memory_limit": settings.memory_limit,
        "threads": 2,
        "temp_directory": f"{path}.tmp",
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }


def schema_known() -> int:
    """The newest schema that this version knows."""
    return len(_migrations())


def _migrations() -> list[Path]:
    return sorted((SQL / "migrations").glob("*.sql"))


def _migrate(warehouse: Warehouse, only_look: bool) -> None:
    """Bring the schema up to this version, one migration a transaction."""
    migrations, tables = _migrations(), {name for (name,) in warehouse.rows("table_names")}
    if "schema_version" not in tables:
        raise ConfigurationError(f"{warehouse.path} is a DuckDB file of something else, not a warehouse")
    (current,) = warehouse.row("current_schema")
    if current and "objects" not in tables:
        raise ConfigurationError(f"{warehouse.path} is what `publish` wrote for readers, not a warehouse")
    if current > len(migrations):
        raise ConfigurationError(
            f"{warehouse.path} was written by a newer version (schema {current}, this one knows {len(migrations)}); "
            "update Media Monitor"
        )
    if only_look:
        return
    for number, migration in enumerate(migrations[current:], start=current + 1):
        with warehouse.transaction():
            warehouse.query(migration.read_text(encoding="utf-8"))
            warehouse.run("record_migration", version=number)
            if number == len(migrations):  # they read what the last one made
                warehouse.run("views")
                warehouse.run("warehouse_views")


def _plain(error: duckdb.Error, path: Path) -> Exception:
    """A DuckDB error as one line that says what to do; a mistake of ours (bad SQL) stays what it is."""
    text = str(error).strip().split("\n")[0]
    if isinstance(error, (duckdb.ProgrammingError, duckdb.InternalException)) and "full" not in text:
        return error
    if "Permission denied" in text or "Read-only" in text:
        return ConfigurationError(f"cannot write {path}; choose a place that this user may write to ({text[:200]})")
    if "not a valid DuckDB database" in text:
        return Damaged(
            f"{path} is not a DuckDB database, or its head is damaged; point the warehouse elsewhere, or run restore "
            "or rebuild, which keep that file"
        )
    if any(sign in text for sign in _DAMAGE):
        return Damaged(f"{path} is damaged; run restore or rebuild, which keep the damaged file ({text[:200]})")
    if "Out of Memory" in text:
        return ConfigurationError(
            f"the warehouse {path} needs more memory than {PREFIX}MEMORY_LIMIT allows; raise it and run again: "
            f"what was committed stays ({text[:200]})"
        )
    if "No space left" in text or "disk is full" in text.lower():
        return disk_full(path)
    return InfrastructureError(f"the warehouse {path} failed: {text[:300]}")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
