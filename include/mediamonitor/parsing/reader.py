"""One record to one `Article` or one `Rejection`: decode, title, echoes, trailer, source, date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

from mediamonitor.article import (
    UNKNOWN_SOURCE,
    Article,
    DateFrom,
    ObjectRef,
    Rejection,
    SourceFrom,
    article_id,
)
from mediamonitor.parsing.byline import split_byline
from mediamonitor.parsing.credits import Credits, credits_of
from mediamonitor.parsing.dateline import Dateline, agency_named, find_dateline
from mediamonitor.parsing.dates import DateOutOfRange, KeyFacts, KeyPatterns, date_article, nearest_date
from mediamonitor.parsing.decode import Refused
from mediamonitor.parsing.drafts import Draft, json_draft, text_draft
from mediamonitor.parsing.language import language_of
from mediamonitor.parsing.mojibake import is_mojibake, repaired
from mediamonitor.parsing.records import Record
from mediamonitor.parsing.samples import sample
from mediamonitor.parsing.title import headline_key, split_echoes, title_key
from mediamonitor.parsing.trailer import split_trailer
from mediamonitor.parsing.words import count_words_of, one_spaced
from mediamonitor.sources import Sources

RULES = Path(__file__).parent / "rules"
HEAD_CHARS = 1_000
"""So much of the body tells its language, and whether it was read with the wrong charset once."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading depends on besides the record itself."""

    sources: Sources
    key_patterns: KeyPatterns
    prefix: str

    def read(self, ref: ObjectRef, metadata: dict[str, str], record: Record) -> Article | Rejection:
        """The article in this record, or why there is none. `metadata` are the object's, names in lower case."""
        facts = self._facts(ref, record.member)
        source = metadata.get("source", "").strip() or facts.source or UNKNOWN_SOURCE
        try:
            draft = _draft(record, self.sources.get(source).charset)
            asked = self.sources.get(draft.source or source).mojibake == "repair"
            if asked and is_mojibake(_head(draft.title, draft.lines)):
                lines = [repaired(line) for line in draft.lines]
                draft = replace(draft, title=draft.title and repaired(draft.title), lines=lines)
            return self._article(ref, metadata, record, draft, facts)
        except Refused as error:
            return Rejection(
                "quarantined",
                error.reason_code,
                error.detail,
                source=error.source or source,
                sample=sample(record.body),
                member=record.member,
                record_no=record.record_no,
            )

    def placed(self, ref: ObjectRef, metadata: dict[str, str], refusal: Rejection) -> Rejection:
        """A refusal from before the reading, under its source as far as metadata and key tell it."""
        facts = self._facts(ref, refusal.member)
        return replace(refusal, source=metadata.get("source", "").strip() or facts.source or UNKNOWN_SOURCE)

    def _facts(self, ref: ObjectRef, member: str) -> KeyFacts:
        """What the key tells, or else the name in the archive."""
        facts = self.key_patterns.read(ref.key.removeprefix(self.prefix))
        return self.key_patterns.read(member) if facts == KeyFacts() and member else facts

    def _article(
        self, ref: ObjectRef, metadata: dict[str, str], record: Record, draft: Draft, facts: KeyFacts
    ) -> Article:
        key = title_key(draft.title)
        rest, echo_lines = split_echoes(key, draft.lines)
        rest, byline_lines = split_byline(rest)
        rest, cuts = split_trailer(rest)
        body = _join(rest)
        spaced = one_spaced(body)
        credits = credits_of(cuts)
        dateline = find_dateline(body)
        source, source_from = self._source(draft, metadata, facts, credits)
        told = _told(draft, metadata, facts, dateline, ref.last_modified)
        try:
            dating = date_article(ref.last_modified, told, self.sources.get(source))
        except DateOutOfRange as error:
            raise Refused("date_out_of_range", str(error), source) from None
        head = _head(draft.title, [body])
        return Article(
            article_id=article_id(ref.bucket, ref.key, record.member, record.record_no),
            member=record.member,
            record_no=record.record_no,
            source=source,
            source_from=source_from,
            url=draft.url,
            title=draft.title,
            title_key=headline_key(draft.title),
            body=body,
            trailer="\n".join(cut.text for cut in cuts) or None,
            byline="\n".join(byline_lines) or draft.author,
            headline_echo="\n".join(echo_lines) or None,
            agency=(dateline.agency if dateline else None) or agency_named(credits.agency),
            reporters=credits.reporters,
            editors=credits.editors,
            language=draft.language or language_of(head) or self.sources.get(source).language,
            dateline_start=dateline.start_char if dateline else None,
            dateline_end=dateline.end_char if dateline else None,
            mojibake_suspected=is_mojibake(head),
            dating=dating,
            encoding=draft.encoding,
            body_chars=len(body),
            body_words=count_words_of(spaced),
            content_sha256=hashlib.sha256(spaced.encode()).hexdigest(),
        )

    @staticmethod
    def _source(draft: Draft, metadata: dict[str, str], facts: KeyFacts, credits: Credits) -> tuple[str, SourceFrom]:
        """The source by the contract's order, and who told it."""
        if draft.source:
            return draft.source, "record"
        if told := metadata.get("source", "").strip():
            return told, "metadata"
        if facts.source:
            return facts.source, "key"
        return (credits.source, "trailer") if credits.source else (UNKNOWN_SOURCE, "none")


def _told(
    draft: Draft, metadata: dict[str, str], facts: KeyFacts, dateline: Dateline | None, last_modified: datetime
) -> list[tuple[DateFrom, str | date | None]]:
    """What is said of the date, in the contract's order."""
    told: list[tuple[DateFrom, str | date | None]] = [
        ("metadata", metadata.get("published-at")),
        ("key", facts.day),
    ]
    # A page comes after what was said of it on purpose.
    told.insert(len(told) if draft.date_from == "html" else 0, (draft.date_from, draft.published))
    told.append(("dateline", nearest_date(dateline, last_modified) if dateline else None))
    return told


def _draft(record: Record, charset: str | None) -> Draft:
    """What the record says, read with the `charset` of its source if it is not UTF-8."""
    if record.kind == "json":
        return json_draft(record)
    if record.kind == "html":
        from mediamonitor.parsing.html import html_draft  # heavy to import, and most runs meet no page

        return html_draft(record, charset)
    return text_draft(record, charset)


def _head(title: str | None, lines: Iterable[str]) -> str:
    """The title and about HEAD_CHARS of these lines."""
    held = [title or ""]
    size = 0
    for line in lines:
        held.append(line[: HEAD_CHARS - size])
        size += len(held[-1])
        if size >= HEAD_CHARS:
            break
    return "\n".join(held)


def _join(lines: list[str]) -> str:
    """Lines with at most one empty line between them."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


@cache
def parsing_rules_version() -> str:
    """A short hash of everything that decides how a text is read: this code's version and the rules."""
    files = sorted(RULES.rglob("*.yaml"))
    return hashlib.sha256(b"5" + b"".join(path.read_bytes() for path in files)).hexdigest()[:8]
