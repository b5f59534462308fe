"""Spoilt objects of every format: no crash, no hang, no memory over the cap; the seed of one that does is named."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANGS_AFTER = 30
"""Seconds for one input."""


def fuzz(seed: int, count: int) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "include"), str(ROOT / "tests")])}
    command = [sys.executable, "-m", "faults.fuzz", str(seed), str(count)]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stderr is not None
    at, last = "none", child.stdout.readline()
    while last:
        at = last.strip()
        watch = threading.Timer(HANGS_AFTER, child.kill)
        watch.start()
        last = child.stdout.readline()
        watch.cancel()
    said = child.stderr.read()
    assert child.wait(HANGS_AFTER) == 0, f"input {at}: {said[-2000:]}"
    assert at == "done"


def test_spoilt_objects_come_to_rows() -> None:
    fuzz(0, 1_000)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1_000, 101_000, 10_000))
def test_many_spoilt_objects_come_to_rows(seed: int) -> None:
    fuzz(seed, 10_000)
