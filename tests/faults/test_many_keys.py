"""F24: a long listing is compared with the ledger in little time and memory, in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults.s3_server import ARRIVED, FaultyS3, Stored
from flow.harness import Flow

ROOT = Path(__file__).parents[2]
DISCOVER = """
import json, sys
from datetime import datetime, timezone
from mediamonitor.context import Context
from mediamonitor.pipeline import discover
from mediamonitor.settings import Settings
context = Context(Settings(**json.loads(sys.argv[1])), sys.argv[2], datetime(2026, 3, 10, 12, tzinfo=timezone.utc))
found = discover(context)
with open("/proc/self/status") as status:  # getrusage begins with the memory of the process that started this one
    peak = status.read().partition("VmHWM:")[2].split()[0]
print(json.dumps({**found, "rss_mb": int(peak) // 1024}))
"""


def fill(flow: Flow, faulty: FaultyS3, numbers: range) -> None:
    for number in numbers:
        key = f"{flow.landing.store.prefix}source-{number % 20:02d}/2026/03/{1 + number % 28:02d}/{number:07d}.txt"
        faulty.objects[key] = Stored(b"", f'"{hashlib.md5(key.encode()).hexdigest()}"', ARRIVED, {})
    faulty.delete("")  # the pages are made anew, and here rather than while a run waits for them
    after = ""
    while b"<IsTruncated>true" in (page := faulty.page(flow.landing.store.prefix, after)):
        after = bytes.fromhex(page.partition(b"Token>")[2].partition(b"<")[0].decode()).decode()


def discover(flow: Flow, faulty: FaultyS3, run_id: str) -> dict[str, int]:
    settings = {name: getattr(flow.settings, name) for name in ("landing", "warehouse", "staging", "watchlist")}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", DISCOVER, json.dumps({**settings, "run_batches": 1}), run_id],
        env={**os.environ, "PYTHONPATH": str(ROOT / "include"), **faulty.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    print(f"{run_id}: {time.monotonic() - began:.1f} s, {found}", flush=True)
    return found


@pytest.mark.parametrize("known", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_f24_a_thousand_new_objects_among_many_known(flow: Flow, faulty: FaultyS3, known: int) -> None:
    fill(flow, faulty, range(known))
    found = discover(flow, faulty, "first")
    assert (found["listed"], found["new"]) == (known, known)
    with flow.warehouse() as warehouse:
        warehouse.query("UPDATE objects SET state = 'loaded'")
    fill(flow, faulty, range(known, known + 1000))
    found = discover(flow, faulty, "second")
    assert (found["listed"], found["new"], found["changed"], found["gone"]) == (known + 1000, 1000, 0, 0)
    assert found["taken"] == 1000
    assert found["rss_mb"] < 1000


def test_a_long_statement_prints_nothing(flow: Flow) -> None:
    """DuckDB draws a bar on standard output after two seconds, where `--json` has its summary."""
    assert flow.rows("SELECT value FROM duckdb_settings() WHERE name = 'enable_progress_bar'") == [("false",)]


def test_the_warehouse_packs_few_rows_at_once(flow: Flow) -> None:
    """A checkpoint packs a whole row group, outside of DuckDB's memory limit."""
    with flow.warehouse() as warehouse:
        warehouse.query("CREATE TABLE many AS SELECT range AS number FROM range(40_000); CHECKPOINT")
        found = warehouse.query("SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('many')").fetchall()
    assert found == [(3,)]
