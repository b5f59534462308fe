"""Plurals and case endings of watched names (`match: {inflect: true}`; contract §5); `inflections.yaml` has the rules.

A word takes an ending when a rule of the article's language knows how the word ends: `Praha` gives `Praze`, `Путин`
gives `Путиным`, and never `Путинка`. Each word of a name is inflected for itself: where the words of a text do not
agree with each other, they are hardly ever about somebody else.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from mediamonitor.configfile import LoadedYaml, Strict
from mediamonitor.parsing.words import UNSPACED_RANGES
from mediamonitor.watchlist.folding import fold, one_kind, visible

RULES_FILE = Path(__file__).parent / "rules" / "inflections.yaml"
SHORTEST_STEM = 2
"""Letters that every rule leaves standing, so that all forms of a name share a beginning to search for."""
OTHER = "other"
"""Stands in rules for every language without endings of its own."""

_LETTER = rf"[^\W_{UNSPACED_RANGES}]"
_WORD = re.compile(rf"{_LETTER}+(?:'{_LETTER}+)*")
"""An apostrophe inside a word may be the name's (O'Neill) or the ending's (Polish Kennedy'ego)."""
_CYRILLIC = re.compile("[\u0400-\u052f]")

Pieces = Annotated[
    tuple[str, ...], BeforeValidator(lambda text: tuple("" if piece == "-" else piece for piece in text.split()))
]
"""Written as one string with blanks between; `-` is nothing."""
Endings = tuple[tuple[str, frozenset[str]], ...]
"""Stems of a word, each with what may follow it."""


class Examples(Strict):
    """Forms that the rule must give each name, and forms that no rule of its languages may give."""

    hit: dict[str, tuple[str, ...]] = Field(min_length=1)
    miss: dict[str, tuple[str, ...]] = Field(min_length=1)


class EndingRule(Strict):
    """One rule: of a word that ends in one of `after` and then in a piece of a key of `endings`, the piece is replaced.

    - `languages`: those of the article, or OTHER.
    - `least`: letters of the shortest word that takes it; a short word with an ending is too easily another word.
    - `nouns`: only for words not written like a name, with one capital in front: `wind`, `CEO`.
    - `last`: only for the last word of a name, as plurals are.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    languages: Pieces
    after: Pieces = ("",)
    endings: dict[Pieces, Pieces] = Field(min_length=1)
    least: int = Field(default=4, ge=SHORTEST_STEM)
    nouns: bool = False
    last: bool = False
    examples: Examples

    def changes(self, word: str) -> Iterator[tuple[str, Pieces]]:
        """The stems that the rule leaves of a word, each with what may follow."""
        for piece, by in ((piece, by) for pieces, by in self.endings.items() for piece in pieces):
            stem = word[: len(word) - len(piece)]
            if len(stem) >= SHORTEST_STEM and word.endswith(piece) and stem.endswith(self.after):
                yield stem, by


class InflectionRules(Strict):
    """The file. `cyrillic` and `latin` are the languages with endings of their own; those in `like` borrow them.

    `stems` are rules that give no form, but another stem to which `endings` are put.
    """

    version: Literal[1]
    cyrillic: Pieces
    latin: Pieces
    like: dict[str, str]
    endings: tuple[EndingRule, ...]
    stems: tuple[EndingRule, ...]


@cache
def inflection_rules() -> InflectionRules:
    """The rules that ship, checked against their schema."""
    return LoadedYaml(RULES_FILE.read_text(encoding="utf-8"), RULES_FILE.name).check(InflectionRules)


