"""What an object is, told by its content (contract §1). This version reads text and refuses the rest by name."""

from __future__ import annotations

import json
import re

SNIFF_BYTES = 65_536
"""How much of an object is looked at to tell what it is."""

_COMPRESSED = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_NOT_TEXT = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n", "png"),
    (b"GIF8", "gif"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"{\\rtf", "rtf"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
)
_RIFF = re.compile(rb"RIFF....(?:WAVE|WEBP|AVI )", re.DOTALL)
_USTAR = (b"ustar\0", b"ustar  \0")
"""With the NUL: `mustard` may stand anywhere in a text."""
_JSON_NAME = re.compile(r"\.(jsonl|ndjson|json)(\.gz|\.zst)?$", re.IGNORECASE)
_HTML = re.compile(rb"(<\?xml[^>]*>\s*)?(?>(<!--.*?-->\s*)*)<(!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL)


def tell(head: bytes, key: str) -> str:
    """The format of an object by its first SNIFF_BYTES bytes and its key.

    One of `text`, `gzip`, `zstd`, `tar`, `json`, `html`, or `not_text:<kind>`.
    """
    for magic, name in _COMPRESSED:
        if head.startswith(magic):
            return name
    if head.startswith(_USTAR, 257):
        return "tar"
    for magic, name in _NOT_TEXT:
        if head.startswith(magic):
            return f"not_text:{name}"
    if _RIFF.match(head):
        return "not_text:riff"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _JSON_NAME.search(key) or (start.startswith(b"{") and any(_parses(line) for line in start.splitlines()[:10])):
        return "json"
    if _HTML.match(start[:4096]):
        return "html"
    return "text"


def _parses(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
