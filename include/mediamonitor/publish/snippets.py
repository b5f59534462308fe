"""The sentence in which a name stands: what an analyst shows when asked why a number is what it is."""

from __future__ import annotations

import re

LONGEST = 300
"""A snippet has at most this many code points around the hit (contract §4)."""

_ENDS = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[”’」』）]*|\n+")


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence of `text` that holds [start:end], cut to LONGEST code points around it, white space folded."""
    left, right = sentence_bounds(text, start, end)
    return " ".join(text[left:right].split())


def marked_sentence(text: str, start: int, end: int) -> str:
    """The same with the place itself between `[` and `]`."""
    left, right = sentence_bounds(text, start, end)
    return " ".join(f"{text[left:start]}[{text[start:end]}]{text[end:right]}".split())


def sentence_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence that holds [start:end] begins and ends, cut to LONGEST code points around it."""
    left, right = 0, len(text)
    for stop in _ENDS.finditer(text):
        if stop.end() <= start:
            left = stop.end()
        elif stop.start() >= end:
            right = stop.end()
            break
    if right - left > LONGEST:
        left = max(left, start - max(LONGEST - (end - start), 0) // 2)
        right = min(right, left + LONGEST)
    return left, max(right, end)
