"""A server that fails on demand, and a flow over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import s3_server
from faults.s3_server import FaultyS3
from flow.harness import Flow, Landing
from mediamonitor.landing.s3 import S3Bucket


@pytest.fixture
def faulty() -> Iterator[FaultyS3]:
    with s3_server.running() as server:
        yield server


@pytest.fixture
def bucket(faulty: FaultyS3) -> S3Bucket:
    """A prefix of the faulty server's bucket, as the product sees it."""
    return Landing.create(faulty).store


@pytest.fixture
def flow(faulty: FaultyS3, tmp_path: Path) -> Flow:
    """Settings, warehouse and published folder for the faulty server."""
    return Flow.create(Landing.create(faulty), tmp_path)
