"""A recount over stored articles, which are made into the warehouse: a new entity, one that goes, everything again."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

import pyarrow as pa

from mediamonitor.publish.recount import recount
from mediamonitor.settings import Settings
from mediamonitor.sources import Sources
from mediamonitor.warehouse.connection import Warehouse, open_warehouse
from mediamonitor.watchlist.model import Watchlist

AT_ONCE = 10_000
SENTENCES, WORDS = 5_000, 20_000
BODY_SENTENCES = 27
"""Of 110 characters: 3 kB."""
NAMED_IN = 100
"""One article among so many names the new entity."""
DAYS, SOURCES = 365, 50
INSERT = """
INSERT INTO articles BY NAME
SELECT *, 1 AS version, true AS is_current, 'b' AS bucket, article_id AS key, '' AS member, 1 AS record_no,
    'key' AS source_from, 'en' AS language, 'utf-8' AS encoding, length(body) AS body_chars, 450 AS body_words,
    '' AS content_sha256, NULL AS watchlist_version, 'parsing.matching' AS rules_version,
    TIMESTAMP '2026-01-01' AS ingested_at, 'bench' AS run_id
FROM made
"""


def names(count: int, random: Random) -> list[str]:
    """Names of two made words."""
    return [" ".join(word(random).capitalize() for _ in range(2)) for _ in range(count)]


def word(random: Random) -> str:
    """Letters that can be spoken."""
    return "".join(random.choice("bdfgklmnprstvz") + random.choice("aeiou") for _ in range(random.randint(1, 4)))


def sentences(watched: list[str], random: Random) -> list[str]:
    """Sentences of words as frequent as in a language; one among ten names somebody watched."""
    words = [word(random) for _ in range(WORDS)]
    weights = list(accumulate(1 / rank for rank in range(1, WORDS + 1)))
    made = []
    for number in range(SENTENCES):
        some = random.choices(words, cum_weights=weights, k=20)
        if number % 10 == 0:
            some.insert(5, random.choice(watched))
        made.append(" ".join(some).capitalize() + ".")
    return made


def made(count: int, watched: list[str], new: str) -> Iterator[pa.Table]:
    """The articles, some thousand at a time."""
    random = Random(1)
    pool = sentences(watched, random)
    first = date(2025, 1, 1)
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        bodies = ["\n".join(random.choices(pool, k=BODY_SENTENCES)) for _ in numbers]
        for at, number in enumerate(numbers):
            if number % NAMED_IN == 0:
                bodies[at] += f" So {new} said."
        yield pa.table(
            {
                "article_id": [f"{number:064x}" for number in numbers],
                "source": [f"source-{number % SOURCES:02d}" for number in numbers],
                "title": random.choices(pool, k=len(numbers)),
                "body": bodies,
                "published_on": [first + timedelta(days=number * DAYS // count) for number in numbers],
            }
        )


def fill(warehouse: Warehouse, count: int, watched: list[str], new: str) -> int:
    """Make the articles in the warehouse; returns their bytes."""
    size = 0
    for table in made(count, watched, new):
        with warehouse.given(made=table), warehouse.transaction():
            warehouse.query(INSERT)
        size += table.nbytes
    return size


def measure(folder: Path, count: int) -> None:
    """Print the figures."""
    random = Random(2)
    watched, (new,) = names(200, random), names(1, random)

    def watchlist(*more: str) -> Watchlist:
        entities = [{"id": f"e{at}", "name": name, "kind": "organisation"} for at, name in enumerate((*watched, *more))]
        return Watchlist.model_validate({"version": 1, "entities": entities})

    sources = Sources.model_validate({"version": 1, "sources": []})
    with open_warehouse(Settings(warehouse=f"duckdb://{folder}/w.duckdb")) as warehouse:
        size = fill(warehouse, count, watched, new)
        print(f"{count:,} articles made, {size / 1e9:.2f} GB", flush=True)
        changes = {"everything": watchlist(), "a new entity": watchlist(new), "nothing": watchlist(new)}
        changes["an entity goes"] = watchlist()
        for what, given in changes.items():
            start = time.perf_counter()
            rematched = recount(warehouse, given, sources)
            seconds = time.perf_counter() - start
            (days,) = warehouse.query("SELECT count(DISTINCT published_on) FROM dirty_days").fetchone() or (0,)
            warehouse.query("DELETE FROM dirty_days")
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
            done = f"{seconds:.1f} s, {rematched:,} matched again, {days} days moved; peak memory {peak:,} MB"
            print(f"recount, {what}: {done}", flush=True)
