"""Each DAG through `dag.test()`, on a real S3 server: what a run does, says and leaves behind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from dag_harness import READER, Airflow, Keys, Site

from flow.harness import SAMPLES, article

pytestmark = pytest.mark.airflow

GREEN = {"more_waits": "success", "next_run": "skipped", "verdict": "success"}
ALL_LOADED = {"discover": "success", "extract_0": "success", "validate": "success", "load": "success", **GREEN}
NOTHING_NEW = {"discover": "success", "extract": "skipped", "validate": "skipped", "load": "skipped", **GREEN}
NOT_EVEN_LISTED = {
    "discover": "failed",
    "extract": "upstream_failed",
    "validate": "skipped",
    "load": "skipped",
    "more_waits": "success",
    "next_run": "skipped",
    "verdict": "failed",
}


def checksums(folder: Path) -> dict[str, str]:
    """Every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class FirstDay:
    """The samples through all three DAGs, ingest and publish twice."""

    def __init__(self, airflow: Airflow, site: Site) -> None:
        site.landing.put_folder(SAMPLES / "1-first")
        told = site.environment()
        self.ingest = airflow.run("ingest_articles", told)
        self.ingest_again = airflow.run("ingest_articles", told)
        self.publish = airflow.run("publish_mentions", told)
        self.files = checksums(site.published)
        self.publish_again = airflow.run("publish_mentions", told)
        self.files_again = checksums(site.published)
        self.forced = airflow.run("publish_mentions", told, {"from_day": "2026-03-03", "to_day": "2026-03-04"})
        self.files_forced = checksums(site.published)
        self.maintain = airflow.run("maintain_warehouse", told)


@pytest.fixture(scope="module")
def first_day(airflow: Airflow, new_site: Callable[..., Site]) -> FirstDay:
    return FirstDay(airflow, new_site())


def test_ingest_loads_the_samples_and_says_so(first_day: FirstDay) -> None:
    run = first_day.ingest
    assert (run.state, run.tasks, run.failures) == ("success", ALL_LOADED, {})
    assert run.events == ["media_articles"]
    assert run.xcoms["discover.counts"] == {
        "listed": 74, "new": 74, "changed": 0, "gone": 0, "ignored": 1, "taken": 73, "untried_left": 0,
    }  # fmt: skip
    assert run.xcoms["load.return_value"] == {"articles": 67, "quarantined": 6, "deferred": 0, "vanished": 0}
    assert run.note == (
        "objects: 74 listed, 74 new, 0 changed, 0 gone, 1 ignored, 73 taken; "
        "records: 67 articles, 6 quarantined, 0 deferred, 0 vanished"
    )
    assert run.others == []


def test_f27_ingest_again_finds_nothing_new_and_is_green(first_day: FirstDay) -> None:
    run = first_day.ingest_again
    assert (run.state, run.tasks, run.failures) == ("success", NOTHING_NEW, {})
    assert run.events == []
    assert run.note == "objects: 74 listed, 0 new, 0 changed, 0 gone, 0 ignored, 0 taken; nothing new"


def test_f25_stages_hand_on_no_more_than_names_and_counts(first_day: FirstDay) -> None:
    for run in (first_day.ingest, first_day.publish, first_day.maintain):
        assert all(len(json.dumps(value)) < 500 for value in run.xcoms.values())
    assert first_day.ingest.xcoms["discover.return_value"] == ["b001"]


def test_publish_writes_the_files(first_day: FirstDay) -> None:
    run = first_day.publish
    assert (run.state, run.tasks, run.events) == (
        "success",
        {"publish": "success", "alert": "skipped"},
        ["daily_mentions"],
    )
    done = run.xcoms["publish.return_value"]
    assert (done["publication_id"], done["days"], done["rematched"]) == (1, 5, 0)
    assert run.note == f"publication 1: 5 days, {done['files']} files, 0 rematched"
    assert {"media.duckdb", "manifest.json", "quality/index.html", "csv/daily_mentions_2026-03.csv"} <= set(
        first_day.files
    )
    assert "mention_counts/published_on=2026-03-02/data.parquet" in first_day.files


def test_publish_again_changes_nothing_and_is_green(first_day: FirstDay) -> None:
    run = first_day.publish_again
    assert (run.state, run.tasks, run.events) == ("success", {"publish": "skipped", "alert": "skipped"}, [])
    assert run.note == "nothing changed since the last publication"
    assert first_day.files_again == first_day.files


