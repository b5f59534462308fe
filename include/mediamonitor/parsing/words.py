"""Counting words (contract §3): runs without white space that hold a letter or digit.

In scripts without spaces two characters are a word.
"""

from __future__ import annotations

import re

import re2

_RUN = re.compile(r"\S+")
_NO_WORD = re.compile(r"[^\w\s](?<!\S.)(?:[^\w\s]|_)*+(?!\S)")
_MAY_HOLD_NO_WORD = re2.compile(r"(?:^|[\x09-\x0d\x1c-\x20])[^0-9A-Za-z_\x09-\x0d\x1c-\x20]+(?:[\x09-\x0d\x1c-\x20]|$)")
"""Of ASCII text: most hold none, and RE2 tells so faster than Python's `re` finds none."""
_HUNDRED_RUNS = re.compile(r"\s*(?:\S++\s++){99}\S++")
UNSPACED_RANGES = (
    r"\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0eff\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u17dc-\u17ff"
    r"\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Letters, vowel signs and digits (not the punctuation) of Thai, Lao, Burmese, Khmer, Japanese and Chinese."""
UNSPACED = re.compile(f"[{UNSPACED_RANGES}]")


def words_in(run: str) -> int:
    """How many words a run without white space holds."""
    unspaced = 0 if run.isascii() else len(UNSPACED.findall(run))
    if unspaced:
        rest = any(char.isalnum() for char in UNSPACED.sub("", run))
        return (unspaced + 1) // 2 + rest
    return int(run.isalnum() or any(char.isalnum() for char in run))


def count_words(text: str) -> int:
    """Words in `text`."""
    return count_words_of(text, len(text.split()))


def count_words_of(text: str, runs: int) -> int:
    """Words in `text`, which holds so many runs without white space."""
    if "_" in text or (not text.isascii() and UNSPACED.search(text)):
        return sum(map(words_in, text.split()))
    if text.isascii() and not _MAY_HOLD_NO_WORD.search(text):
        return runs
    return runs - len(_NO_WORD.findall(text))


def end_of_word(text: str, number: int) -> int:
    """The offset where word `number` (from 1) ends, or the length of a shorter text."""
    seen = at = 0
    if number == 100 and (text.isascii() or not UNSPACED.search(text)):  # a lead: nearly always the first hundred runs
        hundred = _HUNDRED_RUNS.match(text)
        if not hundred:
            return len(text)
        seen, at = count_words_of(hundred.group(), 100), hundred.end()
        if seen == 100:
            return at
    for run in _RUN.finditer(text, at):
        words = words_in(run.group())
        if seen + words >= number:
            return run.end() if seen + words == number else run.start() + _length_of(number - seen, run.group())
        seen += words
    return len(text)


def _length_of(number: int, run: str) -> int:
    """How far so many words reach into a run that holds more of them."""
    unspaced, rest = 0, 0
    for at, char in enumerate(run):
        if UNSPACED.match(char):
            unspaced += 1
        elif char.isalnum():
            rest = 1
        if (unspaced + 1) // 2 + rest > number:
            return at
    return len(run)
