"""docker-compose.yaml, as it ships: what it refuses, what it exposes, and that it counts what `make run` counts.

One stack is started for the whole module, under a project name, a port and an .env of its own, and always taken down
with its volumes. Nothing here reads the user's .env.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

pytestmark = pytest.mark.compose

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "include" / "samples"
SECRETS = ROOT / "include" / "quickstart" / "stack_secrets.py"
LONG_RUNNING = ["api-server", "dag-processor", "postgres", "scheduler", "seaweedfs", "triggerer"]
COUNTS = "SELECT published_on, source, entity_id, articles, occurrences FROM mention_counts ORDER BY ALL"

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Stack:
    """docker-compose.yaml under a project name of its own."""

    project: str
    env_file: Path
    environment: dict[str, str]

    def compose(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        command = ["docker", "compose", "-f", "docker-compose.yaml", "-p", self.project]
        return subprocess.run(
            [*command, "--env-file", str(self.env_file), *arguments],
            cwd=ROOT, env=self.environment, timeout=timeout, text=True, capture_output=True, check=False,
        )  # fmt: skip

    def must(self, *arguments: str, timeout: float = 60) -> str:
        done = self.compose(*arguments, timeout=timeout)
        if done.returncode:
            pytest.fail(f"docker compose {' '.join(arguments)}:\n{done.stdout}{done.stderr[-3000:]}\n{self.story()}")
        return done.stdout

    def python(self, code: str, *arguments: str, timeout: float = 60) -> str:
        """Run a few lines where the tasks run, and return the last line that they print."""
        return self.must("exec", "-T", "scheduler", "python", "-c", code, *arguments, timeout=timeout).splitlines()[-1]

    def story(self) -> str:
        """What a person would look at first: states, and the last lines of each service."""
        states = self.compose("ps", "--all", "--format", "table {{.Service}}\t{{.Status}}")
        logs = self.compose("logs", "--no-color", "--tail", "25")
        return states.stdout + logs.stdout

    def setting(self, name: str) -> str:
        lines = self.env_file.read_text().splitlines()
        return next(line.partition("=")[2] for line in lines if line.startswith(f"{name}="))

    def api(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """The REST API, through the one port that is published."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.setting('STACK_UI_PORT')}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def _stack(folder: Path, project: str, docker: dict[str, str], settings: dict[str, str]) -> Stack:
    env_file = folder / ".env"
    subprocess.run([sys.executable, SECRETS, env_file], check=True, timeout=30, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    extra = settings | {"STACK_UI_PORT": str(port), "STACK_ADMIN_USER": "editor"}
    with env_file.open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in extra.items())
    return Stack(f"mediamonitor-{project}-{os.getpid()}", env_file, docker)


def _replace(stack: Stack, name: str, value: str) -> None:
    text = stack.env_file.read_text()
    stack.env_file.write_text(re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE))


