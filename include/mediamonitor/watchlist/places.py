"""Where the spellings of a watchlist stand in a text.

One Aho-Corasick automaton holds the folded spellings of all entities. It reports every place where one stands; borders
and case are then checked against the real text. Offsets are code points of the text as it is given.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from mediamonitor.parsing.words import UNSPACED, UNSPACED_RANGES
from mediamonitor.watchlist.folding import beyond_ascii, fold, one_kind, visible, visible_offsets
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
_FOREIGN_MARKS = re.compile(r"[^\w\x00-\x7f]")
_SPACED_ASCII = bytes(byte if byte > 127 or chr(byte).isalnum() else 32 for byte in range(256))
_FOLDED_ASCII = bytes(_SPACED_ASCII).lower()
"""What folding and `_spaced` make of each byte of ASCII."""
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


NOTHING = Found([], [])


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
    """The automata. Building them is the expensive part; they are immutable and may be shared by threads."""

    def __init__(self, spellings: list[Spelling]) -> None:
        self._spellings = spellings
        self._bordered = _Automaton(spellings, with_borders=True)

    @cached_property
    def _any(self) -> _Automaton:
        """For texts in scripts without spaces; most flows never meet one."""
        return _Automaton(self._spellings, with_borders=False)

    def find(self, text: str, language: str | None = None) -> Found:
        """Every place in `text`, in order. Nothing inside a URL, e-mail address or @handle.

        `language` (ISO 639-1) is the article's; it decides which endings an inflected name may take.
        """
        if not text:
            return NOTHING
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
        folded = "" if text.isascii() else fold(text)
        foreign = "" if text.isascii() else "".join(sorted(beyond_ascii(folded)))
        automaton = self._any if UNSPACED.search(foreign) else self._bordered
        fitting: dict[tuple[int, int], list[Spelling]] = {}
        for spelling, start, needle_end in automaton.find(text, folded, foreign):
            end = needle_end
            if not folded and (spelling.inflection or not spelling.is_case_sensitive):
                folded = fold(text)
            if spelling.inflection:
                if _joined(text, start):
                    continue
                end = spelling.inflection.end(folded, start, language) or -1
            elif not automaton.sees_borders and spelling.is_whole_word and (_joined(text, start) or _joined(text, end)):
                continue
            if end > start and _is_written_so(spelling, folded, text, start, end):
                fitting.setdefault((start, end), []).append(spelling)
        return _told_apart(text, fitting) if fitting else NOTHING


def _told_apart(text: str, fitting: dict[tuple[int, int], list[Spelling]]) -> Found:
    """What fits in each place, as names and as words that decide."""
    names: list[Place] = []
    words: list[Place] = []
    for (start, end), spellings in fitting.items():
        if len(spellings) == 1 and spellings[0].is_name:
            names.append(Place(start, end, (spellings[0],)))
            continue
        owners = {spelling.entity.id: spelling for spelling in reversed(spellings) if spelling.is_name}
        if owners:
            names.append(Place(start, end, tuple(owners[one] for one in sorted(owners))))
        if len(owners) < len(spellings) and not _in_address(text, start, end):
            words.append(Place(start, end, tuple(spelling for spelling in spellings if not spelling.is_name)))
    return Found(_leftmost_longest(text, names), words)


class _Automaton:
    """Where needles stand in a folded text, which the caller must look at again.

    `with_borders` reports whole words only: all that is no letter or digit is taken for a space, in the text and in the
    needles, which then begin and end with one. It is wrong for scripts without spaces. A table of all transitions (DFA)
    would be a fifth faster by itself, and is not where Python's own work goes through the cache between two articles.
    """

    __slots__ = ("_automaton", "_found", "sees_borders")

    def __init__(self, spellings: list[Spelling], with_borders: bool) -> None:
        found: dict[str, list[tuple[Spelling, int, int]]] = defaultdict(list)
        self.sees_borders = with_borders
        for spelling in spellings:
            needle, left = spelling.needle, ""
            if with_borders:
                is_whole = spelling.is_whole_word
                left = " " if is_whole and needle[0].isalnum() else ""
                right = " " if is_whole and needle[-1].isalnum() and not spelling.inflection else ""
                needle = f"{left}{_spaced(needle, needle).decode()}{right}"
            found[needle].append((spelling, len(left) - with_borders, len(spelling.needle)))
        self._found = list(found.values())
        self._automaton = BytesAhoCorasick(
            [needle.encode() for needle in found],
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )

    def find(self, text: str, folded: str, foreign: str) -> list[tuple[Spelling, int, int]]:
        """Each spelling that may stand in the text, from where to where.

        `foreign` has the characters of `folded` beyond ASCII; both are empty for a text of ASCII.
        """
        raw = self._raw(text, folded, foreign)
        found = self._automaton.find_matches_as_indexes(raw, overlapping=True)
        if foreign:
            at = _char_offsets(raw, {start for _, start, _ in found})
            found = [(index, at[start], end) for index, start, end in found]
        return [
            (spelling, start + shift, start + shift + length)
            for index, start, _ in found
            for spelling, shift, length in self._found[index]
        ]

    def _raw(self, text: str, folded: str, foreign: str) -> bytes:
        if not self.sees_borders:
            return (folded or fold(text)).encode()
        return b" %b " % (_spaced(folded, foreign) if folded else text.encode().translate(_FOLDED_ASCII))


def _spaced(folded: str, foreign: str) -> bytes:
    """The text with a space for all that is no letter or digit; as many characters as before.

    Bytes are replaced ten times as fast as characters, and folding has made ASCII of nearly all marks.
    """
    for char in _FOREIGN_MARKS.findall(foreign):
        folded = folded.replace(char, " ")
    return folded.encode().translate(_SPACED_ASCII)


def _char_offsets(raw: bytes, offsets: Iterable[int]) -> dict[int, int]:
    """Which character of a text in UTF-8 begins at each of these bytes."""
    at: dict[int, int] = {}
    last = chars = 0
    for offset in sorted(offsets):
        chars += len(raw[last:offset].decode())
        at[offset] = chars
        last = offset
    return at


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


def _is_written_so(spelling: Spelling, folded: str, text: str, start: int, end: int) -> bool:
    """Whether the spelling itself stands there, in its case where that matters."""
    if not spelling.is_case_sensitive:
        return spelling.inflection is not None or folded.startswith(spelling.needle, start)
    written = text[start:end]
    if written in spelling.written:
        return True
    written = one_kind(written)
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
    if (start == 0 or text[start - 1].isspace()) and (end == len(text) or text[end].isspace()):
        return False  # nearly always: it stands by itself
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
