"""Layers around texts, gzip and zstd (the third is in tar.py). They come from strangers: memory is bounded."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

import zstandard

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
            while not packed and (more := self._stream.read(PACKED_BYTES)):  # a hole of zeros is no end
                packed = more.lstrip(b"\0")
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