def wait_for(what: str, stack: Stack, seconds: float, done: Callable[[], object], every: float = 3) -> None:
    """Ask `done` until it says yes, at most for `seconds`."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds:.0f} s: {what}\n{stack.story()}")
        time.sleep(every)


@pytest.fixture(scope="module")
def stack(docker: dict[str, str], images: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = _stack(tmp_path_factory.mktemp("stack"), "test", docker, images)
    try:
        made.must("build", "--quiet", timeout=600)
        made.must("up", "--detach", "--no-build", "--wait", "--wait-timeout", "300", timeout=360)
        yield made
    finally:
        made.compose("down", "--volumes", "--timeout", "5", timeout=120)


def test_an_empty_secret_stops_compose(docker: dict[str, str], tmp_path: Path) -> None:
    stack = _stack(tmp_path, "empty", docker, {})
    names = [line.partition("=")[0] for line in stack.env_file.read_text().splitlines() if line.startswith("STACK_")]
    secrets = [name for name in names if name not in {"STACK_UI_PORT", "STACK_ADMIN_USER"}]
    assert len(secrets) == 7
    assert stack.compose("config", "--quiet").returncode == 0
    for name in secrets:
        kept = stack.setting(name)
        _replace(stack, name, "")
        refused = stack.compose("up", "--detach")
        assert refused.returncode != 0
        assert f"variable {name} is missing a value: run make compose-up" in refused.stderr
        _replace(stack, name, kept)
    assert stack.compose("ps", "--all", "--quiet").stdout == ""


def test_only_the_ui_is_published_and_on_loopback(stack: Stack) -> None:
    bindings = {name: _inspect(stack, name)["HostConfig"]["PortBindings"] for name in _services(stack)}
    expected = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": stack.setting("STACK_UI_PORT")}]}
    assert {name: ports for name, ports in bindings.items() if ports} == {"api-server": expected}


def test_every_container_is_confined(stack: Stack) -> None:
    assert sorted(_services(stack)) == sorted([*LONG_RUNNING, "init", "secrets-check"])
    for name in _services(stack):
        inspected = _inspect(stack, name)
        host = inspected["HostConfig"]
        assert inspected["Config"]["User"] not in {"", "0", "root"}, name
        assert host["CapDrop"] == ["ALL"], name
        assert not host["CapAdd"] and not host["Privileged"], name
        assert host["ReadonlyRootfs"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert host["Memory"] > 0 and host["NanoCpus"] > 0 and host["PidsLimit"] > 0, name
        assert host["LogConfig"]["Config"]["max-size"], name
        if name in LONG_RUNNING:
            assert inspected["State"]["Health"]["Status"] == "healthy", name
            assert host["RestartPolicy"]["Name"] == "unless-stopped", name
            top = subprocess.run(["docker", "top", inspected["Id"], "-eo", "uid,pid,args"], env=stack.environment,
                                 timeout=30, text=True, capture_output=True, check=True).stdout  # fmt: skip
            roots = [line for line in top.splitlines()[1:] if line.split()[0] == "0"]
            assert not roots, f"{name} runs as root: {roots}"


def test_the_lock_decides_what_runs(stack: Stack) -> None:
    code = "import importlib.metadata as m, json; print(json.dumps([[d.name, d.version] for d in m.distributions()]))"
    installed = {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in json.loads(stack.python(code))}
    lock = (ROOT / "requirements.txt").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock, flags=re.MULTILINE))
    assert installed and installed <= locked, f"not in requirements.txt: {sorted(installed - locked)}"


def test_the_object_store_wants_the_generated_key(stack: Stack) -> None:
    code = (
        "import urllib.request as u, urllib.error as e\n"
        "try: print(u.urlopen('http://seaweedfs:8333/media-landing', timeout=10).status)\n"
        "except e.HTTPError as error: print(error.code)"
    )
    assert stack.python(code) == "403"
    ports = "(8080, 8333, 8888, 9333, 18080, 18888, 19333)"  # volumes, S3, filer and master, then their gRPC
    code = f"import socket; print([p for p in {ports} if not socket.socket().connect_ex(('seaweedfs', p))])"
    assert stack.python(code) == "[8333]"


def test_init_may_run_again(stack: Stack) -> None:
    again = stack.must("run", "--rm", "--no-deps", "-T", "init", timeout=120)
    assert "editor already exists" in again


# --- the flow ----------------------------------------------------------------------------------------------------

UPLOAD = """
import pathlib, sys, boto3
from airflow.models.connection import Connection
to = Connection.get_connection_from_secrets("media_landing")
s3 = boto3.client("s3", endpoint_url=to.extra_dejson["endpoint_url"], region_name=to.extra_dejson["region_name"],
                  aws_access_key_id=to.login, aws_secret_access_key=to.password)
folder = pathlib.Path("/opt/mediamonitor/include/samples", sys.argv[1])
files = sorted(path for path in folder.rglob("*") if path.is_file())
for path in files:
    s3.upload_file(str(path), "media-landing", "articles/" + path.relative_to(folder).as_posix())
