"""What became of each line of a file, and by which rule: `python -m mediamonitor explain FILE`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from mediamonitor.article import Article, ObjectRef, Rejection
from mediamonitor.configfile import read_config_text
from mediamonitor.errors import ConfigurationError, shown
from mediamonitor.parsing import byline, dateline
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.reader import Reader
from mediamonitor.parsing.records import records_of
from mediamonitor.parsing.trailer import split_trailer
from mediamonitor.settings import Settings
from mediamonitor.sources import parse_sources

MOST_RECORDS = 20
"""Records shown of a file that holds many."""
FACTS = ("source", "source_from", "language", "agency", "reporters", "editors", "encoding", "mojibake_suspected")


class Part(NamedTuple):
    """A piece of the article, what it is, and the rule that says so; empty where none does."""

    text: str
    became: str
    rule: str = ""


def explain(settings: Settings, path: Path) -> tuple[dict[str, Any], list[str]]:
    """A summary for `--json`, and lines for a person. Raises ConfigurationError when the file cannot be read."""
    try:
        raw, modified = path.read_bytes(), path.stat().st_mtime
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None
    sources = read_config_text(settings.sources, "sources") if settings.sources else ""
    reader = Reader(parse_sources(sources, settings.sources), KeyPatterns(settings.key_patterns), "")
    ref = ObjectRef("file", path.as_posix(), 1, "", len(raw), datetime.fromtimestamp(modified, timezone.utc))
    records = list(islice(records_of(raw, path.name, settings.max_article_bytes), MOST_RECORDS + 1))
    outcomes = [one if isinstance(one, Rejection) else reader.read(ref, {}, one) for one in records[:MOST_RECORDS]]
    lines = [line for outcome in outcomes for line in (*_told(outcome), "")]
    if len(records) > MOST_RECORDS:
        lines += [f"The first {MOST_RECORDS} records are shown.", ""]
    return {"file": str(path), "records": [_summary(outcome) for outcome in outcomes]}, lines[:-1]


def parts_of(article: Article) -> Iterator[Part]:
    """The article's pieces: title, echoes, byline, dateline, body line by line, trailer."""
    if article.title is not None:
        yield Part(article.title, "title")
    for line in (article.headline_echo or "").split("\n"):
        yield Part(line, "echo", "stands_in_title")
    for line in (article.byline or "").split("\n"):
        yield Part(line, "byline", byline.rule_of(line) or "record")
    start, end = article.dateline or (0, 0)
    at = 0
    for line in article.body.split("\n"):
        if start < end and at <= start < at + len(line):
            yield Part(line[: start - at], "body")
            yield Part(line[start - at : end - at], "dateline", dateline.rule_of(article.body) or "")
            yield Part(line[end - at :], "body")
        else:
            yield Part(line, "body")
        at += len(line) + 1
    for line in (article.trailer or "").split("\n"):
        yield Part(line, "trailer", ", ".join(dict.fromkeys(cut.rule for cut in split_trailer([line]).cuts)) or "links")


def _summary(outcome: Article | Rejection) -> dict[str, Any]:
    if isinstance(outcome, Rejection):
        return {
            "member": outcome.member,
            "record_no": outcome.record_no,
            "reason_code": outcome.reason_code,
            "detail": outcome.detail,
        }
    facts = {name: getattr(outcome, name) for name in FACTS}
    dating = {"published_on": outcome.dating.published_on, "date_from": outcome.dating.date_from}
    parts = [part._asdict() for part in parts_of(outcome) if part.text.strip()]
    return {"member": outcome.member, "record_no": outcome.record_no, **facts, **dating, "parts": parts}


def _told(outcome: Article | Rejection) -> list[str]:
    record = f"{outcome.member}, record {outcome.record_no}" if outcome.member else f"record {outcome.record_no}"
    if isinstance(outcome, Rejection):
        return [f"{record}: {outcome.reason_code}: {outcome.detail}"]
    dating = outcome.dating
    when = f"{dating.published_on} (from {dating.date_from})" if dating.published_on else "undated"
    people = [f"{role} {', '.join(names)}" for role in ("reporters", "editors") if (names := getattr(outcome, role))]
    agency = [f"agency {outcome.agency}"] if outcome.agency else []
    suspected = ["looks as if read with the wrong charset once"] if outcome.mojibake_suspected else []
    source = f"source {outcome.source} (from {outcome.source_from})"
    told = [record, source, when, f"language {outcome.language or 'unknown'}"]
    head = "; ".join([*told, outcome.encoding, *agency, *people, *suspected])
    parts = [part for part in parts_of(outcome) if part.text.strip()]
    width = max((len(part.rule) for part in parts), default=0)
    return [head, *(f"  {part.became:<8}  {part.rule:<{width}}  {shown(part.text)}".rstrip() for part in parts)]
