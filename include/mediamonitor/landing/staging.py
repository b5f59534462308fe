"""What the stages of one run leave for each other, under `<staging>/<run_id>/`.

watchlist.yaml, sources.yaml              the configuration that the run was started with
<batch_id>/manifest.parquet               MANIFEST: the objects to read
<batch_id>/<attempt>/part.parquet         PART: one row for each record, with its one outcome
<batch_id>/<attempt>/verdict.parquet      VERDICT: rows that validation took out, and why
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from mediamonitor.article import ObjectRef
from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.staged import MANIFEST, VERDICT
from mediamonitor.landing.store import Store

KEPT = timedelta(days=7)
"""Staged files of runs that never finished are kept this long to look at."""
_OURS = re.compile(
    r"[^/]+/(watchlist\.yaml|sources\.yaml|b\d+/(manifest\.parquet|[^/]+/\.?(part|verdict)\.parquet(\.[0-9a-f]{32})?))"
)
"""Names below staging that a run has written: nothing else there is ours to delete."""


@dataclass(frozen=True, slots=True)
class RunStaging:
    """The staged files of one run. Raises InfrastructureError when a file that must be there is gone."""

    store: Store
    run_id: str

    def write_config(self, watchlist: str, sources: str) -> None:
        """Pin the configuration: a change during the run belongs to the next one."""
        self.store.put(f"{self.run_id}/watchlist.yaml", watchlist.encode())
        self.store.put(f"{self.run_id}/sources.yaml", sources.encode())

    def read_config(self) -> tuple[str, str]:
        """The texts of watchlist and sources file that the run was started with."""
        return self._read("watchlist.yaml").decode(), self._read("sources.yaml").decode()

    def write_manifest(self, batch_id: str, refs: list[ObjectRef]) -> None:
        """The objects of one batch."""
        columns = {name: [getattr(ref, name) for ref in refs] for name in MANIFEST.names}
        self._put_table(f"{batch_id}/manifest.parquet", pa.table(columns, schema=MANIFEST))

    def read_manifest(self, batch_id: str) -> list[ObjectRef]:
        """What `write_manifest` wrote."""
        rows = pq.read_table(io.BytesIO(self._read(f"{batch_id}/manifest.parquet"))).to_pylist()
        return [ObjectRef(**{**row, "last_modified": row["last_modified"].astimezone(timezone.utc)}) for row in rows]

    def write_part(self, batch_id: str, attempt: str, path: Path) -> None:
        """Move a finished part into staging."""
        self.store.put(f"{self.run_id}/{batch_id}/{attempt}/part.parquet", path)

    def write_verdict(self, batch_id: str, attempt: str, verdict: pa.RecordBatchReader) -> None:
        """What validation decided about the rows of a part (schema VERDICT)."""
        with TemporaryDirectory(prefix="mediamonitor-") as folder:
            path = Path(folder) / "verdict.parquet"
            with pq.ParquetWriter(path, VERDICT, compression="lz4") as writer:
                for rows in verdict:
                    writer.write_batch(rows.cast(VERDICT))
            self.store.put(f"{self.run_id}/{batch_id}/{attempt}/verdict.parquet", path)

    @contextmanager
    def local_files(self) -> Iterator[LocalFiles]:
        """Paths on this host for the length of a block: DuckDB reads paths, and staging may be a bucket."""
        with TemporaryDirectory(prefix="mediamonitor-") as folder:
            yield LocalFiles(self, Path(folder))

    def remove(self, but: set[str]) -> None:
        """Delete what is done with: all but the batches in `but` and, as long as there are any, the configuration."""
        for name in self.store.names(f"{self.run_id}/"):
            below = name.removeprefix(f"{self.run_id}/").split("/")
            if not but or (len(below) > 1 and below[0] not in but):
                self.store.delete(name)

    def _put_table(self, name: str, table: pa.Table) -> None:
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="lz4")
        self.store.put(f"{self.run_id}/{name}", sink.getvalue())

    def _read(self, name: str) -> bytes:
        content = self.store.read(f"{self.run_id}/{name}")
        if content is None:
            gone = f"{self.store.url}/{self.run_id}/{name} is gone"
            raise InfrastructureError(f"{gone}; start a new ingest run, which takes these objects again")
        return content


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """Paths of staged files on this host."""

    staging: RunStaging
    folder: Path

    def part(self, batch_id: str, attempt: str) -> str:
        """The part of one attempt."""
        return self._copy(f"{batch_id}/{attempt}/part.parquet")

    def verdict(self, batch_id: str, attempt: str) -> str:
        """The verdict on one attempt."""
        return self._copy(f"{batch_id}/{attempt}/verdict.parquet")

    def _copy(self, name: str) -> str:
        on_this_host = self.staging.store.local_path(f"{self.staging.run_id}/{name}")
        if on_this_host is not None and on_this_host.exists():
            return str(on_this_host)
        path = self.folder / name.replace("/", "_")
        path.write_bytes(self.staging._read(name))
        return str(path)


def remove_orphans(store: Store, now: datetime) -> int:
    """Delete staged files older than KEPT; returns how many."""
    if not store.names():
        return 0
    old = [
        row["key"].removeprefix(store.prefix)
        for row in store.listing().to_pylist()
        if row["last_modified"] < now - KEPT and _OURS.fullmatch(row["key"].removeprefix(store.prefix))
    ]
    for name in old:
        store.delete(name)
    return len(old)
