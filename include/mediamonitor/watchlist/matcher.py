"""Finding the watched names in an article (contract §3, §5): where they stand, in which zone, whether they count."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mediamonitor.article import Hit, Zone
from mediamonitor.parsing.language import language_of
from mediamonitor.parsing.words import end_of_word
from mediamonitor.watchlist.judge import Columns, Named, judged
from mediamonitor.watchlist.model import Watchlist
from mediamonitor.watchlist.places import Finder, Place, Spans
from mediamonitor.watchlist.spellings import spellings_of

LEAD_WORDS = 100
"""The lead is the first 100 words of the body (contract §3)."""
MATCHING_RULES = "4"
"""Raised when this room finds something else in the same text; part of `rules_version`, as its data are."""
RULES = Path(__file__).parent / "rules"
ASIDE_IN_BODY: frozenset[Zone] = frozenset({"dateline", "boilerplate"})
"""Zones of the body in which nothing counts."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The columns of an article in which names are looked for.

    `dateline` and `boilerplate` are spans of `body`; `language` (ISO 639-1) decides how names are inflected.
    """

    title: str | None
    body: str
    trailer: str | None = None
    headline_echo: str | None = None
    byline: str | None = None
    dateline: tuple[int, int] | None = None
    boilerplate: tuple[tuple[int, int], ...] = ()
    language: str | None = None


class Matcher:
    """A compiled watchlist. Building it is the expensive part; it is immutable and may be shared by threads."""

    def __init__(self, watchlist: Watchlist) -> None:
        self._finder = Finder(spellings_of(watchlist))

    def match(self, texts: Texts, published_on: date | None) -> list[Hit]:
        """Every hit in the article, counted or with the reason why not, ordered by column, place and entity."""
        language = texts.language
        title, body = self._finder.find(texts.title or "", language), self._finder.find(texts.body, language)
        hits: list[Named] = []
        if title.names or body.names:
            zone_at = _zones(texts)
            in_body = _hits(body.names, zone_at)
            found = [*_hits(title.names, lambda start: "title"), *in_body]
            words = [place for place in body.words if zone_at(place.start) not in ASIDE_IN_BODY]
            columns = Columns(texts.title or "", texts.body, title.words, words)
            hits = judged([one for one in found if one[0].zone not in ASIDE_IN_BODY], published_on, columns)
            hits += _not_counted([one for one in in_body if one[0].zone in ASIDE_IN_BODY])
        asides: list[tuple[Zone, str | None]] = [
            ("trailer", texts.trailer),
            ("byline", texts.byline),
            ("headline_echo", texts.headline_echo),
        ]
        for zone, text in asides:
            if text:
                hits += _not_counted(_hits(self._finder.find(text, language).names, lambda start, zone=zone: zone))  # type: ignore[misc]
        return [hit for hit, _ in hits]

    def match_sentence(self, sentence: str, day: date | None) -> list[Hit]:
        """Hits in a single sentence, as the examples of a watchlist are tested. It tells its language itself."""
        return self.match(Texts(None, sentence, language=language_of(sentence)), day)


def _zones(texts: Texts) -> Callable[[int], Zone]:
    """Which zone an offset of the body is in: lead, body, or what in the body is no text."""
    from_char, to_char = texts.dateline or (0, 0)
    head = to_char if from_char == 0 else 0  # the lead begins behind a dateline
    lead_end = head + end_of_word(texts.body[head:], LEAD_WORDS)
    boilerplate = Spans(texts.boilerplate)

    def zone_at(start: int) -> Zone:
        if from_char <= start < to_char:
            return "dateline"
        if boilerplate.meet(start, start + 1):
            return "boilerplate"
        return "lead" if start < lead_end else "body"

    return zone_at


def _hits(places: list[Place], zone_at: Callable[[int], Zone]) -> list[Named]:
    return [
        (Hit(spelling.entity.id, spelling.alias, zone_at(place.start), place.start, place.end), spelling)
        for place in places
        for spelling in place.spellings
    ]


def _not_counted(hits: list[Named]) -> list[Named]:
    return [(hit._replace(why_not="zone"), spelling) for hit, spelling in hits]


def matching_rules_version() -> str:
    """A short hash of everything that decides what is found in a text."""
    files = sorted(RULES.glob("*.yaml"))
    return hashlib.sha256(MATCHING_RULES.encode() + b"".join(path.read_bytes() for path in files)).hexdigest()[:8]
