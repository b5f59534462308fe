"""The words everyone uses: one frozen record type for each thing that moves through the flow.

An object in the landing store (`ObjectRef`) is read and gives records. Each record has exactly one outcome: an
`Article` with its `Hit`s, or a `Rejection` with a reason code. Nothing else leaves the extract stage.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

DateFrom = Literal["record", "metadata", "key", "html", "dateline", "last_modified"]
DatePrecision = Literal["time", "day", "arrival"]
SourceFrom = Literal["record", "metadata", "key", "trailer", "none"]
Zone = Literal["title", "lead", "body", "dateline", "boilerplate", "trailer", "byline", "headline_echo"]
WhyNot = Literal["zone", "ambiguous", "excluded", "require", "surname", "inactive", "capitals"]

UNKNOWN_SOURCE = "unknown"


class ObjectRef(NamedTuple):
    """One object to read, as it was listed. `seq` numbers the observations of a (bucket, key) from 1.

    `attempts` says how many runs before this one took it and left it without a verdict. A tuple, as is all that goes to
    a worker for each record: a frozen dataclass takes three times as long there and back.
    """

    bucket: str
    key: str
    seq: int
    etag: str
    size_bytes: int
    last_modified: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """The whole body of one object and its user metadata (names in lower case)."""

    body: bytes
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dating:
    """When an article was published, and how we know. `published_at` is UTC; a date without a time leaves it None."""

    published_on: date | None
    published_at: datetime | None
    date_from: DateFrom | None
    date_precision: DatePrecision | None


@dataclass(frozen=True, slots=True)
class Article:
    """One readable record: clean text, what was taken from it, and where each fact comes from (contract §2, §4).

    `dateline_start` and `dateline_end` are code points of `body`; None where it has no dateline.
    """

    article_id: str
    member: str
    record_no: int
    source: str
    source_from: SourceFrom
    url: str | None
    title: str | None
    title_key: str | None
    body: str
    trailer: str | None
    byline: str | None
    headline_echo: str | None
    agency: str | None
    reporters: tuple[str, ...]
    editors: tuple[str, ...]
    language: str | None
    dateline_start: int | None
    dateline_end: int | None
    mojibake_suspected: bool
    dating: Dating
    encoding: str
    body_chars: int
    body_words: int
    content_sha256: str

    @property
    def dateline(self) -> tuple[int, int] | None:
        """Where in `body` the dateline stands."""
        start, end = self.dateline_start, self.dateline_end
        return None if start is None or end is None else (start, end)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that cannot be used, or not now. `outcome` is the ledger state that it leads to.

    `rest`: the refusal also stands for every record after it, which could not be read.
    """

    outcome: Literal["quarantined", "deferred", "vanished"]
    reason_code: str
    detail: str
    source: str = UNKNOWN_SOURCE
    sample: str = ""
    member: str = ""
    record_no: int = 1
    rest: bool = False


class Hit(NamedTuple):
    """One place where an alias stands. Offsets are code points into the article column that `zone` names."""

    entity_id: str
    alias: str
    zone: Zone
    start_char: int
    end_char: int
    why_not: WhyNot | None = None

    @property
    def is_counted(self) -> bool:
        """A hit counts unless something speaks against it."""
        return self.why_not is None


def article_id(bucket: str, key: str, member: str, record_no: int) -> str:
    r"""SHA-256 in hex of the UTF-8 bytes `bucket \0 key \0 member \0 record_no` (contract §4)."""
    return hashlib.sha256(f"{bucket}\0{key}\0{member}\0{record_no}".encode()).hexdigest()
