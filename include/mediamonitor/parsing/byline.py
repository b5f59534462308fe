"""Bylines: the line at the head of an article that says who wrote it. The rules are data: `rules/bylines.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import re2
from pydantic import Field

from mediamonitor.configfile import LoadedYaml, Strict

RULES_FILE = Path(__file__).parent / "rules" / "bylines.yaml"
HEAD_LINES = 3
"""A byline is one of the first filled lines of the body."""
LONGEST_LINE = 120

_FIRST_LETTERS = ("b", "v", "p", "s", "w", "r", "t", "a", "o", "c", "а", "т")
"""A line that begins with none of these is no byline, and is not looked at further."""


class Examples(Strict):
    """Lines that a rule must take and must leave."""

    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = Field(min_length=1)


class BylineRule(Strict):
    """One rule: an RE2 pattern that must match the whole line, ignoring case unless it says `(?-i:...)`."""

    id: str = Field(pattern=r"^[a-z_]+$")
    language: str
    pattern: str
    examples: Examples


class BylineRules(Strict):
    """The whole file."""

    version: Literal[1]
    rules: tuple[BylineRule, ...]


@cache
def rules() -> BylineRules:
    """The rules that ship, checked against their schema."""
    return LoadedYaml(RULES_FILE.read_text(encoding="utf-8"), RULES_FILE.name).check(BylineRules)


@cache
def _patterns() -> list[tuple[str, Any]]:
    options = re2.Options()
    options.case_sensitive = False
    return [(rule.id, re2.compile(rule.pattern, options)) for rule in rules().rules]


def rule_of(line: str) -> str | None:
    """The id of the rule that takes this line as a byline, or None."""
    line = line.strip()
    if len(line) > LONGEST_LINE or not line.lower().startswith(_FIRST_LETTERS):
        return None
    for rule, pattern in _patterns():
        match = pattern.fullmatch(line)
        if match and _are_names(str(match.group("names"))):
            return rule
    return None


def _are_names(text: str) -> bool:
    """Two to nine words of which most are capitalised: `By Friday` and a sentence have other words."""
    words = [word for word in text.split() if word[0].isalpha()]
    return 2 <= len(words) <= 9 and sum(word[0].isupper() for word in words) >= 0.7 * len(words)


def split_byline(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines without bylines among the first HEAD_LINES filled ones, and those; both in file order."""
    taken: set[int] = set()
    seen = 0
    for index, line in enumerate(lines):
        if not line:
            continue
        seen += 1
        if seen > HEAD_LINES:
            break
        if rule_of(line):
            taken.add(index)
    if not taken:
        return lines, []
    return [line for index, line in enumerate(lines) if index not in taken], [lines[index] for index in sorted(taken)]
