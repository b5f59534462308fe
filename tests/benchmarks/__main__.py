"""`make bench`: 60,000 text objects of 3 kB through `run`, as a multiple of a bare download of the same objects.

Server and client share the machine. The bare download is what obstore alone does with the same keys and threads, before
and after the run; nothing is parsed, stored or written.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

from quickstart import seaweedfs

ROOT = Path(__file__).parents[2]
THREADS = 32
WORDS = """
the of and to in a for on with that by as at from is was has been said would council minister harbour energy report
station valley winter morning public company bridge market river train budget season village question answer
""".split()  # noqa: SIM905
NAMES = ("Mara Lindqvist", "Jonah Verrall", "Port Tarnwick", "Northern Transit Authority", "Vessmark", "wind farm")


def article(number: int, size: int) -> bytes:
    """A made article of about `size` bytes: title, echo, paragraphs with a watched name here and there, a trailer."""
    rng = random.Random(number)
    title = " ".join(rng.choices(WORDS, k=8)).capitalize() + f" {number}"
    paragraphs = []
    length = 0
    while length < size - 250:
        words = rng.choices(WORDS, k=60)
        if rng.random() < 0.4:
            words[rng.randrange(60)] = rng.choice(NAMES)
        paragraphs.append(" ".join(words).capitalize() + ".")
        length += len(paragraphs[-1]) + 2
    return "\n\n".join([title, title, *paragraphs, "source site-21"]).encode()


def upload(store: S3Store, objects: int, size: int) -> list[str]:
    """Made articles of 30 days and 20 sources under contract keys; returns the keys."""
    first = date(2026, 3, 1)
    keys = [
        f"articles/source-{n % 20:02d}/{first + timedelta(days=n % 30):%Y/%m/%d}/{n:06d}.txt" for n in range(objects)
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda pair: obstore.put(store, pair[1], article(pair[0], size)), enumerate(keys)))
    return keys


def bare_download(store: S3Store, keys: list[str]) -> float:
    """Seconds to get every object and drop it."""
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        chunks = [keys[at : at + 32] for at in range(0, len(keys), 32)]
        total = sum(pool.map(lambda chunk: sum(len(obstore.get(store, key).bytes()) for key in chunk), chunks))
    assert total > 0
    return time.perf_counter() - start


def whole_run(server: seaweedfs.S3Server, folder: Path) -> tuple[float, float, str]:
    """Seconds, peak memory (MB) and last lines of the command line's `run` in a process of its own."""
    command = [sys.executable, "-m", "mediamonitor", "run", "--landing", "s3://bench/articles"]
    command += ["--warehouse", f"duckdb://{folder}/warehouse.duckdb", "--published", f"{folder}/published"]
    command += ["--watchlist", str(ROOT / "include/watchlist.yaml"), "--sources", str(ROOT / "include/sources.yaml")]
    start = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, **server.environment()}, check=True, capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, done.stdout.strip()


def main() -> None:
    """Print the figures of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=60_000)
    parser.add_argument("--size", type=int, default=3_000, help="bytes of an article")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mediamonitor-bench-") as name:
        folder = Path(name)
        with seaweedfs.running(folder / "s3") as server:
            import boto3
            from obstore.auth.boto3 import Boto3CredentialProvider

            session = boto3.Session(server.access_key, server.secret_key, region_name="us-east-1")
            session.client("s3", endpoint_url=server.endpoint_url).create_bucket(Bucket="bench")
            store = S3Store(
                "bench",
                endpoint=server.endpoint_url,
                region="us-east-1",
                virtual_hosted_style_request=False,
                client_options={"allow_http": True},
                credential_provider=Boto3CredentialProvider(session),
            )
            print(f"uploading {options.objects:,} objects of {options.size:,} bytes ...", flush=True)
            keys = upload(store, options.objects, options.size)
            ratios = []
            for number in range(1, options.rounds + 1):
                before = bare_download(store, keys)
                seconds, memory, said = whole_run(server, folder / f"round{number}")
                after = bare_download(store, keys)
                bare = (before + after) / 2
                ratios.append(seconds / bare)
                print(
                    f"round {number}: bare download {before:.1f} s and {after:.1f} s, run {seconds:.1f} s "
                    f"= {seconds / bare:.2f} times; {options.objects / seconds:,.0f} objects/s; "
                    f"peak memory {memory:,.0f} MB",
                    flush=True,
                )
            print(said)
            print(f"median: {statistics.median(ratios):.2f} times a bare download")


if __name__ == "__main__":
    main()
