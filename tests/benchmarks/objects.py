"""Text objects of 3 kB on an S3 server, as a multiple of a bare download of the same objects, and beside peers.

Server and client share the machine. The bare download is what obstore alone does with the same keys and threads, right
before and after; nothing is parsed, stored or written.
"""

from __future__ import annotations

import statistics
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

from benchmarks.made import BUCKET, THREADS, Cost, article, bucket, cost_of, ours, peak_memory, peer_python, timed

SIZE = 3_000
SOURCES = 20
PEER_OBJECTS = "source-0[0-3]"
"""What dlt reads: a fifth, since it is slow; its rate hardly depends on it."""


def upload(store: S3Store, objects: int) -> list[str]:
    """Made articles of 30 days and 20 sources under contract keys; returns the keys."""
    first = date(2026, 3, 1)
    keys = [
        f"articles/source-{n % SOURCES:02d}/{first + timedelta(days=n % 30):%Y/%m/%d}/{n:06d}.txt"
        for n in range(objects)
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda pair: obstore.put(store, pair[1], article(pair[0], SIZE)), enumerate(keys)))
    return keys


def bare_download(store: S3Store, keys: list[str]) -> None:
    """Get every object and drop it."""
    with ThreadPoolExecutor(THREADS) as pool:
        chunks = [keys[at : at + 32] for at in range(0, len(keys), 32)]
        total = sum(pool.map(lambda chunk: sum(len(obstore.get(store, key).bytes()) for key in chunk), chunks))
    assert total > 0


def measure(folder: Path, objects: int, rounds: int) -> None:
    """Print the figures."""
    landing = f"s3://{BUCKET}/articles"
    with bucket(folder) as (store, environment, server):
        print(f"uploading {objects:,} objects of {SIZE:,} bytes ...", flush=True)
        keys = upload(store, objects)
        found = [_round(folder / f"round{number}", (store, environment, server), keys) for number in range(rounds)]
        by_clock, by_cpu, wall, cpu = (statistics.median(one) for one in zip(*found, strict=True))
        print(f"median: to loaded {by_clock:.2f} times a bare download by the clock, {by_cpu:.2f} times in CPU")
        for name, share, command in peers(folder, landing):
            _, cost = cost_of(lambda: timed(command, environment), server)  # noqa: B023  called at once
            faster, thriftier = cost.wall / share / wall, cost.cpu / share / cpu
            print(
                f"{name}: {share * objects / cost.wall:,.0f} objects/s; ours loads {faster:.1f} times as many, with "
                f"{thriftier:.1f} times as many for the same CPU",
                flush=True,
            )


def _round(place: Path, bucket: tuple[S3Store, dict[str, str], int], keys: list[str]) -> tuple[float, ...]:
    """Load everything into `place`, between two bare downloads; both ratios to these, and what it cost."""
    store, environment, server = bucket
    landing = f"s3://{BUCKET}/articles"
    _, before = cost_of(lambda: bare_download(store, keys), server)
    (_, said), ingest = cost_of(lambda: ours("ingest", landing, place, environment), server)
    _, publish = cost_of(lambda: ours("publish", landing, place, environment), server)
    (_, nothing), empty = cost_of(lambda: ours("ingest", landing, place, environment), server)
    _, after = cost_of(lambda: bare_download(store, keys), server)
    assert "Nothing new" in nothing
    by_clock, by_cpu = 2 * ingest.wall / (before.wall + after.wall), 2 * ingest.cpu / (before.cpu + after.cpu)
    rate = len(keys) / ingest.wall
    print(
        f"bare download {_shown(before)} and {_shown(after)}; ingest {_shown(ingest)} = {by_clock:.2f} times, in CPU "
        f"{by_cpu:.2f} times, {rate:,.0f} objects/s; publish {_shown(publish)}; nothing new {_shown(empty)}; "
        f"peak memory {peak_memory():,} MB; {said}",
        flush=True,
    )
    return by_clock, by_cpu, *ingest


def _shown(cost: Cost) -> str:
    return f"{cost.wall:.1f} s ({cost.cpu:.1f} s CPU)"


def peers(folder: Path, landing: str) -> list[tuple[str, float, list[str]]]:
    """Name, share of the objects it reads, and command of each."""
    here, python = Path(__file__).parent, peer_python()
    return [
        ("boto3 + DuckDB", 1, [sys.executable, str(here / "peer_boto3.py"), landing, f"{folder}/boto3.duckdb"]),
        ("dlt", 4 / SOURCES, [str(python), str(here / "peer_dlt.py"), landing, PEER_OBJECTS, f"{folder}/dlt"]),
    ]
