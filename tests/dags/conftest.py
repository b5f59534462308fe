"""Real Airflow and a real S3 server for the session: one home and one process, since starting costs half a minute.

Each test has a landing prefix, a warehouse and a published folder of its own, and of the metadata database it sees only
what its own runs wrote there.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator

import boto3
import pytest
from dag_harness import MAY_READ, READER, Airflow, Keys, Site

from flow.harness import Landing
from mediamonitor.landing.s3 import S3Bucket
from mediamonitor.landing.store import Access
from quickstart import seaweedfs


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    """Airflow with a fresh home, a migrated SQLite database and the pool."""
    started = Airflow(tmp_path_factory.mktemp("airflow") / "home")
    started.prepare()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[seaweedfs.S3Server]:
    """A server like that of the other tests, which also knows READER."""
    folder = tmp_path_factory.mktemp("s3-with-reader") / "data"
    folder.mkdir()
    owner = Keys(secrets.token_hex(10), secrets.token_hex(20))
    allowed = {owner: ("Admin", "Read", "Write", "List", "Tagging"), READER: MAY_READ}
    identities = [
        {"name": keys.access, "credentials": [{"accessKey": keys.access, "secretKey": keys.secret}], "actions": actions}
        for keys, actions in allowed.items()
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    with seaweedfs.running(folder) as server:
        yield server


@pytest.fixture(scope="module")
def new_site(s3_server: seaweedfs.S3Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Site]:
    """Makes a site; its articles lie in a prefix of their own, or in `prefix`."""

    def make(prefix: str | None = None) -> Site:
        landing = Landing.create(s3_server)
        if prefix is not None:
            session = boto3.Session(s3_server.access_key, s3_server.secret_key, region_name="us-east-1")
            access = Access(session, s3_server.endpoint_url)
            landing = Landing(S3Bucket("landing", prefix, access), access)
        return Site(landing, tmp_path_factory.mktemp("site"), s3_server)

    return make


@pytest.fixture
def site(new_site: Callable[..., Site]) -> Site:
    """A site without articles."""
    return new_site()
