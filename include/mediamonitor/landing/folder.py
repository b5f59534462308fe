"""A folder of the local file system, with the manners of a bucket.

Files are listed, read and written with the system's own calls: obstore leaves out every file with a name like `a#1`,
one name with a control character makes its whole listing fail, and it takes six times as long to write a database
(docs/decisions.md). A file appears by rename.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from mediamonitor.article import Fetched
from mediamonitor.disk import cannot_write
from mediamonitor.errors import ConfigurationError, InfrastructureError
from mediamonitor.landing.store import (
    LISTING,
    ObjectChanged,
    ObjectDenied,
    ObjectFile,
    ObjectGone,
    Version,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FOLDER_BUCKET = "file"
"""What a folder has in the column `bucket`."""
_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{32}")
"""The names of files that `put` has not finished."""


class Folder:
    """A folder of the local file system; keys are paths below it, with forward slashes."""

    bucket = FOLDER_BUCKET
    prefix = ""

    def __init__(self, root: Path) -> None:
        self.root, self.url = root, str(root)

    def listing(self) -> pa.Table:
        try:
            if not stat.S_ISDIR(os.stat(self.root).st_mode):
                raise ConfigurationError(f"{self.root} is a file; name the folder that holds the files")
        except FileNotFoundError:
            raise ConfigurationError(f"folder {self.root} does not exist; create it or correct the setting") from None
        except OSError as error:
            shown = str(self.root)[:300]
            raise ConfigurationError(f"cannot look into {shown} ({error.strerror}); correct the setting") from None
        rows: list[tuple[str, str, int, int]] = []
        try:
            for path, status in _files(str(self.root), frozenset()):
                rows.append((path, _etag(status), status.st_size, status.st_mtime_ns // 1000))
            keys, etags, sizes, times = zip(*rows, strict=True) if rows else ((), (), (), ())
            below = len(str(self.root).rstrip("/")) + 1
            columns = [
                pa.array([key[below:] for key in keys], pa.string()),
                pa.array(etags, pa.string()),
                pa.array(sizes, pa.int64()),
                pa.array(times, pa.timestamp("us", tz="UTC")),
            ]
        except UnicodeEncodeError as error:
            raise ConfigurationError(
                f"{self.root} has a file whose name is not UTF-8: {os.fsencode(error.object)!r}; rename it"
            ) from None
        except OSError as error:
            raise InfrastructureError(f"listing {self.root} failed: {error}; nothing was changed, try again") from None
        return pa.Table.from_arrays(columns, schema=LISTING).sort_by("key")

    def get(self, key: str, etag: str | None = None) -> Fetched:
        with ObjectFile(_File(self.root / key, etag), {}) as file:
            return Fetched(file.read())

    def open(self, key: str, etag: str, size: int) -> ObjectFile:
        return ObjectFile(_File(self.root / key, etag), {})

    def head(self, key: str) -> Version:
        with _plain(key):
            status = os.stat(self.root / key)
        return Version(_etag(status), status.st_size, _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000))

    def head_bytes(self, key: str, count: int) -> bytes:
        with ObjectFile(_File(self.root / key, None), {}) as file:
            return file.read(count)

    def put(self, name: str, body: bytes | Path) -> None:
        target = self.root / name
        written = target.with_name(f".{target.name}.{uuid4().hex}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(self.root, error) from None
        try:
            if isinstance(body, Path):
                shutil.move(body, written)  # a rename, unless it comes from another file system
            else:
                written.write_bytes(body)
            written.replace(target)
        except PermissionError as error:
            raise ConfigurationError(f"cannot write {target} ({error.strerror}); let this user write there") from None
        except OSError as error:
            with suppress(OSError):
                written.unlink()
            raise InfrastructureError(f"writing {name!r} to {self.root} failed: {error.strerror}; try again") from None

    def read(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ConfigurationError(f"cannot read {self.root / name} ({error.strerror})") from None

    def local_path(self, name: str) -> Path | None:
        return self.root / name

    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def names(self, below: str = "") -> list[str]:
        files = (path for path in (self.root / below).rglob("*") if path.is_file())
        return sorted(path.relative_to(self.root).as_posix() for path in files)

    def sweep(self) -> int:
        left = [name for name in self.names() if _UNFINISHED.fullmatch(name.rpartition("/")[2])]
        for name in left:
            self.delete(name)
        return len(left)


class _File(io.RawIOBase):
    """A file that must be of this version when it is opened, and still when its end is reached."""

    def __init__(self, path: Path, etag: str | None) -> None:
        self._key, self._etag = path.name, etag
        with _plain(self._key):
            self._file = io.FileIO(path)
        self._check()

    def readable(self) -> bool:
        return True

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override]
        with _plain(self._key):
            count = self._file.readinto(into)
        if not count:
            self._check()
        return count

    def close(self) -> None:
        self._file.close()
        super().close()

    def _check(self) -> None:
        if self._etag is not None and _etag(os.fstat(self._file.fileno())) != self._etag:
            raise ObjectChanged(self._key)


def _files(folder: str, above: frozenset[tuple[int, int]]) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below, with its status. A link that leads back to a folder above it is passed over."""
    status = os.stat(folder)
    here = (status.st_dev, status.st_ino)
    if here in above:
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                if entry.is_dir():
                    yield from _files(entry.path, above | {here})
                elif entry.is_file():
                    yield entry.path, entry.stat()
            except FileNotFoundError:
                continue  # deleted while we looked: not there at the time of the listing


def _etag(status: os.stat_result) -> str:
    return f'"{status.st_ino:x}-{status.st_mtime_ns // 1000:x}-{status.st_size:x}"'


@contextmanager
def _plain(key: str) -> Iterator[None]:
    """The errors of the system as ours."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise ObjectGone(key) from None
    except PermissionError as error:
        raise ObjectDenied(str(error)) from None
    except OSError as error:
        raise InfrastructureError(str(error)) from None
