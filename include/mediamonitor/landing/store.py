"""Object stores: list, get, put, delete, the same for a bucket (s3.py) and a folder (folder.py).

Those two are the only modules that import boto3 and obstore. What can be wrong with one object:

    ObjectGone       deleted since it was listed
    ObjectChanged    overwritten since it was listed
    ObjectDenied     these credentials may not read it
    ObjectArchived   it must be restored from an archive first
    InfrastructureError    it could not be read, however often it was tried

With the store as a whole: ConfigurationError, InfrastructureError, and its kind StoreRefuses.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from mediamonitor.article import Fetched
from mediamonitor.errors import InfrastructureError, MediaMonitorError

LISTING = pa.schema(
    [
        ("key", pa.string()),
        ("etag", pa.string()),
        ("size_bytes", pa.int64()),
        ("last_modified", pa.timestamp("us", tz="UTC")),
    ]
)
"""One row for each object that stands in the store at the time of the listing."""


class ObjectGone(MediaMonitorError):
    """Deleted since it was listed."""


class ObjectChanged(MediaMonitorError):
    """Overwritten since it was listed."""


class ObjectDenied(MediaMonitorError):
    """Credentials do not allow it."""


class ObjectArchived(MediaMonitorError):
    """In an archive; it can be read when its owner has restored it."""


class StoreRefuses(InfrastructureError):
    """The store refuses whatever is asked, such as with expired credentials: neither patience nor another key helps."""


@dataclass(frozen=True, slots=True)
class Version:
    """What an object is now."""

    etag: str
    size_bytes: int
    last_modified: datetime


class ObjectFile(io.BufferedReader):
    """An object that is read from its beginning in bounded memory, and its user metadata (names in lower case).

    It ends only after the listed number of bytes of the listed version. Reading raises ObjectChanged, ObjectGone,
    ObjectDenied or InfrastructureError; what was read before then is of the listed version, but not all of it.
    """

    def __init__(self, raw: io.RawIOBase, metadata: dict[str, str]) -> None:
        super().__init__(raw, 1 << 16)
        self.metadata = metadata


@dataclass(frozen=True, slots=True)
class Access:
    """How a bucket is reached. None means boto3's own order: environment, profile, instance role."""

    session: Any = None
    endpoint_url: str | None = None


class Store(Protocol):
    """A bucket below a prefix, or a folder. Keys of `get` are full keys; names of `put` are below the prefix."""

    bucket: str
    prefix: str
    url: str

    def listing(self) -> pa.Table:
        """Every object below the prefix (schema LISTING), or an error: never a part of it."""

    def get(self, key: str, etag: str | None = None) -> Fetched:
        """The object; with `etag` only if it is still that version (ObjectChanged). Raises ObjectGone, ObjectDenied."""

    def open(self, key: str, etag: str, size: int) -> ObjectFile:
        """This version of the object, whatever its size, as a file. Raises what `get` raises, and so does reading."""

    def head(self, key: str) -> Version:
        """What the object is now. Raises ObjectGone, ObjectDenied, InfrastructureError."""

    def head_bytes(self, key: str, count: int) -> bytes:
        """The first `count` bytes of the object."""

    def put(self, name: str, body: bytes | Path) -> None:
        """Write whole or not at all. A file that is given belongs to the store: it may be moved there."""

    def read(self, name: str) -> bytes | None:
        """What `put` wrote, or None."""

    def local_path(self, name: str) -> Path | None:
        """Where `put` wrote it, if that is on this host."""

    def delete(self, name: str) -> None:
        """Remove it; no error where it is not."""

    def names(self, below: str = "") -> list[str]:
        """The names below `below` (a folder, ending in a slash), sorted."""

    def sweep(self) -> int:
        """Delete what a `put` that was killed left; returns how many. Only where nobody else writes at this time."""


def quoted(etag: str) -> str:
    """An ETag as HTTP has it, in quotes: some servers leave them out in their listing and give them with the object."""
    return etag if etag.endswith('"') else f'"{etag}"'


def one_line(text: str) -> str:
    """The first line of a library's message, without its debug appendix and cut to a readable length."""
    return text.strip().split("\n")[0][:300]
