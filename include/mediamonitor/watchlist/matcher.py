"""Finding the watched names in an article (contract §3, §5).

One Aho-Corasick automaton holds the folded spellings of all entities. It reports every place where one stands; borders
and case are then checked against the real text, and of what remains the leftmost, then longest, survives. Offsets are
code points of the column as it is published.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from mediamonitor.article import Hit, WhyNot, Zone
from mediamonitor.parsing.words import UNSPACED, UNSPACED_RANGES, end_of_word
from mediamonitor.watchlist.folding import fold, one_kind, visible, visible_offsets
from mediamonitor.watchlist.model import Entity, Watchlist

LEAD_WORDS = 100
"""The lead is the first 100 words of the body (contract §3)."""
MATCHING_RULES = "3"
"""Raised when this file finds something else in the same text; part of `rules_version`."""
ASIDE_IN_BODY: frozenset[Zone] = frozenset({"dateline", "boilerplate"})
"""Zones of the body in which nothing counts."""
SHORT_CAPITALS = 3
"""In a line of capitals an alias of at most this many capitals never counts: `US` there may be `us`."""

_LETTER = rf"[^\W{UNSPACED_RANGES}]"
_HOST = rf"(?:(?:{_LETTER}|-){{1,63}}\.)+"
_URL_REST = r"[^\s<>\"“”„«»、。，；：！？（）「」『』【】]"
_ADDRESS = re.compile(
    rf"(?:https?://|www\.){_URL_REST}+"
    rf"|(?<!{_LETTER})(?<![.+%'-])(?:{_LETTER}|[.+%'-]){{1,64}}@{_HOST}(?:{_LETTER}|-){{2,63}}"
    rf"|@\w+(?:@{_HOST}{_LETTER}+)?"
    rf"|(?<!{_LETTER})(?<![@.-]){_HOST}(?:com|org|net|de|uk|fr|eu|info|io|tv|ru|ua|pl|cz)(?!{_LETTER})(?:/{_URL_REST}*)?",
    re.IGNORECASE,
)
"""URL, e-mail address, @handle, host name. Each part stops soon where it does not fit: the time is linear."""
_RUN = re.compile(r"\S*")
LONGEST_ADDRESS = 500
"""So far around a name an address is looked for; a Chinese paragraph holds no white space at which to stop."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The columns of an article in which names are looked for. `dateline` and `boilerplate` are spans of `body`."""

    title: str | None
    body: str
    trailer: str | None = None
    headline_echo: str | None = None
    byline: str | None = None
    dateline: tuple[int, int] | None = None
    boilerplate: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Spelling:
    """One way to write one entity."""

    entity: Entity
    alias: str
    order: int
    written: str
    """The alias with one kind of quote, hyphen, space and sigma."""
    capitals: str


class Matcher:
    """A compiled watchlist. Building it is the expensive part; it is immutable and may be shared by threads."""

    def __init__(self, watchlist: Watchlist) -> None:
        owners: dict[str, list[_Spelling]] = defaultdict(list)
        for order, entity in enumerate(sorted(watchlist.entities, key=lambda entity: entity.id)):
            for alias in entity.spellings:
                seen = visible(alias)
                owners[fold(seen)].append(_Spelling(entity, alias, order, one_kind(seen), one_kind(seen).upper()))
        self._owners = list(owners.values())
        self._automaton = AhoCorasick(list(owners), matchkind=MatchKind.Standard, implementation=Implementation.DFA)

    def match(self, texts: Texts, published_on: date | None) -> list[Hit]:
        """Every hit in the article, counted or with the reason why not, ordered by column, place and entity."""
        found = [*self._column("title", texts.title), *self._in_body(texts)]
        in_text = [one for one in found if one[0].zone not in ASIDE_IN_BODY]
        hits = _resolve(in_text, published_on, (texts.title or "", texts.body))
        hits += [(_not_counted(hit), spelling) for hit, spelling in found if hit.zone in ASIDE_IN_BODY]
        aside: list[tuple[Zone, str | None]] = [
            ("trailer", texts.trailer),
            ("byline", texts.byline),
            ("headline_echo", texts.headline_echo),
        ]
        for zone, text in aside:
            hits += [(_not_counted(hit), spelling) for hit, spelling in self._column(zone, text)]
        return [hit for hit, _ in hits]

    def match_sentence(self, sentence: str, day: date | None) -> list[Hit]:
        """Hits in a single sentence, as the examples of a watchlist are tested."""
        return self.match(Texts(None, sentence), day)

    def _column(self, zone: Zone, text: str | None) -> list[tuple[Hit, _Spelling]]:
        return _hits(self._places(text), lambda start: zone) if text else []

    def _in_body(self, texts: Texts) -> list[tuple[Hit, _Spelling]]:
        """The hits of the body, each with its zone: lead, body, or what in the body is no text."""
        places = self._places(texts.body)
        if not places:
            return []
        from_char, to_char = texts.dateline or (0, 0)
        head = to_char if from_char == 0 else 0  # the lead begins behind a dateline
        lead_end = head + end_of_word(texts.body[head:], LEAD_WORDS)

        def zone_at(start: int) -> Zone:
            if from_char <= start < to_char:
                return "dateline"
            if any(first <= start < last for first, last in texts.boilerplate):
                return "boilerplate"
            return "lead" if start < lead_end else "body"

        return _hits(places, zone_at)

    def _places(self, text: str) -> list[tuple[int, int, list[_Spelling]]]:
        """Leftmost-longest, non-overlapping places that pass border and case, with all who own them."""
        plain = visible(text)
        if plain != text:
            at = visible_offsets(text)
            return [(at[start], at[end - 1] + 1, spellings) for start, end, spellings in self._places(plain)]
        candidates: list[tuple[int, int, list[_Spelling]]] = []
        for index, start, end in self._automaton.find_matches_as_indexes(fold(text), overlapping=True):
            fitting = {
                spelling.entity.id: spelling for spelling in self._owners[index] if _fits(spelling, text, start, end)
            }
            if fitting:
                candidates.append((start, end, list(fitting.values())))
        if not candidates:
            return []
        candidates.sort(key=lambda place: (place[0], -place[1]))
        kept: list[tuple[int, int, list[_Spelling]]] = []
        for place in candidates:
            start, end, _ = place
            if kept and start < kept[-1][1]:
                continue
            if _in_address(text, start, end):
                continue
            kept.append(place)
        return kept


