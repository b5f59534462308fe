"""Layers around texts: gzip and zstd, and tar. They come from strangers, so each is read in bounded memory.

Python's tarfile takes a broken header for the end of the archive; here only the end mark ends one.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

import zstandard

LONGEST_HEADER = 1_000_000
"""Bytes of a tar member's extended header: a long name and some times. tarfile reads it into memory whole."""
MOST_EMPTY_READS = 100
"""Behind the end of an archive. One that is whole, or is cut where tarfile sees it, needs a few."""
_EXTENDED = {
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
}
PACKED_BYTES = 1024
"""Taken at a time. zstd may make forty thousand bytes of one, and a bomb must not fill the memory before it is seen."""
_STARTS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "zstd": lambda: zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj(),
}
_CORRUPT = {"gzip": "gzip_corrupt", "zstd": "zstd_corrupt"}


@dataclass(frozen=True, slots=True)
class Unreadable(Exception):
    """What follows in this layer cannot be read. `layer` counts from 0, the object itself."""

    reason_code: str
    detail: str
    layer: int = 0


class Replayed(io.RawIOBase):
    """A stream of which `head`, its first bytes, has been looked at."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self._broken: Unreadable | None = None
        parts: list[bytes] = []
        try:
            while size and (part := stream.read(size)):
                parts.append(part)
                size -= len(part)
        except Unreadable as error:  # told where it lies, behind what could be read
            self._broken = error
        self.head = self._left = b"".join(parts)

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""
        if self._left:
            part = self._left[:size] if size >= 0 else self._left
            self._left = self._left[len(part) :]
            return part
        if self._broken:
            raise self._broken
        return self._stream.read(size)


class Inflated(io.RawIOBase):
    """What a gzip or zstd stream holds, up to where it breaks; there, and at a bomb, reading raises Unreadable."""

    def __init__(self, stream: IO[bytes], kind: str, most: int, layer: int) -> None:
        self._stream, self._kind, self._most, self._layer = stream, kind, most, layer
        self._start = _STARTS[kind]
        self._frame = self._start()
        self._ready, self._total = bytearray(), 0
        self._failed: Unreadable | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """`size` bytes, or what there is before the end or the break; none at the end.

        Shorter pieces would cost whoever puts a long line together time by the square of their number.
        """
        while len(self._ready) < max(size, 1) and not self._failed:
            try:
                if not self._inflate():
                    break
            except Unreadable as error:
                self._failed = error
        if self._failed and not self._ready:
            raise self._failed
        part = bytes(self._ready[:size] if size >= 0 else self._ready)
        del self._ready[: len(part)]
        return part

    def _inflate(self) -> bool:
        """Read on; False at the end."""
        packed = self._stream.read(PACKED_BYTES)
        if self._frame.eof:
            packed = (self._frame.unused_data + packed).lstrip(b"\0")  # tapes are padded
            if not packed:
                return False
            self._frame = self._start()
        try:
            piece = self._frame.decompress(packed)
        except (zlib.error, zstandard.ZstdError) as error:
            raise self._broken(f"broken: {error}") from None
        if not packed and not self._frame.eof:
            raise self._broken("cut")
        self._ready += piece
        self._total += len(piece)
        if self._total > self._most:
            raise Unreadable("decompression_bomb", f"it grows to over {self._most:,} bytes", self._layer)
        return True

    def _broken(self, how: str) -> Unreadable:
        return Unreadable(_CORRUPT[self._kind], f"{how} after {self._total:,} bytes of content"[:300], self._layer)


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive. `content` is None for what is no plain file: a link, a device, a sparse file."""

    name: str
    content: IO[bytes] | None


def tar_members(stream: IO[bytes], layer: int) -> Iterator[Member]:
    """The entries of a tar but its folders, each to be read before the next. Raises Unreadable."""
    header = type("Header", (_Header,), {"layer": layer})
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
