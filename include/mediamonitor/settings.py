"""Settings: `MEDIAMONITOR_*` variables, overridden by command line flags; `.env.example` lists them all.

This module knows the environment; no stage does. A stage gets a `Settings` and, where it needs one, the time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

from mediamonitor.errors import ConfigurationError

PREFIX = "MEDIAMONITOR_"
LONGEST_URL = 4_000
"""No file system takes a longer path."""
_COUNTS = (
    "run_batches",
    "batch_objects",
    "batch_bytes",
    "max_article_bytes",
    "max_object_bytes",
    "fetch_concurrency",
    "read_processes",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run is told. A URL is `s3://bucket/prefix` or a folder (`/path`, `file:///path`)."""

    landing: str = ""
    warehouse: str = ""
    staging: str = ""
    published: str = ""
    watchlist: str = ""
    sources: str = ""
    aws_conn_id: str = "media_landing"
    key_patterns: str = "{source}/{yyyy}/{mm}/{dd}/,{yyyy}/{mm}/{dd}/"
    ingest_schedule: str = "*/15 * * * *"
    publish_schedule: str = "0 * * * *"
    maintain_schedule: str = "30 3 * * *"
    run_batches: int = 32
    batch_objects: int = 20_000
    batch_bytes: int = 256_000_000
    max_article_bytes: int = 20_000_000
    max_object_bytes: int = 20_000_000_000
    fetch_concurrency: int = 32
    read_processes: int = 2
    gate_share: float = 0.20
    gate_count: int = 50
    deleted: str = "keep"
    close_after: str = "12:00"
    lock_timeout_seconds: int = 900
    memory_limit: str = "300MB"
    alert_notifiers: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **flags: str | None) -> Settings:
        """Variables first, then the flags that are given. Raises ConfigurationError for a value that does not fit."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            text = flags.get(field.name)
            name = f"--{field.name}" if text is not None else PREFIX + field.name.upper()
            if text is None:
                text = environ.get(PREFIX + field.name.upper()) or None
            if text is None:
                continue
            kind: type[Any] = type(field.default)
            try:
                values[field.name] = kind(text)
            except ValueError:
                raise ConfigurationError(f"{name}={text!r} is not a number; correct it or remove it") from None
        settings = cls(**values)
        if settings.warehouse and not settings.staging:
            settings = replace(settings, staging=f"{settings.warehouse_path}.staging")
        settings.check()
        return settings

    def check(self) -> None:
        """Raise ConfigurationError for settings that cannot work together; nothing has been touched yet."""
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{PREFIX}{name.upper()} must be at least 1")
        if not 0 < self.gate_share <= 1:
            raise ConfigurationError(
                f"{PREFIX}GATE_SHARE={self.gate_share} must lie between 0 and 1, such as 0.2 for 20 %"
            )
        if self.deleted not in ("keep", "retract"):
            raise ConfigurationError(
                f"{PREFIX}DELETED={self.deleted!r} must be keep (the articles of deleted files stay) or retract"
            )
        if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?\s*(MB|GB|MiB|GiB)", self.memory_limit):
            raise ConfigurationError(f"{PREFIX}MEMORY_LIMIT={self.memory_limit!r} must look like 400MB or 2GB")
        for name in ("landing", "warehouse", "staging", "published"):
            if len(getattr(self, name)) > LONGEST_URL:
                raise ConfigurationError(f"{name} has over {LONGEST_URL:,} characters; correct it")
        self.closes_at(date(2026, 1, 1))
        self.notifiers()
        self._check_apart("landing", ("warehouse", "staging", "published"), "its files would be read as articles")
        self._check_apart("staging", ("landing", "warehouse", "published"), "old files in staging are deleted")

    def _check_apart(self, outer: str, inner: Sequence[str], why: str) -> None:
        """Raise ConfigurationError where one of these places lies inside `outer`."""
        if not (around := getattr(self, outer)):
            return
        for name in inner:
            if not (value := getattr(self, name)):
                continue
            place = normal_url(str(self.warehouse_path) if name == "warehouse" else value)
            if (place + "/").startswith(normal_url(around).rstrip("/") + "/"):
                raise ConfigurationError(
                    f"{name} ({value}) lies inside {outer} ({around}): {why}; choose another place"
                )

    def require(self, *names: str) -> None:
        """Raise ConfigurationError unless each of these settings has a value."""
        for name in names:
            if not getattr(self, name):
                raise ConfigurationError(f"no {name} given; pass --{name} or set {PREFIX}{name.upper()}")

    def notifiers(self) -> dict[str, dict[str, Any]]:
        """The Airflow notifiers that are told of alerts, by name: their `class`, and the arguments it is made with."""
        found: dict[str, dict[str, Any]] = {}
        try:
            entries = json.loads(self.alert_notifiers or "[]")
            why = "" if isinstance(entries, list) else "it must be a list"
        except ValueError as error:
            entries, why = [], f"it is not JSON ({error})"
        for entry in entries if not why else []:
            if why := _notifier(entry, found):
                break
            found[entry.get("name", entry["class"])] = {key: value for key, value in entry.items() if key != "name"}
        if why:
            raise ConfigurationError(f"{PREFIX}ALERT_NOTIFIERS: {why}; .env.example shows one")
        return found

    @property
    def warehouse_path(self) -> Path:
        """The database file of a `duckdb:///path` URL (absolute) or of a plain path."""
        url = self.warehouse
        if url.startswith("duckdb://"):
            return Path("/" + url.removeprefix("duckdb://").lstrip("/"))
        if "://" in url or url.startswith("ducklake:"):
            raise ConfigurationError(
                f"warehouse {url!r} is not supported by this version; use duckdb:///absolute/path.duckdb"
            )
        return Path(url).absolute()

    def closes_at(self, day: date) -> datetime:
        """When `day` has ended everywhere: `close_after` (UTC) of the next day."""
        try:
            moment = time.fromisoformat(self.close_after)
        except ValueError:
            raise ConfigurationError(f"{PREFIX}CLOSE_AFTER={self.close_after!r} must be a time such as 12:00") from None
        if moment.tzinfo is not None:
            raise ConfigurationError(
                f"{PREFIX}CLOSE_AFTER={self.close_after!r} must be a time in UTC, without an offset"
            )
        return datetime.combine(day + timedelta(days=1), moment, tzinfo=timezone.utc)


def _notifier(entry: Any, kept: dict[str, dict[str, Any]]) -> str:
    """Why an entry of `alert_notifiers` is refused, or the empty string."""
    if not isinstance(entry, dict) or not re.fullmatch(r"[\w.]+\.\w+", str(entry.get("class", ""))):
        return 'each needs a "class", the full name of an Airflow notifier'
    name = entry.get("name", entry["class"])
    if not isinstance(name, str) or not name:
        return '"name" must be a text'
    return f'two are called {name}; give each a "name" of its own' if name in kept else ""


def normal_url(url: str) -> str:
    """One spelling for one place: folders absolute and resolved, buckets without a trailing slash."""
    if url.startswith("file://"):
        url = url.removeprefix("file://")
    if "://" in url:
        return url.rstrip("/")
    return str(Path(url).resolve())
