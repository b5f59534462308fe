"""Surnames: what part of a full name they are, and which words before one make it a mention of its bearer.

The words are data: `rules/surnames.yaml`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from mediamonitor.configfile import LoadedYaml, Strict

RULES_FILE = Path(__file__).parent / "rules" / "surnames.yaml"
BEFORE = 80
"""So many characters before a surname are looked at for a title."""

_OPENING = re.compile(r"^.*[^\w.]")
"""What stands in a word before its title: a quote, a bracket, `ex-`."""
_WORD_BEFORE = re.compile(r"(?<![^\s\"“„«(\[‘'])[^\W\d_]+(?:[-’'][^\W\d_]+)*(?=\s+\Z)")
"""A word of letters alone: `J.` may be an initial of the bearer, and `said,` ends a phrase."""


class SurnameRules(Strict):
    """The whole file."""

    version: int
    particles: tuple[str, ...]
    suffixes: tuple[str, ...]
    titles: dict[str, tuple[str, ...]]
    openers: dict[str, tuple[str, ...]]


@cache
def rules() -> SurnameRules:
    """The words that ship, checked against their schema."""
    return LoadedYaml(RULES_FILE.read_text(encoding="utf-8"), RULES_FILE.name).check(SurnameRules)


def surname_of(name: str) -> str | None:
    """The last word of a full name with the particles before it, without Jr. or III; None of a name of one word."""
    words = name.split()
    while len(words) > 1 and words[-1].casefold().strip(".,") in rules().suffixes:
        words.pop()
    if len(words) < 2:
        return None
    first = len(words) - 1
    while first > 1 and words[first - 1] in rules().particles:
        first -= 1
    return " ".join(words[first:]).strip(",")


def has_title(before: str) -> bool:
    """Whether a title of address or office stands at the end of `before`, the text up to a surname."""
    if not before or not before[-1].isspace():
        return False
    words = before[-BEFORE:].casefold().split()[-_longest_title() :]
    if not words or not (words[-1] in _last_words() or _OPENING.sub("", words[-1]) in _titles()):
        return False
    ends = (" ".join(words[first:]) for first in range(len(words)))
    return any(end in _titles() or _OPENING.sub("", end) in _titles() for end in ends)


def is_of_another(before: str) -> bool:
    """Whether a surname seems to be part of another person's name: a capitalised word stands before it, on its line.

    Not where that word is a title, or one that often opens a sentence.
    """
    line = before[-BEFORE:].rpartition("\n")[2]
    match = _WORD_BEFORE.search(line)
    if not match:
        return False
    word = match.group()
    return word[0].isupper() and word.casefold() not in _openers() and not has_title(before)


@cache
def _titles() -> frozenset[str]:
    return frozenset(title.casefold() for titles in rules().titles.values() for title in titles)


@cache
def _last_words() -> frozenset[str]:
    """The last word of each title: without one of these, nothing else needs to be looked at."""
    return frozenset(title.split()[-1] for title in _titles())


@cache
def _longest_title() -> int:
    """In words."""
    return max(len(title.split()) for title in _titles())


@cache
def _openers() -> frozenset[str]:
    return frozenset(word.casefold() for words in rules().openers.values() for word in words)
