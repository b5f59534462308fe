"""What is allowed in a watchlist and yet often a mistake. Nothing here stops a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ahocorasick_rs import AhoCorasick

from mediamonitor.parsing.words import UNSPACED
from mediamonitor.watchlist.folding import fold
from mediamonitor.watchlist.model import Entity, Watchlist
from mediamonitor.watchlist.spellings import Spelling, spellings_of

Owners = dict[str, dict[str, Spelling]]
"""Of each folded spelling, whose it is."""


def lint(watchlist: Watchlist) -> list[str]:
    """Sentences for a person, in the order of the file."""
    owners: Owners = defaultdict(dict)
    own: dict[str, list[str]] = defaultdict(list)
    for spelling in spellings_of(watchlist):
        if spelling.is_name:
            if spelling.entity.id not in owners[spelling.needle]:
                own[spelling.entity.id].append(spelling.needle)
            owners[spelling.needle].setdefault(spelling.entity.id, spelling)
    longer = _longer(list(owners))
    return [
        f"{entity.id}: {remark}"
        for entity in watchlist.entities
        for remark in (*_by_itself(entity), *_beside_others(entity, own[entity.id], owners, longer))
    ]


def _longer(needles: list[str]) -> dict[str, list[str]]:
    """Of each spelling the others in which it stands as whole words."""
    found: dict[str, list[str]] = defaultdict(list)
    automaton = AhoCorasick([f" {needle} " for needle in needles])
    for whole in needles:
        for index, _, _ in automaton.find_matches_as_indexes(f" {whole} ", overlapping=True):
            if needles[index] != whole:
                found[needles[index]].append(whole)
    return found


def _by_itself(entity: Entity) -> Iterator[str]:
    seen = {fold(entity.name): entity.name}
    for alias in entity.aliases:
        if fold(alias) in seen:
            yield f"the alias {alias!r} stands twice (as {seen[fold(alias)]!r})"
        seen.setdefault(fold(alias), alias)
    for spelling in entity.spellings:
        if sum(map(str.isalnum, spelling)) == 1 and not UNSPACED.search(spelling):
            yield f"{spelling!r} is a single letter or digit; it will be found where it is not meant"
    if not entity.examples.hit:
        yield "it has no examples; a sentence that must be counted and one that must not are worth the minute"


def _beside_others(entity: Entity, own: list[str], owners: Owners, longer: dict[str, list[str]]) -> Iterator[str]:
    for needle in own:
        mine = owners[needle][entity.id]
        others = [other for other in owners[needle] if other != entity.id]
        if others:
            yield (
                f"{mine.alias!r} belongs to {', '.join(others)} too; it counts for the one that the article names "
                "elsewhere, and for none where it names several or none"
            )
        for whole in longer.get(needle, ()) if mine.role != "surname" else ():
            for other, spelling in owners[whole].items():
                if other != entity.id:
                    yield f"{mine.alias!r} stands in {spelling.alias!r} of {other}; there only the longer one is found"
