"""The published files: Parquet by day, CSV by month, a database for SQL, and a manifest that is written last.

Same inputs, same bytes: rows have a total order, and what differs from run to run stands in the manifest and in
`media.duckdb` only. Readers open what is published and never the warehouse.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mediamonitor.landing.store import Store
from mediamonitor.publish.tables import Publication
from mediamonitor.quality.pages import quality_index
from mediamonitor.warehouse.connection import Warehouse

COUNTED_TABLES = ("article_mentions", "mention_counts")
"""Tables by day in which an undated article has no part."""
ROWS_AT_ONCE = 5_000
"""Rows read from the warehouse in one go: about 15 MB of text."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would run a cell that begins like this; it gets an apostrophe before it (contract §4)."""
MANIFEST = "manifest.json"


class PublishedFiles:
    """The files under `published/`, and the manifest that is being made."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.manifest: dict[str, Any] = self._read_manifest()
        self._files: dict[str, dict[str, Any]] = dict(self.manifest.get("files", {}))
        self.written = 0

    def _read_manifest(self) -> dict[str, Any]:
        content = self._store.read(MANIFEST)
        try:
            manifest = json.loads(content) if content else {}
        except ValueError:
            manifest = {}  # cut short or foreign: everything is published again
        return manifest if isinstance(manifest, dict) else {}

    @property
    def publication_id(self) -> int:
        """The publication that the manifest shows, 0 for none."""
        return int(self.manifest.get("publication_id", 0))

    def days(self) -> tuple[date, ...]:
        """The days that the manifest has files of."""
        found = {name.split("/")[1].removeprefix("published_on=") for name in self._files if "/published_on=" in name}
        return tuple(sorted(date.fromisoformat(day) for day in found - {"undated"}))

    def write(self, warehouse: Warehouse, publication: Publication) -> None:
        """Every file that this publication touches: days, months, pages, database, and the manifest last."""
        with_articles = self._write_days(warehouse, "articles", publication.days, {})
        for name in ("hits", "article_mentions", "mention_counts"):
            self._write_days(warehouse, name, publication.days, with_articles)
        for month in sorted({day.replace(day=1) for day in publication.days}):
            self._write_csv(warehouse, "daily_mentions", month)
            self._write_csv(warehouse, "clippings", month)
        self._write_quality(warehouse)
        self._write_database(warehouse, publication)
        self._files = {name: self._files[name] for name in sorted(self._files)}
        self.manifest = {
            "format": 1,
            "publication_id": publication.publication_id,
            "as_of": f"{publication.as_of:%Y-%m-%dT%H:%M:%SZ}",
            "watchlist_version": publication.watchlist_version,
            "rules_version": publication.rules_version,
            "files": self._files,
        }
        self._write_manifest()

    def _write_days(
        self, warehouse: Warehouse, name: str, days: Sequence[date], also: Iterable[date | None]
    ) -> set[date | None]:
        """One `data.parquet` for each day that has rows, or (empty) is in `also`; the others go. Returns the days."""
        reader = warehouse.batches(f"published/{name}", ROWS_AT_ONCE, days=list(days))
        written: set[date | None] = set()
        for day, rows in _by_day(reader):
            self._put(_partition(name, day), _parquet(rows), rows.num_rows)
            written.add(day)
        for day in set(also) - written - ({None} if name in COUNTED_TABLES else set()):
            self._put(_partition(name, day), _parquet(reader.schema.empty_table()), 0)
            written.add(day)
        for day in {*days, None} - written:
            if self._files.pop(_partition(name, day), None):
                self._store.delete(_partition(name, day))
        return written

    def _write_csv(self, warehouse: Warehouse, name: str, month: date) -> None:
        result = warehouse.run(f"published/{name}_csv", first=month)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column[0] for column in result.description or []])
        count = 0
        while rows := result.fetchmany(10_000):
            writer.writerows([_cell(value) for value in row] for row in rows)
            count += len(rows)
        self._put(f"csv/{name}_{month:%Y-%m}.csv", text.getvalue().encode(), count)

    def _write_quality(self, warehouse: Warehouse) -> None:
        pages = {f"quality/data-docs/{path}": content for path, content in warehouse.rows("published/quality_pages")}
        for path, content in pages.items():
            self._store.put(path, content)
        for path in set(self._store.names("quality/data-docs/")) - pages.keys():  # of earlier validations
            self._store.delete(path)
        index = quality_index(warehouse.rows("quality_index"), warehouse.rows("quarantine_index"), bool(pages))
        self._store.put("quality/index.html", index)

    def _write_database(self, warehouse: Warehouse, publication: Publication) -> None:
        """A new file each time, so that a reader of the old one is never disturbed; then the same as `media.duckdb`."""
        with TemporaryDirectory(prefix=".publishing-", dir=warehouse.path.parent) as folder:
            path = Path(folder) / "media.duckdb"
            warehouse.copy_to(path, "snapshot", publication_id=publication.publication_id)
            entry = {"sha256": _sha256(path), "bytes": path.stat().st_size, "rows": None}
            for name in (snapshot_name(publication.publication_id), "media.duckdb"):
                self._store.put(name, path)
                self._files[name] = entry

    def _put(self, path: str, content: bytes, rows: int) -> None:
        entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "rows": rows}
        self._store.put(path, content)
        self._files[path] = entry
        self.written += 1

    def _write_manifest(self) -> None:
        self._store.put(MANIFEST, (json.dumps(self.manifest, indent=1) + "\n").encode())

    def prune_snapshots(self, keep: set[int]) -> list[str]:
        """Delete the snapshots whose publication is not in `keep`; the manifest no longer names them."""
        doomed = [
            name
            for name in self._store.names("snapshots/")
            if _publication_of(name) not in keep | {self.publication_id}
        ]
        if doomed:
            self.manifest["files"] = {name: entry for name, entry in self._files.items() if name not in doomed}
            self._write_manifest()
        for name in doomed:
            self._store.delete(name)
        return doomed


def snapshot_name(publication_id: int) -> str:
    """Where the immutable database of a publication stands."""
    return f"snapshots/media-{publication_id:08d}.duckdb"


def _publication_of(name: str) -> int | None:
    digits = name.removeprefix("snapshots/media-").removesuffix(".duckdb")
    return int(digits) if digits.isdigit() else None


def _partition(name: str, day: date | None) -> str:
    return f"{name}/published_on={day or 'undated'}/data.parquet"


def _by_day(reader: pa.RecordBatchReader) -> Iterator[tuple[date | None, pa.Table]]:
    """The rows of each day, from batches that are ordered by `published_on`."""
    day: date | None = None
    held: list[pa.RecordBatch] = []
    for batch in reader:
        column = batch.column("published_on")
        start = 0
        while start < batch.num_rows:
            here = column[start].as_py()
            if held and here != day:
                yield day, pa.Table.from_batches(held)
                held = []
            end = start + pc.sum(pc.equal(column.slice(start), column[start])).as_py() if here else batch.num_rows
            held.append(batch.slice(start, end - start))
            day, start = here, end
    if held:
        yield day, pa.Table.from_batches(held)


def _parquet(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(rows, sink, compression="zstd", compression_level=3, row_group_size=50_000)
    return sink.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
