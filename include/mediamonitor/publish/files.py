"""The published files: Parquet by day, CSV by month, a database for SQL, and a manifest that is written last.

Same inputs, same bytes: rows have a total order, and what differs from run to run stands in the manifest and in
`media.duckdb` only. Readers open what is published and never the warehouse.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import asdict
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mediamonitor.disk import disk_full, is_full
from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.store import Store
from mediamonitor.publish.months import Last, Part, days_of, write_clippings, write_totals
from mediamonitor.publish.slices import Slice, slices
from mediamonitor.publish.tables import Publication
from mediamonitor.quality.pages import quality_index
from mediamonitor.warehouse.connection import Warehouse, schema_known

COUNTED_TABLES = ("article_mentions", "mention_counts")
"""Tables by day in which an undated article has no part."""
ROWS_AT_ONCE = 5_000
"""Rows read from the warehouse in one go: about 15 MB of text."""
MANIFEST = "manifest.json"
_DAY = re.compile(r"/published_on=(\d{4}-\d\d-\d\d)/")
_MONTH = re.compile(r"^csv/.*_(\d{4}-\d\d)\.csv$")
NOTHING = Slice([], False, "", "")
ROW_GROUP = 20_000
"""Rows of a group in a Parquet file: about 60 MB of text."""


class PublishedFiles:
    """The files under `published/`, and the manifest that is being made."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.manifest: dict[str, Any] = self._read_manifest()
        self._files: dict[str, dict[str, Any]] = dict(self.manifest.get("files", {}))
        self.written = 0

    def _read_manifest(self) -> dict[str, Any]:
        content = self.store.read(MANIFEST)
        try:
            manifest = json.loads(content) if content else {}
            ours = isinstance(manifest["files"], dict) and isinstance(manifest["publication_id"], int)
        except (ValueError, LookupError, TypeError):
            ours = False  # cut short or foreign: everything is published again
        return manifest if ours else {}

    @property
    def publication_id(self) -> int:
        """The publication that the manifest shows, 0 for none."""
        return int(self.manifest.get("publication_id", 0))

    def days(self) -> tuple[date, ...]:
        """The days that the manifest has files of; where it is lost, those that have files."""
        return tuple(sorted(_dates(_DAY, self._files or self.store.names())))

    def write(self, warehouse: Warehouse, publication: Publication) -> None:
        """Every file that this publication touches: days, months, pages, database, and the manifest last.

        Raises InfrastructureError where a file cannot be written; the publication then stays open for the next run.
        """
        try:
            self._write_files(warehouse, publication)
        except OSError as error:
            if is_full(error):
                raise disk_full(warehouse.path) from None
            raise InfrastructureError(
                f"publication {publication.publication_id} could not be written ({error}); run publish again"
            ) from None

    def _write_files(self, warehouse: Warehouse, publication: Publication) -> None:
        with warehouse.scratch() as folder, ThreadPoolExecutor(1) as aside:
            file, database = folder / "file", folder / "media.duckdb"
            self._make_database(warehouse, publication, database)
            stored = aside.submit(self._store_database, snapshot_name(publication.publication_id), database)
            with_articles = self._write_days(warehouse, "articles", publication.days, {}, file)
            for table in ("hits", "article_mentions", "mention_counts"):
                self._write_days(warehouse, table, publication.days, with_articles, file)
            entities = _entities_version(warehouse)
            renamed = self.manifest.get("entities_version") != entities
            known = {month for (month,) in warehouse.rows("published/months")}
            touched = {day.replace(day=1) for day in publication.days}
            for month in sorted(known if renamed else known & touched):
                self._put(f"csv/daily_mentions_{month:%Y-%m}.csv", file, write_totals(warehouse, month, file))
                self._write_clippings(warehouse, month, days_of(month) if renamed else publication.days, file)
            for month in (touched | _dates(_MONTH, self._files)) - known:
                self._drop(f"csv/daily_mentions_{month:%Y-%m}.csv")
                self._drop(f"csv/clippings_{month:%Y-%m}.csv")
            self._write_quality(warehouse)
            self._files |= stored.result()
        self._files = {name: self._files[name] for name in sorted(self._files)}
        self.manifest = {
            "format": 1,
            "publication_id": publication.publication_id,
            "as_of": f"{publication.as_of:%Y-%m-%dT%H:%M:%SZ}",
            "watchlist_version": publication.watchlist_version,
            "rules_version": publication.rules_version,
            "entities_version": entities,
            "schema": schema_known(),
            "files": self._files,
        }
        self._write_manifest()

    def _write_days(
        self, warehouse: Warehouse, name: str, days: Sequence[date], also: Iterable[date | None], file: Path
    ) -> set[date | None]:
        """One `data.parquet` for each day that has rows, or (empty) is in `also`; the others go. Returns the days."""
        written: set[date | None] = set()
        for day, parts in groupby(_by_day(_read(warehouse, name, days)), key=itemgetter(0)):
            self._put(_partition(name, day), file, _write_parquet(file, (rows for _, rows in parts)))
            written.add(day)
        empty = warehouse.table(f"published/{name}", **asdict(NOTHING))
        for day in set(also) - written - ({None} if name in COUNTED_TABLES else set()):
            self._put(_partition(name, day), file, _write_parquet(file, [empty]))
            written.add(day)
        for day in {*days, None} - written:
            self._drop(_partition(name, day))
        return written

    def _write_clippings(self, warehouse: Warehouse, month: date, changed: Sequence[date], file: Path) -> None:
        name = f"csv/clippings_{month:%Y-%m}.csv"
        weights = [(day, size) for day, size in _weights(warehouse, "article_mentions", days_of(month)) if day]
        parts = write_clippings(warehouse, weights, changed, self._last_clippings(name), file)
        self._put(name, file, sum(part.rows for part in parts))
        self._files[name]["parts"] = [asdict(part) for part in parts]

    def _last_clippings(self, name: str) -> Last | None:
        """The file of a month that the manifest shows, if it is here, as it was written, with the tables of today."""
        entry, path = self._files.get(name, {}), self.store.local_path(name)
        if not (path and path.exists() and "parts" in entry and self.manifest.get("schema") == schema_known()):
            return None
        return Last(path, [Part(**part) for part in entry["parts"]]) if _sha256(path) == entry["sha256"] else None

    def _write_quality(self, warehouse: Warehouse) -> None:
        pages = {f"quality/data-docs/{path}": content for path, content in warehouse.rows("published/quality_pages")}
        for path, content in pages.items():
            self.store.put(path, content)
        for path in set(self.store.names("quality/data-docs/")) - pages.keys():  # of earlier validations
            self.store.delete(path)
        index = quality_index(
            warehouse.rows("published/quality_index"), warehouse.rows("published/quarantine_index"), bool(pages)
        )
        self.store.put("quality/index.html", index)

    def _make_database(self, warehouse: Warehouse, publication: Publication, path: Path) -> None:
        """A new file each time, so that a reader of the old one is never disturbed.

        It begins as a copy of the last one, where that is on this host, in which only the days published now are other.
        """
        days: Sequence[date | None] = publication.days
        if last := self._last_snapshot():
            shutil.copyfile(last, path)
        else:
            days = [day for (day,) in warehouse.rows("published/mention_days")]
        mentions = list(slices(_weights(warehouse, "article_mentions", [day for day in days if day])))
        with warehouse.copied_to(path):
            warehouse.run("published/snapshot", publication_id=publication.publication_id, days=list(days))
            for piece in mentions:
                warehouse.run("published/snapshot_mentions", **asdict(piece))

    def _store_database(self, snapshot: str, path: Path) -> dict[str, dict[str, Any]]:
        """Put the finished file under both its names; their entries. It asks no database, so a thread may do it."""
        entry = {"sha256": _sha256(path), "bytes": path.stat().st_size, "rows": None}
        self.store.put(snapshot, path)
        if moved := self.store.local_path(snapshot):  # only then there are two: the warehouse's disk may be small
            shutil.copyfile(moved, path)
        self.store.put("media.duckdb", path)
        return {snapshot: entry, "media.duckdb": entry}

    def _last_snapshot(self) -> Path | None:
        """The database of the publication that the manifest shows, if it has the tables of today."""
        name = snapshot_name(self.publication_id)
        path = self.store.local_path(name) if name in self._files else None
        return path if path and path.exists() and self.manifest.get("schema") == schema_known() else None

    def _put(self, path: str, file: Path, rows: int) -> None:
        entry = {"sha256": _sha256(file), "bytes": file.stat().st_size, "rows": rows}
        self.store.put(path, file)
        self._files[path] = entry
        self.written += 1

    def _drop(self, path: str) -> None:
        """It goes even where no manifest knows it: a run that was killed may have written it."""
        self._files.pop(path, None)
        self.store.delete(path)

    def _write_manifest(self) -> None:
        self.store.put(MANIFEST, (json.dumps(self.manifest, indent=1) + "\n").encode())

    def prune_snapshots(self, old: set[int]) -> list[str]:
        """Delete the snapshots of these publications, but for what is shown; the manifest no longer names them.

        Those of publications that the warehouse does not know stay: it is a backup, or another one by mistake.
        """
        names = {snapshot_name(number) for number in old - {self.publication_id}}
        doomed = [name for name in self.store.names("snapshots/") if name in names]
        if doomed:
            self.manifest["files"] = {name: entry for name, entry in self._files.items() if name not in doomed}
            self._write_manifest()
        for name in doomed:
            self.store.delete(name)
        return doomed