class Inflection:
    """All forms of one alias, given as it is written. Made once, when a watchlist is compiled; immutable.

    `needle` is the folded text with which every form in every language begins, as long as it can be. `varies` tells
    whether there is any form but the alias itself; without one it is found faster as it is.
    """

    __slots__ = ("_gaps", "_words", "needle", "varies")

    def __init__(self, alias: str) -> None:
        written = one_kind(visible(alias))
        spans = [found.span() for found in _WORD.finditer(written)]
        edges = [0, *(edge for span in spans for edge in span), len(written)]
        self._gaps = [fold(written[end:start]) for end, start in zip(edges[::2], edges[1::2], strict=True)]
        self._words = [_Word(written[start:end], is_last=end == edges[-2]) for start, end in spans]
        self.varies = any(word.varies for word in self._words)
        self.needle = self._gaps[0]
        for word, gap in zip(self._words, self._gaps[1:], strict=True):
            self.needle += word.common
            if word.varies:
                break
            self.needle += gap

    def end(self, text: str, start: int, language: str | None) -> int | None:
        """Where the longest form that stands at `start` of the folded `text` ends; None where there stands none.

        No word runs on behind it; that none runs on into `start` is for the caller to see to. `language` is the
        article's in ISO 639-1, None where it is not known.
        """
        if not text.startswith(self._gaps[0], start):
            return None
        at = start + len(self._gaps[0])
        for word, gap in zip(self._words, self._gaps[1:], strict=True):
            seen = _WORD.match(text, at)
            form = word.form_in(seen.group(), language) if seen else None
            if form is None or not text.startswith(gap, at + len(form)):
                return None
            at += len(form) + len(gap)
        return at


def is_cased_like(alias: str, surface: str) -> bool:
    """Whether a form, as the text writes it, keeps the capitals of the alias and has its endings in small letters.

    Both are of one kind (`one_kind`) and visible. In a line of capitals it is not: that is for the caller to allow.
    """
    pairs = zip(_WORD.findall(alias), _WORD.findall(surface), strict=False)
    cuts = ((written, form, len(_beginning([fold(written), fold(form)]))) for written, form in pairs)
    return all(written[:at] == form[:at] and form[at:] == form[at:].lower() for written, form, at in cuts)


class _Word:
    """One word of an alias. `common` is what all its forms begin with."""

    __slots__ = ("_folded", "_is_cyrillic", "_kind", "common", "varies")

    def __init__(self, written: str, is_last: bool) -> None:
        self._folded = fold(written)
        self._kind = (written.islower() or written.isupper(), is_last)
        self._is_cyrillic = bool(_CYRILLIC.search(written))
        rules = inflection_rules()
        endings = _endings(self._folded, rules.cyrillic if self._is_cyrillic else (*rules.latin, OTHER), *self._kind)
        self.varies = bool(endings)
        self.common = _beginning([self._folded, *(stem + one for stem, taken in endings for one in taken)])

    def form_in(self, seen: str, language: str | None) -> str | None:
        """The longest beginning of the word `seen` that is a form of this one; it may be cut at its apostrophes."""
        while seen != self._folded and seen.startswith(self.common):
            for stem, taken in _endings(self._folded, self._languages(language), *self._kind):
                if seen.startswith(stem) and seen[len(stem) :] in taken:
                    return seen
            seen = seen.rpartition("'")[0]
        return seen if seen == self._folded else None

    def _languages(self, language: str | None) -> Pieces:
        """Whose rules hold. Where a language has none for Cyrillic names, they take the endings of all that have."""
        rules = inflection_rules()
        language = rules.like.get(language or "", language)
        if self._is_cyrillic:
            return (language,) if language in rules.cyrillic else rules.cyrillic
        return (language,) if language in rules.latin else (OTHER,)


def _beginning(words: list[str]) -> str:
    """What all the words begin with."""
    first, last = min(words), max(words)
    return next(first[:length] for length in range(len(first), -1, -1) if last.startswith(first[:length]))


@lru_cache(maxsize=1 << 16)
def _endings(word: str, languages: Pieces, is_noun: bool, is_last: bool) -> Endings:
    """The stems of a folded word, each with what may follow it."""

    def holds(rule: EndingRule) -> bool:
        is_word = len(word) >= rule.least and is_noun >= rule.nouns and is_last >= rule.last
        return is_word and any(language in rule.languages for language in languages)

    stems = [word]
    for rule in filter(holds, inflection_rules().stems):
        stems += [stem + one for stem, by in rule.changes(word) for one in by]
    found: dict[str, set[str]] = defaultdict(set)
    for rule in filter(holds, inflection_rules().endings):
        for stem, by in (change for one in stems for change in rule.changes(one)):
            found[stem].update(by)
    return tuple((stem, frozenset(by)) for stem, by in found.items())
