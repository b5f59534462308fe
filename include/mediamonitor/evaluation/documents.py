"""The documents of a set, each read by the code that the flow reads with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from mediamonitor.article import Article, ObjectRef, Rejection
from mediamonitor.errors import ConfigurationError
from mediamonitor.evaluation.report import RAISED, Findings
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.decode import normalised
from mediamonitor.parsing.drafts import stripped_lines
from mediamonitor.parsing.reader import Reader
from mediamonitor.parsing.records import records_of
from mediamonitor.settings import Settings
from mediamonitor.sources import Source, Sources

ARRIVED = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""When a document arrived of which nothing is known; fixed, so that every run gives the same figures."""
HEAVIEST = 1_000_000
"""The weight of a document that could not be read."""
_SOURCE = "evaluation"
_METADATA = {"source": _SOURCE}
_NAMING = frozenset({"doc", "a", "b"})
"""Fields of a gold that name documents."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a set by its name in the gold, `doc`."""

    doc: str
    raw: bytes

    def lines(self, encoding: str = "utf-8") -> list[str]:
        """Its lines that are not empty, as a reader gives them who cuts nothing. Bytes that do not fit are replaced."""
        text = normalised(self.raw.decode(encoding, errors="replace").removeprefix("\ufeff"))
        return [line for line in stripped_lines(text) if line]

    def read(self, findings: Findings, charset: str | None = None, arrived: datetime = ARRIVED) -> Article | Rejection:
        """Its first record, read under a source that declares `charset`. An exception is a finding, and a Rejection."""
        findings.readings += 1
        ref = ObjectRef("evaluation", self.doc, 1, "", len(self.raw), arrived)
        try:
            record = next(records_of(self.raw, self.doc, Settings().max_article_bytes))
            return record if isinstance(record, Rejection) else _reader(charset).read(ref, _METADATA, record)
        except Exception as error:  # the other documents are still worth measuring
            findings.raised += 1
            what = f"{type(error).__name__}: {error}"
            findings.case(self.doc, "raised", what, weight=HEAVIEST)
            return Rejection("quarantined", RAISED, what)


@cache
def _reader(charset: str | None) -> Reader:
    """A reader with the default settings and one source."""
    sources = Sources(version=1, sources=(Source(source=_SOURCE, charset=charset),))
    return Reader(sources, KeyPatterns(Settings().key_patterns), "")


def files_below(folder: Path) -> Iterator[Document]:
    """Every file below the folder of articles, in the order of the names."""
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is not there; unpack the set first")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "README.md":
            yield Document(path.relative_to(folder).as_posix(), path.read_bytes())


def gold_of(folder: Path, name: str, *fields: str) -> Iterator[tuple[Document, dict[str, Any]]]:
    """Every document that the gold file `name` labels, and its labels, which hold these `fields`."""
    for gold in gold_lines(folder, name, "doc", *fields):
        yield Document(gold["doc"], (folder / gold["doc"]).read_bytes()), gold


def gold_lines(folder: Path, name: str, *fields: str) -> Iterator[dict[str, Any]]:
    """Every line of the gold file `name`, with these `fields`; those that name documents name files that are there."""
    path = folder / name
    if not path.is_file():
        raise ConfigurationError(f"{path} is not there; unpack the set first")
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            gold = json.loads(line)
            for field in _NAMING.intersection(fields):
                (folder / gold[field]).stat()
            itemgetter(*fields)(gold)
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise ConfigurationError(f"{path}, line {number}: {type(error).__name__}: {error}") from None
        yield gold


def flat(text: str) -> str:
    """The text with every run of white space as one blank, to compare by."""
    return " ".join(normalised(text).split())


def flat_lines(text: str) -> list[str]:
    """The lines that are not empty, each flat."""
    return [line for line in map(flat, text.split("\n")) if line]
