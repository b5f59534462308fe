"""Sets that tell what must be cut and what must stay: trailer_gold, aeb, bbc_news."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from mediamonitor.article import Article, Rejection
from mediamonitor.evaluation.documents import HEAVIEST, Document, files_below, flat, flat_lines, gold_of
from mediamonitor.evaluation.report import Findings
from mediamonitor.parsing.title import title_key


def trailer_gold(folder: Path, findings: Findings) -> None:
    """Labelled lines at the end: T must go and K must stay; O and I may do either. A line is gone if `body` lacks it.

    Lines are compared without regard to white space. A T line that stands twice counts as left if one copy is left. Of
    a refused document every K counts as gone, and every T as left.
    """
    gone: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    spans: list[bool] = []
    for document, gold in gold_of(folder, "gold.jsonl", "window", "inline"):
        findings.documents += 1
        article = document.read(findings)
        body = _body(document, article, findings)
        left = set(flat_lines(body))
        is_read = isinstance(article, Article)
        for line in gold["window"]:
            label, text = line["label"], line["text"]
            is_gone = flat(text) not in left if is_read else label == "K"
            labels[label] += 1
            gone[label] += is_gone
            if is_gone and label == "K":
                findings.case(document.doc, "K gone", text, weight=2)
            elif label == "T" and not is_gone:
                findings.case(document.doc, "T left", text)
        if gold["inline"]:
            spans.append(is_read and _span_gone(document, gold["inline"], body))
            if not spans[-1]:
                findings.case(document.doc, "inline left", gold["inline"]["removed"], weight=0)
    findings.measure("precision: T gone of T and K gone", gone["T"], gone["T"] + gone["K"], 0.98)
    findings.measure("recall: T gone of all T", gone["T"], labels["T"], 0.95)
    findings.measure("inline spans gone, the text before them there", sum(spans), len(spans))


def _body(document: Document, article: Article | Rejection, findings: Findings) -> str:
    """The body, empty for a refused document."""
    if isinstance(article, Article):
        return article.body
    findings.refused(document.doc, article, weight=HEAVIEST)
    return ""


def _span_gone(document: Document, inline: dict[str, Any], body: str) -> bool:
    """Whether the span is absent while the text before it, on its line, still stands."""
    before = document.lines()[-inline["from_end"]][: inline["remove_from"]]
    return flat(inline["removed"]) not in flat(body) and flat(before) in flat(body)


def aeb(folder: Path, findings: Findings) -> None:
    """Web pages with labelled lines, counted in characters of the lines as they are read, title lines left out.

    Recall: of the `drop` lines that stand after the last `keep` or `mixed` line, the share of characters gone.
    Precision: those gone, of them and of all characters of `keep` and `mixed` lines gone anywhere. `drop` lines higher
    up count nowhere. Body lines are matched with input lines from the top, each once; of an input line that is not in
    the body as a whole, what stands of it as a body line counts as left, so an inline cut costs what it cuts. Of a
    refused document everything counts as wrong.
    """
    dropped = droppable = lost = echoed = 0
    for document, gold in gold_of(folder, "inputs_gold.jsonl", "lines"):
        findings.documents += 1
        article = document.read(findings)
        body = _body(document, article, findings)
        lines = [(flat(line["text"]), line["label"]) for line in gold["lines"] if line["label"] != "title"]
        if isinstance(article, Article):
            cut = _characters_cut([text for text, _ in lines], flat_lines(body))
            echoes = set(flat_lines(article.headline_echo or ""))
        else:
            cut, echoes = [len(text) * (label != "drop") for text, label in lines], set()
        end = max((place for place, (_, label) in enumerate(lines) if label != "drop"), default=-1)
        for place, ((text, label), count) in enumerate(zip(lines, cut, strict=True)):
            if label != "drop":
                lost += count
                echoed += count if text in echoes else 0
                if count:
                    findings.case(document.doc, f"{count} characters of {label} gone", text, weight=1_000 + count)
            elif place > end:
                droppable += len(text)
                dropped += count
                if count < len(text):
                    findings.case(document.doc, f"{len(text) - count} characters of drop left", text, len(text) - count)
    findings.measure("recall: characters of drop lines at the end gone", dropped, droppable, 0.50)
    findings.measure("precision: of what is cut, not keep or mixed", dropped, dropped + lost, 0.97)
    findings.measure("of the keep and mixed characters gone, as echo of the headline", echoed, lost)


def _characters_cut(lines: list[str], body: list[str]) -> list[int]:
    """How many characters of each line are not in the body."""
    there = Counter(body)
    cut = []
    for line in lines:
        if there[line]:
            there[line] -= 1
            cut.append(0)
        else:
            cut.append(len(line))
    rest = +there
    for place, line in enumerate(lines):
        part = max((one for one in rest if cut[place] and rest[one] and one in line), key=len, default="")
        if part:
            rest[part] -= 1
            cut[place] -= len(part)
    return cut


def bbc_news(folder: Path, findings: Findings) -> None:
    """Clean articles, of which nothing may be cut: no trailer, no echo but the whole title, all lines in the body.

    A file that is not UTF-8 does not count, since no charset is declared; one refused for another reason counts as cut.
    """
    loaded = whole = undecoded = 0
    for document in files_below(folder / "articles"):
        findings.documents += 1
        article = document.read(findings)
        if isinstance(article, Rejection):
            undecoded += article.reason_code == "encoding_invalid"
            findings.refused(document.doc, article, weight=0)
            continue
        loaded += 1
        if cut := _cut(document, article):
            findings.case(document.doc, "cut", cut)
        else:
            whole += 1
    findings.measure("articles of which nothing is cut", whole, findings.documents - undecoded, 0.995)
    findings.measure("articles that load", loaded, findings.documents)


def _cut(document: Document, article: Article) -> str:
    """What a clean article lost, or an empty text."""
    echoes = [
        echo for echo in (article.headline_echo or "").split("\n") if echo and title_key(echo) != article.title_key
    ]
    if article.trailer or echoes:
        return article.trailer or " ".join(echoes)
    left = set(flat_lines(article.body))
    lines = map(flat, document.lines()[1 if article.title else 0 :])
    return next((line for line in lines if line not in left and title_key(line) != article.title_key), "")
