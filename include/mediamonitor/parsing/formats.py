"""What a file is, told by its content (contract §1)."""

from __future__ import annotations

import json
import re

from mediamonitor.parsing.decode import BOMS

SNIFF_BYTES = 65_536
"""How much of an object is looked at to tell what it is."""

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"%PDF-": "not_text:pdf",
    b"\xff\xd8\xff": "not_text:jpeg",
    b"\x89PNG\r\n": "not_text:png",
    b"GIF8": "not_text:gif",
    b"PK\x03\x04": "not_text:zip",
    b"\xd0\xcf\x11\xe0": "not_text:ole",
    b"{\\rtf": "not_text:rtf",
    b"7z\xbc\xaf\x27\x1c": "not_text:7z",
    b"BZh": "not_text:bzip2",
    b"\xfd7zXZ\x00": "not_text:xz",
}
_ANY_MAGIC = re.compile(b"|".join(map(re.escape, _MAGIC)))
_RIFF = re.compile(rb"RIFF....(?:WAVE|WEBP|AVI )", re.DOTALL)
_USTAR = (b"ustar\0", b"ustar  \0")
"""With the NUL: `mustard` may stand anywhere in a text."""
_ARRAY = re.compile(rb"\[\s*\{")
_LONGEST_LITERAL = len("\\u12345") + 1
"""What is cut within `false` or an escape is told where that begins."""
_LINES_NAME = re.compile(r"\.(jsonl|ndjson)(\.(gz|gzip|zst|zstd))?$", re.IGNORECASE)
_JSON_NAME = re.compile(r"\.(jsonl|ndjson|json)(\.gz|\.zst)?$", re.IGNORECASE)
_HTML = re.compile(rb"(<\?xml[^>]*>\s*)?(?>(<!--.*?-->\s*)*)<(!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL)


def tell(head: bytes, key: str) -> str:
    """The format of a file by its first SNIFF_BYTES bytes and its name.

    One of `text`, `gzip`, `zstd`, `tar`, `json`, `html`, or `not_text:<kind>`.
    """
    magic = _ANY_MAGIC.match(head)
    if magic:
        return _MAGIC[magic.group()]
    if head.startswith(_USTAR, 257):
        return "tar"
    if _RIFF.match(head):
        return "not_text:riff"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_cut = len(head) == SNIFF_BYTES
    if _JSON_NAME.search(key) or _ARRAY.match(start) or (start.startswith(b"{") and _is_json(start, is_cut)):
        return "json"
    if _HTML.match(_narrow(head) or start):
        return "html"
    return "text"


def _narrow(head: bytes) -> bytes:
    """The beginning of a text in UTF-16 or UTF-32, told by its mark, as UTF-8; nothing of any other."""
    for mark, encoding in BOMS[1:]:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="ignore").lstrip().encode(errors="ignore")
    return b""


def holds_json_lines(start: bytes, name: str, is_cut: bool) -> bool:
    """Whether JSON that begins with `start` (all of it, unless `is_cut`) has a record on each line; else it is one.

    A line that is longer than `start` counts as one: a single record on a single line reads the same either way.
    """
    if _LINES_NAME.search(name) or b"\n" not in start.rstrip():
        return True
    return not _is_object_over_lines(start, is_cut) and _has_record_line(start)


def begins_with_line(start: bytes, name: str) -> bool:
    """Whether the `[` that JSON begins with is that of a line among others, not of an array around all records."""
    line, _, rest = start.partition(b"\n")
    return _LINES_NAME.search(name) is not None and bool(rest.strip()) and _is_whole(line)


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _is_json(start: bytes, is_cut: bool) -> bool:
    return _has_record_line(start) or _is_record(start) or _is_object_over_lines(start, is_cut)


def _is_object_over_lines(start: bytes, is_cut: bool) -> bool:
    """Whether this is one object that goes on behind its first line. Objects within it may have lines of their own."""
    first, _, _ = start.partition(b"\n")
    if not start.startswith(b"{") or _is_record(first):
        return False
    text = start.decode(errors="ignore")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as error:  # nothing wrong before the cut
        return is_cut and (error.msg.startswith("Unterminated string") or error.pos > len(text) - _LONGEST_LITERAL)
    except (ValueError, RecursionError):
        return False
    return not text[end:].strip()


def _has_record_line(start: bytes) -> bool:
    """Whether one of the first lines is a record. Those of JSON Lines are not indented."""
    return any(line.startswith(b"{") and _is_record(line) for line in start.splitlines()[:10])


def _is_record(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
