"""One record to one `Article` or one `Rejection`: decode, title, echoes, trailer, source, date."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from mediamonitor.article import (
    UNKNOWN_SOURCE,
    Article,
    DateFrom,
    ObjectRef,
    Rejection,
    SourceFrom,
    article_id,
)
from mediamonitor.parsing import trailer as trailers
from mediamonitor.parsing.dates import DateOutOfRange, KeyFacts, KeyPatterns, date_article
from mediamonitor.parsing.decode import Refused
from mediamonitor.parsing.drafts import Draft, json_draft, text_draft
from mediamonitor.parsing.records import Record
from mediamonitor.parsing.samples import sample
from mediamonitor.parsing.title import split_echoes, title_key
from mediamonitor.parsing.words import count_words_of
from mediamonitor.sources import Sources


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
        rest, trailer_lines = trailers.split_trailer(draft.lines)
        key = title_key(draft.title)
        rest, echo_lines = split_echoes(key, rest)
        if echo_lines:  # lines moved up into the last four
            rest, uncovered = trailers.split_trailer(rest)
            trailer_lines = uncovered + trailer_lines
        body = _join(rest)
        runs = body.split()
        source, source_from = self._source(draft, metadata, facts, trailer_lines)
        told: list[tuple[DateFrom, str | date | None]] = [
            (draft.date_from, draft.published),
            ("metadata", metadata.get("published-at")),
            ("key", facts.day),
        ]
        if draft.date_from == "html":  # a page comes after what was said of it on purpose (contract §2)
            told.append(told.pop(0))
        try:
            dating = date_article(ref.last_modified, told, self.sources.get(source))
        except DateOutOfRange as error:
            raise Refused("date_out_of_range", str(error), source) from None
        return Article(
            article_id=article_id(ref.bucket, ref.key, record.member, record.record_no),
            member=record.member,
            record_no=record.record_no,
            source=source,
            source_from=source_from,
            url=draft.url,
            title=draft.title,
            title_key=key,
            body=body,
            trailer="\n".join(trailer_lines) or None,
            headline_echo="\n".join(echo_lines) or None,
            dating=dating,
            encoding=draft.encoding,
            body_chars=len(body),
            body_words=count_words_of(body, len(runs)),
            content_sha256=hashlib.sha256(" ".join(runs).encode()).hexdigest(),
        )

    @staticmethod
    def _source(
        draft: Draft, metadata: dict[str, str], facts: KeyFacts, trailer_lines: list[str]
    ) -> tuple[str, SourceFrom]:
        """The source by the contract's order, and who told it."""
        if draft.source:
            return draft.source, "record"
        if told := metadata.get("source", "").strip():
            return told, "metadata"
        if facts.source:
            return facts.source, "key"
        named = trailers.source_of(trailer_lines)
        return (named, "trailer") if named else (UNKNOWN_SOURCE, "none")


def _draft(record: Record, charset: str | None) -> Draft:
    """What the record says, read with the `charset` of its source if it is not UTF-8."""
    if record.kind == "json":
        return json_draft(record)
    if record.kind == "html":
        from mediamonitor.parsing.html import html_draft  # heavy to import, and most runs meet no page

        return html_draft(record, charset)
    return text_draft(record, charset)


def _join(lines: list[str]) -> str:
    """Lines with at most one empty line between them."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


@cache
def parsing_rules_version() -> str:
    """A short hash of everything that decides how a text is read: this code's version and the trailer rules."""
    return hashlib.sha256(b"2" + trailers.RULES_FILE.read_bytes()).hexdigest()[:8]
