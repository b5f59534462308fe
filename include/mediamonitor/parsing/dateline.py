"""Datelines: the place, day and agency that a news story begins with (`LONDON, March 13 (Reuters) -`).

The rules are data: `rules/datelines.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Literal

import re2
from pydantic import Field

from mediamonitor.configfile import LoadedYaml, Strict

RULES_FILE = Path(__file__).parent / "rules" / "datelines.yaml"
HEAD = 200
"""A dateline at the head of the body is shorter."""
INSIDE = 1000
"""A dateline after a lead sentence stands in this many first characters of the line."""
LONGEST_PLACE = 60
FEWEST_LETTERS = 4
"""A place without day and agency is longer than most abbreviations (TV, UN, NFL)."""

_NUMBERS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W\d_]+")
_SEVERAL = re.compile(r"\s*(?:[/,;+&]|\band\b)\s*")
_BLANK = re.compile(r"\s*")
_AFTER_DASH = re.compile(r"[–—-]\s+(\S)")


class Examples(Strict):
    """Lines that a rule must take and must leave."""

    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = Field(min_length=1)


class Month(Strict):
    """A month and its names by language."""

    month: int = Field(ge=1, le=12)
    names: dict[str, tuple[str, ...]]


class Agency(Strict):
    """An agency and the forms it is written in."""

    name: str
    forms: tuple[str, ...] = Field(min_length=1)


class DatelineRule(Strict):
    """One rule: an RE2 pattern at the head of the line, or inside it."""

    id: str = Field(pattern=r"^[a-z_]+$")
    at: Literal["head", "inside"] = "head"
    pattern: str
    examples: Examples


class DatelineRules(Strict):
    """The whole file."""

    version: Literal[1]
    months: tuple[Month, ...] = Field(min_length=12, max_length=12)
    agencies: tuple[Agency, ...]
    not_places: tuple[str, ...]
    not_alone: tuple[str, ...]
    parts: dict[str, str]
    rules: tuple[DatelineRule, ...]


@dataclass(frozen=True, slots=True)
class Dateline:
    """What a dateline says; None where it does not.

    `body[start_char:end_char]` is the zone that is no text: the dateline with the dash and the blank after it, counted
    in code points. `start_char` is 0 except for one that follows a lead sentence. `agency` is its name in the data.
    `year` is there only where it is written.
    """

    end_char: int
    agency: str | None = None
    month: int | None = None
    day: int | None = None
    year: int | None = None
    start_char: int = 0


def find_dateline(body: str) -> Dateline | None:
    """The dateline at the head of `body`'s first filled line, or after its lead sentence; None where there is none."""
    found = next(_find(body), None)
    return found[1] if found else None


def rule_of(body: str) -> str | None:
    """The id of the rule that finds the dateline, or None."""
    found = next(_find(body), None)
    return found[0] if found else None


def agency_named(written: str | None) -> str | None:
    """The name of the agency that is written so (`REUTER` is Reuters), or as it is written where none is known."""
    return _agencies().get(written.casefold().strip(" ."), written) if written else None


@cache
def rules() -> DatelineRules:
    """The rules that ship, checked against their schema."""
    return LoadedYaml(RULES_FILE.read_text(encoding="utf-8"), RULES_FILE.name).check(DatelineRules)


@cache
def _months() -> dict[str, int]:
    names = ((name, entry.month) for entry in rules().months for forms in entry.names.values() for name in forms)
    return {name.casefold(): month for name, month in names}


@cache
def _agencies() -> dict[str, str]:
    return {form.casefold(): agency.name for agency in rules().agencies for form in agency.forms}


@cache
def _not_places() -> frozenset[str]:
    return frozenset((*rules().not_places, *_months()))


@cache
def _not_alone() -> frozenset[str]:
    return frozenset(rules().not_alone)


def _expanded(pattern: str) -> str:
    """The pattern with its parts in place. A part may hold only parts that stand before it in the file."""
    for name, part in reversed(rules().parts.items()):
        pattern = pattern.replace("{" + name + "}", part)
    return pattern


def _options() -> Any:
    options = re2.Options()
    options.max_mem = 64 << 20
    return options


@cache
def _rules_at(at: str) -> list[tuple[str, Any]]:
    return [(rule.id, re2.compile(_expanded(rule.pattern), _options())) for rule in rules().rules if rule.at == at]


