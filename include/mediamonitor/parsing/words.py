"""Counting words (contract §3): runs without white space that hold a letter or digit.

In scripts without spaces two characters are a word.
"""

from __future__ import annotations

import re
from itertools import filterfalse

import re2

_RUN = re.compile(r"\S+")
UNSPACED_RANGES = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0eff\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u17dc-\u17ff"
    "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Letters, vowel signs and digits (not the punctuation) of Thai, Lao, Burmese, Khmer, Japanese and Chinese."""
UNSPACED = re.compile(f"[{UNSPACED_RANGES}]")

_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))
_OTHER_SPACE = re2.compile(f"[{_SPACES.replace(' ', '')}]")
_OTHER_ASCII_SPACE = "".join(filter(str.isascii, _SPACES.replace(" ", ""))).encode()
_ASCII_SPACES = bytes(32 if chr(byte).isspace() and byte < 128 else byte for byte in range(256))
_ASCII_IN_NO_WORD = bytes(byte for byte in range(128) if not chr(byte).isalnum() and not chr(byte).isspace())
_MAY_BE_OTHER_THAN_RUNS = re2.compile(f"(?:^| )[^0-9A-Za-z ]+(?: |$)|[{UNSPACED_RANGES}]")
"""A run without an ASCII letter or digit, which may be no word, or a script without spaces."""


def words_in(run: str) -> int:
    """How many words a run without white space holds."""
    unspaced = 0 if run.isascii() else len(UNSPACED.findall(run))
    if unspaced:
        rest = any(map(str.isalnum, UNSPACED.sub("", run)))
        return (unspaced + 1) // 2 + rest
    return int(any(map(str.isalnum, run)))


def one_spaced(text: str) -> str:
    """The runs of `text` without white space, one space between them."""
    spaced = text.replace("\n\n", " ").replace("\n", " ").strip(" ")
    return " ".join(text.split()) if "  " in spaced or _holds_other_space(spaced) else spaced


def _holds_other_space(text: str) -> bool:
    raw = _bytes(text)
    if text.isascii():
        return len(raw.translate(None, _OTHER_ASCII_SPACE)) < len(raw)
    return _OTHER_SPACE.search(raw) is not None


def count_words(text: str) -> int:
    """Words in `text`."""
    return _count_ascii(text) if text.isascii() else count_words_of(one_spaced(text))


def count_words_of(spaced: str) -> int:
    """Words in a text that `one_spaced` gave."""
    if spaced.isascii():
        return _count_ascii(spaced)
    if not _MAY_BE_OTHER_THAN_RUNS.search(_bytes(spaced)):
        return spaced.count(" ") + 1
    runs = spaced.split(" ")
    if UNSPACED.search(spaced):
        return sum(map(words_in, runs))
    return len(runs) - sum(not any(map(str.isalnum, run)) for run in filterfalse(str.isalnum, runs))


def _count_ascii(text: str) -> int:
    """Nothing is left of a run without a letter or digit, but the spaces around it."""
    words = text.encode().translate(_ASCII_SPACES, _ASCII_IN_NO_WORD).strip()
    while b"  " in words:
        words = words.replace(b"  ", b" ")
    return words.count(b" ") + 1 if words else 0


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def end_of_word(text: str, number: int) -> int:
    """The offset where word `number` (from 1) ends, or the length of a shorter text."""
    runs = text.split(None, number)
    rest = runs.pop() if len(runs) > number else ""
    head = text[: len(text) - len(rest)].rstrip()
    if head.isascii() or not UNSPACED.search(head):  # a run is a word at most: nearly always it is the last one
        if len(runs) < number:
            return len(text)
        seen, at = count_words(head), len(head)
        if seen == number:
            return at
    else:
        seen = at = 0
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
