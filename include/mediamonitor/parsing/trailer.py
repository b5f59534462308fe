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


def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 64 << 20
    return options


@cache
def _rule_set() -> Any:
    """All rules at once, which costs a fraction of asking each; it tells which ones match, by their order."""
    found = re2.Set.FullMatchSet(_options())
    for rule in rules().rules:
        found.Add(rule.pattern)
    found.Compile()
    return found


@cache
def _with_source() -> list[Any]:
    """The rules that name a source."""
    patterns = [re2.compile(rule.pattern, _options()) for rule in rules().rules]
    return [pattern for pattern in patterns if "source" in pattern.groupindex]


def _matching(line: str) -> list[int]:
    line = line.strip()
    return (_rule_set().Match(line) or []) if line and len(line) <= LONGEST_LINE else []


def is_trailer(line: str) -> bool:
    """Whether a rule takes this line."""
    return bool(_matching(line))


def rule_of(line: str) -> str | None:
    """The id of the first rule that takes this line, or None."""
    matching = _matching(line)
    return rules().rules[min(matching)].id if matching else None


def source_of(trailer_lines: list[str]) -> str | None:
    """The source that a trailer names: `source site-34` gives `site-34`."""
    matches = (pattern.fullmatch(line.strip()) for line in trailer_lines for pattern in _with_source())
    return next((str(match.group("source")).lower() for match in matches if match), None)


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
