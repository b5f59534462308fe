"""One writer at a time: an OS lock on a file beside the database.

DuckDB's own lock is a POSIX record lock, which any other close() of the file in this process drops; two writers then
overwrite each other in silence (docs/decisions.md). `flock` on a file that nothing else opens has no such hole.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mediamonitor.disk import cannot_write
from mediamonitor.errors import InfrastructureError


@contextmanager
def exclusive(path: Path, timeout_seconds: float) -> Iterator[None]:
    """Hold the lock file; wait at most `timeout_seconds`. Raises InfrastructureError that names the holder.

    Raises ConfigurationError where it cannot be written, InfrastructureError where the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise cannot_write(path.parent, error) from None
    try:
        _wait(handle, path, time.monotonic() + timeout_seconds)
        _sign(handle, path)
        yield
    finally:
        os.close(handle)


def _sign(handle: int, path: Path) -> None:
    """Leave our name for whoever waits."""
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
    except OSError as error:
        raise cannot_write(path.parent, error) from None


def _wait(handle: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = os.pread(handle, 200, 0).decode(errors="replace") or "another process"
                raise InfrastructureError(
                    f"the warehouse is in use by {holder} (lock {path}); wait for it to end, then try again"
                ) from None
            time.sleep(0.2)
