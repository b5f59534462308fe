"""What many tests share: a real S3 server for the session, and a flow over a bucket of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flow.harness import Flow, Landing
from quickstart import seaweedfs


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[seaweedfs.S3Server]:
    with seaweedfs.running(tmp_path_factory.mktemp("s3") / "data") as server:
        yield server


@pytest.fixture
def landing(s3_server: seaweedfs.S3Server) -> Landing:
    """An empty bucket."""
    return Landing.create(s3_server)


@pytest.fixture
def flow(landing: Landing, tmp_path: Path) -> Flow:
    """Settings, warehouse and published folder for `landing`, with a small watchlist."""
    return Flow.create(landing, tmp_path)
