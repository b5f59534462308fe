"""Whom a trailer names: the source of the article, its news agency, who reported and who edited it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import re2

from mediamonitor.parsing.trailer import Cut
from mediamonitor.parsing.trailer_rules import options, rule_files, rules

_BETWEEN_NAMES = re.compile(r"[,;&/]|(?: and | und | y | et | и | та | i | a )")
_PLACE_OF_A_NAME = re.compile(r" (?:in|at|from|aus|en|à|из|в) .*")


@dataclass(frozen=True, slots=True)
class Credits:
    """What a trailer says of those who made the article."""

    source: str | None = None
    agency: str | None = None
    reporters: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()


@cache
def _naming() -> dict[str, Any]:
    """The rules that name a source or an agency."""
    return {rule.id: re2.compile(rule.pattern, options()) for rule in rules() if "(?P<" in rule.pattern}


@cache
def _credit_rules() -> frozenset[str]:
    return frozenset(rule.id for rule in rules() if rule.kind == "credit")


@cache
def _people_patterns(role: str) -> list[Any]:
    patterns = [credit.pattern for file in rule_files() for credit in file.credits if credit.role == role]
    return [re2.compile(pattern, options()) for pattern in patterns]


def credits_of(cuts: list[Cut]) -> Credits:
    """What the cut lines name. A source is a short name, in lower case: `source site-34` gives `site-34`."""
    named: dict[str, str] = {}
    for cut in cuts:
        named = _named_in(cut) | named
    credits = [cut.text for cut in cuts if cut.rule in _credit_rules()]
    source, agency = named.get("source"), named.get("agency")
    return Credits(
        source.lower() if source else None, agency, _people("reporters", credits), _people("editors", credits)
    )


@lru_cache(maxsize=10_000)  # a source signs all its articles alike
def _named_in(cut: Cut) -> dict[str, str]:
    pattern = _naming().get(cut.rule)
    match = pattern.fullmatch(cut.text.strip()) if pattern else None
    return {group: str(name) for group, name in match.groupdict().items() if name} if match else {}


def _people(role: str, credits: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in credits:
        for pattern in _people_patterns(role):
            for match in pattern.finditer(text):
                found.update(dict.fromkeys(_names_in(match.group("names"))))
    return tuple(found)


def _names_in(text: str) -> list[str]:
    """The single names of `A, B and C in London`."""
    names = (_PLACE_OF_A_NAME.sub("", part).strip(" .;:()[]–—-") for part in _BETWEEN_NAMES.split(text))
    return [name for name in names if " " in name and name[0].isupper()]
