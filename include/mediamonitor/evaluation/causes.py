"""Why a mention was missed, or something was found that is none."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mediamonitor.article import Hit
from mediamonitor.watchlist.folding import fold, visible

SHARED = 3
"""Letters with which two forms of one word begin alike."""
OF_WHY_NOT = {"surname": "surname", "ambiguous": "ambiguity"}


def missed(text: str, aliases: Iterable[str], beside: Iterable[Hit], entity_id: str) -> str:
    """Why a mention, as the label writes it, is in no count; `beside` are the hits that share a character with it."""
    hits, names = list(beside), list(aliases)
    for hit in hits:
        if hit.entity_id == entity_id and hit.why_not:
            return OF_WHY_NOT.get(hit.why_not, hit.why_not)
    known = [_words(alias) for alias in names]
    words = _words(text)
    if words in known:
        return "ambiguity" if hits else "border" if any(name in text for name in names) else "case"
    if any(len(one) == len(words) and all(map(_alike, one, words)) for one in known):
        return "inflection"
    return "alias missing"


def made_up(hit: Hit, text: str, name: str) -> str:
    """Why a hit that no label has may have been found."""
    if _words(hit.alias) != _words(text):
        return "inflection"
    if len(_words(hit.alias)) < len(_words(name)):
        return "surname"
    return "not labelled"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(visible(text)))


def _alike(one: str, other: str) -> bool:
    return one[:SHARED] == other[:SHARED]
