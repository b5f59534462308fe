"""The rules for trailers, which are data: `rules/trailers/*.yaml`, one file for each language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import re2
from pydantic import Field

from mediamonitor.configfile import LoadedYaml, Strict
from mediamonitor.parsing.pieces import PieceFinder

RULES_FOLDER = Path(__file__).parent / "rules" / "trailers"
LONGEST_LINE = 300
"""A trailer line is never longer, but for notices; a longer line is text."""
LONGEST_NOTICE = 1_500
"""Of a rule that is `long`: legal notices and masthead lines run on (up to 1,100 characters were seen)."""


class Examples(Strict):
    """Lines that a rule must take and must leave."""

    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = Field(min_length=1)


class TrailerRule(Strict):
    """One rule: an RE2 pattern that must match the whole line, ignoring case unless it says `(?-i:...)`.

    A line is at most LONGEST_LINE long, so a pattern says `.*` and not `.{0,80}`: counted repeats make RE2's automaton
    huge. Every rule is asked about the tail; besides:

    - `anywhere`: a single line higher up goes too.
    - `opens`: the short lines below it, to the end, belong to it: a list of links.
    - `inline`: it may also be the last sentences of the last paragraph.
    - `long`: lines up to LONGEST_NOTICE.

    Groups: `source` names the article's source, `agency` its news agency.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    kind: Literal[
        "source", "agency", "credit", "contact", "share", "related", "media", "copyright", "notice", "subscribe"
    ]
    pattern: str
    anywhere: bool = False
    opens: bool = False
    inline: bool = False
    long: bool = False
    examples: Examples


class CreditRule(Strict):
    """Whom a credit names: an RE2 pattern with the group `names`, searched in lines that went to the trailer."""

    role: Literal["reporters", "editors"]
    pattern: str
    examples: dict[str, tuple[str, ...]] = Field(min_length=1)
    """The names in each line."""


class TrailerRules(Strict):
    """One file. Patterns name `parts` in braces; a part may hold only parts that stand before it."""

    version: Literal[1]
    language: str
    parts: dict[str, str] = Field(default_factory=dict)
    rules: tuple[TrailerRule, ...]
    credits: tuple[CreditRule, ...] = ()


@cache
def rule_files() -> tuple[TrailerRules, ...]:
    """The rules that ship, checked against their schema, with the parts of their patterns in place."""
    paths = sorted(RULES_FOLDER.glob("*.yaml"))
    files = (LoadedYaml(path.read_text(encoding="utf-8"), path.name).check(TrailerRules) for path in paths)
    return tuple(_whole(file) for file in files)


def _whole(file: TrailerRules) -> TrailerRules:
    def expanded(pattern: str) -> str:
        for name, part in reversed(file.parts.items()):
            pattern = pattern.replace("{" + name + "}", part)
        return pattern

    return file.model_copy(
        update={
            "rules": tuple(rule.model_copy(update={"pattern": expanded(rule.pattern)}) for rule in file.rules),
            "credits": tuple(rule.model_copy(update={"pattern": expanded(rule.pattern)}) for rule in file.credits),
        }
    )


@cache
def rules() -> tuple[TrailerRule, ...]:
    """All of them, in the order in which they are asked."""
    return tuple(rule for file in rule_files() for rule in file.rules)


def options() -> Any:
    """How the patterns of rules are compiled."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return options


@cache
def _pieces() -> PieceFinder:
    return PieceFinder(rule.pattern for rule in rules())


@cache
def _pattern(index: int) -> Any:
    return re2.compile(rules()[index].pattern, options())


def rules_that_may_match(lines: list[str]) -> dict[str, set[int]]:
    """Numbers of the rules that may take each line, or a part of it; lines that none may take are left out."""
    return _pieces().which([line if len(line) <= LONGEST_NOTICE else "" for line in lines])


def first_of(numbers: Iterable[int], line: str) -> TrailerRule | None:
    """The first of these rules that takes this line (without white space around it) as a whole, or None."""
    for number in sorted(numbers):
        rule = rules()[number]
        if (rule.long or len(line) <= LONGEST_LINE) and _pattern(number).fullmatch(line):
            return rule
    return None


def rule_of(line: str) -> TrailerRule | None:
    """The first rule that takes this line as a whole, or None."""
    line = line.strip()
    return first_of(rules_that_may_match([line]).get(line, ()), line)


def is_trailer(line: str) -> bool:
    """Whether a rule takes this line."""
    return rule_of(line) is not None
