"""The pair test: whether two articles are copies of one report (contract §3).

Shingles of five words find what is copied: Jaccard (Broder 1997) for whole copies, and for excerpts containment, as the
share of the shorter one's words that stand in common shingles. Reports that are written from a template share most of
their words too; they are told by what stands in the same place: another number or name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from rapidfuzz.distance import Indel

from mediamonitor.parsing.words import UNSPACED, UNSPACED_RANGES

SHINGLE = 5
"""Words of a shingle, as the hand-labelled pairs of the field were measured with."""
LEAST_JACCARD = 0.5
LEAST_CONTAINMENT = 0.75
LEAST_WORDS = 10
"""A shorter body says too little by itself: it is a copy only of the same words under the same title."""
MOST_OTHER_NUMBERS = 0.1
"""Share of the numbers in the same places that may differ in a copy ..."""
ONE_OTHER_AMONG = 4
"""... and one always may, as in a correction, among so many."""
MOST_OTHER_NAMES = 0.25
"""Share of the names in the same places that may be others: copies write `Islamic State` for `IS`."""
LONGEST_NAME = 4
"""More words than these in one place are another passage, not another name."""
SAME_TITLE = 0.5
"""Titles that share this part of the shorter one's words are alike; then what differs in them counts."""

RULES = "2"
"""Raised when the pair test or the signature changes; every pair is then tested again."""

_WORD = re.compile(r"\d+(?:[.,:/-]\d+)+|[^\W_]+(?:'[^\W_]+)*")
_ASCII_WORD = re.compile(r"\d+(?:[.,:/-]\d+)+|[a-z0-9]+(?:'[a-z0-9]+)*")
_UNSPACED_WORD = re.compile(rf"[{UNSPACED_RANGES}]|\d+(?:[.,:/-]\d+)+|[^\W_{UNSPACED_RANGES}]+")
_THOUSANDS = re.compile(r"[.,](?<=\d.)(?=\d{3}(?!\d))")
_POSSESSIVE = re.compile(r"'s\b(?<=\w's)")
_DIGIT = re.compile(r"\d")
_AROUND = "\"'“”„‚‘’«»‹›()[]{}<>.,;:!?…–—-*/"
_SENTENCE_ENDS = frozenset('.!?…:"“„«»')


