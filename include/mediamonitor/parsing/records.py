"""What stands inside an object: its records, told by content (contract §1), one after the other in bounded memory.

Compressed files and archives are opened here and their texts handed on unread. A record that cannot be used costs only
itself; where the rest of an object cannot be reached the last refusal says so (`rest`).
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal, NamedTuple, cast

from mediamonitor.article import Rejection
from mediamonitor.errors import MediaMonitorError
from mediamonitor.parsing import archives, tar
from mediamonitor.parsing.archives import Unreadable
from mediamonitor.parsing.formats import SNIFF_BYTES, begins_with_line, holds_json_lines, tell
from mediamonitor.parsing.json_stream import array_elements, lines
from mediamonitor.parsing.samples import sample

DEEPEST = 2
"""Layers that are opened: a gzip of a tar of texts has two."""
RATIO = 200
"""An object may grow to so many times its own size (contract §1)."""
_PACKED_NAME = re.compile(r"\.(gz|gzip|zst|zstd)$", re.IGNORECASE)


class Record(NamedTuple):
    """One record as its bytes. `offset` is the byte at which it begins in its file, for messages."""

    kind: Literal["text", "html", "json"]
    body: bytes
    member: str = ""
    record_no: int = 1
    offset: int = 0


@dataclass(slots=True)
class Limits:
    """`max_bytes` of one record, `size_bytes` of the object that all comes from."""

    max_bytes: int
    size_bytes: int


def records_of(body: bytes, key: str, max_bytes: int) -> Iterator[Record | Rejection]:
    """The records of an object that was read whole."""
    kind = tell(body[:SNIFF_BYTES], key)
    if kind in {"text", "html"} and 0 < len(body) <= max_bytes:
        yield Record(cast('Literal["text", "html"]', kind), body)
    else:
        yield from records_in(io.BytesIO(body), key, Limits(max_bytes, len(body)))


def records_in(stream: IO[bytes], key: str, limits: Limits) -> Iterator[Record | Rejection]:
    """The records of an object that is read as it comes; at least one record or refusal. Errors of `stream` pass.

    A fault of ours in the reading costs the rest of this object, not the run.
    """
    reader = _Unpacking(limits)
    found = False
    try:
        for record in reader.unpack(stream, key, layers=0):
            found = True
            yield record
    except Unreadable as error:
        yield reader.refusal(error.reason_code, error.detail, rest=True)
    except (MemoryError, OSError, MediaMonitorError):
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"[:200]
        yield reader.refusal("crashes_parser", f"{what} (a fault of Media Monitor; report it)", rest=True)
    else:
        if not found:
            yield reader.refusal("no_records", "there is no record in it")


class _Unpacking:
    """Where the reading of one object stands."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._member, self._record_no = "", 1
        self._copies: Counter[str] = Counter()
        self._names: set[str] = set()

    def refusal(self, reason_code: str, detail: str, head: bytes = b"", rest: bool = False) -> Rejection:
        """A refusal of the record that is next."""
        return Rejection(
            "quarantined",
            reason_code,
            detail,
            sample=sample(head),
            member=self._member,
            record_no=self._record_no,
            rest=rest,
        )

    def unpack(self, stream: IO[bytes], name: str, layers: int) -> Iterator[Record | Rejection]:
        """The records of one file; `layers` says how many were opened to get at it."""
        looked_at = archives.Replayed(stream, SNIFF_BYTES)
        head, stream = looked_at.head, cast(IO[bytes], looked_at)
        kind = tell(head, name)
        if not head and not stream.read(1):  # or it is broken from the beginning
            yield self.refusal("empty_file", "zero bytes")
        elif kind in {"gzip", "zstd", "tar"} and layers == DEEPEST:
            yield self.refusal("nested_too_deep", f"a {kind} inside {layers} other layers; pack it once", head)
        elif kind in {"gzip", "zstd"}:
            most = RATIO * self._limits.size_bytes
            inner = cast(IO[bytes], archives.Inflated(stream, kind, most, layers))
            yield from self.unpack(inner, _PACKED_NAME.sub("", name), layers + 1)
        elif kind == "tar":
            yield from self._members_of(stream, layers)
        elif kind == "json":
            yield from self._json(stream, head, name)
        elif kind in {"text", "html"}:
            yield self._whole(stream, cast('Literal["text", "html"]', kind), head)
        else:
            yield self.refusal(kind, f"the content is {kind.partition(':')[2]}, not an article text", head)

    def _whole(self, stream: IO[bytes], kind: Literal["text", "html", "json"], head: bytes) -> Record | Rejection:
        """All of a file as one record."""
        body = _read(stream, self._limits.max_bytes + 1)
        if len(body) > self._limits.max_bytes:
            return self.refusal("too_large", self._too_large("it"), head)
        return Record(kind, body, self._member, self._record_no)

    def _too_large(self, what: str) -> str:
        return f"{what} has over {self._limits.max_bytes:,} bytes (MEDIAMONITOR_MAX_ARTICLE_BYTES)"

    def _members_of(self, stream: IO[bytes], layers: int) -> Iterator[Record | Rejection]:
        for member in tar.tar_members(stream, layers):
            self._member, self._record_no = self._own_name(member.name), 1
            if member.content is None:
                yield self.refusal("not_text:link", "a link, device or sparse file in an archive, not a plain file")
            else:
                yield from self._member_of(member.content, member.name, layers)
            self._record_no += 1  # where the archive breaks off here, it is told of no record that has its outcome
        self._member, self._record_no = "", 1

    def _member_of(self, content: IO[bytes], name: str, layers: int) -> Iterator[Record | Rejection]:
        try:
            yield from self.unpack(content, name, layers + 1)
        except Unreadable as error:
            if error.layer <= layers:  # it is the archive that is broken, not this member
                raise
            yield self.refusal(error.reason_code, error.detail, rest=True)

    def _own_name(self, name: str) -> str:
        """The name of a member, with `#2` and so on behind it where it is taken: articles are told apart by it."""
        own = name
        while own in self._names:
            self._copies[name] = max(self._copies[name], 1) + 1
            own = f"{name}#{self._copies[name]}"
        self._names.add(own)
        return own

    def _json(self, stream: IO[bytes], head: bytes, name: str) -> Iterator[Record | Rejection]:
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith(b"[") and not begins_with_line(start, name):
            found = array_elements(stream, self._limits.max_bytes)
        elif holds_json_lines(start, name, is_cut=len(head) == SNIFF_BYTES):
            found = lines(stream, self._limits.max_bytes)
        else:
            yield self._whole(stream, "json", head)
            return
        for number, offset, body in found:
            self._record_no = number
            if body is None:
                yield self.refusal("too_large", self._too_large(f"record {number} at byte {offset:,}"))
            else:
                yield Record("json", body, self._member, number, offset)
            self._record_no = number + 1


def _read(stream: IO[bytes], size: int) -> bytes:
    """So many bytes, or all there are."""
    parts = []
    while size and (part := stream.read(min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
