"""What goes to a worker, as pickles on its standard input, and how its answers come back.

An answer is bare bytes behind their length: the worker has touched what strangers wrote, and its parent must not run
anything that comes from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from mediamonitor.article import Fetched, ObjectRef, Rejection

CHUNK_ITEMS = 256
CHUNK_BYTES = 1_000_000
MEMORY_BYTES = 1_500_000_000
"""Of a worker. No single article (20 MB) needs so much; what does is stopped before the machine is."""
OUT_OF_MEMORY = 3
"""Exit code of a worker that needed more."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What reading and matching depend on besides the objects; sent once. The texts are those the run is pinned to."""

    watchlist: str
    sources: str
    key_patterns: str
    prefix: str
    max_article_bytes: int
    rules_version: str


@dataclass(frozen=True, slots=True)
class Item:
    """One object to read."""

    ref: ObjectRef
    fetched: Fetched | Rejection
    """What was read, or why nothing was."""


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in lists that are worth the way to a worker."""
    chunk: list[Item] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += len(item.fetched.body) if isinstance(item.fetched, Fetched) else 0
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
