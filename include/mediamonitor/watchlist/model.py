"""`watchlist.yaml`: the names that are counted, and how each may be written (contract §5; docs/watchlist.md)."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

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


class Entity(Strict):
    """One watched person, organisation, place, brand or topic."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=100)
    name: Spelling
    kind: Kind
    aliases: tuple[Spelling, ...] = ()
    match: Match = Match()
    active: Active = Active()
    examples: Examples = Examples()

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The name and the aliases, each once."""
        return tuple(dict.fromkeys((self.name, *self.aliases)))

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


class Watchlist(Strict):
    """The whole file."""

    version: Literal[1]
    entities: tuple[Entity, ...]

    @cached_property
    def content_hash(self) -> str:
        """`watchlist_version`: SHA-256 (16 hex digits) of what the file says, whatever its layout and comments."""
        content = self.model_dump_json(by_alias=True, exclude={"entities": {"__all__": {"examples"}}})
        return hashlib.sha256(content.encode()).hexdigest()[:16]
