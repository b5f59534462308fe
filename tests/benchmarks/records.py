"""JSON Lines: how fast from compressed objects to loaded articles, and how much memory one very large file takes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import obstore
import zstandard

from benchmarks.made import BUCKET, article, bucket, ours, peak_memory

SIZE = 3_000
PER_OBJECT = 10_000


def lines(first: int, count: int) -> bytes:
    """Made articles as JSON Lines."""
    records = []
    for number in range(first, first + count):
        title, _, body = article(number, SIZE).decode().partition("\n")
        day = f"2026-03-{1 + number % 28:02d}"
        records.append(json.dumps({"title": title, "body": body, "domain": f"source-{number % 20:02d}", "date": day}))
    return "\n".join([*records, ""]).encode()


def measure(folder: Path, records: int) -> None:
    """Print articles per second from zstd objects on an S3 server."""
    with bucket(folder) as (store, environment, _):
        for first in range(0, records, PER_OBJECT):
            content = zstandard.compress(lines(first, PER_OBJECT))
            obstore.put(store, f"lines/{first:07d}.jsonl.zst", content)
        seconds, said = ours("ingest", f"s3://{BUCKET}/lines", folder, environment)
    print(said)
    print(f"JSON Lines, zstd: {records / seconds:,.0f} articles/s; {seconds:.1f} s", flush=True)


def measure_large(folder: Path, size: int) -> None:
    """Print the peak memory of one JSON Lines file of `size` bytes."""
    landing = folder / "landing"
    landing.mkdir()
    with (landing / "large.jsonl").open("wb") as file:
        first = 0
        while file.tell() < size:
            file.write(lines(first, PER_OBJECT))
            first += PER_OBJECT
    for command in ("ingest", "publish"):
        seconds, said = ours(command, str(landing), folder, dict(os.environ))
        print(
            f"{said}\none file of {size:,} bytes, {command}: {seconds:,.0f} s, peak memory so far {peak_memory():,} MB"
        )