def snapshot_name(publication_id: int) -> str:
    """Where the immutable database of a publication stands."""
    return f"snapshots/media-{publication_id:08d}.duckdb"


def _dates(pattern: re.Pattern[str], names: Iterable[str]) -> set[date]:
    """The days, or first days of months, in these names."""
    found = set()
    for match in filter(None, map(pattern.search, names)):
        with suppress(ValueError):  # the 30th of February is no day of ours
            found.add(date.fromisoformat(f"{match[1]}-01"[:10]))
    return found


def _entities_version(warehouse: Warehouse) -> str:
    """A hash of the watched entities and of who owns which source, as the tables by month show them."""
    return hashlib.sha256(repr(warehouse.rows("published/entities")).encode()).hexdigest()[:16]


def _partition(name: str, day: date | None) -> str:
    return f"{name}/published_on={day or 'undated'}/data.parquet"


def _weights(warehouse: Warehouse, name: str, days: Sequence[date]) -> list[tuple[date | None, int]]:
    """About how many bytes of a table stand on each of these days, and on none."""
    return [(day, size) for table, day, size in warehouse.rows("published/weights", days=list(days)) if table == name]


def _read(warehouse: Warehouse, name: str, days: Sequence[date]) -> Iterator[pa.RecordBatch]:
    """A table's rows of these days and of none, ordered by `published_on` and so on."""
    for piece in slices(_weights(warehouse, name, days)):
        yield from warehouse.batches(f"published/{name}", ROWS_AT_ONCE, **asdict(piece))


