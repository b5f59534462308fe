"""Which rules may match a line: those of which a piece that they need stands in it.

One automaton of all rules goes through ever new states on ordinary text, and building them costs milliseconds
an article. Pieces are found in one pass, and only the few rules that they belong to are asked.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from itertools import accumulate
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

MOST_PIECES = 200
"""So many ways to write a piece; beyond that it ends, and the next one begins."""
MOST_CHARS = 8
"""A class of no more characters is spelled out."""

_UNICODE_CLASS = re.compile(r"\\p\{\w+\}")
_FIRST_SENTENCE = re.compile(r"^(\n[^.!?…。؟]*[.!?…。؟]).*", re.DOTALL)
"""What stands at a line's start may stand at a sentence's, so it goes no further than that."""
_NOTHING = frozenset([""])
_START = frozenset(["\n"])
Pieces = frozenset[str]


class PieceFinder:
    """Finds which of some RE2 patterns may match a line, or a part of it."""

    def __init__(self, patterns: Iterable[tuple[str, int | None] | None]) -> None:
        """Each pattern with how long a line may be that it takes as a whole, None where it may take a part of one.

        A None in the place of a pattern is never found; the others keep their numbers.
        """
        owners: dict[str, list[tuple[int, int]]] = {}
        for number, (pattern, most) in ((number, asked) for number, asked in enumerate(patterns) if asked):
            longest = sys.maxsize if most is None else min(most, most_chars(pattern))
            for piece in needed_pieces(pattern):
                owners.setdefault(piece, []).append((longest, number))
        self._owners = list(owners.values())
        self._longest = [max(longest for longest, _ in owners) for owners in self._owners]
        self._find = AhoCorasick(list(owners), implementation=Implementation.DFA).find_matches_as_indexes

    def which(self, lines: list[str]) -> dict[str, set[int]]:
        """The lines with a piece in them, and the patterns that it belongs to, by their order."""
        text = "\n".join(["", *lines]).casefold()
        hits = self._find(text, overlapping=True)
        if not hits:
            return {}
        ends = accumulate(map((1).__add__, map(len, text.split("\n")[1:])))
        found: dict[str, set[int]] = {}
        place, end, length = -1, 0, 0
        for piece, _, stop in hits:  # a piece begins at the line end before it, or after
            while stop > end:
                place, end = place + 1, next(ends)
                length = len(lines[place])
            if length <= self._longest[piece]:
                numbers = found.setdefault(lines[place], set())
                numbers.update(number for longest, number in self._owners[piece] if length <= longest)
        return found


def needed_pieces(pattern: str) -> Pieces:
    """Strings of which every line that `pattern` (RE2, case ignored) takes as a whole holds one, after a line end.

    Case-folded; one that begins with a line end stands at the line's start. Raises ValueError where there are none.
    """
    tree = _tree(pattern)
    pieces = {_FIRST_SENTENCE.sub(r"\1", piece.casefold()) for piece in _needed(tree, _START) or ()}
    if not pieces or "\n" in pieces:
        raise ValueError(f"no piece of text stands in every match of {pattern}")
    return frozenset(piece for piece in pieces if not any(part in piece and part != piece for part in pieces))


def most_chars(pattern: str) -> int:
    """How long a text may be that `pattern` (RE2, case ignored) takes as a whole."""
    return int(_tree(pattern).getwidth()[1])


def _tree(pattern: str) -> Any:
    return _parser.parse(_UNICODE_CLASS.sub(r"\\w", pattern), re.IGNORECASE)


def _needed(sequence: Iterable[Any], run: Pieces) -> Pieces | None:
    """What nodes in a row need; `run` are the ways in which what stands right before them is written."""
    best: Pieces | None = None
    for node in sequence:
        ways = _ways(node)
        if ways is None:
            best = _better(_better(best, run), _needed_of(node, run))
            run = _NOTHING
        elif len(run) * len(ways) <= MOST_PIECES:
            run = frozenset(before + way for before in run for way in ways)
        else:
            best, run = _better(best, run), ways
    return _better(best, run)


def _needed_of(node: Any, run: Pieces) -> Pieces | None:
    kind, value = node
    if kind is _constants.SUBPATTERN:
        return _needed(value[-1], run)
    if kind is _constants.BRANCH:
        branches = [_needed(branch, run) for branch in value[1]]
        known = [branch for branch in branches if branch]
        return frozenset().union(*known) if len(known) == len(branches) else None
    if kind is _constants.MAX_REPEAT and value[0] > 0:
        least, _, repeated = value
        return _needed([*repeated] * least, run)
    return None


def _ways(node: Any) -> Pieces | None:
    """All strings that a node may match, or None where they are too many."""
    kind, value = node
    if kind is _constants.LITERAL:
        return frozenset([chr(value)])
    if kind is _constants.AT:
        return _NOTHING
    if kind is _constants.IN:
        chars = [chr(char) for one, char in value if one is _constants.LITERAL]
        return frozenset(chars) if len(chars) == len(value) <= MOST_CHARS else None
    if kind is _constants.SUBPATTERN:
        return _ways_of_all(value[-1])
    if kind is _constants.MAX_REPEAT and value[:2] == (0, 1):
        ways = _ways_of_all(value[2])
        return ways and ways | _NOTHING
    if kind is _constants.BRANCH:
        branches = [_ways_of_all(branch) for branch in value[1]]
        known = [branch for branch in branches if branch is not None]
        together: Pieces = frozenset().union(*known)
        return together if len(known) == len(branches) and len(together) <= MOST_PIECES else None
    return None


def _ways_of_all(sequence: Iterable[Any]) -> Pieces | None:
    run = _NOTHING
    for node in sequence:
        ways = _ways(node)
        if ways is None or len(run) * len(ways) > MOST_PIECES:
            return None
        run = frozenset(before + way for before in run for way in ways)
    return run


def _better(one: Pieces | None, other: Pieces | None) -> Pieces | None:
    """Those that stand in fewer texts."""
    return max((one, other), key=_rareness)


def _rareness(pieces: Pieces | None) -> int:
    """The length of the shortest, where a line's start is worth four letters; 0 of those that stand in every line."""
    if not pieces or "" in pieces or "\n" in pieces:
        return 0
    return min(len(piece) + 3 * piece.startswith("\n") for piece in pieces)
