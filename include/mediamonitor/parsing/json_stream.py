"""JSON Lines and top-level arrays, cut into records without reading the whole file.

Each record comes as (its number, the byte at which it begins, its bytes), with None for one that is too large.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO

from mediamonitor.parsing.archives import Unreadable

BLOCK = 1 << 20
_MARK = b"\xef\xbb\xbf"
_SPACE = " \t\r\n"
_LONGEST_WORD = 16
"""Characters after which more text cannot mend an error: `-Infinity`, and an escape of two halves, are shorter."""
_IN_STRING = re.compile(r'["\\]')
_NESTED = re.compile(r'["\[\]{}]')
_FLAT = re.compile(r'["\[\]{},\s]')
Cut = Iterator[tuple[int, int, bytes | None]]


def lines(stream: IO[bytes], max_bytes: int) -> Cut:
    """The lines that are not blank, numbered from 1 with the blank ones."""
    number, offset, kept = 1, 0, b""
    passed = 0  # bytes of a line that is too large: only its length still matters
    while block := stream.read(BLOCK):
        *ended, rest = (kept + block).split(b"\n")
        for line in ended:
            if passed or len(line) > max_bytes:
                yield number, offset, None
            elif content := (line.removeprefix(_MARK) if number == 1 else line).strip():
                yield number, offset, content
            number, offset, passed = number + 1, offset + passed + len(line) + 1, 0
        if passed or len(rest) > max_bytes:
            passed, rest = passed + len(rest), b""
        kept = rest
    if passed or len(kept) > max_bytes:
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
        self._broken: Unreadable | None = None
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

    def value(self, number: int) -> bytes | None:
        """The next value as its bytes, or None where it is too large; what is wrong inside it is for others to say."""
        while True:
            try:
                _, end = self._scan(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._may_go_on(error):
                    raise self._invalid(number, error) from None
                if len(self._text) - self._at > self._max_bytes:
                    return self._passed_over()
                if not self._more():
                    raise self._invalid(number, error) from None
                continue
            except (ValueError, RecursionError):  # a number of too many digits, too many brackets
                return self._passed_over()
            if end > len(self._text) - len(".e+") and self._text[end - 1] not in '}]"' and self._more():
                continue  # a number may go on
            body = self._text[self._at : end].encode()
            self._at = end
            return body if len(body) <= self._max_bytes else None

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether this is but the end of what has been read. Errors in words and escapes are told where they begin."""
        return error.pos > len(self._text) - _LONGEST_WORD or error.msg.startswith("Unterminated string")

    def _invalid(self, number: int, error: json.JSONDecodeError) -> Unreadable:
        return Unreadable("json_invalid", f"record {number} at byte {self.offset:,}: {error.msg}")

    def _passed_over(self) -> bytes | None:
        """The next value, found by its brackets and quotes alone; None where it is too large."""
        nesting = _Nesting()
        kept: list[str] = []
        size = 0
        while True:
            end = nesting.end(self._text, self._at)
            part = self._text[self._at : end]
            size += len(part.encode())
            kept = [*kept, part] if size <= self._max_bytes else []
            self._at += len(part)
            if end is not None or not self._more():
                return "".join(kept).encode() if size <= self._max_bytes else None

    def _more(self) -> bool:
        """Read on; False at the end."""
        if self._broken:
            raise self._broken
        if self._ended:
            return False
        block = self._stream.read(max(BLOCK, len(self._text) - self._at))
        if not self._bytes and not self._text and block.startswith(_MARK):
            self._bytes = len(_MARK)
        offset = self.offset
        self._ended = not block
        left = self._text[self._at :]
        try:
            text = self._decode.decode(block, final=self._ended)
        except UnicodeDecodeError as error:  # told when what stands before it has been used
            good = error.object[: error.start]
            text = good.decode()
            at = offset + len(left.encode()) + len(good)
            self._broken = Unreadable("encoding_invalid", f"not UTF-8 at byte {at:,}: {error.reason}")
        self._text = left + text
        self._at = self._counted = 0
        return True


class _Nesting:
    """Where in a value its text stands that is read part by part."""

    def __init__(self) -> None:
        self._depth, self._in_string, self._escaped = 0, False, False

    def end(self, text: str, at: int) -> int | None:
        """Where the value ends in this part of its text, from `at` on; None where it goes on."""
        while at < len(text):
            if self._escaped:
                self._escaped, at = False, at + 1
                continue
            marks = _IN_STRING if self._in_string else _NESTED if self._depth else _FLAT
            if not (mark := marks.search(text, at)):
                return None
            at = mark.end()
            match mark.group():
                case "\\":
                    self._escaped = True
                    continue
                case '"':
                    self._in_string = not self._in_string
                case "[" | "{":
                    self._depth += 1
                case _ if not self._depth:  # what stands behind a number or word
                    return mark.start()
                case _:
                    self._depth -= 1
            if not self._depth and not self._in_string:
                return at
        return None
