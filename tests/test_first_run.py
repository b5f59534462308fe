"""`make run`, `make up` and `make down` themselves: real Airflow, a real S3 server, the samples."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "include" / "samples"
HOSTILE = {
    "AIRFLOW__CORE__PARALLELISM": "0",
    "AIRFLOW_HOME": "/nonexistent",
    "AWS_ACCESS_KEY_ID": "of-the-user",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_PROFILE": "of-the-user",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "MEDIAMONITOR_LANDING": "s3://of-the-user/articles",
    "MEDIAMONITOR_WATCHLIST": "/nonexistent/watchlist.yaml",
}
"""What a user may have in the environment, and what `run` must not see."""

pytestmark = pytest.mark.first_run


def quickstart(local: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "quickstart", *arguments, "--local", str(local)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "include"), **environment}
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ends(process: subprocess.Popen[str], seconds: float = 400) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def survivors(local: Path) -> list[str]:
    """Processes that have to do with this folder, by command line, environment or working files."""
    found = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), *process.environ().values()]
            if process.pid != os.getpid() and any(str(local) in text for text in told):
                found.append(" ".join(process.cmdline()) or process.name())
        except psutil.Error:
            continue
    return found


def until_gone(local: Path, seconds: float = 40) -> list[str]:
    end = time.monotonic() + seconds
    while (left := survivors(local)) and time.monotonic() < end:
        time.sleep(0.5)
    return left


def counts(media: Path) -> list[Any]:
    """What is published; not the bytes, since a publication that `down` cut short is finished by the next start."""
    with duckdb.connect(media, read_only=True) as connection:
        return connection.execute("SELECT * FROM mention_counts ORDER BY ALL").fetchall()


def cells(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (row["published_on"], row["source"], row["entity_id"]): (row["articles"], row["occurrences"]) for row in rows
    }


def opened(rows: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """New stories by day and entity.

    Of copies of one day without a time the least article id opens the story, and ids are made of bucket and key.
    """
    return sum((Counter({(row["published_on"], row["entity_id"]): row["new_stories"]}) for row in rows), Counter())


def without_openers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "new_stories"} for row in rows]


@dataclass
class FirstRun:
    local: Path
    code: int
    out: str
    err: str
    told: dict[str, Any]

    @property
    def place(self) -> Path:
        return self.local / "run"


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    local = tmp_path_factory.mktemp("my first run ä")  # an awkward name on purpose
    told = local / "told.json"
    (local / "run").mkdir()
    (local / "run" / "of an earlier run").write_text("x")
    code, out, err = ends(quickstart(local, "run", "--json", str(told), **HOSTILE))
    print(out, err)
    return FirstRun(local, code, out, err, json.loads(told.read_text()) if told.exists() else {})


def test_it_succeeds_and_leaves_nothing_running(first_run: FirstRun) -> None:
    assert (first_run.code, first_run.err) == (0, "")
    assert survivors(first_run.local) == []
    assert not (first_run.place / "of an earlier run").exists()


# Counted by hand in the files of include/samples.
@pytest.mark.parametrize(
    ("cell", "before", "after"),
    [
        (("2026-03-02", "harbour-post", "jonah-verrall"), None, (1, 3)),  # a late article
        (("2026-03-02", "harbour-post", "port-tarnwick"), (2, 3), (3, 4)),
        (("2026-03-03", "capital-ledger", "jonah-verrall"), (3, 5), (2, 3)),  # the correction takes him out
        (("2026-03-03", "capital-ledger", "mara-lindqvist"), (2, 3), (3, 5)),  # and brings her in
        (("2026-03-05", "harbour-post", "zephra"), None, (1, 1)),  # the other late article
        (("2026-03-06", "rhenmark-courier", "zephra"), (1, 3), (1, 3)),  # whose story this one had opened so far
        (("2026-03-02", "site-21", "zephra"), None, None),  # watched from 4 March only
        (("2026-03-04", "site-21", "quillan-frost"), None, None),
    ],
)
def test_counts(first_run: FirstRun, cell: tuple[str, str, str], before: Any, after: Any) -> None:
    assert cells(first_run.told["before"]).get(cell) == before
    assert cells(first_run.told["after"]).get(cell) == after


def test_only_what_the_later_files_say_has_changed(first_run: FirstRun) -> None:
    before, after = cells(first_run.told["before"]), cells(first_run.told["after"])
    changed = {cell for cell in before.keys() | after.keys() if before.get(cell) != after.get(cell)}
    assert {cell[:2] for cell in changed} == {
        ("2026-03-02", "harbour-post"),
        ("2026-03-03", "capital-ledger"),
        ("2026-03-05", "harbour-post"),
    }
    assert len(changed) == 5


def test_the_command_line_counts_the_same(first_run: FirstRun, tmp_path: Path) -> None:
    landing, published = tmp_path / "landing", tmp_path / "published"
    for folder, moment in (("1-first", "before"), ("2-later", "after")):
        shutil.copytree(SAMPLES / folder, landing, dirs_exist_ok=True)
        command = [sys.executable, "-m", "mediamonitor", "run", "--landing", landing, "--published", published]
        command += ["--warehouse", tmp_path / "w.duckdb", "--watchlist", ROOT / "include" / "watchlist.yaml"]
        command += ["--sources", ROOT / "include" / "sources.yaml"]
        subprocess.run(
            command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "include")}, capture_output=True
        )
        with duckdb.connect(str(published / "media.duckdb"), read_only=True) as media:
            result = media.execute("SELECT * FROM mention_counts ORDER BY published_on, source, entity_id")
            names = [column[0] for column in result.description]
            rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        mine = [row | {"published_on": str(row["published_on"])} for row in rows]
        assert opened(mine) == opened(first_run.told[moment])
        assert without_openers(mine) == without_openers(first_run.told[moment])


def test_each_run_has_its_note_and_the_asset_starts_publishing(first_run: FirstRun) -> None:
    runs = [(run["round"], run["dag_id"], run["run_type"], run["state"]) for run in first_run.told["runs"]]
    assert runs == [
        (number, *what)
        for number in (1, 2)
        for what in (("ingest_articles", "manual", "success"), ("publish_mentions", "asset_triggered", "success"))
    ]
    notes = [run["note"] for run in first_run.told["runs"]]
    assert "67 articles, 6 quarantined" in notes[0]
    assert "publication 1: 5 days" in notes[1]
    assert "2 new, 1 changed" in notes[2]
    assert "publication 2: 4 days" in notes[3]
    flat = " ".join(first_run.out.split())
    assert all(note in flat for note in notes)


def test_what_it_prints_fits_a_terminal_and_is_calm(first_run: FirstRun) -> None:
    lines = first_run.out.replace(str(first_run.local), ".local").splitlines()  # as `make run` prints them
    assert [line for line in lines if len(line) > 100] == []
    assert [line for line in lines if not line.isascii() or line != line.rstrip()] == []
    assert not any(word in first_run.out for word in ("Traceback", "Warning", "[info", "nanobind"))
    table = [line.split() for line in lines]
    assert ["*", "Jonah", "Verrall", "5", "4", "-1", "8", "6", "-2"] in table
    assert ["rail", "strike", "1", "1", "2", "2"] in table
    assert ["rhenmark-courier", "3", "2", "no", "data", "3", "3"] in table
    assert ["articles/capital-ledger/2026/03/04/empty-page.txt", "empty_file"] in table
    assert str(first_run.place / "published" / "media.duckdb") in first_run.out


def test_the_printed_query_works(first_run: FirstRun) -> None:
    start = first_run.out.index(f'{Path(sys.executable).relative_to(ROOT)} -c "import duckdb')
    query = first_run.out[start : first_run.out.index('"\n', start) + 1]
    done = subprocess.run(query, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Mara Lindqvist" in done.stdout


IGNORED = re.compile(r"Exception ignored in: <function _collection_gced .*\nTraceback.*\n(?:  .*\n)*.*\n")
"""The signal to stop, where it comes while SQLAlchemy tidies up in the scheduler: Python tells of it and goes on."""


def test_the_logs_are_quiet(first_run: FirstRun) -> None:
    folder = first_run.place / "log"
    logs = {path.name: IGNORED.sub("", path.read_text(errors="replace")) for path in folder.glob("*.log")}
    assert set(logs) >= {"api-server.log", "scheduler.log", "dag-processor.log", "database.log", "s3.log", "keeper.log"}
    for name in logs.keys() - {"s3.log"}:
        assert "Traceback" not in logs[name], name
        assert "database is locked" not in logs[name], name
        assert "Error while calling listener" not in logs[name], name


def test_secrets_are_readable_by_their_owner_only(first_run: FirstRun) -> None:
    assert first_run.place.stat().st_mode & 0o077 == 0
    for name in ("airflow/passwords.json", "airflow/secrets.json", "s3/s3.json", "running.json"):
        assert (first_run.place / name).stat().st_mode & 0o077 == 0, name


def test_a_path_that_airflow_cannot_read_is_refused_in_one_line(tmp_path: Path) -> None:
    code, out, err = ends(quickstart(tmp_path / "100%", "run"))
    assert (code, out) == (1, "")
    assert "with % in its path" in err


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    ends(quickstart(tmp_path, "down"))
    assert until_gone(tmp_path) == []


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_is_ended_nothing_survives(local: Path, sign: signal.Signals) -> None:
    process = quickstart(local, "run")
    assert process.stdout
    for line in process.stdout:
        if "ready" in line:
            break
    code, _, err = ends(quickstart(local, "run"))
    assert code == 1
    assert "another run is using" in err
    process.send_signal(sign)
    code, out, err = ends(process)
    assert "Traceback" not in out + err
    # -SIGINT is 130 to a shell. Python ends so, in spite of its exit code, where the interrupt fell into an import that
    # runs code through PyRun_String.
    assert code in ({-sign} if sign == signal.SIGKILL else {130, -signal.SIGINT})
    assert err == ("" if sign == signal.SIGKILL else "\nquickstart: stopped\n")
    assert until_gone(local, 40 if sign == signal.SIGKILL else 1) == []


@pytest.mark.parametrize(("part", "command"), [("scheduler", "scheduler"), ("s3", "weed")])
def test_a_part_that_dies_ends_the_run_with_one_line(local: Path, part: str, command: str) -> None:
    process = quickstart(local, "run")
    assert process.stdout
    for line in process.stdout:
        if "ready" in line:
            break
    running = json.loads((local / "run" / "running.json").read_text())
    for child in psutil.Process(running["session"]).children():
        if command in " ".join(child.cmdline()):
            child.kill()
    code, _, err = ends(process)
    assert code == 1
    assert [line for line in err.splitlines() if line] == [
        f"quickstart: {part} ended by itself (-9); see {local / 'run' / 'log' / part}.log"
    ]
    assert survivors(local) == []


@pytest.fixture
def taken_8080() -> Iterator[None]:
    """The port that `up` prefers is somebody else's; it must take another."""
    with socket.socket() as held, suppress(OSError):
        held.bind(("127.0.0.1", 8080))
        held.listen()
        yield
        return
    yield