@cache
def _head_set() -> Any:
    """All rules for the head at once, which costs a fraction of asking each; it tells which ones match."""
    found = re2.Set.MatchSet(_options())
    for rule in rules().rules:
        if rule.at == "head":
            found.Add(_expanded(rule.pattern))
    found.Compile()
    return found


def _find(body: str) -> Iterator[tuple[str, Dateline]]:
    blank = _BLANK.match(body)
    start = blank.end() if blank else 0
    line = _readable(body[start : start + INSIDE].partition("\n")[0])
    yield from _at_head(body, line[:HEAD], start)
    yield from _inside(body, line, start)


def _readable(line: str) -> str:
    """The line without lone surrogates, which RE2 refuses; its length stays."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return line.encode("utf-8", "replace").decode()
    return line


def _at_head(body: str, line: str, start: int) -> Iterator[tuple[str, Dateline]]:
    for index in sorted(_head_set().Match(line) or ()):
        rule_id, pattern = _rules_at("head")[index]
        dateline = _read(pattern.match(line))
        if dateline:
            yield rule_id, _placed(dateline, body, 0, start)


def _inside(body: str, line: str, start: int) -> Iterator[tuple[str, Dateline]]:
    if " – " not in line and " - " not in line:
        return
    if all(after.islower() for after in _AFTER_DASH.findall(line)):  # spares most lines the search
        return
    for rule_id, pattern in _rules_at("inside"):
        for match in islice(pattern.finditer(line), 5):
            dateline = _read(match)
            if dateline:
                begin = match.start(pattern.groupindex["place"])
                yield rule_id, _placed(dateline, body, start + begin, start)


def _placed(dateline: Dateline, body: str, begin: int, line_start: int) -> Dateline:
    blank = _BLANK.match(body, line_start + dateline.end_char)
    end = blank.end() if blank else line_start + dateline.end_char
    return Dateline(end, dateline.agency, dateline.month, dateline.day, dateline.year, begin)


def _read(match: Any) -> Dateline | None:
    """What the groups of the match say; None where one of them is not what it should be."""
    if match is None:
        return None
    groups = match.groupdict()
    agency, written = groups.get("agency"), groups.get("date")
    name = _agency(agency) if agency else None
    day = _written_day(written) if written else None
    if (agency and not name) or (written and not day):
        return None
    text = groups.get("text") or ""
    bare = not agency and not written
    if "place" in groups and not _may_be_place(groups["place"], bare):
        return None
    if bare and _begins_with_day(text):
        return None
    end = match.end() - len(text)
    year, month, number = day or (None, None, None)
    return Dateline(end, name, month, number, year)


def _agency(written: str) -> str | None:
    """The first known agency in `AFP/Reuters`."""
    forms = (part.strip(" .").casefold() for part in (written, *_SEVERAL.split(written)))
    return next((_agencies()[form] for form in forms if form in _agencies()), None)


def _written_day(written: str) -> tuple[int | None, int, int] | None:
    """Year (where written), month and day of a date; None where it is none."""
    numbers = _NUMBERS.findall(written)
    years = [int(number) for number in numbers if len(number) == 4]
    year = years[0] if years else None
    small = [int(number) for number in numbers if len(number) < 4]
    month = _month(written)
    if month is None:
        if len(small) != 2:
            return None
        year_first = len(numbers[0]) == 4
        month, day = small if year_first else reversed(small)
    elif len(small) != 1:
        return None
    else:
        day = small[0]
    return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _month(written: str) -> int | None:
    """The month that a date names: one of its words, or two of them (Arabic)."""
    words = [word.casefold() for word in _WORDS.findall(written)]
    names = [*words, *(f"{first} {second}" for first, second in pairwise(words))]
    return next((_months()[name] for name in names if name in _months()), None)


def _begins_with_day(text: str) -> bool:
    """Whether a day follows the dash: a heading (`GRAIN PRICES - APRIL 7`)."""
    words = text[:20].replace(".", " ").split()
    return len(words) > 1 and words[1][0].isdigit() and words[0].casefold() in _months()


def _may_be_place(place: str, bare: bool) -> bool:
    words = [word.casefold() for word in _WORDS.findall(place)]
    if not words or len(place) > LONGEST_PLACE or words[0] in _not_places():
        return False
    return not bare or (sum(map(len, words)) >= FEWEST_LETTERS and words[0] not in _not_alone())
