"""From a URL to the store behind it."""

from __future__ import annotations

import re
from pathlib import Path

from mediamonitor.errors import ConfigurationError
from mediamonitor.landing.folder import Folder
from mediamonitor.landing.s3 import S3Bucket
from mediamonitor.landing.store import Access, Store

_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}")


def open_store(url: str, access: Access | None = None) -> Store:
    """The store of a URL. Raises ConfigurationError for a scheme that this version does not read."""
    if url.startswith("s3://"):
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not bucket:
            raise ConfigurationError(f"{url!r} names no bucket; write s3://bucket/prefix")
        if not _BUCKET.fullmatch(bucket):
            raise ConfigurationError(f"{url!r}: {bucket!r} is not a valid bucket name; correct the URL")
        return S3Bucket(bucket, prefix.strip("/"), access or Access())
    if url.startswith("file://"):
        return Folder(Path(url.removeprefix("file://")))
    if "://" in url:
        raise ConfigurationError(f"{url!r}: this version reads s3://bucket/prefix and folders; use one of them")
    return Folder(Path(url).absolute())