@pytest.mark.usefixtures("taken_8080")
def test_up_twice_and_down_twice(local: Path) -> None:
    code, first, err = ends(quickstart(local, "up"))
    assert (code, err) == (0, "")
    code, second, err = ends(quickstart(local, "up"))
    assert (code, err) == (0, "")
    assert "running already" in second
    assert first.splitlines()[2:] == second.splitlines()[2:]
    media = local / "up" / "published" / "media.duckdb"
    wait_for((media.parent / "manifest.json").exists)  # written last

    code, out, err = ends(quickstart(local, "down"))
    assert (code, err) == (0, "")
    assert "has been stopped" in out
    assert survivors(local) == []
    code, out, err = ends(quickstart(local, "down"))
    assert (code, err) == (0, "")
    assert "Nothing to stop" in out

    # It goes on with what it had, and takes new files.
    before = counts(media)
    code, out, err = ends(quickstart(local, "up"))
    assert (code, err) == (0, "")
    assert counts(media) == before
    code, out, err = ends(quickstart(local, "put", str(SAMPLES / "2-later")))
    assert (code, err) == (0, "")
    wait_for(lambda: counts(media) != before)


def wait_for(check: Any, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.5)


def test_readme_shows_what_it_prints(first_run: FirstRun) -> None:
    """Every line of the README's block but the times; where the block has dots it is shortened."""
    shown = (ROOT / "README.md").read_text().split("```text\n")[1].split("```")[0]
    untimed = re.compile(r"^  \d:\d\d  ", re.MULTILINE)
    said = untimed.sub("  -  ", first_run.out).splitlines()
    for line in untimed.sub("  -  ", shown).splitlines():
        assert line in said or line.strip() == "...", line
