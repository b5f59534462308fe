"""What one record says of itself, by its format: title, lines, and what it tells of its source, address and date."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from mediamonitor.article import DateFrom
from mediamonitor.parsing.decode import Refused, decode, normalised
from mediamonitor.parsing.records import Record

LONGEST_TITLE = 300
"""A longer first line is body (contract §1)."""
LONGEST_ONLY_LINE = 120
"""A file's only line is body when it is longer, else a title without a body."""
BODY_FIELDS = ("body", "text", "content")
SOURCE_FIELDS = ("source", "domain")
DATE_FIELDS = ("published_at", "date")

_BLANK = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\ufeff\u200b\u200c\u200d\u2060"
"""All white space, and what looks like nothing at all."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record before title, body and trailer are told apart further. `lines` are stripped; empty ones part paragraphs.

    `language` and `author` are as the record tells them, `published` is a date as it writes it; `date_from` says
    whether the record or a page's metadata tells that.
    """

    title: str | None
    lines: list[str]
    encoding: str
    url: str | None = None
    source: str | None = None
    language: str | None = None
    author: str | None = None
    published: str | None = None
    date_from: DateFrom = "record"


def stripped_lines(text: str) -> list[str]:
    """The lines without white space and invisible characters around them."""
    blank = None if text.isascii() else _BLANK
    return [line.strip(blank) for line in text.split("\n")]


def text_draft(record: Record, charset: str | None) -> Draft:
    """The article in this text. Raises Refused."""
    text, encoding = decode(record.body, charset)
    lines = stripped_lines(text)
    filled = [line for line in lines if line]
    if not filled:
        size = f"{len(record.body):,} bytes"
        raise Refused("empty_after_trim", f"{size}, all of them white space or invisible")
    first = filled[0]
    if len(first) > LONGEST_TITLE or (len(filled) == 1 and len(first) > LONGEST_ONLY_LINE):
        return Draft(None, lines, encoding)
    if len(filled) == 1:
        raise Refused("no_body", "a single short line: a title without a body")
    return Draft(first, lines[lines.index(first) + 1 :], encoding)


def json_draft(record: Record) -> Draft:
    """The article in this JSON object. Raises Refused."""
    where = f"record {record.record_no} at byte {record.offset:,}: "
    try:
        fields = _decoder().decode(record.body.decode("utf-8-sig").strip())
    except Refused as error:
        raise Refused(error.reason_code, where + error.detail) from None
    except UnicodeDecodeError as error:
        raise Refused("encoding_invalid", f"{where}not UTF-8 at its byte {error.start:,}; JSON must be") from None
    except json.JSONDecodeError as error:
        raise Refused("json_invalid", f"{where}{error.msg} (character {error.pos:,})") from None
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
        raise Refused("json_invalid", where + why) from None
    if not isinstance(fields, dict):
        raise Refused("json_invalid", f"{where}a record is an object with title and body, not {_kind(fields)}")
    source = _first(fields, SOURCE_FIELDS, where)
    try:
        return _draft(fields, source, where)
    except Refused as error:
        raise Refused(error.reason_code, error.detail, source) from None


def _draft(fields: dict[str, Any], source: str | None, where: str) -> Draft:
    body, title = _first(fields, BODY_FIELDS, where), _string(fields, "title", where)
    if not body:
        raise Refused("no_body", f"{where}none of the fields {', '.join(BODY_FIELDS)} holds text")
    date_name = next((name for name in DATE_FIELDS if fields.get(name) not in (None, "")), "")
    stamp: Any = fields.get(date_name)
    return Draft(
        title=" ".join(title.split()) if title else None,
        lines=stripped_lines(body),
        encoding="utf-8",
        url=_string(fields, "url", where),
        source=source,
        language=_language(_string(fields, "language", where)),
        author=_string(fields, "author", where),
        published=str(int(stamp)) if type(stamp) in (int, float) else _string(fields, date_name, where),
    )


def _language(told: str | None) -> str | None:
    """`de` of `de-AT`; anything but a language code says nothing."""
    code = (told or "").lower().replace("_", "-").partition("-")[0]
    return code if len(code) == 2 and code.isalpha() and code.isascii() else None


def _first(fields: dict[str, Any], names: Iterable[str], where: str) -> str | None:
    return next((found for name in names if (found := _string(fields, name, where))), None)


def _string(fields: dict[str, Any], name: str, where: str) -> str | None:
    """The text of a field that is there and not blank."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused("json_invalid", f"{where}{name} is {_kind(value)}, not text")
    if "\0" in value:
        raise Refused("binary_content", f"{where}{name} holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused("encoding_invalid", f"{where}{name} holds half a surrogate pair") from None
    return normalised(value).strip(_BLANK) or None


def _kind(value: object) -> str:
    names: dict[type, str] = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise Refused("json_duplicate_key", f"the key {twice[:50]!r} stands twice, and nobody says which one counts")
    return fields


def _no_number(name: str) -> float:
    raise Refused("json_invalid", f"{name} is no number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits[:50])


@cache
def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite)
