"""What the DAG files promise: they parse light, and schedule, retry, wait and explain themselves as designed."""

from __future__ import annotations

import json
import re
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from dag_harness import ROOT, Airflow

pytestmark = pytest.mark.airflow

ARTICLES = ["media_articles", "x-media://articles"]
DAILY_MENTIONS = ["daily_mentions", "x-media://daily_mentions"]
CHAINS = {
    "ingest_articles": {
        "discover": [],
        "extract": ["discover"],
        "validate": ["extract"],
        "load": ["validate"],
        "more_waits": ["load"],
        "next_run": ["more_waits"],
        "verdict": ["next_run"],
    },
    "publish_mentions": {"publish": [], "alert": ["publish"]},
    "maintain_warehouse": {"reconcile": [], "clean_up": []},
}
"""Task → the tasks directly before it."""
IN_THE_WAREHOUSE = {"discover", "validate", "load", "publish", "alert", "reconcile", "clean_up"}
HEAVY = {"boto3", "duckdb", "great_expectations", "obstore", "pandas", "pyarrow"}
PROVIDERS = sorted(
    dist.name.removeprefix("apache-airflow-providers-")
    for dist in distributions()
    if dist.name.startswith("apache-airflow-providers-")
)


@pytest.fixture(scope="module")
def described(airflow: Airflow) -> dict[str, Any]:
    return airflow.describe()


@pytest.fixture(params=CHAINS)
def dag(request: pytest.FixtureRequest, described: dict[str, Any]) -> dict[str, Any]:
    return {"dag_id": request.param, **described["dags"][request.param]}


def test_the_three_dags_import_without_errors(described: dict[str, Any]) -> None:
    assert described["import_errors"] == {}
    assert set(described["dags"]) == set(CHAINS)


@pytest.mark.parametrize(
    ("dag_id", "setting", "cron", "assets"),
    [
        ("ingest_articles", "INGEST_SCHEDULE", "*/15 * * * *", []),
        ("publish_mentions", "PUBLISH_SCHEDULE", "0 * * * *", [ARTICLES]),
        ("maintain_warehouse", "MAINTAIN_SCHEDULE", "30 3 * * *", []),
    ],
)
def test_schedule_and_its_setting(
    airflow: Airflow, described: dict[str, Any], dag_id: str, setting: str, cron: str, assets: list[list[str]]
) -> None:
    dag = described["dags"][dag_id]
    assert dag["schedule"] == ("AssetOrTimeSchedule" if assets else "CronTriggerTimetable")
    assert dag["cron"] == ["CronTriggerTimetable", cron, "UTC"]
    assert dag["assets"] == assets
    moved = airflow.describe({f"MEDIAMONITOR_{setting}": "7 5 * * *"})["dags"]
    assert moved[dag_id]["cron"] == ["CronTriggerTimetable", "7 5 * * *", "UTC"]
    assert all(moved[other]["cron"] == described["dags"][other]["cron"] for other in CHAINS if other != dag_id)


def test_an_installation_that_is_not_set_up_still_parses(airflow: Airflow) -> None:
    wrong = airflow.describe({"MEDIAMONITOR_RUN_BATCHES": "many", "MEDIAMONITOR_LANDING": "ftp://x"})
    assert wrong["import_errors"] == {} and set(wrong["dags"]) == set(CHAINS)


def test_runs_never_overlap_and_never_catch_up(dag: dict[str, Any]) -> None:
    assert dag["catchup"] is False
    assert dag["max_active_runs"] == 1


def test_tags_and_owner(dag: dict[str, Any]) -> None:
    assert dag["tags"] == sorted(["media-monitor", dag["dag_id"].partition("_")[0]])
    assert {task["owner"] for task in dag["tasks"].values()} == {"media-monitor"}


