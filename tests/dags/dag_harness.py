"""Airflow for the tests: asks drive.py, which runs in a process of its own, so that pytest's never imports Airflow."""

from __future__ import annotations

import json
import os
import secrets
import select
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flow.harness import Landing
from quickstart import processes, seaweedfs

ROOT = Path(__file__).resolve().parents[2]
ANSWER_SECONDS = 180
"""Far more than any answer takes; then the process is ended and the test fails."""
STOP_SECONDS = 10


@dataclass(frozen=True)
class Keys:
    """An access key and its secret."""

    access: str
    secret: str


READER = Keys(secrets.token_hex(10), secrets.token_hex(20))
"""May list the bucket, and read the articles of two of the three sources of test_runs.py, below `forbidden/`."""
MAY_READ = ("List:landing", "Read:landing/forbidden/capital-ledger/*", "Read:landing/forbidden/rhenmark-courier/*")


@dataclass(frozen=True)
class Site:
    """An installation: where its articles, its warehouse and its published files are."""

    landing: Landing
    folder: Path
    server: seaweedfs.S3Server

    @property
    def published(self) -> Path:
        return self.folder / "published"

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    def environment(self, keys: Keys | None = None, **settings: str) -> dict[str, str]:
        """What Airflow is told: the connection, and MEDIAMONITOR_*; `settings` override."""
        keys = keys or Keys(self.server.access_key, self.server.secret_key)
        extra = {"endpoint_url": self.server.endpoint_url, "region_name": "us-east-1"}
        connection = {"conn_type": "aws", "login": keys.access, "password": keys.secret, "extra": extra}
        values = {
            "landing": self.landing.store.url,
            "warehouse": f"duckdb://{self.warehouse}",
            "published": str(self.published),
            "watchlist": str(ROOT / "include" / "watchlist.yaml"),
            "sources": str(ROOT / "include" / "sources.yaml"),
            **settings,
        }
        told = {f"MEDIAMONITOR_{name.upper()}": value for name, value in values.items()}
        return {"AIRFLOW_CONN_MEDIA_LANDING": json.dumps(connection), **told}


@dataclass(frozen=True)
class Run:
    """What became of one DAG run. Mapped tasks have their index behind an underscore."""

    state: str
    tasks: dict[str, str]
    failures: dict[str, str]
    """Type and message of the error with which a task failed for good."""
    retried: dict[str, int]
    xcoms: dict[str, Any]
    """By `task.key`."""
    events: list[str]
    """Assets that the run said to have changed."""
    others: list[list[str]]
    """(dag, state) of the runs that it started."""
    note: str | None


def environment(home: Path) -> dict[str, str]:
    """Ours, without the caller's own settings of Airflow, AWS and Media Monitor."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "AWS_", "MEDIAMONITOR_"))}
    return kept | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "*",
        "PYTHONPATH": str(ROOT / "include"),
    }


class Airflow:
    """An Airflow home with a migrated metadata database, and the process that works in it (started when needed)."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._log = home.parent / "drive.log"
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make the metadata database and the pool, with the very code of `make run`."""
        self.command("-m", "quickstart.airflow")

    def command(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """What a Python of its own prints; fails where that fails."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env={**environment(self.home), **(env or {})},
            cwd=self.home.parent,
            timeout=ANSWER_SECONDS,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        return done.stdout

    def describe(self, env: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What the DAG files say."""
        return dict(self._ask("describe", env))

    def refusals(self, dag_id: str, *confs: Mapping[str, Any]) -> list[str | None]:
        """For each `conf` why Airflow refuses it, or None."""
        return list(self._ask("refusals", None, dag_id=dag_id, confs=confs))

    def use(self, provider: str) -> None:
        """Use a provider in a small way (uses.py)."""
        self._ask("use", None, provider=provider)

    def run(self, dag_id: str, env: Mapping[str, str], conf: Mapping[str, Any] | None = None) -> Run:
        """One run by `dag.test()`."""
        return Run(**self._ask("run", env, dag_id=dag_id, conf=conf or {}))

    def stop(self) -> None:
        """End the process and whatever it started."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()  # then it ends by itself, unless it hangs
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            processes.stop(process, seconds=0)

    def _ask(self, act: str, env: Mapping[str, str] | None, **told: Any) -> Any:
        process = self._process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"act": act, "env": env or {}, "told": told}).encode() + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], ANSWER_SECONDS)
        line = process.stdout.readline() if ready else b""
        if not line:
            self.stop()
            raise AssertionError(f"no answer to {act} {told}; the end of {self._log}:\n{self._tail()}")
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("drive.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(self.home),
                cwd=self.home.parent,
                start_new_session=True,
            )

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]
