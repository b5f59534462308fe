"""Driving the whole flow without Airflow, as the command line does, over a real bucket."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import duckdb

from faults.s3_server import FaultyS3
from mediamonitor import pipeline
from mediamonitor.context import Context
from mediamonitor.landing.s3 import S3Bucket
from mediamonitor.landing.store import Access
from mediamonitor.reconcile import Report, reconcile
from mediamonitor.settings import Settings
from mediamonitor.warehouse.connection import Warehouse, open_warehouse
from quickstart.seaweedfs import S3Server

SAMPLES = Path(__file__).parents[2] / "include" / "samples"
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=timezone.utc)
"""The time that the stages are told: the days of March up to the 8th are closed."""
WATCHLIST = """
version: 1
entities:
  - {id: lindqvist, name: Mara Lindqvist, kind: person, aliases: [Lindqvist]}
  - {id: vessmark, name: Vessmark, kind: place}
"""
_numbers = itertools.count(1)


def article(
    title: str = "Ferry returns to the harbour",
    body: str = "Mara Lindqvist spoke in Vessmark on Monday.",
    trailer: str = "source site-9",
) -> bytes:
    """A small file in the shape of a real one."""
    return f"{title}\n\n{body}\n\n{trailer}\n".encode()


@dataclass(frozen=True)
class Landing:
    """A prefix of the test server's bucket, written to as a producer of articles would.

    Not a bucket each: SeaweedFS sets volumes aside for every bucket and runs out of them.
    """

    store: S3Bucket
    access: Access

    @classmethod
    def create(cls, server: S3Server | FaultyS3) -> Landing:
        session = boto3.Session(server.access_key, server.secret_key, region_name="us-east-1")
        access = Access(session, server.endpoint_url)
        store = S3Bucket("landing", f"test-{next(_numbers)}/articles", access)
        store.create_bucket()
        return cls(store, access)

    def put(self, key: str, body: bytes, **metadata: str) -> None:
        self.store.upload(
            f"{self.store.prefix}{key}", body, {name.replace("_", "-"): value for name, value in metadata.items()}
        )

    def put_folder(self, folder: Path) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.put(path.relative_to(folder).as_posix(), path.read_bytes())

    def delete(self, key: str) -> None:
        self.store.delete(key)


@dataclass
class Flow:
    """Ingest and publish with these settings; each call is a run of its own, `now` is what the stages are told."""

    landing: Landing
    folder: Path
    settings: Settings
    now: datetime = NOON
    runs: list[str] = field(default_factory=list)

    @classmethod
    def create(cls, landing: Landing, folder: Path) -> Flow:
        (folder / "watchlist.yaml").write_text(WATCHLIST)
        settings = Settings(
            landing=landing.store.url,
            warehouse=f"duckdb://{folder}/warehouse/w.duckdb",
            staging=f"{folder}/staging",
            published=f"{folder}/published",
            watchlist=f"{folder}/watchlist.yaml",
            lock_timeout_seconds=20,
        )
        return cls(landing, folder, settings)

    def set(self, **values: Any) -> None:
        self.settings = replace(self.settings, **values)

    def context(self) -> Context:
        self.runs.append(f"run-{len(self.runs) + 1}")
        self.now += timedelta(minutes=1)
        return Context(self.settings, self.runs[-1], self.now, self.landing.access)

    def ingest(self, accept: tuple[str, ...] = (), accept_empty: bool = False) -> dict[str, Any]:
        """discover → load, every batch; the counts of both ends."""
        context = self.context()
        found = pipeline.discover(context, accept, accept_empty)
        staged = pipeline.extract(context, found["batches"], "1")
        return {**found, **pipeline.load(context, pipeline.validate(context, staged, accept))}

    def publish(self, from_day: date | None = None, to_day: date | None = None) -> pipeline.Published:
        return pipeline.publish(self.context(), from_day, to_day)

    def run(self, accept_empty: bool = False) -> None:
        self.ingest(accept_empty=accept_empty)
        self.publish()

    def reconcile(self) -> Report:
        return reconcile(self.context())

    def warehouse(self) -> Any:
        """The open warehouse, as a context manager."""
        return open_warehouse(self.settings)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with open_warehouse(self.settings) as warehouse:
            return warehouse.query(sql).fetchall()

    def states(self) -> dict[str, str]:
        """State (and reason) of each current object, by its key below the prefix."""
        rows = self.rows("SELECT key, state, reason_code FROM objects WHERE is_current")
        return {
            key.removeprefix(self.landing.store.prefix): f"{state}:{reason}" if reason else state
            for key, state, reason in rows
        }

    def published(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the published database, read as a user does."""
        with duckdb.connect(f"{self.settings.published}/media.duckdb", read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def data_files(self) -> dict[str, str]:
        """The published Parquet and CSV files by their hash."""
        root = Path(self.settings.published)
        files = [*root.rglob("*.parquet"), *root.rglob("*.csv")]
        return {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)
        }

    def snapshots(self) -> list[str]:
        return sorted(path.name for path in Path(self.settings.published, "snapshots").glob("*"))


__all__ = ["NOON", "SAMPLES", "Flow", "Landing", "Warehouse", "article"]
