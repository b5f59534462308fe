"""What differs between two watchlists, as patterns for the articles that may be touched by it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from pydantic import ValidationError

from mediamonitor.watchlist.folding import INVISIBLE, unfolded
from mediamonitor.watchlist.model import Entity, Watchlist
from mediamonitor.watchlist.spellings import spellings_of

LONGEST_PATTERN = 1_500
"""Characters of spellings in one pattern. RE2 compiles some ten thousand steps of it and no more."""
INVISIBLE_PATTERN = f"[{INVISIBLE}]"


def read_content(content: str) -> Watchlist | None:
    """A watchlist as `Watchlist.content` gave it; None of one that this version cannot read."""
    try:
        return Watchlist.model_validate_json(content)
    except ValidationError:
        return None


def needles_of_changes(before: Iterable[Watchlist], after: Watchlist) -> list[str]:
    """The folded spellings of every entity that is not the same in all of these lists, as it was and as it is.

    In an article that holds none of them, every list finds the same. One that holds another is left out.
    """
    changed: list[Entity] = []
    now = _entities(after)
    for watchlist in before:
        then = _entities(watchlist)
        for one in now.keys() | then.keys():
            if now.get(one) != then.get(one):
                changed += [entity for entity in (then.get(one), now.get(one)) if entity]
    return _shortest({spelling.needle for entity in changed for spelling in spellings_of(_alone(entity))})


def patterns_of(needles: Collection[str]) -> list[str]:
    """Patterns for RE2, of which one is found in every text whose folded form holds one of the needles."""
    patterns: list[list[str]] = []
    held = LONGEST_PATTERN
    for needle in sorted(needles):
        if held + len(needle) > LONGEST_PATTERN:
            patterns.append([])
            held = 0
        held += len(needle)
        patterns[-1].append("".join(map(_class, needle)))
    return ["|".join(parts) for parts in patterns]


def _entities(watchlist: Watchlist) -> dict[str, Entity]:
    """By id, without what changes no hit."""
    return {entity.id: entity.model_copy(update={"examples": None}) for entity in watchlist.entities}


def _alone(entity: Entity) -> Watchlist:
    return Watchlist(version=1, entities=(entity,))


def _shortest(needles: set[str]) -> list[str]:
    """Without those that hold another one: whoever finds that finds them."""
    kept: list[str] = []
    for needle in sorted(needles, key=len):
        if not any(one in needle for one in kept):
            kept.append(needle)
    return kept


def _class(char: str) -> str:
    """A pattern for each character that folds to this one."""
    chars = unfolded(char)
    return re.escape(chars) if len(chars) == 1 else f"[{''.join(map(re.escape, chars))}]"
