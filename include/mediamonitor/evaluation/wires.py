"""The wire articles of reuters21578: what goes, what must not, and the day that the dateline tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from mediamonitor.article import Article, Rejection
from mediamonitor.errors import ConfigurationError
from mediamonitor.evaluation.documents import Document, flat, flat_lines, gold_of
from mediamonitor.evaluation.report import Findings

YEARS_ON = 11
"""The articles are of 1987, which the flow refuses as before 1990; 1998 has the same days of the week."""
BARE, TICKER, SENTENCE = "bare Reuter lines gone", "<TICKER> tokens kept", "source and copyright sentences kept"
DATELINE, DAY = "gold datelines read, with their month and day", "days within one day of the wire"
INVENTED = "days from a dateline where the gold has one too"
TARGETS = {BARE: 1.0, TICKER: 1.0, SENTENCE: 1.0, DATELINE: 0.99, DAY: 0.99, INVENTED: None}

_BARE = re.compile(r"reuter[\s.]*", re.IGNORECASE)
_TICKER = re.compile(r"<[A-Za-z][\w.&/-]*>")
_SENTENCE = re.compile(r"(?i:source|copyright)|.*[.!?]\s+(Source|Copyright)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH_DAY = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]*\.?\s+(\d\d?)\b", re.IGNORECASE)
_WIRED = re.compile(r"\s*(\d+)-(\w{3})-(\d{4}) (\d+):(\d+)")


def reuters21578(folder: Path, findings: Findings) -> None:
    """Wire articles, each arrived at its wire time (YEARS_ON later).

    Text is judged in the articles that load, days in all: a refused article misses its day and its dateline. Only a
    title without a body (`no_body`) has no day to miss.
    """
    right: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    loaded = 0
    for document, gold in gold_of(folder, "gold.jsonl", "date", "dateline"):
        findings.documents += 1
        wired = _wired(gold["date"])
        article = document.read(findings, arrived=wired)
        if isinstance(article, Rejection):
            findings.refused(document.doc, article)
            whole[DATELINE] += _month_day(gold) is not None
            whole[DAY] += article.reason_code != "no_body"
            continue
        loaded += 1
        for name, is_right, text in [*_text_kept(document, article), *_dated(article, gold, wired)]:
            whole[name] += 1
            right[name] += is_right
            if not is_right:
                findings.case(document.doc, f"not among the {name}", text, weight=2 if name in (DATELINE, DAY) else 3)
    for name, target in TARGETS.items():
        findings.measure(name, right[name], whole[name], target)
    findings.measure("articles that load", loaded, findings.documents)


def _wired(text: str) -> datetime:
    """When the article went over the wire, such as `26-FEB-1987 15:14:36.41`."""
    match = _WIRED.match(text)
    if not match:
        raise ConfigurationError(f"the gold has the date {text!r}, which is not like 26-FEB-1987 15:14:36.41")
    day, month, year, hour, minute = match.groups()
    month_no = _MONTHS.index(month.lower()) + 1
    return datetime(int(year) + YEARS_ON, month_no, int(day), int(hour), int(minute), tzinfo=timezone.utc)


def _month_day(gold: dict[str, Any]) -> tuple[int, int] | None:
    """Month and day of the gold's dateline, if it names both."""
    match = _MONTH_DAY.search(gold["dateline"])
    return (_MONTHS.index(match[1].lower()) + 1, int(match[2])) if match else None


def _text_kept(document: Document, article: Article) -> Iterator[tuple[str, bool, str]]:
    """Each line and token that is judged: by which measure, whether it is as it should be, and the text of it.

    A bare line is gone if the body has no such line. A token or a line is kept if title or body holds it; a sentence is
    looked for by the line it begins on.
    """
    lines = document.lines()
    kept = f"{flat(article.title or '')} {flat(article.body)}"
    bare_left = any(map(_BARE.fullmatch, flat_lines(article.body)))
    for line in lines:
        if _BARE.fullmatch(line):
            yield BARE, not bare_left, line
        for token in _TICKER.findall(line):
            yield TICKER, token in kept, f"{token} in {line}"
        if _SENTENCE.match(line):
            yield SENTENCE, flat(line) in kept, line


def _dated(article: Article, gold: dict[str, Any], wired: datetime) -> Iterator[tuple[str, bool, str]]:
    """How the article is dated, against the dateline in the gold where that names a month and a day."""
    day, date_from = article.dating.published_on, article.dating.date_from
    is_from_dateline = str(date_from) == "dateline"
    told = f"{day} from {date_from}, wired {wired:%Y-%m-%d}, dateline {gold['dateline']!r}"
    gold_day = _month_day(gold)
    if gold_day:
        yield DATELINE, is_from_dateline and day is not None and (day.month, day.day) == gold_day, told
    if is_from_dateline:
        yield INVENTED, bool(gold["dateline"]), told
    yield DAY, day is not None and abs(day - wired.date()) <= timedelta(days=1), told
