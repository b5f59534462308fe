"""Places that are not what they were: a warehouse that is away or another one, files that no manifest knows."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from flow.harness import Flow, article
from mediamonitor import maintain, pipeline
from mediamonitor.errors import ConfigurationError, InfrastructureError
from mediamonitor.landing.staging import KEPT
from mediamonitor.publish.files import PublishedFiles
from mediamonitor.warehouse.connection import one_ingest, open_warehouse
from mediamonitor.warehouse.upkeep import backup, restore


def days_with_files(flow: Flow) -> set[str]:
    return {path.parent.name for path in Path(flow.settings.published).rglob("*.parquet")}


def test_what_is_not_ours_in_staging_stays(flow: Flow) -> None:
    staging = flow.context().staging().store
    flow.landing.put("post/2026/03/02/a.txt", article())
    context = flow.context()
    pipeline.extract(context, pipeline.discover(context)["batches"], "1")
    for name in ("precious.docx", "in/old.txt", "run-1/notes.yaml"):
        staging.put(name, b"not ours")
    assert len(staging.names()) == 7
    flow.now += KEPT + timedelta(days=100_000)  # files have the time of the clock
    assert maintain.clean_up(flow.context())["staged_files"] == 4
    assert staging.names() == ["in/old.txt", "precious.docx", "run-1/notes.yaml"]


def test_without_the_warehouse_nothing_published_is_touched(flow: Flow) -> None:
    for day in (2, 3):
        flow.landing.put(f"post/2026/03/{day:02d}/a.txt", article(f"Title {day}"))
        flow.run()
    before = flow.context().published().names()
    shutil.move(flow.settings.warehouse_path, flow.folder / "away.duckdb")
    for act in (flow.publish, lambda: maintain.clean_up(flow.context())):
        with pytest.raises(ConfigurationError, match="there is no warehouse"):
            act()
    assert not flow.settings.warehouse_path.exists()
    assert flow.context().published().names() == before


def test_after_a_restore_the_snapshots_of_later_publications_stay_and_reconcile_tells(flow: Flow) -> None:
    for day in (2, 3, 4):
        flow.landing.put(f"post/2026/03/{day:02d}/a.txt", article(f"Title {day}"))
        flow.run()
        if day == 2:
            backup(flow.settings, flow.folder / "backup.duckdb")
    assert flow.reconcile().holds
    restore(flow.settings, flow.folder / "backup.duckdb", flow.now)
    (told,) = [found for what, found in flow.reconcile().differences.items() if "last publication" in what]
    assert told == ["it shows 3 and not 1; run publish"]
    assert maintain.clean_up(flow.context())["snapshots"] == 0
    assert len(flow.snapshots()) == 3
    flow.run()
    assert flow.reconcile().holds
    for _ in range(11):
        flow.publish(date(2026, 3, 2), date(2026, 3, 2))
    flow.now += timedelta(days=40)
    assert maintain.clean_up(flow.context())["snapshots"] == 3
    # The last 10, and what was told by the warehouse that is no more; publication 1 is in both, and past its time.
    assert flow.snapshots() == [f"media-{number:08d}.duckdb" for number in (2, 3, *range(6, 16))]


def test_what_readers_open_is_no_backup(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.run()
    with pytest.raises(ConfigurationError, match="what `publish` wrote for readers, not a warehouse"):
        restore(flow.settings, Path(flow.settings.published, "media.duckdb"), flow.now)
    assert flow.reconcile().holds


@pytest.mark.parametrize("lost", ["the manifest is not written", "the manifest is lost"])
def test_an_article_that_is_retracted_leaves_no_file_that_no_manifest_knows(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    flow.set(deleted="retract")
    flow.landing.put("post/2026/03/03/b.txt", article("Winter"))
    flow.run()
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.ingest()
    if lost == "the manifest is lost":
        flow.publish()
        Path(flow.settings.published, "manifest.json").unlink()
    else:
        with monkeypatch.context() as patched:
            patched.setattr(PublishedFiles, "_write_manifest", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                flow.publish()
    assert "published_on=2026-03-02" in days_with_files(flow)
    flow.landing.delete("post/2026/03/02/a.txt")
    flow.run()
    assert days_with_files(flow) == {"published_on=2026-03-03"}
    assert flow.reconcile().holds


@pytest.mark.parametrize(
    ("gone", "stays"),
    [("2026-02-27", "2026-03-03"), ("2026-03-03", "2025-11-03")],
    ids=["it alone", "those between"],
)
def test_months_that_are_emptied_have_no_files(flow: Flow, gone: str, stays: str) -> None:
    flow.set(deleted="retract")
    for day in (gone, stays):
        flow.landing.put(f"post/{day.replace('-', '/')}/a.txt", article(f"Title of {day}"))
    flow.run()
    assert f"csv/clippings_{gone[:7]}.csv" in flow.data_files()
    flow.landing.delete(f"post/{gone.replace('-', '/')}/a.txt")
    flow.run()
    assert [name for name in flow.data_files() if name.startswith("csv/")] == [
        f"csv/clippings_{stays[:7]}.csv",
        f"csv/daily_mentions_{stays[:7]}.csv",
    ]
    assert flow.reconcile().holds


def test_an_object_that_changes_while_it_is_read_is_no_failure_of_the_rest(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.landing.put("post/2026/03/02/b.txt", b"")
    context = flow.context()
    staged = pipeline.extract(context, pipeline.discover(context)["batches"], "1")
    flow.landing.put("post/2026/03/02/a.txt", article("Another title"))
    flow.set(batch_objects=1, run_batches=1)
    later = flow.context()
    found = pipeline.discover(later)  # takes this object over, and leaves the other
    assert (found["changed"], found["taken"]) == (1, 1)
    validated = pipeline.validate(context, staged)
    assert pipeline.load(context, validated)["articles"] == 0
    staged = pipeline.extract(later, found["batches"], "1")
    assert pipeline.load(later, pipeline.validate(later, staged))["articles"] == 1
    assert flow.reconcile().holds


def test_another_ingest_of_the_command_line_waits_and_names_the_holder(flow: Flow) -> None:
    settings = replace(flow.settings, lock_timeout_seconds=1)
    for _ in ("the first of all", "a later one"):
        with one_ingest(settings), pytest.raises(InfrastructureError, match="in use by process"), one_ingest(settings):
            pass
        flow.ingest()
    with one_ingest(settings), open_warehouse(settings):
        pass  # the warehouse itself stays free


def test_a_prefix_that_is_left_behind_does_not_wait_in_the_new_one(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article())
    pipeline.discover(flow.context())
    flow.set(landing=flow.settings.landing.replace("/articles", "/later"))
    flow.now += timedelta(days=2)
    flow.ingest()
    (waiting,) = [found for what, found in flow.reconcile().differences.items() if "24 hours" in what]
    assert waiting == []


def test_another_time_zone_is_told(flow: Flow, caplog: pytest.LogCaptureFixture) -> None:
    path = flow.folder / "sources.yaml"
    flow.set(sources=str(path))
    path.write_text("version: 1\nsources:\n  - {source: tokyo, timezone: Asia/Tokyo}\n")
    record = b'{"title": "Ferry", "body": "Vessmark.", "source": "tokyo", "published_at": "2026-03-02T20:00:00Z"}\n'
    flow.landing.put("a.jsonl", record)
    flow.run()
    assert not [line for line in caplog.messages if "time zone" in line]
    path.write_text("version: 1\nsources:\n  - {source: tokyo, timezone: Europe/Berlin}\n")
    flow.run()
    (told,) = [line for line in caplog.messages if "time zone" in line]
    assert told.startswith("the time zone of tokyo was Asia/Tokyo and is Europe/Berlin")
    assert flow.published("SELECT DISTINCT published_on FROM mention_counts") == [(date(2026, 3, 3),)]