def test_publish_of_a_range_is_the_backfill(first_day: FirstDay) -> None:
    run = first_day.forced
    assert (run.state, run.events) == ("success", ["daily_mentions"])
    assert run.xcoms["publish.return_value"]["days"] == 2
    data = {name: sha for name, sha in first_day.files.items() if name.endswith((".parquet", ".csv"))}
    assert data.items() <= first_day.files_forced.items()


def test_maintain_proves_that_everything_is_accounted_for(first_day: FirstDay) -> None:
    run = first_day.maintain
    assert (run.state, run.tasks) == ("success", {"reconcile": "success", "clean_up": "success"})
    assert run.note == "74 objects: everything is accounted for"
    assert run.xcoms["reconcile.return_value"] == {"ignored": 1, "loaded": 67, "quarantined": 6}


def test_maintain_turns_red_and_names_what_is_wrong(airflow: Airflow, site: Site) -> None:
    site.landing.put("harbour-post/2026/03/02/a.txt", article())
    airflow.run("ingest_articles", site.environment())
    airflow.run("publish_mentions", site.environment())
    (site.published / "csv" / "daily_mentions_2026-03.csv").unlink()
    run = airflow.run("maintain_warehouse", site.environment())
    assert (run.state, run.tasks) == ("failed", {"reconcile": "failed", "clean_up": "success"})
    what = "published files are those of the manifest"
    assert run.failures == {"reconcile": f"CheckFailed: reconcile: not so: {what}"}
    assert run.note == f"1 objects: NOT so: {what}"
    assert run.retried == {}


def test_one_of_three_batches_fails_for_good_and_the_next_run_takes_it_alone(
    airflow: Airflow, new_site: Callable[..., Site]
) -> None:
    """The fault is the server's own: these credentials may not read one of the three sources."""
    site = new_site("forbidden")
    for source in ("capital-ledger", "harbour-post", "rhenmark-courier"):
        for path in sorted((SAMPLES / "1-first" / source / "2026/03/02").iterdir())[:3]:
            site.landing.put(f"{source}/2026/03/02/{path.name}", path.read_bytes())
    run = airflow.run("ingest_articles", site.environment(READER, batch_objects="3"))
    assert run.state == "failed"
    assert run.tasks == {
        "discover": "success",
        "extract_0": "success",
        "extract_1": "failed",
        "extract_2": "success",
        "validate": "success",
        "load": "success",
        "more_waits": "success",
        "next_run": "skipped",
        "verdict": "failed",
    }
    assert run.retried == {"extract_1": 3}
    assert run.failures["extract_1"].startswith("InfrastructureError: none of 3 objects of s3://landing/forbidden")
    assert run.failures["verdict"].startswith("CheckFailed: ")
    assert run.failures["verdict"].endswith("failed: extract_1 (not read: b002; the next run takes them again)")
    assert run.note == run.failures["verdict"].removeprefix("CheckFailed: ")
    assert run.xcoms["load.return_value"]["articles"] == 6
    assert run.events == ["media_articles"]

    site.landing.put("rhenmark-courier/2026/03/02/zz-new.txt", article())
    mended = airflow.run("ingest_articles", site.environment(batch_objects="3"))
    assert (mended.state, mended.failures) == ("success", {})
    counts = mended.xcoms["discover.counts"]
    assert (counts["new"], counts["taken"]) == (1, 4)
    # What is new comes first, and what failed before shares no batch with it.
    assert mended.xcoms["extract_0.return_value"]["articles"] == 1
    assert mended.xcoms["extract_1.return_value"]["articles"] == 3
    assert airflow.run("ingest_articles", site.environment()).tasks == NOTHING_NEW
    assert airflow.run("maintain_warehouse", site.environment()).state == "success"


def no_bucket(site: Site) -> dict[str, str]:
    return site.environment(landing="s3://no-such-bucket/articles")


def no_connection(site: Site) -> dict[str, str]:
    return site.environment(aws_conn_id="somewhere_else")


def wrong_secret(site: Site) -> dict[str, str]:
    return site.environment(Keys(site.server.access_key, "not-the-secret-" * 3))


def unknown_field(site: Site) -> dict[str, str]:
    path = site.folder / "watchlist.yaml"
    path.write_text("version: 1\nentities:\n  - {id: a, name: Abc, kind: person, colour: red}\n")
    return site.environment(watchlist=str(path))