def test_doc_says_for_every_task_what_its_failure_means_and_what_to_do(dag: dict[str, Any]) -> None:
    assert dag["doc_md"].strip().startswith(f"### {dag['dag_id']}: ")
    rows = [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in dag["doc_md"].splitlines()[1:]
        if line[:1] == "|"
    ]
    assert rows[0] == ["red task", "what it means", "what to do"]
    assert all(len(row) == 3 and all(row) for row in rows[2:])
    explained = [name for row in rows[2:] for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(explained) == sorted(dag["tasks"])


def test_task_chain(dag: dict[str, Any]) -> None:
    assert {name: task["upstream"] for name, task in dag["tasks"].items()} == CHAINS[dag["dag_id"]]
    assert [name for name, task in dag["tasks"].items() if task["is_mapped"]] == (
        ["extract"] if dag["dag_id"] == "ingest_articles" else []
    )


def test_one_bad_batch_blocks_nobody(described: dict[str, Any]) -> None:
    tasks = described["dags"]["ingest_articles"]["tasks"]
    assert {name for name, task in tasks.items() if task["trigger_rule"] == "all_done"} == {
        "validate",
        "more_waits",
        "verdict",
    }
    assert {task["trigger_rule"] for task in tasks.values()} == {"all_done", "all_success"}
    assert tasks["next_run"]["runs"] == "ingest_articles"


def test_outlets(described: dict[str, Any]) -> None:
    outlets = {
        name: task["outlets"]
        for dag in described["dags"].values()
        for name, task in dag["tasks"].items()
        if task["outlets"]
    }
    assert outlets == {"load": [ARTICLES], "publish": [DAILY_MENTIONS]}


def test_the_pool_exists_and_whoever_opens_the_warehouse_is_in_it(
    dag: dict[str, Any], described: dict[str, Any]
) -> None:
    assert described["pools"]["warehouse"] == 1  # made by the code of `make run`
    in_pool = {name for name, task in dag["tasks"].items() if task["pool"] == "warehouse"}
    assert in_pool == IN_THE_WAREHOUSE & set(dag["tasks"])
    assert {task["pool"] for task in dag["tasks"].values()} <= set(described["pools"])
    assert {task["pool_slots"] for task in dag["tasks"].values()} == {1}


def test_retries_follow_the_error(dag: dict[str, Any]) -> None:
    for name, task in dag["tasks"].items():
        assert task["retries"] == (0 if name == "verdict" else 3), name
        assert task["retry_delay"] == 60
        assert task["policy"] == {
            "ConfigurationError": "fail",
            "CheckFailed": "fail",
            "InfrastructureError": "retry",
            "OSError": "default",
        }


@pytest.mark.parametrize(
    ("dag_id", "param", "good", "bad"),
    [
        ("ingest_articles", "accept_failures", [[], ["harbour-post"], ["*"]], ["x", None, [""], [1], {"a": 1}]),
        ("ingest_articles", "accept_empty", [True, False], ["yes", None, 1, []]),
        ("publish_mentions", "from_day", [None, "2026-03-02"], ["yesterday", "2026-02-30", "02.03.2026", 20260302, ""]),
        ("publish_mentions", "to_day", [None, "2026-03-02"], ["yesterday", "2026-02-30", "02.03.2026", 20260302, ""]),
    ],
)
def test_params_have_a_schema(airflow: Airflow, dag_id: str, param: str, good: list[Any], bad: list[Any]) -> None:
    refused = airflow.refusals(dag_id, *({param: value} for value in (*good, *bad)))
    assert refused[: len(good)] == [None] * len(good)
    assert all(reason and param in reason for reason in refused[len(good) :]), list(
        zip(bad, refused[len(good) :], strict=True)
    )


def test_files_are_short(dag: dict[str, Any]) -> None:
    assert len(Path(dag["file"]).read_text().splitlines()) <= 100


def test_parsing_the_dags_imports_nothing_heavy(airflow: Airflow) -> None:
    code = """if True:
        import json, sys
        from airflow.dag_processing.dagbag import DagBag
        before = set(sys.modules)
        bag = DagBag(sys.argv[1])
        print(json.dumps([sorted(bag.dags), sorted(set(sys.modules) - before), sorted(before)]))
    """
    dags, added, before = json.loads(airflow.command("-c", code, str(ROOT / "dags")).splitlines()[-1])
    assert set(dags) == set(CHAINS)
    assert not HEAVY & {name.partition(".")[0] for name in added}
    assert not HEAVY & set(before), "loaded by Airflow itself, so this test would prove nothing"


def test_some_provider_is_installed() -> None:
    assert {"amazon", "fab", "postgres", "standard"} <= set(PROVIDERS)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_installed_provider_can_be_used(airflow: Airflow, provider: str) -> None:
    airflow.use(provider)  # one without an entry in uses.py fails here
