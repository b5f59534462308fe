"""A folder of the local file system, with the manners of a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import obstore
import pyarrow as pa
from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError
from obstore.store import LocalStore

from mediamonitor.article import Fetched
from mediamonitor.errors import ConfigurationError, InfrastructureError
from mediamonitor.landing.store import LISTING, ObjectChanged, ObjectDenied, ObjectGone, one_line

FOLDER_BUCKET = "file"
"""What a folder has in the column `bucket`."""


class Folder:
    """A folder of the local file system; keys are paths below it, with forward slashes."""

    bucket = FOLDER_BUCKET
    prefix = ""

    def __init__(self, root: Path) -> None:
        self.root, self.url = root, str(root)
        self._opened: LocalStore | None = None

    def _store(self) -> LocalStore:
        try:
            if self._opened is None:
                self._opened = LocalStore(self.root, mkdir=False)
            return self._opened
        except (BaseError, ValueError, OSError):
            raise ConfigurationError(f"folder {self.root} does not exist; create it or correct the setting") from None

    def listing(self) -> pa.Table:
        rows: dict[str, list[Any]] = {name: [] for name in LISTING.names}
        try:
            for chunk in obstore.list(self._store(), chunk_size=1000):
                for meta in chunk:
                    rows["key"].append(meta["path"])
                    rows["etag"].append(meta["e_tag"])
                    rows["size_bytes"].append(meta["size"])
                    rows["last_modified"].append(meta["last_modified"])
        except (BaseError, OSError) as error:
            raise InfrastructureError(f"listing {self.root} failed: {one_line(str(error))}") from None
        return pa.table(rows, schema=LISTING).sort_by("key")

    def get(self, key: str, etag: str | None = None) -> Fetched:
        try:
            return Fetched(bytes(obstore.get(self._store(), key, options={"if_match": etag} if etag else None).bytes()))
        except FileNotFoundError:
            raise ObjectGone(key) from None
        except PreconditionError:
            raise ObjectChanged(key) from None
        except (PermissionError, PermissionDeniedError) as error:
            raise ObjectDenied(one_line(str(error))) from None
        except (BaseError, OSError) as error:
            raise InfrastructureError(one_line(str(error))) from None

    def head_bytes(self, key: str, count: int) -> bytes:
        with (self.root / key).open("rb") as file:
            return file.read(count)

    def put(self, name: str, body: bytes | Path) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"cannot write to {self.root} ({error.strerror}); choose a folder that this user may write to"
            ) from None
        obstore_put(self._store(), name, body, self.url)

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


def obstore_put(store: Any, key: str, body: bytes | Path, url: str) -> None:
    """Put through obstore, its errors as ours. A folder's file appears by rename, a bucket's object by one PUT."""
    try:
        obstore.put(store, key, body)
    except (PermissionError, PermissionDeniedError, UnauthenticatedError) as error:
        raise ConfigurationError(f"no permission to write to {url}: {one_line(str(error))}") from None
    except (BaseError, OSError) as error:
        hint = "no permission to write there; choose another place" if "ermission denied" in str(error) else "try again"
        kind = ConfigurationError if "ermission denied" in str(error) else InfrastructureError
        raise kind(f"writing {key!r} to {url} failed: {one_line(str(error))}; {hint}") from None