class Text:
    """What articles are compared by: the title, and the body without dateline and masked lines."""

    def __init__(self, title: str, body: str) -> None:
        self.title, self.body = title, body

    @cached_property
    def words(self) -> list[str]:
        """The words of the body, folded. In scripts without spaces a character is a word."""
        return _words(self.body)

    @cached_property
    def title_words(self) -> list[str]:
        """The words of the title, folded."""
        return _words(self.title)

    @cached_property
    def shingles(self) -> frozenset[int]:
        """Every SHINGLE words in a row, as a number of 64 bits each: sets of tuples take five times as long."""
        return frozenset(_shingles(self.words))

    @cached_property
    def all_words(self) -> frozenset[str]:
        """Every word of title and body."""
        return frozenset(self.words).union(self.title_words)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Words of title and body that hold a digit."""
        return frozenset(word for word in self.all_words if not word.isalpha() and _DIGIT.search(word))

    @cached_property
    def names(self) -> frozenset[str]:
        """Words that begin with a capital letter within a sentence of the body, and nowhere with a small one.

        One that only begins sentences is a name if the title has it too.
        """
        capital: set[str] = set()
        beginning: set[str] = set()
        small: set[str] = set()
        for line in self.body.split("\n"):
            begins = True
            for run in line.split():
                word = run.strip(_AROUND)
                if word and word[0].isupper():
                    (beginning if begins else capital).add(word)
                elif word:
                    small.add(word)
                begins = run[-1] in _SENTENCE_ENDS
        names = {*_words(" ".join(capital)), *set(self.title_words).intersection(_words(" ".join(beginning)))}
        return frozenset(names) - small


def similar(one: Text, other: Text) -> bool:
    """Whether one is a copy or an excerpt of the other. Symmetric, and a function of the two texts alone."""
    if len(one.words) < LEAST_WORDS or len(other.words) < LEAST_WORDS:
        return one.words == other.words and one.title_words == other.title_words
    if one.words != other.words:
        common = one.shingles & other.shingles
        is_copy = len(common) >= LEAST_JACCARD * (len(one.shingles) + len(other.shingles) - len(common))
        if not (is_copy or _is_excerpt(one, other, common)) or _tells_other_facts(one, other):
            return False
    return not _is_about_another(one, other)


def _is_excerpt(one: Text, other: Text, common: frozenset[int]) -> bool:
    """Whether most words of the shorter one stand in shingles that both have."""
    short = min(one, other, key=lambda text: (len(text.words), text.words))
    words = short.words
    if len(common) * SHINGLE < LEAST_CONTAINMENT * len(words):
        return False
    covered = end = 0
    for start, shingle in enumerate(_shingles(words)):
        if shingle in common:
            covered += start + SHINGLE - max(start, end)
            end = start + SHINGLE
    return covered >= LEAST_CONTAINMENT * len(words)


def _shingles(words: list[str]) -> Iterator[int]:
    return map(hash, zip(*(words[start:] for start in range(SHINGLE)), strict=False))


def _is_about_another(one: Text, other: Text) -> bool:
    """Whether the titles are alike but each has a name or number that is nowhere in the other article."""
    mine, yours = set(one.title_words), set(other.title_words)
    if len(mine & yours) < SAME_TITLE * min(len(mine), len(yours)):
        return False
    return bool(_title_facts(one) - other.all_words) and bool(_title_facts(other) - one.all_words)


def _title_facts(text: Text) -> set[str]:
    """Numbers, and words that the body shows to be names: a title in capitals shows none."""
    return {word for word in text.title_words if word in text.numbers or word in text.names}


def _tells_other_facts(one: Text, other: Text) -> bool:
    """Whether other numbers, or other names, stand in the places of the same words."""
    first, second = sorted((one, other), key=lambda text: (len(text.words), text.words))
    runs = list(_aligned(first.words, second.words))
    replaced = [place for is_equal, left, right in runs if not is_equal for place in _places(left, right)]
    if not replaced:
        return False
    other_numbers = 0
    other_names: set[tuple[str, ...]] = set()
    for mine, yours in replaced:
        my_numbers, your_numbers = first.numbers.intersection(mine), second.numbers.intersection(yours)
        other_numbers += bool(my_numbers and your_numbers and not my_numbers & your_numbers)
        my_names = first.names.intersection(mine) - second.all_words
        your_names = second.names.intersection(yours) - first.all_words
        if my_names and your_names:
            other_names.add((*sorted(my_names), *sorted(your_names)))
    equal = [word for is_equal, left, _ in runs if is_equal for word in left]
    numbers = other_numbers + sum(word in first.numbers for word in equal)
    if other_numbers > (1 if numbers >= ONE_OTHER_AMONG else 0) and other_numbers > MOST_OTHER_NUMBERS * numbers:
        return True
    names = len(first.names.intersection(equal)) + len(other_names)
    return len(other_names) > MOST_OTHER_NAMES * names


def _aligned(first: list[str], second: list[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Runs of words that are equal, and what stands between them on both sides."""
    at_first = at_second = 0
    for code in Indel.opcodes(first, second):
        if code.tag != "equal":
            continue
        if code.src_start > at_first and code.dest_start > at_second:
            yield False, first[at_first : code.src_start], second[at_second : code.dest_start]
        yield True, first[code.src_start : code.src_end], second[code.dest_start : code.dest_end]
        at_first, at_second = code.src_end, code.dest_end
    if len(first) > at_first and len(second) > at_second:
        yield False, first[at_first:], second[at_second:]


def _places(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """What stands in place of what: word by word where both sides have as many, else what is as short as a name."""
    if len(left) == len(right):
        yield from (((mine,), (yours,)) for mine, yours in zip(left, right, strict=True))
    elif len(left) <= LONGEST_NAME and len(right) <= LONGEST_NAME:
        yield left, right


def _words(text: str) -> list[str]:
    folded = text.casefold().replace("’", "'")
    if "," in folded or "." in folded:
        folded = _THOUSANDS.sub("", folded)
    folded = _POSSESSIVE.sub("", folded)
    if folded.isascii():  # the same, in three quarters of the time
        return _ASCII_WORD.findall(folded)
    return (_UNSPACED_WORD if UNSPACED.search(folded) else _WORD).findall(folded)
