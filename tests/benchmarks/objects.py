"""Text objects of 3 kB on an S3 server, as a multiple of a bare download of the same objects, and beside peers.

Server and client share the machine. The bare download is what obstore alone does with the same keys and threads, right
before and after; nothing is parsed, stored or written.
"""

from __future__ import annotations

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

from benchmarks.made import BUCKET, THREADS, article, bucket, ours, peak_memory, peer_python, timed

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


def bare_download(store: S3Store, keys: list[str]) -> float:
    """Seconds to get every object and drop it."""
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        chunks = [keys[at : at + 32] for at in range(0, len(keys), 32)]
        total = sum(pool.map(lambda chunk: sum(len(obstore.get(store, key).bytes()) for key in chunk), chunks))
    assert total > 0
    return time.perf_counter() - start


def measure(folder: Path, objects: int, rounds: int) -> None:
    """Print the figures."""
    with bucket(folder) as (store, environment):
        print(f"uploading {objects:,} objects of {SIZE:,} bytes ...", flush=True)
        keys = upload(store, objects)
        landing = f"s3://{BUCKET}/articles"
        loaded, published, rates = [], [], []
        for number in range(1, rounds + 1):
            place = folder / f"round{number}"
            before = bare_download(store, keys)
            ingest, said = ours("ingest", landing, place, environment)
            publish, _ = ours("publish", landing, place, environment)
            empty, nothing = ours("ingest", landing, place, environment)
            after = bare_download(store, keys)
            assert "Nothing new" in nothing
            bare = (before + after) / 2
            loaded.append(ingest / bare)
            published.append((ingest + publish) / bare)
            rates.append(objects / ingest)
            print(
                f"round {number}: bare download {before:.1f} s and {after:.1f} s; ingest {ingest:.1f} s = "
                f"{ingest / bare:.2f} times, {objects / ingest:,.0f} objects/s; with publish {publish:.1f} s = "
                f"{(ingest + publish) / bare:.2f} times; a run with nothing new {empty:.1f} s; "
                f"peak memory {peak_memory():,} MB",
                flush=True,
            )
        print(said)
        to_loaded, to_published = statistics.median(loaded), statistics.median(published)
        print(f"median: to loaded {to_loaded:.2f}, to published {to_published:.2f} times a bare download")
        for name, share, command in peers(folder, landing):
            seconds, _ = timed(command, environment)
            rate = share * objects / seconds
            print(f"{name}: {rate:,.0f} objects/s; ours loads {statistics.median(rates) / rate:.1f} times as many")


def peers(folder: Path, landing: str) -> list[tuple[str, float, list[str]]]:
    """Name, share of the objects it reads, and command of each."""
    here, python = Path(__file__).parent, peer_python()
    return [
        ("boto3 + DuckDB", 1, [sys.executable, str(here / "peer_boto3.py"), landing, f"{folder}/boto3.duckdb"]),
        ("dlt", 4 / SOURCES, [str(python), str(here / "peer_dlt.py"), landing, PEER_OBJECTS, f"{folder}/dlt"]),
    ]