print(len(files))
"""
READ = f"""
import json, os, duckdb
path = os.environ["MEDIAMONITOR_PUBLISHED"] + "/media.duckdb"
rows = duckdb.connect(path, read_only=True).execute({COUNTS!r}).fetchall() if os.path.exists(path) else []
print(json.dumps(rows, default=str))
"""


def _services(stack: Stack) -> list[str]:
    return stack.must("ps", "--all", "--format", "{{.Service}}").split()


def _inspect(stack: Stack, service: str) -> dict[str, Any]:
    container = stack.must("ps", "--all", "--quiet", service).strip()
    done = subprocess.run(
        ["docker", "inspect", container], env=stack.environment, timeout=30, text=True, capture_output=True, check=True
    )
    inspected: dict[str, Any] = json.loads(done.stdout)[0]
    return inspected


def _without_airflow(landing: Path, home: Path) -> list[Row]:
    """The same stages from the command line, on this machine: what `make run` counts."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MEDIAMONITOR_")}
    environment |= {"PYTHONPATH": str(ROOT / "include")}
    command = [sys.executable, "-m", "mediamonitor", "run", "--landing", str(landing)]
    command += ["--warehouse", f"duckdb:///{home}/media.duckdb", "--staging", str(home / "staging")]
    command += ["--published", str(home / "published")]
    command += ["--watchlist", str(ROOT / "include" / "watchlist.yaml")]
    command += ["--sources", str(ROOT / "include" / "sources.yaml")]
    done = subprocess.run(command, cwd=ROOT, env=environment, timeout=180, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    with duckdb.connect(str(home / "published" / "media.duckdb"), read_only=True) as database:
        rows = database.execute(COUNTS).fetchall()
    return [list(row) for row in json.loads(json.dumps(rows, default=str))]


def _runs(stack: Stack, token: str, dag: str, since: str) -> list[dict[str, Any]]:
    """The DAG's runs that were queued after `since`; a failed one ends the test."""
    query = f"/api/v2/dags/{dag}/dagRuns?queued_at_gte={since}&limit=100"
    runs: list[dict[str, Any]] = stack.api("GET", query, token=token)["dag_runs"]
    failed = [run["dag_run_id"] for run in runs if run["state"] == "failed"]
    if failed:
        pytest.fail(f"{dag} failed: {failed}\n{stack.story()}")
    return runs


def _flow(stack: Stack, token: str, batch: str, expected: list[Row]) -> None:
    """Upload `batch`, trigger the ingest, and wait until its run, a publish run and the counts are there."""
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert int(stack.python(UPLOAD, batch)) > 0
    run = stack.api("POST", "/api/v2/dags/ingest_articles/dagRuns", {"logical_date": None}, token)["dag_run_id"]

    def succeeded(dag: str) -> set[str]:
        return {each["dag_run_id"] for each in _runs(stack, token, dag, since) if each["state"] == "success"}

    wait_for(f"{run} of ingest_articles succeeds", stack, 240, lambda: run in succeeded("ingest_articles"))
    wait_for("a run of publish_mentions succeeds", stack, 180, lambda: succeeded("publish_mentions"))
    # A scheduled run may have come between: the counts arrive all the same, a run later at most.
    wait_for("the counts are those of the command line", stack, 60, lambda: json.loads(stack.python(READ)) == expected)


def test_the_stack_counts_what_the_command_line_counts(stack: Stack, tmp_path: Path) -> None:
    login = {"username": "editor", "password": stack.setting("STACK_ADMIN_PASSWORD")}
    token = stack.api("POST", "/auth/token", login)["access_token"]

    def parsed() -> bool:
        errors = stack.api("GET", "/api/v2/importErrors", token=token)["import_errors"]
        assert not errors, [error["stack_trace"][-800:] for error in errors]
        dags = {dag["dag_id"]: dag["is_paused"] for dag in stack.api("GET", "/api/v2/dags", token=token)["dags"]}
        return all(dags.get(name) is False for name in ("ingest_articles", "publish_mentions", "maintain_warehouse"))

    wait_for("the three DAGs are there and not paused", stack, 120, parsed)

    landing = tmp_path / "landing"
    counted: list[list[Row]] = []
    for batch in ("1-first", "2-later"):
        # copyfile gives the files the age that the uploaded objects have; a checkout may be a year old.
        shutil.copytree(SAMPLES / batch, landing, copy_function=shutil.copyfile, dirs_exist_ok=True)
        counted.append(_without_airflow(landing, tmp_path / "home"))
        _flow(stack, token, batch, counted[-1])
    assert counted[0] and counted[0] != counted[1]


@pytest.mark.usefixtures("stack")  # which has built the image
def test_a_default_secret_stops_the_stack(docker: dict[str, str], images: dict[str, str], tmp_path: Path) -> None:
    refused = _stack(tmp_path, "default", docker, images)
    _replace(refused, "STACK_JWT_SECRET", "airflow_jwt_secret")
    try:
        assert refused.compose("up", "--detach", "--no-build", timeout=90).returncode != 0
        said = refused.must("logs", "--no-log-prefix", "--no-color", "secrets-check").strip()
        assert "The stack will not start: STACK_JWT_SECRET is a known default." in said
        assert len(said.splitlines()) == 1
        running = refused.must("ps", "--all", "--format", "{{.Service}} {{.State}}").splitlines()
        assert {line for line in running if not line.endswith(" created")} == {"secrets-check exited"}
    finally:
        refused.compose("down", "--volumes", timeout=60)
