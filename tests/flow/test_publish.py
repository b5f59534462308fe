"""Publishing: the days whose inputs changed and nothing else, crash-safe, the same bytes."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import IO

import duckdb
import pytest

from flow.harness import WATCHLIST, Flow, article
from mediamonitor import maintain, pipeline
from mediamonitor.cli import main
from mediamonitor.errors import ConfigurationError
from mediamonitor.landing.folder import Folder
from mediamonitor.publish import months, slices, tables
from mediamonitor.warehouse.connection import Warehouse
from mediamonitor.why import why


def three_days(flow: Flow) -> None:
    for day in ("02", "03", "04"):
        flow.landing.put(f"post/2026/03/{day}/a.txt", article(f"Title of {day}"))
        flow.landing.put(f"other/2026/03/{day}/a.txt", article(f"Title of {day}", "No name at all here."))


def changed(flow: Flow, before: dict[str, str]) -> set[str]:
    after = flow.data_files()
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_f28_forced_days_give_the_same_bytes(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    before = flow.data_files()
    for _ in range(3):
        done = flow.publish(date(2026, 3, 3), date(2026, 3, 4))
        assert done["days"] == 2
        assert flow.data_files() == before
    assert flow.published("SELECT cause FROM publications WHERE publication_id = 4") == [("requested",), ("requested",)]


def test_a_sources_file_that_is_missing_all_at_once_is_told(flow: Flow, caplog: pytest.LogCaptureFixture) -> None:
    three_days(flow)
    Path(f"{flow.folder}/sources.yaml").write_text("version: 1\nsources: [{source: post, name: The Post}]\n")
    flow.set(sources=f"{flow.folder}/sources.yaml")
    flow.run()
    flow.set(sources="")
    assert "no sources file" not in caplog.text
    for act in (flow.ingest, flow.publish):
        caplog.clear()
        act()
        assert "at the last publication there was one with 1 sources" in caplog.text
    caplog.clear()
    flow.publish()  # now it is known
    assert "no sources file" not in caplog.text


def test_case_11_late_file_restates_its_day_only(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    before = flow.data_files()
    flow.landing.put("post/2026/03/03/late.txt", article("A late one"))
    flow.run()
    days = {name for name in changed(flow, before) if "published_on" in name}
    assert days == {
        f"{table}/published_on=2026-03-03/data.parquet"
        for table in ("articles", "hits", "article_mentions", "mention_counts")
    }


def test_same_articles_in_another_order_and_batching_give_the_same_bytes(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    before = flow.data_files()
    flow.set(batch_objects=1, warehouse=f"duckdb://{flow.folder}/second.duckdb", published=f"{flow.folder}/second")
    flow.run()
    assert flow.data_files() == before


def test_f34_changed_watchlist_counts_the_whole_history_again(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    watchlist = Path(flow.settings.watchlist)
    watchlist.write_text(WATCHLIST + "  - {id: monday, name: Monday, kind: topic}\n")
    assert flow.publish()["rematched"] == 3
    counts = flow.published(
        "SELECT published_on::VARCHAR, articles FROM daily_totals WHERE entity_id = 'monday' ORDER BY ALL"
    )
    assert counts == [("2026-03-02", 1), ("2026-03-03", 1), ("2026-03-04", 1)]
    assert flow.published("SELECT DISTINCT cause FROM publications WHERE publication_id = 2") == [("watchlist",)]
    assert len(flow.published("SELECT DISTINCT watchlist_version FROM daily_mentions")) == 1
    assert flow.reconcile().holds
    before = flow.data_files()
    assert flow.publish()["publication_id"] is None
    flow.set(warehouse=f"duckdb://{flow.folder}/fresh.duckdb", published=f"{flow.folder}/fresh")
    flow.run()  # a fresh run with the new list gives what the recount gave
    assert flow.data_files() == before


def test_f3_days_too_many_for_one_publication_are_several_and_a_killed_one_goes_on(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_days(flow)
    flow.run()
    Path(flow.settings.watchlist).write_text(WATCHLIST + "  - {id: monday, name: Monday, kind: topic}\n")
    real, begun = Warehouse.run, []

    def run(self: Warehouse, name: str, **values: object) -> object:
        begun.extend([name] if name == "marts/restated_now" else [])
        if len(begun) == 2:
            raise KeyboardInterrupt
        return real(self, name, **values)

    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 1)
    with monkeypatch.context() as patched:
        patched.setattr(Warehouse, "run", run)
        with pytest.raises(KeyboardInterrupt):
            flow.publish()
    report = flow.reconcile()
    assert report.holds
    assert report.to_publish == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]
    assert flow.rows(
        "SELECT DISTINCT published_on::VARCHAR FROM dirty_days WHERE published_on IS NOT NULL ORDER BY ALL"
    ) == [
        ("2026-03-03",),
        ("2026-03-04",),
    ]
    versions = "SELECT count(DISTINCT watchlist_version), count(*) FILTER (published_on = '2026-03-02') FROM coverage"
    assert flow.rows(f"{versions} WHERE articles > 0 AND published_on < '2026-03-04'") == [(2, 2)]
    assert flow.publish()["days"] == 3
    assert flow.rows("SELECT publication_id, published_on::VARCHAR, cause FROM publications ORDER BY ALL")[3:] == [
        (number, f"2026-03-0{number}", "watchlist") for number in (2, 3, 4)
    ]
    assert flow.snapshots() == [f"media-{number:08d}.duckdb" for number in (1, 2, 4)]  # 3 and 4 were written as one
    assert flow.published("SELECT count(DISTINCT watchlist_version) FROM daily_mentions") == [(1,)]
    revised = flow.published("SELECT DISTINCT published_on::VARCHAR, entity_id FROM mention_revisions ORDER BY ALL")
    assert revised == [(f"2026-03-0{number}", "monday") for number in (2, 3, 4)]
    assert flow.reconcile().holds
    before = flow.data_files()
    flow.set(warehouse=f"duckdb://{flow.folder}/fresh.duckdb", published=f"{flow.folder}/fresh")
    flow.run()
    assert flow.data_files() == before


def test_a_name_that_stands_nowhere_has_its_zeros_and_moves_no_day(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    before = flow.data_files()
    Path(flow.settings.watchlist).write_text(WATCHLIST + "  - {id: nemo, name: Nemo Nobody, kind: person}\n")
    done = flow.publish()
    assert (done["rematched"], done["days"]) == (0, 0)
    assert changed(flow, before) == {"csv/daily_mentions_2026-03.csv"}
    zeros = "SELECT count(*), sum(articles)::INT, count(DISTINCT watchlist_version) FROM daily_mentions"
    assert flow.published(f"{zeros} WHERE entity_id = 'nemo'") == [(6, 0, 1)]
    assert flow.published("SELECT DISTINCT watchlist_version FROM daily_mentions") == flow.published(
        "SELECT watchlist_version FROM snapshot_info"
    )
    assert flow.reconcile().holds
    assert flow.publish()["publication_id"] is None
    before = flow.data_files()
    flow.set(warehouse=f"duckdb://{flow.folder}/fresh.duckdb", published=f"{flow.folder}/fresh")
    flow.run()
    assert flow.data_files() == before


def test_a_topic_that_is_renamed_is_renamed_in_every_month(flow: Flow) -> None:
    flow.landing.put("post/2026/02/27/a.txt", article("Title of February"))
    three_days(flow)
    topic = "  - {id: monday, name: Mondays, kind: topic, query: {any: [Monday]}}\n"
    Path(flow.settings.watchlist).write_text(WATCHLIST + topic)
    flow.run()
    Path(flow.settings.watchlist).write_text(WATCHLIST + topic.replace("Mondays", "Beginnings"))
    flow.publish()
    for month in ("2026-02", "2026-03"):
        for table in ("clippings", "daily_mentions"):
            text = Path(flow.settings.published, f"csv/{table}_{month}.csv").read_text()
            assert "Beginnings" in text
            assert "Mondays" not in text
    before = flow.data_files()
    flow.set(warehouse=f"duckdb://{flow.folder}/fresh.duckdb", published=f"{flow.folder}/fresh")
    flow.run()
    assert flow.data_files() == before


def test_f34_recount_in_several_goes_misses_nothing(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediamonitor.publish.recount.ROWS_AT_ONCE", 2)
    three_days(flow)
    flow.landing.put("post/2026/03/02/a.txt", article("Title of 02, corrected", "Monday."))
    flow.run()
    Path(flow.settings.watchlist).write_text(WATCHLIST + "  - {id: monday, name: Monday, kind: topic}\n")
    assert flow.publish()["rematched"] == 3
    assert flow.rows("SELECT count(DISTINCT watchlist_version), count(*) FROM articles WHERE is_current") == [(1, 6)]
    assert flow.published("SELECT sum(articles)::INT FROM daily_totals WHERE entity_id = 'monday'") == [(3,)]
    assert flow.reconcile().holds


def test_watchlist_that_changes_between_ingest_and_publish_is_noticed(flow: Flow) -> None:
    three_days(flow)
    flow.ingest()
    Path(flow.settings.watchlist).write_text(WATCHLIST.replace("Vessmark, kind", "Harbour, kind"))
    flow.publish()
    assert flow.published("SELECT entity_id, sum(articles)::INT FROM daily_totals GROUP BY ALL ORDER BY ALL") == [
        ("lindqvist", 3),
        ("vessmark", 0),
    ]


def test_watchlist_of_a_run_is_the_one_it_was_started_with(flow: Flow) -> None:
    three_days(flow)
    context = flow.context()
    found = pipeline.discover(context)
    Path(flow.settings.watchlist).write_text("broken: [")
    staged = pipeline.extract(context, found["batches"], "1")
    assert staged[0]["articles"] == 6


def test_open_day_closes_at_noon_of_the_next(flow: Flow) -> None:
    flow.now = datetime(2026, 3, 5, 11, 0, tzinfo=timezone.utc)
    three_days(flow)
    flow.run()
    assert flow.published("SELECT published_on::VARCHAR, status FROM coverage WHERE source = 'post' ORDER BY ALL") == [
        ("2026-03-02", "complete"),
        ("2026-03-03", "complete"),
        ("2026-03-04", "open"),
    ]
    assert flow.published("SELECT is_final FROM publications ORDER BY published_on") == [(True,), (True,), (False,)]
    assert flow.publish()["publication_id"] is None
    before = flow.data_files()
    flow.now = datetime(2026, 3, 5, 12, 0, tzinfo=timezone.utc)
    assert flow.publish()["days"] == 1
    assert flow.published(
        "SELECT published_on::VARCHAR, cause, is_final FROM publications WHERE publication_id = 2"
    ) == [("2026-03-04", "closed", True)]
    assert flow.published("SELECT DISTINCT status FROM coverage") == [("complete",)]
    assert flow.data_files() == before
    assert flow.publish()["publication_id"] is None


def test_case_13_source_without_files_is_a_gap_and_never_a_zero(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.landing.put("post/2026/03/04/a.txt", article("Later"))
    flow.landing.put("other/2026/03/03/a.txt", article("Between", "No name."))
    flow.run()
    assert flow.published("SELECT published_on::VARCHAR, source, status FROM coverage ORDER BY ALL") == [
        ("2026-03-02", "post", "complete"),
        ("2026-03-03", "other", "complete"),
        ("2026-03-03", "post", "no_data"),
        ("2026-03-04", "other", "no_data"),
        ("2026-03-04", "post", "complete"),
    ]
    rows = flow.published(
        "SELECT published_on::VARCHAR, source, articles FROM daily_mentions WHERE entity_id = 'vessmark' ORDER BY ALL"
    )
    assert rows == [("2026-03-02", "post", 1), ("2026-03-03", "other", 0), ("2026-03-04", "post", 1)]
    assert flow.published("SELECT share FROM daily_totals WHERE entity_id = 'vessmark' ORDER BY published_on") == [
        (1.0,),
        (0.0,),
        (1.0,),
    ]


@pytest.mark.parametrize("stage", ["first_file", "database", "manifest", "finish"])
def test_f3_crash_while_publishing_is_finished_by_the_next_start(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """The process dies at a write (here: the store fails); the marts are committed, so the files are written again."""
    three_days(flow)
    flow.run()
    flow.landing.put("post/2026/03/03/late.txt", article("A late one"))
    flow.ingest()
    real_put, real_run = (
        Folder.put,
        __import__("mediamonitor.warehouse.connection", fromlist=["Warehouse"]).Warehouse.run,
    )
    doomed = {"first_file": "articles/", "database": "media.duckdb", "manifest": "manifest.json", "finish": "\0"}[stage]

    def put(self: Folder, name: str, body: bytes | Path) -> None:
        if name.startswith(doomed):
            raise KeyboardInterrupt
        real_put(self, name, body)

    def run(self: object, name: str, **values: object) -> object:
        if stage == "finish" and name == "published/finish":
            raise KeyboardInterrupt
        return real_run(self, name, **values)

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "put", put)
        patched.setattr("mediamonitor.warehouse.connection.Warehouse.run", run)
        with pytest.raises(KeyboardInterrupt):
            flow.publish()
    assert flow.reconcile().to_publish == [date(2026, 3, 3)]
    assert flow.publish()["publication_id"] == 2
    assert flow.reconcile().holds
    assert flow.reconcile().to_publish == []
    assert flow.rows("SELECT count(*) FROM publications WHERE publication_id = 2") == [(1,)]
    assert flow.published(
        "SELECT articles FROM mention_counts WHERE published_on = '2026-03-03' AND entity_id = 'vessmark'"
    ) == [(2,)]


def test_lost_published_files_are_written_again(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    before = flow.data_files()
    shutil.rmtree(flow.settings.published)
    assert flow.publish()["days"] == 3
    assert flow.data_files() == before


@pytest.mark.parametrize("foreign", ["[1]", '{"files": null}', '{"publication_id": "x", "files": {}}', '{"format'])
def test_everything_is_published_again_over_a_manifest_that_is_not_ours(flow: Flow, foreign: str) -> None:
    three_days(flow)
    flow.run()
    before = flow.data_files()
    Path(flow.settings.published, "manifest.json").write_text(foreign)
    Path(flow.settings.published, "articles/published_on=2026-02-30").mkdir()
    Path(flow.settings.published, "articles/published_on=2026-02-30/data.parquet").write_bytes(b"not ours")
    assert flow.publish()["days"] == 3
    assert {name: sha for name, sha in flow.data_files().items() if "2026-02-30" not in name} == before
    assert flow.reconcile().holds


def test_manifest_names_every_file_with_its_checksum(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    manifest = json.loads(Path(flow.settings.published, "manifest.json").read_text())
    assert {
        name: entry["sha256"] for name, entry in manifest["files"].items() if not name.endswith(".duckdb")
    } == flow.data_files()
    assert "media.duckdb" in manifest["files"]
    Path(flow.settings.published, "csv/daily_mentions_2026-03.csv").write_text("spoiled")
    assert flow.reconcile().differences["published files are those of the manifest"] == [
        "csv/daily_mentions_2026-03.csv differs from the manifest"
    ]


def test_f6_reader_of_the_published_database_disturbs_nobody(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    with duckdb.connect(f"{flow.settings.published}/media.duckdb", read_only=True) as reader:
        flow.landing.put("post/2026/03/03/late.txt", article("A late one"))
        flow.run()
        assert reader.execute("SELECT sum(articles)::INT FROM mention_counts").fetchall() == [(6,)]


def test_b23_csv_cells_that_a_spreadsheet_would_run_get_an_apostrophe(flow: Flow) -> None:
    for number, start in enumerate("=+-@"):
        flow.landing.put(f"post/2026/03/02/{number}.txt", article(f"{start}HYPERLINK of Vessmark {number}"))
    flow.run()
    lines = Path(flow.settings.published, "csv/clippings_2026-03.csv").read_text().splitlines()
    titles = [line.split(",")[2] for line in lines[1:]]
    assert {title[:2] for title in titles} == {"'=", "'+", "'-", "'@"}
    assert flow.published("SELECT count(*) FROM article_mentions WHERE snippet LIKE '''%'") == [(0,)]


def test_a_snapshot_made_from_the_last_one_holds_what_one_made_afresh_holds(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    flow.landing.put("post/2026/03/03/late.txt", article("A late one"))
    flow.landing.put("other/2026/03/04/a.txt", article("Title of 04", "Vessmark is named now."))
    flow.run()
    tables_held = ("article_mentions", "mention_counts", "daily_totals", "story_totals", "coverage", "entities")
    from_the_last = {table: sorted(map(str, flow.published(f"SELECT * FROM {table}"))) for table in tables_held}
    Path(flow.settings.published, "snapshots", flow.snapshots()[-1]).unlink()
    flow.publish(date(2026, 3, 4), date(2026, 3, 4))
    assert {table: sorted(map(str, flow.published(f"SELECT * FROM {table}"))) for table in tables_held} == from_the_last
    assert any("2026, 3, 3" in row for row in from_the_last["article_mentions"])


def test_what_a_killed_publish_left_goes(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    three_days(flow)
    flow.run()
    before = flow.context().published().names()
    scratch = Path(f"{flow.settings.warehouse_path}.scratch")
    scratch.mkdir()
    (scratch / "media.duckdb").write_bytes(b"half a database")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: sys.exit())  # killed before the file gets its name
        with pytest.raises(SystemExit):
            flow.context().published().put("csv/late.csv", b"never finished")
    assert len(flow.context().published().names()) == len(before) + 1
    assert maintain.clean_up(flow.context())["unfinished_files"] == 1
    assert flow.context().published().names() == before
    flow.publish(date(2026, 3, 2), date(2026, 3, 2))
    assert not scratch.exists()


def test_snapshots_past_their_time_are_removed(flow: Flow) -> None:
    three_days(flow)
    flow.run()
    for _ in range(14):
        flow.publish(date(2026, 3, 2), date(2026, 3, 2))
    assert len(flow.snapshots()) == 15
    assert maintain.clean_up(flow.context())["snapshots"] == 5
    assert flow.snapshots() == [f"media-{number:08d}.duckdb" for number in range(6, 16)]
    assert flow.reconcile().holds
    flow.now += timedelta(days=40)
    flow.publish(date(2026, 3, 2), date(2026, 3, 2))
    assert maintain.clean_up(flow.context())["snapshots"] == 1


def test_published_may_be_a_bucket(flow: Flow) -> None:
    three_days(flow)
    root = flow.landing.store.prefix.removesuffix("articles/")
    flow.set(published=f"s3://landing/{root}published", staging=f"s3://landing/{root}staging")
    flow.run()
    report = flow.reconcile()
    assert report.holds
    assert "published files are those of the manifest" in report.differences
    flow.run()


def test_f3_files_lost_while_a_publication_is_open_are_written_again(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_days(flow)
    flow.run()
    flow.landing.put("post/2026/03/03/late.txt", article("A late one"))
    flow.ingest()

    def full(self: Folder, name: str, body: bytes | Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "put", full)
        with pytest.raises(KeyboardInterrupt):
            flow.publish()
    shutil.rmtree(flow.folder / "published")
    assert flow.publish()["days"] == 3
    assert flow.publish()["publication_id"] is None
    before = flow.data_files()
    flow.set(warehouse=f"duckdb://{flow.folder}/fresh.duckdb", published=f"{flow.folder}/fresh")
    flow.run()
    assert flow.data_files() == before


def test_the_publications_of_one_run_have_one_snapshot_among_those_that_are_kept(flow: Flow) -> None:
    with flow.warehouse() as warehouse:
        warehouse.query(
            "INSERT INTO publication_log "
            "SELECT number, TIMESTAMP '2025-01-01' + to_hours(least(number, 12)), 'w', 'r', NULL "
            "FROM range(1, 25) AS numbers (number)"
        )
        old = {number for (number,) in warehouse.rows("published/old_snapshots", now=flow.now)}
    assert set(range(1, 25)) - old == {*range(3, 12), 24}


def test_who_owns_a_source_is_in_all_months(flow: Flow) -> None:
    three_days(flow)
    flow.landing.put("other/2026/03/03/b.txt", article("Named in the other source"))
    flow.run()
    Path(f"{flow.folder}/sources.yaml").write_text(
        "version: 1\nsources: [{source: post, owner: House}, {source: other, owner: House}]\n"
    )
    flow.set(sources=f"{flow.folder}/sources.yaml")
    before = flow.data_files()
    flow.publish()
    assert "csv/daily_mentions_2026-03.csv" in changed(flow, before)


def test_a_folder_that_cannot_be_is_a_setting_to_correct(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"cannot write to .*file .*; choose a folder"):
        Folder(tmp_path / "file").put("a/b", b"text")


def test_pieces_of_any_size_give_the_same_bytes(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        body = f"Mara Lindqvist spoke in Vessmark for {number} minutes."
        flow.landing.put(f"post/2026/03/0{2 + number % 3}/{number}.txt", article(f"Title {number}", body))
    flow.run()
    whole = flow.data_files()
    for small in (3_000, 400):
        monkeypatch.setattr(slices, "SLICE_BYTES", small)
        monkeypatch.setattr(tables, "OPENERS_AT_ONCE", 3)
        shutil.rmtree(flow.folder / "published")
        flow.publish()
        assert flow.data_files() == whole
        assert flow.reconcile().holds
    each = "count(DISTINCT (article_id, entity_id))"
    assert flow.published(f"SELECT count(*), {each} FROM article_mentions") == [(80, 80)]


def test_clippings_of_days_that_stay_are_copied_and_the_month_is_as_if_made_afresh(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_BYTES", 600)  # of one mention, so that each day is a part
    three_days(flow)
    flow.landing.put("post/2026/03/07/a.txt", article("Title of 07", "Vessmark on the seventh."))
    flow.run()
    read: list[list[date]] = []
    copy_lines = months._copy_lines

    def watched(warehouse: Warehouse, days: list[date], piece: Path, whole: IO[bytes], names: bool = False) -> int:
        read.append(days)
        return copy_lines(warehouse, days, piece, whole, names)

    monkeypatch.setattr(months, "_copy_lines", watched)
    flow.landing.put("post/2026/03/03/late.txt", article("A late one", "Vessmark, late."))
    flow.landing.put("post/2026/03/04/a.txt", article("Title of 04", "No name at all here."))
    flow.landing.put("post/2026/03/05/a.txt", article("A day between", "Vessmark on the fifth."))
    flow.run()
    assert read == [[], [date(2026, 3, 3)], [date(2026, 3, 5)]]
    before = flow.data_files()
    clippings = Path(flow.settings.published, "csv/clippings_2026-03.csv")
    assert [line.split(",")[0] for line in clippings.read_text().splitlines()[1:]] == [
        *["2026-03-02"] * 2,
        *["2026-03-03"] * 3,
        "2026-03-05",
        "2026-03-07",
    ]
    clippings.write_text("spoiled")
    flow.publish(date(2026, 3, 5), date(2026, 3, 5))  # what is not what was written is not copied
    assert flow.data_files() == before
    flow.set(warehouse=f"duckdb://{flow.folder}/fresh.duckdb", published=f"{flow.folder}/fresh")
    flow.run()
    assert flow.data_files() == before


LEADERS = """
version: 1
entities:
  - {id: lindqvist, name: Mara Lindqvist, kind: person, exclude: [Lindqvist Street]}
  - {id: verrall, name: Jonah Verrall, kind: person}
  - {id: gas, kind: topic, query: {all: [gas], any: [price]}}
