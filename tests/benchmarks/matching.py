"""Matching real articles, hits written, beside spaCy's PhraseMatcher and flashtext on the same texts and names.

The articles are the English sets of SETS; half of the names are capitalised runs drawn from them, half are made.
"""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.made import peer_python, timed
from benchmarks.recount import names as made_names
from mediamonitor.article import Hit
from mediamonitor.watchlist.matcher import Matcher, Texts
from mediamonitor.watchlist.model import Watchlist

SETS = ("bbc_news", "reuters21578", "fnc1", "horne2017", "newspaper_texts", "nlpclass_multidoc", "persent")
NAMES = 5_000
ROUNDS = 3
SPACY_EVERY = 10
"""spaCy is given one article among so many, since it is slow."""
_RUN = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)+\b")


def articles(folder: Path) -> list[str]:
    """The readable ones of the sets that are there."""
    found = []
    for path in sorted(path for name in SETS for path in (folder / name).rglob("*.txt")):
        try:
            found.append(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
    return found


def drawn(texts: list[str], count: int, random: Random) -> list[str]:
    """Names: up to half of them stand in the texts, the others are made."""
    runs = sorted({run for text in texts for run in _RUN.findall(text)})
    some = random.sample(runs, min(len(runs), count // 2))
    return list(dict.fromkeys([*some, *made_names(2 * count, random)]))[:count]


def matcher_of(names: list[str], kind: str = "organisation") -> Matcher:
    """A compiled watchlist of these names."""
    entities = [{"id": f"e{number}", "name": name, "kind": kind} for number, name in enumerate(names)]
    return Matcher(Watchlist.model_validate({"version": 1, "entities": entities}))


def ours(matcher: Matcher, texts: list[str], file: Path) -> tuple[float, int]:
    """Seconds to find and write all hits, the best of ROUNDS, and how many those are."""
    best, count = float("inf"), 0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        rows: list[tuple[int, Hit]] = []
        for number, text in enumerate(texts):
            rows += [(number, hit) for hit in matcher.match(Texts(None, text, language="en"), None)]
        columns = {name: [getattr(hit, name) for _, hit in rows] for name in Hit._fields}
        pq.write_table(pa.table({"article": [number for number, _ in rows], **columns}), file)
        best, count = min(best, time.perf_counter() - start), len(rows)
    return best, count


def measure(folder: Path, sets: str) -> None:
    """Print the figures, or that there is nothing to measure with."""
    texts = articles(Path(sets))
    if not texts:
        print(f"matching: skipped, no English set is unpacked in {sets}; say make bench SETS=folder")
        return
    size = sum(len(text.encode()) for text in texts)
    random = Random(1)
    names = drawn(texts, NAMES, random)
    print(f"matching {len(names):,} names in {len(texts):,} articles, {size / 1e6:.1f} MB", flush=True)
    seconds, hits = ours(matcher_of(names), texts, folder / "hits.parquet")
    print(f"ours: {size / seconds / 1e6:.1f} MB/s, {hits / len(texts):.2f} hits an article", flush=True)
    alone, found = ours(matcher_of(made_names(NAMES, random)), texts, folder / "hits.parquet")
    print(f"with names that stand nowhere: {size / alone / 1e6:.1f} MB/s, {found:,} hits")
    as_persons, found = ours(matcher_of(names, "person"), texts, folder / "hits.parquet")
    print(f"as persons, with surnames: {size / as_persons / 1e6:.1f} MB/s, {found / len(texts):.2f} hits an article")
    given = folder / "given.json"
    given.write_text(json.dumps({"names": names, "texts": texts, "spacy_every": SPACY_EVERY}), encoding="utf-8")
    _, said = timed([str(peer_python()), str(Path(__file__).parent / "peer_matching.py"), str(given)], dict(os.environ))
    peers = json.loads(said)
    for peer in ("spacy", "flashtext"):
        print(f"{peer}: {size / peers[peer] / 1e6:.2f} MB/s; ours is {peers[peer] / seconds:.1f} times as fast")
    few, _ = ours(matcher_of(drawn(texts, 1_000, random)), texts, folder / "hits.parquet")
    many, _ = ours(matcher_of([*names[:500], *made_names(110_000, random)][:100_000]), texts, folder / "hits.parquet")
    print(f"100,000 names take {many / few:.2f} times as long as 1,000", flush=True)
