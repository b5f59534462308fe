"""What goes to a worker, as pickles on its standard input, and how its answers come back.

An answer is bare bytes behind their length: the worker has touched what strangers wrote, and its parent must not run
anything that comes from there.
"""

from __future__ import annotations

import resource
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import IO, Any, NamedTuple

from mediamonitor.article import ObjectRef, Rejection
from mediamonitor.parsing.records import Record
from mediamonitor.parsing.samples import sample

CHUNK_ITEMS = 256
CHUNK_BYTES = 1_000_000
MEMORY_BYTES = 1_500_000_000
"""Of a worker. No single article (20 MB) needs so much; what does is stopped before the machine is."""
OUT_OF_MEMORY = 3
"""Exit code of a worker that needed more."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What reading and matching depend on besides the records; sent once. The texts are those the run is pinned to."""

    watchlist: str
    sources: str
    key_patterns: str
    prefix: str
    rules_version: str


class Item(NamedTuple):
    """One record to read, with the object it stands in and that object's metadata, or why there is none."""

    ref: ObjectRef
    metadata: dict[str, str]
    record: Record | Rejection

    def refused(self, reason_code: str, detail: str) -> Rejection:
        """The refusal of this record."""
        place = {"member": self.record.member, "record_no": self.record.record_no}
        body = self.record.body if isinstance(self.record, Record) else b""
        return Rejection("quarantined", reason_code, detail, sample=sample(body), **place)  # type: ignore[arg-type]


WORKS = Item(
    ObjectRef("", "a.txt", 0, "", 0, datetime(2026, 3, 2, tzinfo=timezone.utc)),
    {},
    Record("text", b"A ferry returns to harbour\n\nIt spent the night at sea and nobody was hurt."),
)
"""An item that every sound worker can read."""


def memory_bytes() -> int:
    """What a worker may use: MEMORY_BYTES, or less where the limits that it inherits from this process are lower."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    return MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in lists that are worth the way to a worker."""
    chunk: list[Item] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += len(item.record.body) if isinstance(item.record, Record) else 0
        if len(chunk) == CHUNK_ITEMS or size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def write_answer(stream: IO[bytes], answer: Any) -> None:
    """Answer with these bytes (anything with a buffer)."""
    content = memoryview(answer)
    stream.write(len(content).to_bytes(8, "big"))
    stream.write(content)
    stream.flush()


def read_answer(stream: IO[bytes]) -> bytes:
    """One whole answer. Raises EOFError when the worker has ended."""
    size = stream.read(8)
    content = stream.read(int.from_bytes(size, "big")) if len(size) == 8 else b""
    if not size or len(content) < int.from_bytes(size, "big"):
        raise EOFError
    return content
