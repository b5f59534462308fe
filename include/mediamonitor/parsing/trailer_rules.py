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
def higher_up() -> frozenset[int]:
    """Numbers of the rules for lines that go wherever they stand, or open a list of links."""
    return frozenset(number for number, rule in enumerate(rules()) if rule.anywhere or rule.opens)


@cache
def _whole_lines() -> PieceFinder:
    return PieceFinder((rule.pattern, LONGEST_NOTICE if rule.long else LONGEST_LINE) for rule in rules())


@cache
def _sentences() -> PieceFinder:
    return PieceFinder((rule.pattern, None) if rule.inline else None for rule in rules())


@cache
def _pattern(number: int) -> Any:
    return re2.compile(rules()[number].pattern, options())


def rules_that_may_match(lines: Iterable[str]) -> dict[str, set[int]]:
    """Numbers of the rules that may take each line as a whole; lines that none may take are left out."""
    return _whole_lines().which([line if len(line) <= LONGEST_NOTICE else "" for line in lines])


def rules_that_may_end(sentences: list[str]) -> set[int]:
    """Numbers of the `inline` rules that may take the last of these sentences, which stand one after the other."""
    return set().union(*_sentences().which(sentences).values())


def first_of(numbers: Iterable[int], line: str) -> TrailerRule | None:
    """The first of these rules that takes this line (without white space around it) as a whole, or None."""
    for number in sorted(numbers):
        if _pattern(number).fullmatch(line):
            return rules()[number]
    return None


def rules_of(lines: Iterable[str]) -> dict[str, TrailerRule | None]:
    """For each of these lines (without white space around it) the first rule that takes it as a whole, or None."""
    asked = list(dict.fromkeys(lines))
    may_match = rules_that_may_match(asked)
    return {line: first_of(may_match.get(line, ()), line) for line in asked}


def rule_of(line: str) -> TrailerRule | None:
    """The first rule that takes this line as a whole, or None."""
    line = line.strip()
    return rules_of([line])[line]


def is_trailer(line: str) -> bool:
    """Whether a rule takes this line."""
    return rule_of(line) is not None
