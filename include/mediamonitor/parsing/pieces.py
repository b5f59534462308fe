"""Which rules may match a line: those of which a piece that they need stands in it.

One automaton of all rules goes through ever new states on ordinary text, and building them costs milliseconds an article.
Pieces are found in one pass, and only the few rules that they belong to are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from ahocorasick_rs import AhoCorasick

MOST_PIECES = 64
"""So many ways to write a piece; beyond that it ends, and the next one begins."""
MOST_CHARS = 8
"""A class of no more characters is spelled out."""

_UNICODE_CLASS = re.compile(r"\\p\{\w+\}")
_NOTHING = frozenset([""])
Pieces = frozenset[str]


class PieceFinder:
    """Finds which of some RE2 patterns may match in a text."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._always: list[int] = []
        owners: dict[str, list[int]] = {}
        for index, pattern in enumerate(patterns):
            pieces = needed_pieces(pattern)
            if not pieces:
                self._always.append(index)
            for piece in pieces:
                owners.setdefault(piece, []).append(index)
        self._owners = list(owners.values())
        self._find = AhoCorasick(list(owners)).find_matches_as_indexes

    def which(self, text: str) -> set[int]:
        """The patterns, by their order, of which a piece stands in `text`."""
        return {index for found, _, _ in self._hits(text) for index in self._owners[found]}.union(self._always)

    def which_by_line(self, lines: list[str]) -> Iterator[tuple[int, set[int]]]:
        """The number of each line with a piece in it, and the patterns, without those that need no piece."""
        text = "\n".join(lines)
        hits = self._hits(text)
        if not hits:
            return
        ends = _ends_of(text if text.isascii() else text.casefold())
        line, found = 0, set[int]()
        for piece, start, _ in hits:
            if start >= ends[line]:
                if found:
                    yield line, found
                    found = set()
                while start >= ends[line]:
                    line += 1
            found.update(self._owners[piece])
        yield line, found

    def _hits(self, text: str) -> list[tuple[int, int, int]]:
        hits: list[tuple[int, int, int]] = self._find(text.casefold(), overlapping=True)
        return hits


def _ends_of(text: str) -> list[int]:
    ends: list[int] = []
    at = 0
    for line in text.split("\n"):
        at += len(line) + 1
        ends.append(at)
    return ends


def needed_pieces(pattern: str) -> Pieces:
    """Case-folded strings of which every match of `pattern` (RE2, case ignored) holds one; empty if there are none."""
    tree = _parser.parse(_UNICODE_CLASS.sub(r"\\w", pattern), re.IGNORECASE)
    pieces = {piece.casefold() for piece in _needed(tree) or ()}
    return frozenset(piece for piece in pieces if not any(part in piece and part != piece for part in pieces))


def _needed(sequence: Iterable[Any]) -> Pieces | None:
    best: Pieces | None = None
    run = _NOTHING
    for node in sequence:
        ways = _ways(node)
        if ways is None:
            best = _better(_better(best, run), _needed_of(node))
            run = _NOTHING
        elif len(run) * len(ways) <= MOST_PIECES:
            run = frozenset(before + way for before in run for way in ways)
        else:
            best, run = _better(best, run), ways
    return _better(best, run)


def _needed_of(node: Any) -> Pieces | None:
    kind, value = node
    if kind is _constants.SUBPATTERN:
        return _needed(value[-1])
    if kind is _constants.BRANCH:
        branches = [_needed(branch) for branch in value[1]]
        known = [branch for branch in branches if branch]
        return frozenset().union(*known) if len(known) == len(branches) else None
    if kind is _constants.MAX_REPEAT and value[0] > 0:
        return _needed(value[2])
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
    """The pieces of which the shortest is longer; a piece that may be empty is none."""
    return max((one, other), key=lambda pieces: min(map(len, pieces)) if pieces else 0)
