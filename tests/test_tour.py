"""The rounds of `make run` against an Airflow that is made up: what the schedule may do, failures, lateness."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from quickstart import installation, tour
from quickstart.airflow import Api, Run, Task
from quickstart.place import Place, Running
from quickstart.processes import Trouble


class FakeApi(Api):
    """Answers from a list of moments; each look at the runs of `ingest_articles` moves on to the next."""

    def __init__(self, *moments: dict[str, Any]) -> None:
        self.moments = list(moments)

    def trigger(self, dag_id: str) -> str:
        return "ours"

    def runs(self, dag_id: str) -> list[Run]:
        if dag_id == "ingest_articles" and len(self.moments) > 1:
            self.moments.pop(0)
        return [Run(dag_id, *run) for run in self.moments[0].get(dag_id, [])]

    def followers(self, dag_id: str) -> dict[str, list[str]]:
        if len(self.moments) > 1:
            self.moments.pop(0)
        return dict(self.moments[0].get("followers", {}))

    def tasks(self, run: Run) -> list[Task]:
        return [Task(*task) for task in self.moments[0].get("tasks", [])]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Place, "upload", lambda *_: 2)
    monkeypatch.setattr(tour, "ROUND_SECONDS", 1)
    monkeypatch.setattr(installation.time, "sleep", lambda _: None)
    monkeypatch.setattr(installation, "_unlocked", lambda _: False)
    running = Running(1, "http://ui", "http://s3", "key", "secret")

    def play(*moments: dict[str, Any]) -> list[Run]:
        place = Place(tmp_path)
        return tour.Tour(installation.Installation(place), running, FakeApi({}, *moments), tour.Say()).round(1)

    return play


def manual(state: str, note: str | None = None) -> tuple[Any, ...]:
    return ("ours", "manual", state, note)


def test_a_plain_round(play: Any, capsys: pytest.CaptureFixture[str]) -> None:
    told = {"ingest_articles": [manual("success", "2 articles")], "followers": {"ours": ["p1"]}}
    found = play(
        {"ingest_articles": [manual("running")]},
        {"ingest_articles": [manual("success", "2 articles")]},
        {"ingest_articles": [manual("success", "2 articles")], "followers": {"ours": []}},
        told | {"publish_mentions": [("p1", "asset_triggered", "running", None)]},
        told | {"publish_mentions": [("p1", "asset_triggered", "success", "publication 1")]},
    )
    assert [(run.dag_id, run.run_id, run.note) for run in found] == [
        ("ingest_articles", "ours", "2 articles"),
        ("publish_mentions", "p1", "publication 1"),
    ]
    out = capsys.readouterr().out
    assert "publish_mentions (started by the asset media_articles): success; publication 1" in out


def test_the_schedule_may_load_the_files_and_publish_them(play: Any) -> None:
    scheduled = ("tick", "scheduled", "success", "2 articles")
    ingest = [scheduled, manual("success", "nothing new")]
    publish = [("hour", "scheduled", "success", "publication 1"), ("p1", "asset_triggered", "success", "nothing")]
    found = play(
        {"ingest_articles": [("tick", "scheduled", "running", None), manual("queued")]},
        {"ingest_articles": [scheduled, manual("queued")], "followers": {"tick": ["p1"], "of an earlier round": []}},
        {"ingest_articles": ingest, "publish_mentions": publish, "followers": {"tick": ["p1"]}},
    )
    assert [run.run_id for run in found] == ["tick", "ours", "hour", "p1"]


def test_a_failed_task_is_named_with_its_log(play: Any, tmp_path: Path) -> None:
    log = tmp_path / "airflow/logs/dag_id=ingest_articles/run_id=ours/task_id=extract/map_index=3/attempt=2.log"
    log.parent.mkdir(parents=True)
    log.touch()
    tasks = [("discover", -1, "success", "1"), ("verdict", -1, "failed", "9"), ("extract", 3, "failed", "2")]
    with pytest.raises(Trouble, match="ingest_articles failed: task extract") as trouble:
        play({"ingest_articles": [manual("failed")], "tasks": tasks})
    assert str(trouble.value) == f"ingest_articles failed: task extract (failed); see {log}"


def test_a_late_task_is_named(play: Any) -> None:
    tasks = [("discover", -1, "success", "1"), ("extract", -1, "running", "2"), ("load", -1, None, None)]
    with pytest.raises(
        Trouble, match=r"ingest_articles is not done after 1 s: task extract \(running\); see .*extract"
    ):
        play({"ingest_articles": [manual("running")], "tasks": tasks})


def test_an_asset_that_starts_nothing(play: Any) -> None:
    with pytest.raises(Trouble, match="publish_mentions did not start after 1 s"):
        play({"ingest_articles": [manual("success", "2 articles")], "followers": {"ours": []}})


def test_nothing_loaded(play: Any) -> None:
    with pytest.raises(Trouble, match="nothing was loaded: nothing new"):
        play({"ingest_articles": [manual("success", "nothing new")]})


def test_another_airflow_that_took_the_port_is_named(tmp_path: Path) -> None:
    class Stranger(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(401)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with pytest.raises(Trouble, match=f"another Airflow answers at {url}: .* try again"):
            Api(url, "ours").runs("ingest_articles")
        server.shutdown()
