"""Sets that tell what is a copy of what: near_dup_gold, reprints and equal titles in others, and pairs that are made.

A pair is merged where the flow would merge it: both signatures meet in the warehouse, and the pair test holds. No
recurring line is masked, since no source is known.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from mediamonitor.article import Article
from mediamonitor.evaluation.documents import ARRIVED, Document, files_below, flat, gold_lines
from mediamonitor.evaluation.made import copied, small_words, with_other_names, with_other_numbers
from mediamonitor.evaluation.report import Findings
from mediamonitor.settings import Settings
from mediamonitor.stories.linking import link
from mediamonitor.stories.similarity import Text
from mediamonitor.warehouse.connection import open_warehouse

MADE = 1_000
"""Pairs of each kind that are made of a set, or as many as it has articles for."""
LEAST_CONTAINMENT = 0.3
"""Share of the shorter body's shingles: with less in both, two articles of one title are no copies of each other."""
DUPLICATES, DISTINCT = "duplicates found", "distinct pairs kept apart"
REPRINTS, SAME_TITLE = "exact reprints merged", "same title and other text: kept apart"
COPIES = "made copies merged (other headline, 30 % of the paragraphs cut, a trailer added)"
NUMBERS, NAMES = "made reports kept apart, all numbers exchanged", "made reports kept apart, all names exchanged"
TARGETS = {
    DUPLICATES: 11 / 12,
    DISTINCT: 1.0,
    REPRINTS: 1.0,
    SAME_TITLE: 1.0,
    COPIES: 0.98,
    NUMBERS: 0.995,
    NAMES: 0.995,
}
SEED = 7

Pair = tuple[str, str]
"""The names of two documents, the lesser first."""


