"""Trailers: the lines of a file that are about the file, not the story. Most stand at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import re2

from mediamonitor.parsing.trailer_rules import (
    TrailerRule,
    first_of,
    higher_up,
    options,
    rules,
    rules_of,
    rules_that_may_end,
    rules_that_may_match,
)

TAIL_LINES = 4
"""No known trailer may remain in this many last lines of the body (the expectation of the mission)."""
LONGEST_LINK = 160
"""Lines below an opener such as `Related articles:` belong to it when they are no longer and end no sentence."""
MOST_LINKS = 30
TEASERS = 3
"""So many last lines in a row that all break off with dots are teasers of other articles."""
LONGEST_INLINE = 600
"""So far from the end of the last paragraph a credit inside it may begin."""

_LINK_ENDS = (".", "!", "”", '"', "。", "؟")
_BREAKS_OFF = ("...", "…")
_SENTENCE_END = re.compile(r"[.!?…。؟][\"”“»’')\]]*\s+")


@dataclass(frozen=True, slots=True)
class Cut:
    """A line, or the end of one, that is no text, and the id of the rule that says so."""

    text: str
    rule: str


class Split(NamedTuple):
    """The text, and what was cut from it; both in file order."""

    kept: list[str]
    cuts: list[Cut]


@cache
def _inline_pattern(number: int) -> Any:
    """Where a credit begins that reaches to the end of a text; of several the first."""
    return re2.compile(f"{_SENTENCE_END.pattern}({rules()[number].pattern})$", options())


def remaining_trailers(tail: str) -> list[str]:
    """The lines of a body's tail that a rule still names. Empty for every article that passed `split_trailer`."""
    lines = tail.split("\n")
    taken = rules_of(line.strip() for line in lines)
    return [line for line in lines if taken[line.strip()]]


def split_trailer(lines: list[str]) -> Split:
    """The lines (stripped) without their trailers.

    Lines go from the end for as long as a rule takes one of the last TAIL_LINES; so do a list of links below an opener,
    teasers that break off, a credit at the end of the last paragraph, and single lines higher up whose rule says so.
    Splitting what is kept cuts nothing more.
    """
    return _Splitting(lines).split()


class _Splitting:
    """The lines of one text while they are split."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = list(lines)
        self._filled = [place for place, line in enumerate(lines) if line]
        self._cuts: dict[int, list[Cut]] = {}
        self._known: dict[str, TrailerRule | None] = {}  # the same lines are asked about in each round
        self._may_match = rules_that_may_match(filter(None, lines))
        self._higher_up = {line for line, numbers in self._may_match.items() if first_of(numbers & higher_up(), line)}

    def split(self) -> Split:
        if self._higher_up:
            self._cut_links()  # before their opener goes as a single line
            self._cut_single_lines()
        while self._filled and (self._cut_links() or self._cut_tail() or self._cut_teasers() or self._cut_inline()):
            pass
        if not self._cuts:
            return Split(self._lines, [])
        kept = [line for place, line in enumerate(self._lines) if line or place not in self._cuts]
        return Split(kept, [cut for place in sorted(self._cuts) for cut in self._cuts[place]])

    def _cut(self, position: int, rule: str) -> None:
        place = self._filled.pop(position)
        self._cuts[place] = [Cut(self._lines[place], rule), *self._cuts.get(place, [])]
        self._lines[place] = ""

    def _rule_of(self, line: str) -> TrailerRule | None:
        if line not in self._known:
            self._known[line] = first_of(self._may_match.get(line, ()), line)
        return self._known[line]

    def _rule_at(self, position: int) -> TrailerRule | None:
        return self._rule_of(self._lines[self._filled[position]])

    def _from_below(self, most: int) -> list[tuple[int, str]]:
        """The last filled lines with their positions, the lowest first."""
        last = len(self._filled) - 1
        return [(at, self._lines[self._filled[at]]) for at in range(last, max(-1, last - most), -1)]

    def _cut_single_lines(self) -> None:
        left: list[int] = []
        for place in self._filled:
            line = self._lines[place]
            rule = self._rule_of(line) if line in self._higher_up else None
            if rule and rule.anywhere:
                self._cuts[place] = [Cut(line, rule.id)]
                self._lines[place] = ""
            else:
                left.append(place)
        self._filled = left

    def _cut_tail(self) -> bool:
        for at, line in self._from_below(TAIL_LINES):
            if rule := self._rule_of(line):
                self._cut(at, rule.id)
                return True
        return False

    def _cut_links(self) -> bool:
        """Everything from the highest opener under which there are only links and other trailers.

        Not where nothing else stands above: there the short lines are the text, a table or a list.
        """
        if not self._higher_up:
            return False
        found: tuple[int, str] | None = None
        is_below_text = len(self._filled) > MOST_LINKS
        for at, line in self._from_below(MOST_LINKS):
            rule = self._rule_of(line)
            if rule and rule.opens:
                found = at, rule.id
            if not rule and not _is_link(line):
                is_below_text = True
                break
        if found is None or not is_below_text:
            return False
        for at in range(len(self._filled) - 1, found[0] - 1, -1):
            rule = self._rule_at(at)
            self._cut(at, rule.id if rule else found[1])
        return True

    def _cut_teasers(self) -> bool:
        last = self._from_below(TEASERS)
        if len(last) < TEASERS or not all(_breaks_off(line) for _, line in last):
            return False
        while self._filled and _breaks_off(self._lines[self._filled[-1]]):
            self._cut(len(self._filled) - 1, "teasers")
        return True

    def _cut_inline(self) -> bool:
        """Credits at the end of the last paragraph, which may be as long as an article: cut from it once."""
        line = self._lines[self._filled[-1]]
        cuts: list[Cut] = []
        end = len(line)
        while found := _inline_cut(line[max(0, end - LONGEST_INLINE) : end]):
            cuts.append(found)
            end -= len(found.text)
            while line[end - 1].isspace():  # a sentence stands before it
                end -= 1
        if not cuts:
            return False
        place = self._filled[-1]
        self._cuts[place] = cuts[::-1] + self._cuts.get(place, [])
        self._lines[place] = line[:end]
        self._may_match |= rules_that_may_match([line[:end]])
        return True


@lru_cache(maxsize=64)  # lines of nothing but credits end alike again and again
def _inline_cut(end: str) -> Cut | None:
    """The earliest credit that reaches to the end of this end of a paragraph, which ends without white space."""
    starts = [match.end() for match in _SENTENCE_END.finditer(end)]
    numbers = rules_that_may_end([end[start:stop] for start, stop in pairwise([0, *starts, len(end)])])
    matches = ((number, _inline_pattern(number).search(end)) for number in sorted(numbers))
    found = [(match.start(1), number) for number, match in matches if match]
    if not found:
        return None
    start, number = min(found)
    return Cut(end[start:], rules()[number].id)


def _is_link(line: str) -> bool:
    return len(line) <= LONGEST_LINK and (not line.endswith(_LINK_ENDS) or line.endswith(_BREAKS_OFF))


def _breaks_off(line: str) -> bool:
    return len(line) <= LONGEST_LINK and line.endswith(_BREAKS_OFF)
