"""One object to one `Article` or one `Rejection`: decode, title, echoes, trailer, source, date."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache

from mediamonitor.article import UNKNOWN_SOURCE, Article, Fetched, ObjectRef, Rejection, SourceFrom, article_id
from mediamonitor.parsing import trailer as trailers
from mediamonitor.parsing.dates import DateOutOfRange, KeyPatterns, date_article
from mediamonitor.parsing.decode import Undecodable, decode
from mediamonitor.parsing.formats import SNIFF_BYTES, tell
from mediamonitor.parsing.title import split_echoes, title_key
from mediamonitor.parsing.words import count_words_of
from mediamonitor.sources import Sources

LONGEST_TITLE = 300
"""A longer first line is body (contract §1)."""
LONGEST_ONLY_LINE = 120
"""A file's only line is body when it is longer, else a title without a body."""
SAMPLE_CHARS = 200
"""How much of a rejected record is kept to look at."""

_BLANK = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\ufeff\u200b\u200c\u200d\u2060"
"""All white space, and what looks like nothing at all."""
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading depends on besides the object itself."""

    sources: Sources
    key_patterns: KeyPatterns
    prefix: str
    max_article_bytes: int

    def _known_source(self, key_source: str | None, metadata: dict[str, str]) -> tuple[str, SourceFrom]:
        """The source as far as metadata and key tell it."""
        if metadata.get("source", "").strip():
            return metadata["source"].strip(), "metadata"
        return (key_source, "key") if key_source else (UNKNOWN_SOURCE, "none")

    def read(self, ref: ObjectRef, fetched: Fetched) -> Article | Rejection:
        """The article in this object, or why there is none."""
        key_facts = self.key_patterns.read(ref.key.removeprefix(self.prefix))
        source, source_from = self._known_source(key_facts.source, fetched.metadata)

        def reject(reason_code: str, detail: str) -> Rejection:
            return Rejection("quarantined", reason_code, detail, source, _sample(fetched.body))

        if not fetched.body:
            return reject("empty_file", "zero bytes")
        kind = tell(fetched.body[:SNIFF_BYTES], ref.key)
        if kind.startswith("not_text:"):
            return reject(kind, f"the content is {kind.partition(':')[2]}, not an article text")
        if kind != "text":
            return reject("format_not_supported", f"the content is {kind}, which this version does not read")
        if len(fetched.body) > self.max_article_bytes:
            return reject("too_large", f"{len(fetched.body):,} bytes; the limit is {self.max_article_bytes:,}")
        try:
            text, encoding = decode(fetched.body, self.sources.get(source).charset)
        except Undecodable as error:
            return reject(error.reason_code, error.detail)

        blank = None if text.isascii() else _BLANK
        lines = [line.strip(blank) for line in text.split("\n")]
        filled = [line for line in lines if line]
        if not filled:
            return reject("empty_after_trim", f"{len(fetched.body):,} bytes, all of them white space or invisible")
        title, rest = _split_title(lines, filled)
        if title is not None and not rest:
            return reject("no_body", "a single short line: a title without a body")

        rest, trailer_lines = trailers.split_trailer(rest)
        key = title_key(title)
        rest, echo_lines = split_echoes(key, rest)
        if echo_lines:  # lines moved up into the last four
            rest, uncovered = trailers.split_trailer(rest)
            trailer_lines = uncovered + trailer_lines
        body = _join(rest)
        runs = body.split()
        if source_from == "none" and (named := trailers.source_of(trailer_lines)):
            source, source_from = named, "trailer"
        published = fetched.metadata.get("published-at")
        try:
            dating = date_article(ref.last_modified, published, key_facts.day, self.sources.get(source))
        except DateOutOfRange as error:
            return reject("date_out_of_range", str(error))
        return Article(
            article_id=article_id(ref.bucket, ref.key, "", 1),
            member="",
            record_no=1,
            source=source,
            source_from=source_from,
            url=None,
            title=title,
            title_key=key,
            body=body,
            trailer="\n".join(trailer_lines) or None,
            headline_echo="\n".join(echo_lines) or None,
            dating=dating,
            encoding=encoding,
            body_chars=len(body),
            body_words=count_words_of(body, len(runs)),
            content_sha256=hashlib.sha256(" ".join(runs).encode()).hexdigest(),
        )


def _split_title(lines: list[str], filled: list[str]) -> tuple[str | None, list[str]]:
    """The title (None where the first line is too long to be one) and the lines after it."""
    first = filled[0]
    if len(first) > LONGEST_TITLE or (len(filled) == 1 and len(first) > LONGEST_ONLY_LINE):
        return None, lines
    return first, lines[lines.index(first) + 1 :] if len(filled) > 1 else []


def _join(lines: list[str]) -> str:
    """Lines with at most one empty line between them."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def _sample(body: bytes) -> str:
    """A harmless look at the first characters: no control characters, no bidi overrides."""
    return _UNSAFE.sub(" ", body[: 4 * SAMPLE_CHARS].decode("utf-8", errors="backslashreplace"))[:SAMPLE_CHARS]


@cache
def parsing_rules_version() -> str:
    """A short hash of everything that decides how a text is read: this code's version and the trailer rules."""
    return hashlib.sha256(b"1" + trailers.RULES_FILE.read_bytes()).hexdigest()[:8]