def staging_in_landing(site: Site) -> dict[str, str]:
    return site.environment(staging=f"{site.landing.store.url}/staging")


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        (no_bucket, "s3://no-such-bucket/articles: the bucket does not exist; create it or correct the URL"),
        (no_connection, "the Airflow connection 'somewhere_else' does not exist; create it"),
        (wrong_secret, "the secret key does not fit the access key; check the credentials"),
        (unknown_field, "colour"),
        (staging_in_landing, "lies inside landing"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_mistake_is_one_clear_line_and_changes_nothing(
    airflow: Airflow, site: Site, mistake: Callable[[Site], dict[str, str]], says: str
) -> None:
    run = airflow.run("ingest_articles", mistake(site))
    assert (run.state, run.tasks) == ("failed", NOT_EVEN_LISTED)
    assert run.retried == {}
    line = run.failures["discover"]
    assert line.startswith("ConfigurationError: ") and says in line and "\n" not in line
    assert run.failures["verdict"] == f"CheckFailed: {run.note}" == "CheckFailed: failed: discover"
    assert run.events == []
    assert not site.warehouse.exists() and not site.published.exists()


def test_a_store_that_does_not_answer_is_tried_again_and_then_named(airflow: Airflow, site: Site) -> None:
    nobody = replace(site.server, endpoint_url="http://127.0.0.1:1")
    run = airflow.run("ingest_articles", replace(site, server=nobody).environment())
    assert (run.state, run.tasks) == ("failed", NOT_EVEN_LISTED)
    assert run.retried == {"discover": 3}
    assert run.failures["discover"].startswith(f"InfrastructureError: listing {site.landing.store.url} failed: ")
    assert run.note == "failed: discover"


def test_a_full_run_starts_its_successor_until_nothing_untried_waits(airflow: Airflow, site: Site) -> None:
    for day in (2, 3, 4):
        site.landing.put(f"harbour-post/2026/03/0{day}/a.txt", article(f"Ferry number {day} returns"))
    told = site.environment(run_batches="1", batch_objects="2")
    run = airflow.run("ingest_articles", told)
    assert (run.state, run.tasks) == ("success", {**ALL_LOADED, "next_run": "success"})
    assert run.xcoms["discover.counts"]["untried_left"] == 1
    assert run.others == [["ingest_articles", "queued"]]
    last = airflow.run("ingest_articles", told)
    assert (last.state, last.tasks) == ("success", ALL_LOADED)
    assert last.xcoms["load.return_value"]["articles"] == 1
    assert last.others == []


def test_a_stopped_source_is_let_in_by_accept_failures_and_no_other(airflow: Airflow, site: Site) -> None:
    def put(source: str, good: str, *bad: str) -> None:
        site.landing.put(f"{source}/2026/03/02/{good}.txt", article(f"{source} {good}"))
        for name in bad:
            site.landing.put(f"{source}/2026/03/02/{name}.txt", b"A title and nothing else\n\nsource site-9\n")

    put("harbour-post", "one", "a", "b")
    put("capital-ledger", "one", "a", "b")
    put("rhenmark-courier", "one")
    told = site.environment(gate_count="2")
    stopped = airflow.run("ingest_articles", told)
    assert (stopped.state, stopped.tasks) == ("success", ALL_LOADED)
    assert stopped.xcoms["load.return_value"] == {"articles": 1, "quarantined": 4, "deferred": 2, "vanished": 0}
    assert airflow.run("ingest_articles", told).tasks == NOTHING_NEW

    put("harbour-post", "two", "c", "d")  # it fails again in the very run that lets it in
    let_in = airflow.run("ingest_articles", told, {"accept_failures": ["harbour-post"]})
    assert (let_in.state, let_in.tasks) == ("success", ALL_LOADED)
    assert let_in.xcoms["discover.counts"]["taken"] == 4
    assert let_in.xcoms["load.return_value"] == {"articles": 2, "quarantined": 2, "deferred": 0, "vanished": 0}
    every = airflow.run("ingest_articles", told, {"accept_failures": ["*"]})
    assert every.xcoms["load.return_value"] == {"articles": 1, "quarantined": 0, "deferred": 0, "vanished": 0}
    assert airflow.run("maintain_warehouse", told).note == "10 objects: everything is accounted for"
