"""`sources.yaml`: what is known about each source, above all its time zone, its charset, and its policy for dates."""

from __future__ import annotations

import codecs
import hashlib
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from mediamonitor.configfile import LoadedYaml, Strict

_NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
"""Codecs that no article is written in; some give half characters, which nothing can store."""


class Source(Strict):
    """One source. Everything but its id is optional."""

    source: str = Field(min_length=1)
    name: str | None = None
    country: str | None = None
    language: str | None = None
    kind: str | None = None
    owner: str | None = None
    reach: int | None = Field(default=None, ge=0)
    timezone: str = "UTC"
    charset: str | None = None
    undated: Literal["last_modified", "none"] = "last_modified"
    mojibake: Literal["flag", "repair"] = "flag"
    allowed_lines: tuple[str, ...] = ()
    """Lines of text that recur in this source and count all the same, as they stand in `recurring_lines`."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is not an IANA time zone such as Europe/Berlin") from None
        return value

    @field_validator("charset")
    @classmethod
    def _known_charset(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            name = codecs.lookup(value).name
            b"a".decode(name, errors="ignore")  # LookupError where a codec is not about text, such as hex
        except (LookupError, ValueError):
            name = ""
        if not name or name in _NO_CHARSETS:
            raise ValueError(f"{value!r} is not a charset that Python knows, such as cp1252")
        return name

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which this source's day begins and ends."""
        return ZoneInfo(self.timezone)


class Sources(Strict):
    """The whole file."""

    version: Literal[1]
    sources: tuple[Source, ...] = ()

    @cached_property
    def _by_id(self) -> dict[str, Source]:
        return {entry.source: entry for entry in self.sources}

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (8 hex digits) of what the file says, whatever its layout and comments."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    def get(self, source: str) -> Source:
        """The entry of `source`, or one with the defaults."""
        found = self._by_id.get(source)
        if found is None:
            found = self._by_id[source] = Source(source=source)
        return found


def parse_sources(text: str, name: str = "sources.yaml") -> Sources:
    """Read the content of a sources file; empty text stands for "no file". Raises ConfigurationError with the line."""
    if not text:
        return Sources(version=1)
    loaded = LoadedYaml(text, name)
    sources = loaded.check(Sources)
    seen: set[str] = set()
    for index, entry in enumerate(sources.sources):
        if entry.source in seen:
            raise loaded.error(("sources", index, "source"), f"the source {entry.source!r} stands twice")
        seen.add(entry.source)
    return sources
