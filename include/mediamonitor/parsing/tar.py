"""Archives of files. Python's tarfile takes a broken header for the end of one; here only the end mark is.

They come from strangers: what a header makes tarfile do is looked at first, so that time and memory go with its length.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

from mediamonitor.parsing.archives import Unreadable

LONGEST_HEADER = 1_000_000
"""Bytes of a tar member's extended header: a long name and some times. tarfile reads it into memory whole."""
MOST_GLOBAL = 10_000
"""Bytes of the headers that hold for all members of an archive (git writes 52). tarfile goes through them for each."""
LONGEST_NUMBER = 255
"""Digits in a row in an extended header, in a name too; tarfile takes time by their square (CVE-2024-6232)."""
MOST_EMPTY_READS = 100
"""Behind the end of an archive. One that is whole, or is cut where tarfile sees it, needs a few."""
_EXTENDED = {
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
}
_RECORD = re.compile(rb"(\d+) ")
"""`26 path=2026/03/02/a.txt`: the length of all of it, and what it says."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive. `content` is None for what is no plain file: a link, a device, a sparse file."""

    name: str
    content: IO[bytes] | None


def tar_members(stream: IO[bytes], layer: int) -> Iterator[Member]:
    """The entries of a tar but its folders, each to be read before the next. Raises Unreadable."""
    header = type("Header", (_Header,), {"layer": layer, "global_bytes": 0})
    ending = cast(IO[bytes], _Ending(stream))
    try:
        with tarfile.open(
            fileobj=ending, mode="r|", tarinfo=header, encoding="utf-8", errors="backslashreplace"
        ) as archive:
            while (entry := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # or it remembers every entry
                if entry.isdir():
                    continue
                # A sparse file may declare any size, and tarfile makes NULs of what it does not hold.
                content = archive.extractfile(entry) if entry.isreg() and not entry.issparse() else None
                yield Member(entry.name, cast(IO[bytes], _Content(content, layer)) if content else None)
    except RecursionError:  # tarfile reads the header behind an extended one inside it
        raise Unreadable("tar_corrupt", "broken: too many extended headers in a row", layer) from None
    except (tarfile.TarError, EOFError, ValueError, OverflowError, IndexError) as error:
        raise Unreadable("tar_corrupt", f"broken or cut: {error}"[:300], layer) from None


class _Ending(io.RawIOBase):
    """The bytes of an archive. Reading on and on behind their end is an error.

    Where a header declares more than there is, tarfile goes on to the declared end block by block, though none comes.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._empty = stream, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""
        part = self._stream.read(size)
        self._empty = 0 if part else self._empty + 1
        if self._empty > MOST_EMPTY_READS:
            raise tarfile.ReadError("it ends before what its headers declare")
        return part


class _Content(io.RawIOBase):
    """The content of a member, or an error: tarfile tells of a cut archive only where it is read."""

    def __init__(self, content: IO[bytes], layer: int) -> None:
        self._content, self._layer = content, layer

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""
        try:
            return self._content.read(size)
        except tarfile.TarError as error:
            raise Unreadable("tar_corrupt", f"broken or cut: {error}"[:300], self._layer) from None


class _Header(tarfile.TarInfo):
    """A header that is whole, or an error."""

    layer: int
    global_bytes: int

    @classmethod
    def fromtarfile(cls, tarfile_: Any) -> Any:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # the end mark
            raise
        except tarfile.HeaderError as error:
            why = str(error) if str(error) != "empty header" else "it ends without its end mark"
            raise Unreadable("tar_corrupt", f"broken or cut at byte {tarfile_.offset:,}: {why}", cls.layer) from None

    def _proc_member(self, tarfile_: Any) -> Any:
        if self.type in _EXTENDED and self.size > LONGEST_HEADER:
            raise Unreadable("tar_corrupt", f"an extended header of {self.size:,} bytes", self.layer)
        return super()._proc_member(tarfile_)  # type: ignore[misc]

    def _proc_pax(self, tarfile_: Any) -> Any:
        own = type(self)
        own.global_bytes += self.size if self.type == tarfile.XGLTYPE else 0
        if own.global_bytes > MOST_GLOBAL:
            raise Unreadable("tar_corrupt", f"headers for all members of over {MOST_GLOBAL:,} bytes", self.layer)
        stream = tarfile_.fileobj
        header = stream.read(self._block(self.size))  # type: ignore[attr-defined]
        if not _is_plain(header):
            raise Unreadable("tar_corrupt", "broken: an extended header that is none", self.layer)
        tarfile_.fileobj = _Again(header, stream)
        try:
            return super()._proc_pax(tarfile_)  # type: ignore[misc]
        finally:
            tarfile_.fileobj = stream

    # The map of a sparse file may be as large as the file, and nobody asks for it.
    def _proc_gnusparse_00(self, entry: Any, *_: Any) -> None:
        entry.sparse = []

    # A header for all members may say the map of 0.1, and tarfile would read it once for each.
    _proc_gnusparse_01 = _proc_gnusparse_10 = _proc_gnusparse_00

    def _proc_sparse(self, tarfile_: Any) -> Any:
        _, goes_on, size = self._sparse_structs
        while goes_on:
            goes_on = tarfile_.fileobj.read(tarfile.BLOCKSIZE)[504]
        self._sparse_structs: Any = [], False, size
        return super()._proc_sparse(tarfile_)  # type: ignore[misc]


class _Again:
    """A stream of an archive of which `header`, what tarfile reads next, has been looked at."""

    def __init__(self, header: bytes, stream: Any) -> None:
        self._header, self._stream = header, stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def read(self, size: int) -> bytes:
        """At most `size` bytes."""
        header, self._header = self._header, b""
        return header or self._stream.read(size)


def _is_plain(header: bytes) -> bool:
    """Whether tarfile reads this extended header in time and memory that go with its length."""
    if any(len(number) > LONGEST_NUMBER for number in re.findall(rb"\d+", header)):
        return False
    at = 0
    while record := _RECORD.match(header, at):
        end = at + int(record[1])
        if end <= record.end() or header.find(b"=", record.end(), end) < 0:
            return False
        at = end
    return True
