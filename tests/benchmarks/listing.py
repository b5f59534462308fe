"""A thousand new objects among a million known ones."""

from __future__ import annotations

from pathlib import Path

from faults import s3_server
from faults.test_many_keys import discover, fill
from flow.harness import Flow, Landing


def measure(folder: Path, known: int) -> None:
    """Print seconds and peak memory (MB) of the first listing and of the second."""
    with s3_server.running() as server:
        flow = Flow.create(Landing.create(server), folder)
        fill(flow, server, range(known))
        discover(flow, server, f"{known:,} new")
        with flow.warehouse() as warehouse:
            warehouse.query("UPDATE objects SET state = 'loaded'")
        fill(flow, server, range(known, known + 1_000))
        discover(flow, server, f"1,000 new among {known:,}")
