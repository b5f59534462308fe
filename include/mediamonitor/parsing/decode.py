"""Bytes to text without a guess: by byte order mark, then strict UTF-8, then the charset that the source declares.

Guessing a charset changes counts in silence (docs/decisions.md), so a file that none of these reads is refused.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

_BOMS = (  # UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
_C0 = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
_ODD_BYTES = bytes(byte for byte in range(128) if _ODD.match(chr(byte)))
KNOWN_ENCODINGS = frozenset(name for _, name in _BOMS)
"""Encodings that are read without a declaration."""


@dataclass(frozen=True, slots=True)
class Undecodable(Exception):
    """These bytes are not text that may be read. `reason_code` as in docs/reason-codes.md."""

    reason_code: str
    detail: str


def decode(raw: bytes, charset: str | None) -> tuple[str, str]:
    """Text (NFC, lines ended by `\\n`, no other control characters but tab) and the encoding it was read with.

    Raises Undecodable: `binary_content`, `encoding_suspect_utf16`, `encoding_invalid` (with the byte offset).
    """
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return _strict(raw, encoding, len(mark)), encoding
    wide = charset is not None and charset.startswith(("utf-16", "utf-32"))  # declared: NUL bytes are no surprise
    zeros = 0 if wide else raw.count(0)
    if zeros:
        if zeros > len(raw) // 5:
            raise Undecodable(
                "encoding_suspect_utf16", f"{zeros} of {len(raw)} bytes are NUL and there is no byte order mark"
            )
        raise Undecodable("binary_content", f"NUL byte at offset {raw.index(0)}")
    try:
        return _strict(raw, "utf-8"), "utf-8"
    except Undecodable:
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
        raise Undecodable("encoding_invalid", detail) from None
    if "\0" in text:
        raise Undecodable("binary_content", f"NUL character at offset {text.index(chr(0))}")
    plain = text.isascii()
    if _has_odd_bytes(text) if plain else _ODD.search(text):
        text = _C0.sub("", _LINE_ENDS.sub("\n", text))
    return text if plain else unicodedata.normalize("NFC", text)


def _has_odd_bytes(text: str) -> bool:
    """What `_ODD` finds in a text of ASCII, five times as fast."""
    return len(text.encode().translate(None, _ODD_BYTES)) < len(text)
