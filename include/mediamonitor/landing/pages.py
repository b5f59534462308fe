"""Pages of a bucket's listing (ListObjectsV2, `encoding-type=url`), read with lxml into Arrow."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import pyarrow as pa
from lxml import etree

from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.store import LISTING, quoted

_ANY = "{*}"  # some servers leave the XML namespace out; a listing that finds nothing for that must not pass


def parse_page(content: bytes) -> tuple[Any, str | None]:
    """One page (see `objects_of`), and the token of the next or None. Raises InfrastructureError for anything else."""
    page = _root(content)
    if etree.QName(page).localname != "ListBucketResult":
        raise InfrastructureError("the answer is no listing")
    if page.findtext(f"{_ANY}IsTruncated") != "true":
        return page, None
    token = page.findtext(f"{_ANY}NextContinuationToken")
    if not token:
        raise InfrastructureError("a page says that it is cut but names no next one")
    return page, token


def objects_of(page: Any) -> pa.RecordBatch:
    """The objects of a page. Raises InfrastructureError where one is told in part."""
    keys, etags, sizes, times = (
        [item.text for item in page.iter(_ANY + name)] for name in ("Key", "ETag", "Size", "LastModified")
    )
    if not len(keys) == len(etags) == len(sizes) == len(times):
        raise InfrastructureError("a page has objects without an ETag, a size or a time")
    columns = [
        pa.array([unquote_plus(key) if "%" in key or "+" in key else key for key in keys], pa.string()),
        pa.array([quoted(etag) if etag else None for etag in etags], pa.string()),
        pa.array(sizes, pa.string()).cast(pa.int64()),
        pa.array(times, pa.string()).cast(LISTING.types[3]),
    ]
    return pa.record_batch(columns, schema=LISTING)


def parse_error(content: bytes) -> tuple[str, str]:
    """Code and message of an error answer; empty where it has none."""
    try:
        root = _root(content)
    except InfrastructureError:
        return "", ""
    return root.findtext(f"{_ANY}Code") or "", root.findtext(f"{_ANY}Message") or ""


def _root(content: bytes) -> Any:
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        raise InfrastructureError(f"the answer is no XML: {error}") from None
