"""Bytes to text without a guess: by byte order mark, then strict UTF-8, then the charset that the source declares.

Guessing a charset changes counts in silence (docs/decisions.md), so a file that none of these reads is refused.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

BOMS = (  # UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks and what they say."""
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
_C0 = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
_ODD_BYTES = bytes(byte for byte in range(128) if _ODD.match(chr(byte)))
MOST_MARKS = 30
"""Combining marks in a row. Sorting them takes time by the square of their number; Unicode's Stream-Safe Text Format
(UAX #15, section 13) parts longer runs so, and no language has them."""
_JOINER = "\u034f"
KNOWN_ENCODINGS = frozenset(name for _, name in BOMS)
"""Encodings that are read without a declaration."""
PAGE_ENCODINGS = frozenset(
    [f"cp125{n}" for n in range(9)]
    + [f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)]
    + ["koi8-r", "koi8-u", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "mac-cyrillic"]
)
"""Encodings that a page of HTML may declare for itself, under the names that Python gives them."""


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """This record may not be read. `reason_code` as in docs/reason-codes.md."""

    reason_code: str
    detail: str
    source: str | None = None
    """As the record itself names it."""


def decode(raw: bytes, charset: str | None) -> tuple[str, str]:
    """Text (NFC, lines ended by `\\n`, no other control characters but tab) and the encoding it was read with.

    Raises Refused: `binary_content`, `encoding_suspect_utf16`, `encoding_invalid` (with the byte offset).
    """
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            return _strict(raw, encoding, len(mark)), encoding
    wide = charset is not None and charset.startswith(("utf-16", "utf-32"))  # declared: NUL bytes are no surprise
    zeros = 0 if wide else raw.count(0)
    if zeros:
        if zeros > len(raw) // 5:
            raise Refused(
                "encoding_suspect_utf16", f"{zeros} of {len(raw)} bytes are NUL and there is no byte order mark"
            )
        raise Refused("binary_content", f"NUL byte at offset {raw.index(0)}")
    try:
        return _strict(raw, "utf-8"), "utf-8"
    except Refused:
        if charset is None:
            raise
    return _strict(raw, charset), charset


def _strict(raw: bytes, encoding: str, mark: int = 0) -> str:
    """The text of all but the first `mark` bytes."""
    try:
        text = raw[mark:].decode(encoding, errors="strict")
    except UnicodeDecodeError as error:
        at = mark + error.start
        where = f"not {encoding} at byte {at} (0x{raw[at]:02X})"
        detail = f"{where}; declare the source's charset in sources.yaml if it has one"
        raise Refused("encoding_invalid", detail) from None
    if "\0" in text:
        raise Refused("binary_content", f"NUL character at offset {text.index(chr(0))}")
    return normalised(text)


def normalised(text: str) -> str:
    """The text in NFC, lines ended by `\\n`, no other control characters but tab."""
    plain = text.isascii()
    if _has_odd_bytes(text) if plain else _ODD.search(text):
        text = _C0.sub("", _LINE_ENDS.sub("\n", text))
    return text if plain else unicodedata.normalize("NFC", _parted(text))


def _parted(text: str) -> str:
    """The text with a joiner, which nobody sees, after each MOST_MARKS combining marks in a row."""
    if not any(map(unicodedata.combining, text[::MOST_MARKS])):  # every longer run meets one of these places
        return text
    return _long_run().sub(lambda run: run.group() + _JOINER, text)


@cache
def _long_run() -> re.Pattern[str]:
    marks = "".join(filter(unicodedata.combining, map(chr, range(0x20000))))  # there are none beyond
    return re.compile(f"[{marks}]{{{MOST_MARKS}}}(?=[{marks}])")


def _has_odd_bytes(text: str) -> bool:
    """What `_ODD` finds in a text of ASCII, five times as fast."""
    return len(text.encode().translate(None, _ODD_BYTES)) < len(text)
