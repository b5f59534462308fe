"""What is allowed in a watchlist and yet often a mistake. Nothing here stops a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mediamonitor.parsing.words import UNSPACED
from mediamonitor.watchlist.folding import fold
from mediamonitor.watchlist.model import Entity, Watchlist
from mediamonitor.watchlist.spellings import Spelling, spellings_of


def lint(watchlist: Watchlist) -> list[str]:
    """Sentences for a person, in the order of the file."""
    owners: dict[str, dict[str, Spelling]] = defaultdict(dict)
    for spelling in spellings_of(watchlist):
        if spelling.is_name:
            owners[spelling.needle].setdefault(spelling.entity.id, spelling)
    return [
        f"{entity.id}: {remark}"
        for entity in watchlist.entities
        for remark in (*_by_itself(entity), *_beside_others(entity, owners))
    ]


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


def _beside_others(entity: Entity, owners: dict[str, dict[str, Spelling]]) -> Iterator[str]:
    for needle, of in owners.items():
        mine = of.get(entity.id)
        if mine is None:
            continue
        others = [other for other in of if other != entity.id]
        if others:
            yield (
                f"{mine.alias!r} belongs to {', '.join(others)} too; it counts for the one that the article names "
                "elsewhere, and for none where it names several or none"
            )
        for longer, holders in owners.items() if mine.role != "surname" else ():
            for other, spelling in holders.items():
                if other != entity.id and longer != needle and f" {needle} " in f" {longer} ":
                    yield f"{mine.alias!r} stands in {spelling.alias!r} of {other}; there only the longer one is found"
