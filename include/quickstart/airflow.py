"""Airflow on loopback with SQLite and LocalExecutor: its environment, its parts, and the few calls of its REST API."""

from __future__ import annotations

import base64
import json
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from quickstart.place import REPOSITORY, Place
from quickstart.processes import Trouble
from quickstart.seaweedfs import S3Server

USER = "admin"
CONNECTION = "media_landing"
PARTS = {"api-server": (), "scheduler": ("--skip-serve-logs",), "dag-processor": ()}
"""What our DAGs need of `airflow standalone`, without its fourth part (nothing of ours is deferred) and without its
log server, which would listen on every interface: the UI reads the logs from the disk."""


def url(port: int) -> str:
    """Where Airflow answers."""
    return f"http://127.0.0.1:{port}"


def environment(place: Place, base: Mapping[str, str], port: int) -> dict[str, str]:
    """What Airflow and the tasks are told. `base` must be free of the user's own settings of Airflow and AWS."""
    return {
        "MEDIAMONITOR_WATCHLIST": str(REPOSITORY / "include" / "watchlist.yaml"),
        "MEDIAMONITOR_SOURCES": str(REPOSITORY / "include" / "sources.yaml"),
        **base,
        **_secrets(place),
        "AIRFLOW_HOME": str(place.airflow),
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false",
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url(port)}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # the default asks a name server
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(place.passwords),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__API__BASE_URL": url(port),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",  # three files that seldom change
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "false",
        # A task whose process died is noticed after a minute, not five.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "MEDIAMONITOR_LANDING": place.landing,
        "MEDIAMONITOR_WAREHOUSE": f"duckdb://{place.warehouse}",
        "MEDIAMONITOR_STAGING": str(place.staging),
        "MEDIAMONITOR_PUBLISHED": str(place.published),
        "MEDIAMONITOR_AWS_CONN_ID": CONNECTION,
    }


def connection(s3: S3Server) -> dict[str, str]:
    """The Airflow connection to the bucket, as a variable: nothing is stored."""
    extra = {"endpoint_url": s3.endpoint_url, "region_name": "us-east-1"}
    value = {"conn_type": "aws", "login": s3.access_key, "password": s3.secret_key, "extra": extra}
    return {f"AIRFLOW_CONN_{CONNECTION.upper()}": json.dumps(value)}


def password(place: Place) -> str:
    """The password of the user `admin`."""
    return str(json.loads(place.passwords.read_text())[USER])


def make_password(place: Place) -> None:
    """Once for each installation, and before the API server starts: it makes one itself where it finds none."""
    if not place.passwords.exists():
        place.passwords.touch(mode=0o600)
        place.passwords.write_text(json.dumps({USER: secrets.token_urlsafe(12)}))


def _secrets(place: Place) -> dict[str, str]:
    """Keys that all parts must share. Without the first each part makes one up and no task may report to the API."""
    path = place.airflow / "secrets.json"
    if not path.exists():
        path.touch(mode=0o600)
        made = {
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
            "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        path.write_text(json.dumps(made))
    return dict(json.loads(path.read_text()))


def prepare() -> None:
    """Make or migrate the metadata database, and the pool that the DAGs need. Runs in a process of its own."""
    from airflow.models.pool import Pool
    from airflow.utils import db

    db.initdb()
    Pool.create_or_update_pool(
        "warehouse",
        slots=1,
        description="One at a time in the warehouse: DuckDB has a single writer. Keep 1 slot.",
        include_deferred=False,
    )


@dataclass(frozen=True, slots=True)
class Run:
    """A DAG run as the API tells it."""

    dag_id: str
    run_id: str
    run_type: str
    state: str
    note: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen in it."""
        return self.state in {"success", "failed"}


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a run as the API tells it."""

    task_id: str
    map_index: int
    state: str | None
    started_at: str | None


class Api:
    """A few calls of Airflow's REST API. An OSError means that it did not answer, or not now."""

    def __init__(self, url: str, user_password: str) -> None:
        self.url, self._password, self._token = url, user_password, ""
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def healthy(self) -> bool:
        """Whether every part has reported and the DAGs are known."""
        try:
            health = self._call("/api/v2/monitor/health")
            if any(health[part]["status"] != "healthy" for part in ("metadatabase", "scheduler", "dag_processor")):
                return False
            dags = self._get("/api/v2/dags")["dags"]
        except OSError:
            return False
        return {"ingest_articles", "publish_mentions", "maintain_warehouse"} <= {dag["dag_id"] for dag in dags}

    def import_errors(self) -> list[str]:
        """The last line of each DAG file's error."""
        return [
            f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}"
            for error in self._get("/api/v2/importErrors")["import_errors"]
        ]

    def trigger(self, dag_id: str) -> str:
        """Start a run by hand and return its name."""
        return str(self._get(f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})["dag_run_id"])

    def runs(self, dag_id: str) -> list[Run]:
        """The latest runs of a DAG, oldest first."""
        found = self._get(f"/api/v2/dags/{dag_id}/dagRuns?order_by=-run_after&limit=50")["dag_runs"]
        return [Run(dag_id, run["dag_run_id"], run["run_type"], run["state"], run["note"]) for run in reversed(found)]

    def followers(self, dag_id: str) -> dict[str, list[str]]:
        """Which runs of a DAG told that an asset has changed, and the runs that were started by that."""
        found: dict[str, list[str]] = {}
        for event in self._get(f"/api/v2/assets/events?source_dag_id={dag_id}&order_by=-timestamp&limit=50")[
            "asset_events"
        ]:
            found.setdefault(event["source_run_id"], []).extend(run["run_id"] for run in event["created_dagruns"])
        return found

    def tasks(self, run: Run) -> list[Task]:
        """The tasks of a run."""
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{urllib.parse.quote(run.run_id)}/taskInstances?limit=100"
        found = self._get(path)["task_instances"]
        return [Task(task["task_id"], task["map_index"], task["state"], task["start_date"]) for task in found]

    def _get(self, path: str, body: object = None) -> Any:
        if not self._token:
            self._token = self._call("/auth/token", {"username": USER, "password": self._password})["access_token"]
        return self._call(path, body)

    def _call(self, path: str, body: object = None) -> Any:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self._token}"} if self._token else {}
        )
        request = urllib.request.Request(
            self.url + path, data=None if body is None else json.dumps(body).encode(), headers=headers
        )
        try:
            with self._open(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 401 and path == "/auth/token":
                raise Trouble(
                    f"another Airflow answers at {self.url}: it took the port while this one was starting; try again"
                ) from None
            if error.code < 500:
                raise Trouble(
                    f"Airflow refused {path}: {error.code} {error.read(300).decode(errors='replace')}"
                ) from None
            raise
        except HTTPException as error:  # it ended while it was answering
            raise ConnectionError(f"{path}: {error!r}") from None


def log_of(place: Place, run: Run, task: Task) -> Path:
    """The log of the last attempt of a task."""
    folder = place.airflow / "logs" / f"dag_id={run.dag_id}" / f"run_id={run.run_id}" / f"task_id={task.task_id}"
    if task.map_index >= 0:
        folder /= f"map_index={task.map_index}"
    return max(folder.glob("attempt=*.log"), key=os.path.getmtime, default=folder)


if __name__ == "__main__":
    prepare()
