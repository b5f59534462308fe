"""An object of any size as a file: one range after the other, one in memory."""

from __future__ import annotations

import io
from collections.abc import Callable

RANGE_BYTES = 8_000_000
"""Large enough that a request costs nothing beside its bytes, small enough that many may be open."""


class Ranges(io.RawIOBase):
    """Reads `size` bytes through `read_range(start, stop)`, which returns just those or raises. `first` is read."""

    def __init__(self, read_range: Callable[[int, int], bytes], first: bytes, size: int) -> None:
        self._read_range, self._size = read_range, size
        self._held, self._used, self._read = memoryview(first), 0, len(first)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `into` as far as the range in memory goes; 0 at the end of the object."""
        if self._used == len(self._held) and self._read < self._size:
            stop = min(self._read + RANGE_BYTES, self._size)
            self._held, self._used = memoryview(b""), 0  # let go of the last range before the next one comes
            self._held = memoryview(self._read_range(self._read, stop))
            self._read = stop
        part = self._held[self._used : self._used + len(into)]
        into[: len(part)] = part
        self._used += len(part)
        return len(part)
