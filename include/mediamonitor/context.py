"""What every stage of a run is given, and the configuration it works with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from mediamonitor.configfile import read_config_text
from mediamonitor.landing.staging import RunStaging
from mediamonitor.landing.store import Access, Store
from mediamonitor.landing.urls import open_store
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.reader import parsing_rules_version
from mediamonitor.settings import Settings
from mediamonitor.sources import Sources, parse_sources
from mediamonitor.watchlist.matcher import matching_rules_version
from mediamonitor.watchlist.model import Watchlist
from mediamonitor.watchlist.parse import parse_watchlist

log = logging.getLogger("mediamonitor")


@dataclass(frozen=True, slots=True)
class Context:
    """What every stage of a run is given: settings, the way to the buckets, the run's name and its time (UTC)."""

    settings: Settings
    run_id: str
    now: datetime
    access: Access = field(default_factory=Access)
    progress: Callable[[str, int, int], None] = lambda what, done, total: None
    """Told now and then how far a long stage is; a person at a terminal sees a bar."""
    validate_apart: bool = False
    """Great Expectations in a process of its own: for a process that has more to do after it has validated."""

    def landing(self) -> Store:
        """The landing store."""
        return open_store(self.settings.landing, self.access)

    def staging(self) -> RunStaging:
        """The staged files of this run."""
        return RunStaging(open_store(self.settings.staging, self.access), self.run_id)

    def published(self) -> Store:
        """Where published files stand."""
        return open_store(self.settings.published, self.access)


def rules_version() -> str:
    """With which rules articles are read and matched: two short hashes."""
    return f"{parsing_rules_version()}.{matching_rules_version()}"


def reading_version(sources: Sources) -> str:
    """With which rules of parsing and which `sources.yaml` a record is read; another one may take what this refuses."""
    return f"{parsing_rules_version()}.{sources.content_hash}"


def config_texts(settings: Settings) -> tuple[str, str]:
    """The texts of the watchlist and of the sources file (empty where none is set)."""
    sources = read_config_text(settings.sources, "sources file") if settings.sources else ""
    return read_config_text(settings.watchlist, "watchlist"), sources


def checked_config(settings: Settings) -> tuple[str, str, str]:
    """The texts as `config_texts` gives them, and the `reading_version`. Raises ConfigurationError for any mistake."""
    watchlist, sources = config_texts(settings)
    parse_watchlist(watchlist, settings.watchlist)
    KeyPatterns(settings.key_patterns)
    return watchlist, sources, reading_version(parse_sources(sources, settings.sources))


def pinned_config(context: Context) -> tuple[Watchlist, Sources]:
    """The watchlist and the sources that this run was started with."""
    watchlist, sources = context.staging().read_config()
    return parse_watchlist(watchlist, context.settings.watchlist), parse_sources(sources, context.settings.sources)


def miss_sources(settings: Settings, known: int) -> None:
    """Say so when no sources file is given and the last one told `known` sources: a forgotten flag changes days."""
    if known and not settings.sources:
        log.warning(
            "no sources file is given (--sources, MEDIAMONITOR_SOURCES); at the last publication there was one with %d "
            "sources: their names, time zones, charsets and allowed lines hold no more",
            known,
        )
