"""The ways in which each entity of a watchlist may be written, and the words that decide whether it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mediamonitor.watchlist.folding import fold, one_kind, visible
from mediamonitor.watchlist.inflection import Inflection
from mediamonitor.watchlist.model import Entity, Watchlist
from mediamonitor.watchlist.surnames import surname_of

Role = Literal["name", "alias", "surname", "word", "require", "exclude", "all", "any", "none", "near"]
"""What a spelling is to its entity. `word` is one that a query counts; those after it only decide about others."""
NAMES: frozenset[Role] = frozenset({"name", "alias", "surname", "word"})


@dataclass(frozen=True, slots=True, eq=False)
class Spelling:
    """One way to write something of one entity. `number` tells the words of a query apart."""

    entity: Entity
    alias: str
    role: Role
    needle: str
    """Folded, as it is looked for."""
    written: tuple[str, ...]
    """The alias with one kind of quote, hyphen, space and sigma, as it may be written where case matters."""
    capitals: str
    is_whole_word: bool
    is_case_sensitive: bool
    number: int = 0
    inflection: Inflection | None = None
    """Its other forms, if there are any and the entity asks for them."""

    @property
    def is_name(self) -> bool:
        """Whether it is a hit where it stands; else a word that decides about hits."""
        return self.role in NAMES


def spellings_of(watchlist: Watchlist) -> list[Spelling]:
    """All spellings, those of an entity from the name to the words that decide."""
    return [spelling for entity in watchlist.entities for spelling in _of(entity)]


def _of(entity: Entity) -> Iterator[Spelling]:
    if entity.query:
        query = entity.query
        for word in dict.fromkeys((*query.all, *query.any)):
            yield _spelling(entity, word, "word")
        for role, words in (("all", query.all), ("any", query.any), ("none", query.none)):
            yield from (_decides(entity, word, role, number) for number, word in enumerate(words))  # type: ignore[arg-type]
        if query.near:
            yield from (_decides(entity, word, "near", number) for number, word in enumerate(query.near.words))
        return
    yield _spelling(entity, entity.name, "name")
    for alias in dict.fromkeys(entity.aliases):
        if alias != entity.name:
            yield _spelling(entity, alias, "alias")
    surname = entity.surname_is or (surname_of(entity.name) if entity.surname_rule != "never" else None)
    if surname and surname not in (entity.name, *entity.aliases):
        yield _spelling(entity, surname, "alias" if entity.surname_rule == "always" else "surname")
    yield from (_decides(entity, word, "require") for word in entity.require)
    yield from (_decides(entity, word, "exclude") for word in entity.exclude)


def _spelling(entity: Entity, alias: str, role: Role) -> Spelling:
    is_whole = entity.match.word == "whole"
    return _compiled(entity, alias, role, is_whole, entity.is_case_sensitive)


def _decides(entity: Entity, word: str, role: Role, number: int = 0) -> Spelling:
    """A word that decides about others is a whole word in any case."""
    return _compiled(entity, word, role, True, False, number)


def _compiled(entity: Entity, alias: str, role: Role, is_whole: bool, is_sensitive: bool, number: int = 0) -> Spelling:
    seen = visible(alias)
    written = one_kind(seen)
    # A particle is capitalised at the head of a sentence: `Von der Leyen said`.
    ways = (written, written[0].upper() + written[1:]) if role == "surname" else (written,)
    forms = Inflection(alias) if entity.match.inflect else None
    forms = forms if forms and forms.varies else None
    needle = forms.needle if forms else fold(seen)
    return Spelling(entity, alias, role, needle, ways, written.upper(), is_whole, is_sensitive, number, forms)
