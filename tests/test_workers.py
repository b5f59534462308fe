"""Workers that die, hang or run out of memory: the item that does it is refused, and everything else is read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
import pytest

from flow.harness import Flow
from mediamonitor.article import ObjectRef
from mediamonitor.errors import InfrastructureError
from mediamonitor.landing import batches
from mediamonitor.parsing.records import Record
from mediamonitor.workers import pool
from mediamonitor.workers.chunk import Item, Setup, chunks
from mediamonitor.workers.pool import Workers

ROOT = Path(__file__).resolve().parents[1]
SETUP = Setup((ROOT / "include" / "watchlist.yaml").read_text(), "", "", "", "rules")

POISONED = '''
"""A worker whose parser does to itself what a fault in a library written in C would do."""
import os, runpy, signal, sys, time
from mediamonitor.parsing import reader

read = reader.Reader.read

def poisoned(self, ref, metadata, record):
    if ref.key.startswith("kills"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if ref.key.startswith("hangs"):
        time.sleep(600)
    if ref.key.startswith("eats"):
        eaten = bytearray(3_000_000_000)
    if ref.key.startswith("killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if ref.key.startswith("breaks"):
        raise AttributeError("of our own making")
    return read(self, ref, metadata, record)

reader.Reader.read = poisoned
runpy.run_module("mediamonitor.workers", run_name="__main__", alter_sys=True)
'''
KILLED_AT_ONCE = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
BROKEN = """
import os, runpy
from mediamonitor.parsing import reader
reader.Reader.read = lambda *_: os._exit(7)
runpy.run_module("mediamonitor.workers", run_name="__main__", alter_sys=True)
"""
LIMITED = f"""
import ctypes, os, resource
resource.setrlimit(resource.RLIMIT_DATA, (1_200_000_000, 1_200_000_000))
ctypes.CDLL(None).prctl(24, 24)  # after the next exec root may not raise a limit either (CAP_SYS_RESOURCE)
os.execv({sys.executable!r}, [{sys.executable!r}, "-P", "-m", "mediamonitor.workers"])
"""


def item(key: str) -> Item:
    ref = ObjectRef("b", key, 1, "e", 10, datetime(2026, 3, 2, tzinfo=timezone.utc))
    return Item(ref, {}, Record("text", f"Title of {key}\n\nThe body of {key} is here.".encode()))


def run_as_worker(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker is a real process that runs this script."""
    script = folder / "worker.py"
    script.write_text(code)
    python = folder / "python"
    python.write_text(f"#!/bin/sh\nexec {sys.executable} {script}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))


@pytest.fixture
def poisoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that meet their end in some articles."""
    run_as_worker(POISONED, tmp_path, monkeypatch)


def read(keys: list[str], size: int, count: int = 2) -> dict[str, str]:
    """What became of each key."""
    with Workers(SETUP, "watchlist", count) as workers:
        lists = [[item(key) for key in keys[at : at + size]] for at in range(0, len(keys), size)]
        rows = pa.Table.from_batches(list(workers.read(lists))).to_pylist()
    assert [row["key"] for row in rows] == keys
    return {row["key"]: row["reason_code"] or row["outcome"] for row in rows if row["outcome"] != "article"} | {
        "details": " ".join(row["detail"] or "" for row in rows).strip()
    }


@pytest.mark.usefixtures("poisoned")
def test_an_item_that_kills_its_process_is_refused_and_no_other() -> None:
    keys = [f"k{n:02d}" for n in range(40)]
    keys[17], keys[31] = "kills one", "kills another"
    refused = read(keys, size=16)
    assert refused.pop("details").count("reading it alone ends the process (SIGSEGV); report it") == 2
    assert refused == {"kills one": "crashes_parser", "kills another": "crashes_parser"}


@pytest.mark.usefixtures("poisoned")
def test_an_item_that_hangs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "CHUNK_SECONDS", 8)
    refused = read(["a", "hangs", "b"], size=1, count=1)
    assert refused == {"hangs": "crashes_parser", "details": "reading it alone takes over 8 s; report it"}


@pytest.mark.usefixtures("poisoned")
def test_an_item_that_eats_memory_is_refused() -> None:
    refused = read(["a", "eats", "b"], size=3)
    assert refused == {"eats": "crashes_parser", "details": "reading it alone needs more than 1,500 MB; report it"}


@pytest.mark.usefixtures("poisoned")
def test_a_fault_of_ours_costs_only_its_record() -> None:
    refused = read(["a", "breaks", "b"], size=3)
    assert refused.pop("details").startswith("AttributeError: of our own making")
    assert refused == {"breaks": "crashes_parser"}


def test_a_worker_that_is_killed_from_outside_once_costs_nothing() -> None:
    with Workers(SETUP, "watchlist", 1) as workers:
        assert [batch.num_rows for batch in workers.read([[item("a")]])] == [1]
        os.kill(workers._idle.queue[0]._process.pid, signal.SIGKILL)
        (batch,) = workers.read([[item("b")]])
    assert batch["outcome"].to_pylist() == ["article"]


@pytest.mark.usefixtures("poisoned")
def test_one_item_whose_worker_is_killed_is_refused_and_many_in_a_row_stop_the_run() -> None:
    refused = read(["killed a", "b", "killed c", "d", "killed e"], size=5, count=1)
    assert refused.pop("details").count("reading it alone ends the process (SIGKILL); report it") == 3
    assert set(refused) == {"killed a", "killed c", "killed e"}
    with pytest.raises(InfrastructureError, match=r"3 worker processes in a row were killed \(SIGKILL\)"):
        read(["killed a", "killed b", "killed c", "d"], size=4, count=1)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (KILLED_AT_ONCE, r"a worker process could not begin: it ends the process \(SIGKILL\); give this machine"),
        (BROKEN, r"a worker process dies of a sound article too: it ends the process \(7\)"),
    ],
    ids=["at the start", "at every article"],
)
def test_workers_that_cannot_work_at_all_stop_the_run_and_blame_no_item(
    code: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as_worker(code, tmp_path, monkeypatch)
    with pytest.raises(InfrastructureError, match=message):
        read(["a", "b"], size=1, count=1)


def test_workers_that_cannot_work_are_no_fault_of_a_large_object(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "STREAMED_BYTES", 10)
    flow.landing.put("post/2026/03/02/a.jsonl", b'{"title": "Ferry", "body": "In Vessmark."}\n')
    run_as_worker(BROKEN, tmp_path, monkeypatch)
    with pytest.raises(InfrastructureError, match="dies of a sound article too"):
        flow.ingest()
    assert set(flow.states().values()) == {"waiting"}


def test_a_lower_limit_of_the_host_is_kept_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_as_worker(LIMITED, tmp_path, monkeypatch)
    assert read(["a", "b"], size=1, count=1) == {"details": ""}


def test_workers_end_with_their_parent() -> None:
    """However it ends: here without any farewell."""
    script = f"""
import os, sys
sys.path[:0] = [{str(ROOT / "include")!r}, {str(ROOT / "tests")!r}]
from test_workers import SETUP, Workers, item
workers = Workers(SETUP, "watchlist", 1)
list(workers.read([[item("a")]]))
print(workers._idle.queue[0]._process.pid, flush=True)
os._exit(1)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    pid = int(done.stdout)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        signal.sigtimedwait([signal.SIGUSR1], 0.1)
    raise AssertionError(f"{pid} lives on: {done.stderr}")


def test_nothing_is_lost_between_chunks() -> None:
    items = [item(f"k{n}") for n in range(1_000)]
    found = list(chunks(items))
    assert [one for chunk in found for one in chunk] == items
    assert max(map(len, found)) <= 256