class Compared:
    """Articles by name, and pairs of them of which it is known whether they are copies."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.pairs: dict[str, list[Pair]] = defaultdict(list)

    def add(self, name: str, article: Article) -> str:
        """The article under a name that no other has."""
        self.articles[name] = article
        return name

    def pair(self, measure: str, one: str, other: str) -> None:
        """Two articles that `measure` judges."""
        self.pairs[measure].append((min(one, other), max(one, other)))

    def judge(self, findings: Findings, *measures: str) -> None:
        """Measure each kind of pairs; those of `kept apart` are right where they are not merged."""
        merged = _merged(self.articles)
        for name in measures:
            wrong = [pair for pair in self.pairs[name] if (pair in merged) != _is_copy(name)]
            for one, other in wrong:
                what = "left apart" if _is_copy(name) else f"merged, not {name}"
                findings.case(f"{one} and {other}", what, self.articles[one].title or "")
            whole = len(self.pairs[name])
            findings.measure(name, whole - len(wrong), whole, TARGETS[name])


def near_dup_gold(folder: Path, findings: Findings) -> None:
    """Pairs labelled by hand: `dup` must be merged and `distinct` must not; `overlap` may be either.

    A pair with a refused document counts as wrong, as it has no article to compare.
    """
    compared = Compared()
    measures = {"dup": DUPLICATES, "distinct": DISTINCT}
    refused: Counter[str] = Counter()
    for gold in gold_lines(folder, "gold.jsonl", "a", "b", "label"):
        names = [gold["a"], gold["b"]]
        for name in names:
            findings.documents += 1
            _read(Document(name, (folder / name).read_bytes()), findings, compared)
        measure = measures.get(gold["label"])
        if measure and all(name in compared.articles for name in names):
            compared.pair(measure, *names)
        elif measure:
            refused[measure] += 1
    compared.judge(findings, DUPLICATES, DISTINCT)
    findings.measures = [replace(one, whole=one.whole + refused[one.name]) for one in findings.measures]


def bbc_news_copies(folder: Path, findings: Findings) -> None:
    """Reprints word for word, which must be merged, and made pairs."""
    compared, texts = _of_files(folder)
    by_body: dict[str, list[str]] = defaultdict(list)
    for name, article in compared.articles.items():
        by_body[flat(article.body)].append(name)
    for names in by_body.values():
        for one, other in combinations(names, 2):
            compared.pair(REPRINTS, one, other)
    _make(compared, texts, findings)
    compared.judge(findings, REPRINTS, COPIES, NUMBERS, NAMES)


def reuters21578_copies(folder: Path, findings: Findings) -> None:
    """Telegrams of one title that tell other things, which must stay apart, and made pairs."""
    compared, texts = _of_files(folder)
    _same_titles(compared)
    _make(compared, texts, findings)
    compared.judge(findings, SAME_TITLE, COPIES, NUMBERS, NAMES)


def ant_arabic_copies(folder: Path, findings: Findings) -> None:
    """Articles of one title that tell other things, which must stay apart."""
    compared, _ = _of_files(folder)
    _same_titles(compared)
    compared.judge(findings, SAME_TITLE)


def _of_files(folder: Path) -> tuple[Compared, dict[str, str]]:
    """The articles below the folder, and the text of each file. Reading is measured by the other half of the set."""
    compared, elsewhere = Compared(), Findings()
    texts: dict[str, str] = {}
    for document in files_below(folder / "articles"):
        if _read(document, elsewhere, compared):
            texts[document.doc] = document.raw.decode("utf-8", errors="replace").replace("\r\n", "\n")
    return compared, texts


def _read(document: Document, findings: Findings, compared: Compared) -> bool:
    """Add what is read of the document; whether it is an article."""
    outcome = document.read(findings)
    if isinstance(outcome, Article):
        compared.add(document.doc, outcome)
        return True
    findings.refused(document.doc, outcome)
    return False


def _same_titles(compared: Compared) -> None:
    """Pair all articles of one title whose bodies have little in common."""
    by_title: dict[str, list[str]] = defaultdict(list)
    for name, article in compared.articles.items():
        if article.title_key:
            by_title[article.title_key].append(name)
    for names in by_title.values():
        shingles = {name: Text("", compared.articles[name].body).shingles for name in names}
        for one, other in combinations(names, 2):
            common = len(shingles[one] & shingles[other])
            if common < LEAST_CONTAINMENT * min(len(shingles[one]), len(shingles[other])):
                compared.pair(SAME_TITLE, one, other)


def _make(compared: Compared, texts: dict[str, str], findings: Findings) -> None:
    """Make MADE pairs of each kind of the articles, in an order drawn by SEED."""
    rng = random.Random(SEED)  # noqa: S311 no secret; every run makes the same pairs
    small = small_words(article.body for article in compared.articles.values())
    names = sorted(texts)
    rng.shuffle(names)
    for name in names:
        article = compared.articles[name]
        title, body = article.title or "", _compared_body(article)
        if len(compared.pairs[COPIES]) < MADE and (text := copied(texts[name], rng)):
            made = Document(f"{name} copied", text.encode())
            if _read(made, findings, compared):
                compared.pair(COPIES, name, made.doc)
        for measure, other in (
            (NUMBERS, with_other_numbers(title, body, rng)),
            (NAMES, with_other_names(title, body, rng, small)),
        ):
            if other and len(compared.pairs[measure]) < MADE:
                told = replace(article, title=other[0], body=other[1], dateline_start=None, dateline_end=None)
                compared.pair(measure, name, compared.add(f"{name} {measure}", told))


def _compared_body(article: Article) -> str:
    start, end = article.dateline or (0, 0)
    return article.body[:start] + article.body[end:]


def _merged(articles: dict[str, Article]) -> set[Pair]:
    """The pairs that the flow would put into one story, all of one day."""
    columns: dict[str, Sequence[str | int | None]] = {"article_id": list(articles)}
    for name in ("title", "title_key", "body", "dateline_start", "dateline_end"):
        columns[name] = [getattr(article, name) for article in articles.values()]
    with (
        TemporaryDirectory(prefix="mediamonitor-") as folder,
        open_warehouse(Settings(warehouse=f"duckdb://{folder}/compared.duckdb")) as warehouse,
    ):
        with warehouse.given(compared=pa.table(columns)):
            warehouse.run("evaluation/add_articles")
        link(warehouse, ARRIVED.replace(tzinfo=None))
        return {(min(pair), max(pair)) for pair in warehouse.rows("evaluation/merged_pairs")}


def _is_copy(measure: str) -> bool:
    return measure in (DUPLICATES, REPRINTS, COPIES)
