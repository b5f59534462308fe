"""Trailers: the lines at the end of a file that are about the file, not the story.

The rules are data: `rules/trailers.yaml`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import re2
from pydantic import Field

from mediamonitor.configfile import LoadedYaml, Strict

RULES_FILE = Path(__file__).parent / "rules" / "trailers.yaml"
LONGEST_LINE = 300
"""A trailer line is never longer; a longer line is text."""
TAIL_LINES = 4
"""No known trailer may remain in this many last lines of the body (the expectation of the mission)."""


class Examples(Strict):
    """Lines that a rule must take and must leave."""

    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = Field(min_length=1)


class TrailerRule(Strict):
    """One rule: an RE2 pattern that must match the whole line, ignoring case unless it says `(?-i)`.

    A line is at most LONGEST_LINE long, so a pattern says `.*` and not `.{0,80}`: counted repeats make RE2's automaton
    huge.
    """

    id: str = Field(pattern=r"^[a-z_]+$")
    language: str
    kind: Literal["source", "agency", "credit", "share", "related", "copyright", "subscribe"]
    pattern: str
    examples: Examples


class TrailerRules(Strict):
    """The whole file."""

    version: Literal[1]
    rules: tuple[TrailerRule, ...]


@cache
def rules() -> TrailerRules:
    """The rules that ship, checked against their schema."""
    return LoadedYaml(RULES_FILE.read_text(encoding="utf-8"), RULES_FILE.name).check(TrailerRules)


def _compile(pattern: str, captures: bool) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 64 << 20
    options.never_capture = not captures
    return re2.compile(pattern, options)


@cache
def _any_rule() -> Any:
    """All rules at once, without captures: ten times as fast, and most lines are no trailer."""
    return _compile("|".join(f"(?:{rule.pattern})" for rule in rules().rules), captures=False)


@cache
def _each_rule() -> tuple[tuple[str, Any], ...]:
    return tuple((rule.id, _compile(rule.pattern, captures=True)) for rule in rules().rules)


def is_trailer(line: str) -> bool:
    """Whether a rule takes this line."""
    line = line.strip()
    return bool(line) and len(line) <= LONGEST_LINE and _any_rule().fullmatch(line) is not None


def rule_of(line: str) -> str | None:
    """The id of the first rule that takes this line, or None."""
    if not is_trailer(line):
        return None
    return next(rule_id for rule_id, pattern in _each_rule() if pattern.fullmatch(line.strip()))


def source_of(trailer_lines: list[str]) -> str | None:
    """The source that a trailer names: `source site-34` gives `site-34`."""
    for line in trailer_lines:
        for _, pattern in _each_rule():
            match = pattern.fullmatch(line.strip()) if "source" in pattern.groupindex else None
            if match:
                return str(match.group("source")).lower()
    return None


def split_trailer(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines without their trailer, and the trailer, both in file order.

    Lines go from the end for as long as a rule takes them; then any that a rule names among the last TAIL_LINES.
    """
    filled = [index for index, line in enumerate(lines) if line]
    taken: set[int] = set()
    while True:
        tail = range(len(filled) - 1, max(-1, len(filled) - 1 - TAIL_LINES), -1)
        found = next((place for place in tail if is_trailer(lines[filled[place]])), None)
        if found is None:
            kept = [line for index, line in enumerate(lines) if index not in taken]
            return kept, [lines[index] for index in sorted(taken)]
        taken.add(filled.pop(found))


def remaining_trailers(tail: str) -> list[str]:
    """The lines of a body's tail that a rule still names. Empty for every article that passed `split_trailer`."""
    return [line for line in tail.split("\n") if is_trailer(line)]
