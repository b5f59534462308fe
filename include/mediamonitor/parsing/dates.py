"""When an article was published, and which day that is (contract §2). Never the wall clock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from mediamonitor.article import DateFrom, Dating
from mediamonitor.errors import ConfigurationError
from mediamonitor.parsing.dateline import Dateline
from mediamonitor.sources import Source

EARLIEST = date(1990, 1, 1)
"""Older dates are mistakes of the feed (years 1246 to 1970 were seen in real collections)."""
LATEST = timedelta(hours=36)
"""How far after its arrival an article may be dated: an edition that is uploaded the evening before, in any zone."""

OLDEST_DAYS = 330
"""A dateline further before its file's date counts as none."""
AHEAD_DAYS = 2
"""A dateline may be this much after its file's date: zones, and editions of the next day."""

_EPOCH = re.compile(r"1\d{9}(\d{3})?")
_HALF_DAY = re.compile(r"[ap]\.?m\b", re.IGNORECASE)
"""The date of an e-mail has none, and its parser would pass over it: half past eleven at night became morning."""
UNDATED = Dating(None, None, None, None)


class DateOutOfRange(Exception):
    """The date is not plausible; the message says why."""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What the key pattern tells: the source and the day, where it names them."""

    source: str | None = None
    day: date | None = None


class KeyPatterns:
    """Patterns such as `{source}/{yyyy}/{mm}/{dd}/`, tried in order against the key below the landing prefix."""

    def __init__(self, patterns: str) -> None:
        self._compiled = [self._compile(pattern.strip()) for pattern in patterns.split(",") if pattern.strip()]

    @staticmethod
    def _compile(pattern: str) -> re.Pattern[str]:
        parts = {
            "{source}": r"(?P<source>[^/]+)",
            "{yyyy}": r"(?P<y>\d{4})",
            "{mm}": r"(?P<m>\d{2})",
            "{dd}": r"(?P<d>\d{2})",
            "*": r"[^/]*",
        }
        pieces = re.split(r"(\{\w+\}|\*)", pattern)
        unknown = [piece for piece in pieces if piece.startswith("{") and piece not in parts]
        repeated = [piece for piece in pieces if piece.startswith("{") and pieces.count(piece) > 1]
        if unknown or repeated:
            wrong = (unknown or repeated)[0]
            allowed = "{source} {yyyy} {mm} {dd} once each, and *"
            raise ConfigurationError(f"MEDIAMONITOR_KEY_PATTERNS: {wrong} in {pattern!r}; use {allowed}")
        return re.compile("".join(parts.get(piece, re.escape(piece)) for piece in pieces))

    def read(self, key: str) -> KeyFacts:
        """The facts of the first pattern that fits and holds a real date."""
        for pattern in self._compiled:
            match = pattern.match(key)
            if match is None:
                continue
            found = match.groupdict()
            if {"y", "m", "d"} <= found.keys():
                try:
                    return KeyFacts(found.get("source"), date(int(found["y"]), int(found["m"]), int(found["d"])))
                except ValueError:
                    continue
            return KeyFacts(found.get("source"))
        return KeyFacts()


def date_article(last_modified: datetime, told: Iterable[tuple[DateFrom, str | date | None]], source: Source) -> Dating:
    """The first usable date among what is told, in its order, then the source's policy for undated articles.

    Text is ISO 8601, the date of an e-mail (RFC 5322), or seconds or milliseconds since 1970; other text counts as
    none. A time without an offset is taken in the source's zone. Raises DateOutOfRange.
    """
    for date_from, stamp in told:
        stamped = _stamp(stamp) if isinstance(stamp, str) else stamp
        if stamped is not None:
            return _checked(_dating(stamped, date_from, source), last_modified, source)
    if source.undated != "last_modified":
        return UNDATED
    day = last_modified.astimezone(source.zone).date()
    return _checked(Dating(day, last_modified, "last_modified", "arrival"), last_modified, source)


def nearest_date(dateline: Dateline, last_modified: datetime) -> date | None:
    """The day that the dateline names, or None where it names none or an impossible one.

    A written year is taken as it is. Otherwise it is the year that brings the day nearest to the UTC day of
    `last_modified` (which has a zone): at most AHEAD_DAYS after it and OLDEST_DAYS before it, else None.
    """
    if dateline.month is None or dateline.day is None:
        return None
    if dateline.year is not None:
        return _day(dateline.year, dateline.month, dateline.day)
    arrived = last_modified.astimezone(timezone.utc).date()
    days = (_day(arrived.year + step, dateline.month, dateline.day) for step in (-1, 0, 1))
    near = [day for day in days if day and -OLDEST_DAYS <= (day - arrived).days <= AHEAD_DAYS]
    return min(near, key=lambda day: abs(day - arrived), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _dating(stamped: date | datetime, date_from: DateFrom, source: Source) -> Dating:
    if not isinstance(stamped, datetime):
        return Dating(stamped, None, date_from, "day")
    moment = stamped if stamped.tzinfo else stamped.replace(tzinfo=source.zone)
    try:
        return Dating(moment.astimezone(source.zone).date(), moment.astimezone(timezone.utc), date_from, "time")
    except OverflowError:  # the first or last day of the calendar, seen from another zone
        raise DateOutOfRange(f"published {stamped} (from {date_from}), outside the calendar") from None


def _stamp(text: str) -> date | datetime | None:
    text = text.strip()
    try:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text[:10]), timezone.utc)
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        is_mail = text[:1].isalnum() and ":" in text and not _HALF_DAY.search(text)
        return parsedate_to_datetime(text) if is_mail else None
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


def _checked(dating: Dating, last_modified: datetime, source: Source) -> Dating:
    """The dating itself, if it is plausible."""
    assert dating.published_on is not None
    if dating.published_on < EARLIEST:
        raise DateOutOfRange(f"published {dating.published_on} (from {dating.date_from}), before {EARLIEST}")
    moment = dating.published_at or datetime.combine(dating.published_on, datetime.min.time(), tzinfo=source.zone)
    if moment - last_modified > LATEST:
        arrived = f"36 hours after it arrived on {last_modified:%Y-%m-%d}"
        raise DateOutOfRange(f"published {dating.published_on} (from {dating.date_from}), more than {arrived}")
    return dating
