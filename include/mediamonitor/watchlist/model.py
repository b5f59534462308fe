"""`watchlist.yaml`: the names that are counted, and how each may be written (contract §5; docs/watchlist.md)."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from mediamonitor.configfile import Strict

Kind = Literal["person", "organisation", "place", "brand", "topic"]


def _written(text: str) -> str:
    if not any(char.isalnum() for char in text):
        raise ValueError(f"{text!r} holds no letter or digit; remove it or write the name")
    return " ".join(unicodedata.normalize("NFC", text).split())


Spelling = Annotated[str, AfterValidator(_written)]
"""A name as people write it: NFC, single spaces."""


class Match(Strict):
    """How an alias is compared with the text. `case: None` stands for the kind's default."""

    case: Literal["sensitive", "insensitive"] | None = None
    word: Literal["whole", "substring"] = "whole"
    inflect: bool = False

    @model_validator(mode="after")
    def _fit_together(self) -> Match:
        if self.inflect and self.word == "substring":
            raise ValueError("inflect needs word: whole; a substring is found inside inflected words anyway")
        return self


class Active(Strict):
    """The days (of publication, inclusive) on which the entity is watched."""

    from_: date | None = Field(default=None, alias="from")
    to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Active:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError(f"from {self.from_} lies after to {self.to}")
        return self


class Examples(Strict):
    """Sentences in which the entity must be counted, and in which it must not."""

    hit: tuple[str, ...] = ()
    miss: tuple[str, ...] = ()


class Surname(Strict):
    """The surname of a name whose last word is not it."""

    is_: Spelling = Field(alias="is")


class Near(Strict):
    """Words that must stand close together."""

    words: tuple[Spelling, ...] = Field(min_length=2)
    within: int = Field(ge=1, le=1000)
    """Words from the first of them to the last."""


class Query(Strict):
    """What an article must hold for a topic to count in it. Its hits are those of the words in `all` and `any`."""

    all: tuple[Spelling, ...] = ()
    any: tuple[Spelling, ...] = ()
    none: tuple[Spelling, ...] = ()
    near: Near | None = None

    @model_validator(mode="after")
    def _finds_something(self) -> Query:
        if not self.all and not self.any:
            raise ValueError("a query needs words in all or any; their hits are what is counted")
        return self


class Entity(Strict):
    """One watched person, organisation, place, brand or topic. One with a query may go without a name."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=100)
    name: Spelling
    kind: Kind
    aliases: tuple[Spelling, ...] = ()
    match: Match = Match()
    surname: Literal["always", "after_full_name", "never"] | Surname | None = None
    require: tuple[Spelling, ...] = ()
    exclude: tuple[Spelling, ...] = ()
    query: Query | None = None
    active: Active = Active()
    examples: Examples = Examples()

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        return {"name": data.get("id"), **data} if isinstance(data, dict) and data.get("query") else data

    @model_validator(mode="after")
    def _fit_together(self) -> Entity:
        if self.query and (self.aliases or self.require or self.exclude or self.surname):
            raise ValueError("a query stands alone: write aliases, require and exclude as its any, all and none")
        if self.query and self.kind != "topic":
            raise ValueError("only a topic has a query")
        if self.surname not in (None, "never") and self.kind != "person":
            raise ValueError("only a person has a surname")
        return self

    @property
    def surname_rule(self) -> Literal["always", "after_full_name", "never"]:
        """As declared, else by kind: the surname of a person counts after the full name."""
        if isinstance(self.surname, str):
            return self.surname
        return "after_full_name" if self.kind == "person" else "never"

    @property
    def surname_is(self) -> str | None:
        """The surname that the watchlist itself tells."""
        return self.surname.is_ if isinstance(self.surname, Surname) else None

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The name and the aliases, or the words that a query counts, each once."""
        words = (*self.query.all, *self.query.any) if self.query else (self.name, *self.aliases)
        return tuple(dict.fromkeys(words))

    @property
    def is_case_sensitive(self) -> bool:
        """As declared, else by kind: topics ignore case, names do not."""
        return (self.match.case or ("insensitive" if self.kind == "topic" else "sensitive")) == "sensitive"

    def is_active(self, day: date | None) -> bool:
        """Whether the entity is watched on this day; an article without a day is in no count anyway."""
        if day is None:
            return True
        return (self.active.from_ is None or self.active.from_ <= day) and (
            self.active.to is None or day <= self.active.to
        )


class Group(Strict):
    """Entities that are compared with each other, as in a share of voice."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=100)
    name: str = Field(min_length=1)
    entities: tuple[str, ...] = Field(min_length=1)


class Watchlist(Strict):
    """The whole file."""

    version: Literal[1]
    entities: tuple[Entity, ...]
    groups: tuple[Group, ...] = ()

    @cached_property
    def content_hash(self) -> str:
        """`watchlist_version`: SHA-256 (16 hex digits) of what the file says, whatever its layout and comments."""
        return hashlib.sha256(self.content.encode()).hexdigest()[:16]

    @cached_property
    def content(self) -> str:
        """What the file says and counts depend on, as JSON."""
        return self.model_dump_json(by_alias=True, exclude={"entities": {"__all__": {"examples"}}})
