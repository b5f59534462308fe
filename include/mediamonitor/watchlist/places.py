"""Where the spellings of a watchlist stand in a text.

One Aho-Corasick automaton holds the folded spellings of all entities. It reports every place where one stands; borders
and case are then checked against the real text. Offsets are code points of the text as it is given.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from mediamonitor.parsing.words import UNSPACED, UNSPACED_RANGES
from mediamonitor.watchlist.folding import fold, one_kind, visible, visible_offsets
from mediamonitor.watchlist.inflection import is_cased_like
from mediamonitor.watchlist.spellings import Spelling

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


class Place(NamedTuple):
    """`text[start:end]` is a form of these spellings, one of each entity at most."""

    start: int
    end: int
    spellings: tuple[Spelling, ...]


class Found(NamedTuple):
    """What stands in one text: names, leftmost then longest over all entities, and words that decide about them."""

    names: list[Place]
    words: list[Place]


class Spans:
    """Ranges of one text, in the order of their starts; asking stays fast however many there are."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = list(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))

    def meet(self, start: int, end: int) -> bool:
        """Whether one of them shares a character with [start:end]."""
        before = bisect_left(self._starts, end)
        return before > 0 and self._ends[before - 1] > start


class Finder:
    """The automaton. Building it is the expensive part; it is immutable and may be shared by threads."""

    def __init__(self, spellings: list[Spelling]) -> None:
        needles: dict[str, list[Spelling]] = defaultdict(list)
        for spelling in spellings:
            needles[spelling.needle].append(spelling)
        self._spellings = list(needles.values())
        self._automaton = AhoCorasick(list(needles), matchkind=MatchKind.Standard, implementation=Implementation.DFA)

    def find(self, text: str, language: str | None = None) -> Found:
        """Every place in `text`, in order. Nothing inside a URL, e-mail address or @handle.

        `language` (ISO 639-1) is the article's; it decides which endings an inflected name may take.
        """
        plain = visible(text)
        if plain == text:
            return self._find(text, language)
        at = visible_offsets(text)
        names, words = self._find(plain, language)
        return Found(
            [place._replace(start=at[place.start], end=at[place.end - 1] + 1) for place in names],
            [place._replace(start=at[place.start], end=at[place.end - 1] + 1) for place in words],
        )

    def _find(self, text: str, language: str | None) -> Found:
        folded = fold(text)
        fitting: dict[tuple[int, int], list[Spelling]] = defaultdict(list)
        for index, start, needle_end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            for spelling in self._spellings[index]:
                end = needle_end
                if spelling.inflection:
                    end = -1 if _joined(text, start) else spelling.inflection.end(folded, start, language) or -1
                if end > start and _fits(spelling, text, start, end):
                    fitting[start, end].append(spelling)
        names: list[Place] = []
        words: list[Place] = []
        for (start, end), spellings in fitting.items():
            owners = {spelling.entity.id: spelling for spelling in reversed(spellings) if spelling.is_name}
            if owners:
                names.append(Place(start, end, tuple(sorted(owners.values(), key=lambda spelling: spelling.entity.id))))
            if len(owners) < len(spellings) and not _in_address(text, start, end):
                words.append(Place(start, end, tuple(spelling for spelling in spellings if not spelling.is_name)))
        return Found(_leftmost_longest(text, names), words)


def _leftmost_longest(text: str, places: list[Place]) -> list[Place]:
    kept: list[Place] = []
    for place in sorted(places, key=lambda place: (place.start, -place.end)):
        if kept and place.start < kept[-1].end:
            continue
        if not _in_address(text, place.start, place.end):
            kept.append(place)
    return kept


def in_capitals(text: str, start: int, end: int) -> bool:
    """Whether the line around a place is written in capitals throughout."""
    left = text.rfind("\n", 0, start) + 1
    right = text.find("\n", end)
    return text[left : right if right >= 0 else len(text)].isupper()


def _fits(spelling: Spelling, text: str, start: int, end: int) -> bool:
    """Border and case at this place."""
    if spelling.is_whole_word and (_joined(text, start) or _joined(text, end)):
        return False
    if not spelling.is_case_sensitive:
        return True
    written = one_kind(text[start:end])
    if spelling.inflection:
        return is_cased_like(spelling.written[0], written) or (written.isupper() and in_capitals(text, start, end))
    return written in spelling.written or (written == spelling.capitals and in_capitals(text, start, end))


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