def _hits(
    places: list[tuple[int, int, list[_Spelling]]], zone_at: Callable[[int], Zone]
) -> list[tuple[Hit, _Spelling]]:
    return [
        (Hit(spelling.entity.id, spelling.alias, zone_at(start), start, end), spelling)
        for start, end, spellings in places
        for spelling in spellings
    ]


def _not_counted(hit: Hit) -> Hit:
    return replace(hit, why_not="zone")


def _fits(spelling: _Spelling, text: str, start: int, end: int) -> bool:
    """Border and case at this place."""
    if spelling.entity.match.word == "whole" and (_joined(text, start) or _joined(text, end)):
        return False
    if not spelling.entity.is_case_sensitive:
        return True
    written = one_kind(text[start:end])
    return written == spelling.written or (written == spelling.capitals and _in_capitals(text, start, end))


def _joined(text: str, at: int) -> bool:
    """Whether a word runs on across the border at this offset. Scripts without spaces have no such border."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return before.isalnum() and after.isalnum() and not UNSPACED.search(before + after)


def _in_address(text: str, start: int, end: int) -> bool:
    """Whether a place stands in a URL, e-mail address or @handle; only the run without white space around it counts.

    A name that is a host name itself, such as Booking.com, does not stand in one.
    """
    before = text[max(0, start - LONGEST_ADDRESS) : start]
    left = start if not before or before[-1].isspace() else start - len(before.rsplit(maxsplit=1)[-1])
    after = _RUN.match(text, end, end + LONGEST_ADDRESS)
    run = text[left : after.end() if after else end]
    if "@" not in run and "." not in run and "//" not in run:
        return False
    start, end = start - left, end - left
    return any(
        at < end and start < to and not (start <= at and to <= end)
        for at, to in (match.span() for match in _ADDRESS.finditer(run))
    )


def _in_capitals(text: str, start: int, end: int) -> bool:
    """Whether the line around a place is written in capitals throughout."""
    left = text.rfind("\n", 0, start) + 1
    right = text.find("\n", end)
    return text[left : right if right >= 0 else len(text)].isupper()


def _resolve(
    found: list[tuple[Hit, _Spelling]], day: date | None, columns: tuple[str, str]
) -> list[tuple[Hit, _Spelling]]:
    """Say of each hit in title and body whether it counts: activity, capitals, then who owns a shared alias."""
    owners: dict[tuple[bool, int], int] = defaultdict(int)
    full_names = {hit.entity_id for hit, spelling in found if _is_full_name(hit, spelling, columns)}
    judged: list[tuple[Hit, _Spelling]] = []
    for hit, spelling in found:
        why: WhyNot | None = None
        if not spelling.entity.is_active(day):
            why = "inactive"
        elif _capitals_forbid(hit, spelling, columns, full_names):
            why = "capitals"
        if why is None:
            owners[(hit.zone == "title", hit.start_char)] += 1
        judged.append((replace(hit, why_not=why) if why else hit, spelling))
    alone = {
        hit.entity_id for hit, _ in judged if hit.is_counted and owners[(hit.zone == "title", hit.start_char)] == 1
    }
    rivals: dict[tuple[bool, int], set[str]] = defaultdict(set)
    for hit, _ in judged:
        if hit.is_counted and hit.entity_id in alone:
            rivals[(hit.zone == "title", hit.start_char)].add(hit.entity_id)
    result: list[tuple[Hit, _Spelling]] = []
    for hit, spelling in judged:
        place = (hit.zone == "title", hit.start_char)
        if hit.is_counted and owners[place] > 1:
            if len(rivals[place]) == 1 and hit.entity_id not in rivals[place]:
                continue  # the alias belongs to the other one here
            if len(rivals[place]) != 1:
                hit = replace(hit, why_not="ambiguous")
        result.append((hit, spelling))
    return result


def _written(hit: Hit, columns: tuple[str, str]) -> tuple[str, str]:
    text = columns[0] if hit.zone == "title" else columns[1]
    return text, visible(text[hit.start_char : hit.end_char])


def _is_full_name(hit: Hit, spelling: _Spelling, columns: tuple[str, str]) -> bool:
    if spelling.alias != spelling.entity.name:
        return False
    _, written = _written(hit, columns)
    return " " in spelling.alias or not written.isupper() or written == spelling.alias


def _capitals_forbid(hit: Hit, spelling: _Spelling, columns: tuple[str, str], full_names: set[str]) -> bool:
    """The contract's rule for lines in capitals: a one-word alias needs the full name, a short one never counts."""
    if not spelling.entity.is_case_sensitive:
        return False
    text, written = _written(hit, columns)
    if not written.isupper() or not _in_capitals(text, hit.start_char, hit.end_char):
        return False
    if len(written) <= SHORT_CAPITALS and spelling.alias.isupper():
        return True
    return len(written.split()) == 1 and hit.entity_id not in full_names


def matching_rules_version() -> str:
    """A short hash of everything that decides what is found in a text."""
    return hashlib.sha256(MATCHING_RULES.encode()).hexdigest()[:8]
