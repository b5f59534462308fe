"""When an article was published, and which day that is (contract §2). Never the wall clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from mediamonitor.article import Dating
from mediamonitor.errors import ConfigurationError
from mediamonitor.sources import Source

EARLIEST = date(1990, 1, 1)
"""Older dates are mistakes of the feed (years 1246 to 1970 were seen in real collections)."""
LATEST = timedelta(hours=36)
"""How far after its arrival an article may be dated: an edition that is uploaded the evening before, in any zone."""

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


def date_article(last_modified: datetime, published: str | None, key_day: date | None, source: Source) -> Dating:
    """The date by the contract's order: object metadata, key pattern, then the source's policy for undated articles.

    `published` is the object's metadata `published-at`; text that is no ISO 8601 date counts as none. A time without an
    offset is taken in the source's zone. Raises DateOutOfRange.
    """
    dating = UNDATED
    stamped = _iso(published) if published else None
    if isinstance(stamped, datetime):
        moment = stamped if stamped.tzinfo else stamped.replace(tzinfo=source.zone)
        try:
            dating = Dating(moment.astimezone(source.zone).date(), moment.astimezone(timezone.utc), "metadata", "time")
        except OverflowError:  # the first or last day of the calendar, seen from another zone
            raise DateOutOfRange(f"published {stamped} (from metadata), outside the calendar") from None
    elif stamped is not None:
        dating = Dating(stamped, None, "metadata", "day")
    elif key_day is not None:
        dating = Dating(key_day, None, "key", "day")
    elif source.undated == "last_modified":
        dating = Dating(last_modified.astimezone(source.zone).date(), last_modified, "last_modified", "arrival")
    if dating.published_on is not None:
        _check_range(dating, last_modified, source)
    return dating


def _iso(text: str) -> date | datetime | None:
    text = text.strip()
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def _check_range(dating: Dating, last_modified: datetime, source: Source) -> None:
    assert dating.published_on is not None
    if dating.published_on < EARLIEST:
        raise DateOutOfRange(f"published {dating.published_on} (from {dating.date_from}), before {EARLIEST}")
    moment = dating.published_at or datetime.combine(dating.published_on, datetime.min.time(), tzinfo=source.zone)
    if moment - last_modified > LATEST:
        arrived = f"36 hours after it arrived on {last_modified:%Y-%m-%d}"
        raise DateOutOfRange(f"published {dating.published_on} (from {dating.date_from}), more than {arrived}")
