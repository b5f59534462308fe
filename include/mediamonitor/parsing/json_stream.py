"""JSON Lines and top-level arrays, cut into records without reading the whole file.

Each record comes as (its number, the byte at which it begins, its bytes), with None for one that is too large.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO

from mediamonitor.parsing.archives import Unreadable

BLOCK = 1 << 20
_MARK = b"\xef\xbb\xbf"
_SPACE = " \t\r\n"
Cut = Iterator[tuple[int, int, bytes | None]]


def lines(stream: IO[bytes], max_bytes: int) -> Cut:
    """The lines that are not blank, numbered from 1 with the blank ones."""
    number, offset, kept, too_large = 1, 0, b"", False
    while block := stream.read(BLOCK):
        *ended, rest = (kept + block).split(b"\n")
        for line in ended:
            if too_large or len(line) > max_bytes:
                yield number, offset, None
            elif content := (line.removeprefix(_MARK) if number == 1 else line).strip():
                yield number, offset, content
            number, offset, too_large = number + 1, offset + len(line) + 1, False
        if len(rest) > max_bytes:  # only its length still matters
            too_large, offset, rest = True, offset + len(rest), b""
        kept = rest
    if too_large or len(kept) > max_bytes:
        yield number, offset, None
    elif content := (kept.removeprefix(_MARK) if number == 1 else kept).strip():
        yield number, offset, content


def array_elements(stream: IO[bytes], max_bytes: int) -> Cut:
    """The elements of an array, numbered from 1. Raises Unreadable where it is broken: what follows cannot be told."""
    text = _Text(stream, max_bytes)
    text.skip("[")
    number = 1
    while (next_char := text.next_char()) != "]":
        if number > 1:
            if next_char != ",":
                raise Unreadable("json_invalid", f"byte {text.offset:,}: a comma or ] is missing after a record")
            text.skip(",")
            text.next_char()
        offset = text.offset
        yield number, offset, text.value(number)
        number += 1
    text.skip("]")
    if text.next_char():
        raise Unreadable("json_invalid", f"byte {text.offset:,}: something follows the array")


class _Text:
    """The text that has been read and not yet used."""

    def __init__(self, stream: IO[bytes], max_bytes: int) -> None:
        self._stream, self._max_bytes = stream, max_bytes
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at = "", 0
        self._ended = False
        self._bytes, self._counted = 0, 0  # bytes of all before this place of the text
        self._scan = json.JSONDecoder().raw_decode

    @property
    def offset(self) -> int:
        self._bytes += len(self._text[self._counted : self._at].encode())
        self._counted = self._at
        return self._bytes

    def next_char(self) -> str:
        """The next character that is no white space, or an empty string."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def skip(self, char: str) -> None:
        if self.next_char() == char:
            self._at += 1

    def value(self, number: int) -> bytes:
        """The next value as its bytes."""
        while True:
            try:
                _, end = self._scan(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._at <= self._max_bytes and self._more():
                    continue
                raise Unreadable("json_invalid", f"record {number} at byte {self.offset:,}: {_why(error)}") from None
            if end == len(self._text) and self._text[end - 1] not in '}]"' and self._more():
                continue  # a number may go on
            body = self._text[self._at : end].encode()
            self._at = end
            return body

    def _more(self) -> bool:
        """Read on; False at the end."""
        if self._ended:
            return False
        offset = self.offset
        block = self._stream.read(max(BLOCK, len(self._text) - self._at))
        self._ended = not block
        try:
            self._text = self._text[self._at :] + self._decode.decode(block, final=self._ended)
        except UnicodeDecodeError as error:
            raise Unreadable("encoding_invalid", f"not UTF-8 after byte {offset:,}: {error.reason}") from None
        self._at = self._counted = 0
        return True


def _why(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