def _by_day(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[date | None, pa.RecordBatch]]:
    """Rows that are ordered by `published_on`, cut where the day ends."""
    for batch in batches:
        column, start = batch.column("published_on"), 0
        while start < batch.num_rows:
            day = column[start].as_py()
            end = start + pc.sum(pc.equal(column.slice(start), column[start])).as_py() if day else batch.num_rows
            yield day, batch.slice(start, end - start)
            start = end


def _write_parquet(path: Path, parts: Iterable[pa.RecordBatch | pa.Table]) -> int:
    """A file of these rows (one part at least), in row groups that depend on nothing but their order; their number."""
    held: pa.Table | None = None
    rows = 0
    with ExitStack() as closing:
        for part in parts:
            table = pa.Table.from_batches([part]) if isinstance(part, pa.RecordBatch) else part
            if held is None:
                options = {"compression": "zstd", "compression_level": 3}
                writer = closing.enter_context(pq.ParquetWriter(path, table.schema, **options))
            held = table if held is None else pa.concat_tables([held, table])
            rows += table.num_rows
            while held.num_rows >= ROW_GROUP:
                writer.write_table(held.slice(0, ROW_GROUP).combine_chunks(), row_group_size=ROW_GROUP)
                held = held.slice(ROW_GROUP)
        if held is not None and (held.num_rows or not rows):
            writer.write_table(held.combine_chunks())
    return rows


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