groups:
  - {id: leaders, name: Leaders, entities: [lindqvist, verrall]}
"""


def leaders(flow: Flow) -> None:
    Path(flow.settings.watchlist).write_text(LEADERS)
    flow.landing.put("post/2026/03/02/a.txt", article("One", "Mara Lindqvist met Jonah Verrall. Lindqvist left."))
    flow.landing.put("post/2026/03/02/b.txt", article("Two", "The gas price in Lindqvist Street. Verrall is away."))
    flow.landing.put("other/2026/03/03/c.txt", article("Three", "Jonah Verrall spoke."))
    flow.run()


def test_groups_weeks_and_co_mentions_are_views_of_the_published_database(flow: Flow) -> None:
    leaders(flow)
    voice = flow.published(
        "SELECT entity_id, articles, share_of_articles, share_of_occurrences FROM share_of_voice "
        "WHERE published_on = '2026-03-02' AND group_id = 'leaders' ORDER BY ALL"
    )
    assert voice == [("lindqvist", 1, 0.5, 2 / 3), ("verrall", 1, 0.5, 1 / 3)]
    for view, first in (("weekly_totals", "week"), ("monthly_totals", "month")):
        rows = flow.published(
            f"SELECT {first}::VARCHAR, articles, articles_total, share FROM {view} WHERE entity_id = 'verrall'"
        )
        assert rows == [("2026-03-02" if first == "week" else "2026-03-01", 2, 3, 2 / 3)]
    together = flow.published("SELECT entity_id, other_entity_id, articles FROM co_mentions")
    assert together == [("lindqvist", "verrall", 1)]
    before = flow.data_files()
    Path(flow.settings.watchlist).write_text(LEADERS.replace("name: Leaders", "name: The leaders"))
    flow.publish()
    assert flow.published("SELECT DISTINCT group_name FROM share_of_voice") == [("The leaders",)]
    assert flow.data_files() == before


def test_why_tells_the_sentences_behind_a_count(flow: Flow) -> None:
    leaders(flow)
    summary, lines = why(flow.settings, date(2026, 3, 2), "lindqvist")
    assert (summary["articles"], summary["occurrences"]) == (1, 2)
    told = [line.strip() for line in lines if line.startswith("  ")]
    assert told == [
        "lead     [Mara Lindqvist] met Jonah Verrall.",
        "lead     [Lindqvist] left.",
        "not counted (it stands in words that the watchlist excludes): The gas price in [Lindqvist] Street.",
    ]
    _, lines = why(flow.settings, date(2026, 3, 2), "verrall", "post")
    assert any("the surname alone" in line and line.endswith("[Verrall] is away.") for line in lines)
    assert why(flow.settings, date(2026, 3, 2), "verrall", "other")[1] == [
        "verrall on 2026-03-02: 0 articles, 0 occurrences counted."
    ]
    with pytest.raises(ConfigurationError, match="no entity has the id 'nobody'"):
        why(flow.settings, date(2026, 3, 2), "nobody")


def test_watchlist_check_says_how_often_each_alias_was_found(flow: Flow, capsys: pytest.CaptureFixture[str]) -> None:
    leaders(flow)
    assert main(["watchlist", "check", flow.settings.watchlist, "--warehouse", str(flow.settings.warehouse)]) == 0
    told = capsys.readouterr().out
    assert "lindqvist: 'Mara Lindqvist' counted 1 times, found 1 times" in told
    assert "verrall: 'Jonah Verrall' counted 2 times, found 2 times" in told
