"""A day of articles against the week before it: signatures, candidates, the pair test. All made in the warehouse."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa

from benchmarks.recount import word
from mediamonitor.settings import Settings
from mediamonitor.stories.linking import link
from mediamonitor.stories.signatures import rules
from mediamonitor.warehouse.connection import Warehouse, open_warehouse

FIRST = date(2026, 3, 2)
BODY_WORDS, VOCABULARY = 400, 30_000
AT_ONCE = 20_000
COPIED = 20_000
"""Articles of the week that the day copies from; only they have a text."""
OF_THE_WEEK, OF_THE_DAY = 0.15, 0.15
"""Which share of the day's articles copies one of the week, and one of the day."""
INSERT = """
INSERT INTO articles BY NAME
SELECT *, 1 AS version, true AS is_current, 'b' AS bucket, article_id AS key, '' AS member, 1 AS record_no,
    'key' AS source_from, 'utf-8' AS encoding, 1 AS body_chars, 1 AS body_words, sha256(article_id) AS content_sha256,
    lower(title) AS title_key, 'w' AS watchlist_version, 'r' AS rules_version, TIMESTAMP '2026-03-01' AS ingested_at,
    'bench' AS run_id
FROM made
"""
STRANGERS = """
CREATE TEMP TABLE strangers AS
SELECT row_number() OVER (ORDER BY rowid) AS number, rowid AS article_rowid, published_on FROM articles WHERE body = '';
UPDATE articles SET signature = number, story_id = article_id, is_origin = true
FROM strangers
WHERE articles.rowid = article_rowid;
INSERT INTO signatures
SELECT
    number, published_on, list_transform(range(33), lambda place: hash(number * 64 + place)),
    list_transform(range(13), lambda place: hash(number * 64 + 40 + place)), false
FROM strangers;
INSERT INTO signature_rules SELECT $rules || version();
"""
"""Signatures of articles without a text, which meet nobody."""


class Writer:
    """Texts of words as frequent as in a language."""

    def __init__(self) -> None:
        self.random = Random(1)
        self._numbers = np.random.default_rng(1)
        self._words = np.array([word(self.random) for _ in range(VOCABULARY)])
        weights = 1 / np.arange(1, VOCABULARY + 1) ** 0.9
        self._weights = weights / weights.sum()

    def texts(self, count: int, words: int) -> list[str]:
        """So many texts of so many words."""
        chosen = self._numbers.choice(VOCABULARY, (count, words), p=self._weights)
        return [" ".join(row) for row in self._words[chosen]]


def add(warehouse: Warehouse, day: date, bodies: list[str], titles: list[str], known: int) -> None:
    """Articles as a load leaves them."""
    count = len(bodies)
    made = pa.table(
        {
            "article_id": [f"{known + number:064x}" for number in range(count)],
            "source": [f"source-{number % 500:03d}" for number in range(count)],
            "published_on": pa.array([day] * count, pa.date32()),
            "title": titles,
            "body": bodies,
        }
    )
    with warehouse.given(made=made), warehouse.transaction():
        warehouse.query(INSERT)


def measure(folder: Path, week: int, day: int) -> None:
    """Print the figures of a `day` of articles against a `week`."""
    writer = Writer()
    copied = writer.texts(COPIED, BODY_WORDS)
    settings = Settings(warehouse=f"duckdb://{folder}/w.duckdb")
    with open_warehouse(replace(settings, memory_limit="2GB")) as warehouse:  # the making may have more
        known = 0
        for number in range(7):
            for start in range(0, week // 7, AT_ONCE):
                count = min(AT_ONCE, week // 7 - start)
                add(warehouse, FIRST + timedelta(number), [""] * count, ["made"] * count, known)
                known += count
        warehouse.query(STRANGERS, rules=rules())
        add(warehouse, FIRST + timedelta(6), copied, writer.texts(COPIED, 8), known)
        known += COPIED
        link(warehouse, datetime(2026, 3, 20))
        for start in range(0, day, AT_ONCE):
            bodies = writer.texts(min(AT_ONCE, day - start), BODY_WORDS)
            for at in range(len(bodies)):
                chance = writer.random.random()
                if chance < OF_THE_WEEK + OF_THE_DAY:
                    original = bodies[at // 3] if chance < OF_THE_DAY else writer.random.choice(copied)
                    bodies[at] = " ".join(original.split()[: BODY_WORDS - writer.random.randrange(120)])
            add(warehouse, FIRST + timedelta(7), bodies, writer.texts(len(bodies), 8), known)
            known += len(bodies)
    command = [sys.executable, "-m", "benchmarks.stories", settings.warehouse]  # so that its memory is its own
    print(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout, end="", flush=True)


def linked(warehouse_url: str) -> str:
    """The figures of linking what a warehouse holds."""
    with open_warehouse(Settings(warehouse=warehouse_url)) as warehouse:
        (fresh, known) = warehouse.query(
            "SELECT count(*) FILTER (WHERE signature IS NULL), count(signature) FROM articles"
        ).fetchall()[0]
        start_time = time.perf_counter()
        placed = link(warehouse, datetime(2026, 3, 21))
        seconds = time.perf_counter() - start_time
        (pairs,) = warehouse.query("SELECT count(*) FROM similar_pairs").fetchone() or (0,)
    status = Path("/proc/self/status").read_text()  # what resource tells would be at least the parent's
    peak = int(status.partition("VmHWM:")[2].split()[0]) // 1000
    return (
        f"stories: {fresh:,} articles against {known:,}: {seconds:.1f} s, {placed:,} placed, {pairs:,} pairs; "
        f"peak memory {peak:,} MB, without that of two comparing processes"
    )


if __name__ == "__main__":
    print(linked(sys.argv[1]))
