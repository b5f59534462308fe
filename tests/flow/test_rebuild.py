"""Rebuild, backup and restore: the same counts afresh, history kept, and the old file never lost."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from flow.harness import Flow, article
from flow.test_records import STOPPED, put
from mediamonitor import pipeline, quarantine
from mediamonitor.errors import ConfigurationError, InfrastructureError
from mediamonitor.landing.s3 import S3Bucket
from mediamonitor.landing.store import ObjectArchived, ObjectDenied
from mediamonitor.rebuild import look, rebuild
from mediamonitor.warehouse import upkeep
from mediamonitor.warehouse.connection import Damaged, Warehouse, open_warehouse
from mediamonitor.warehouse.upkeep import backup, restore

COUNTS = {
    "articles": "SELECT article_id, published_on, duplicate_of, title FROM articles WHERE is_current ORDER BY ALL",
    "hits": "SELECT * EXCLUDE (version) FROM hits ORDER BY ALL",
    "states": "SELECT key, state, reason_code, articles FROM objects WHERE is_current ORDER BY ALL",
    "refused": "SELECT key, record_no, reason_code, state FROM quarantine WHERE state <> 'superseded' ORDER BY ALL",
    "publications": "SELECT * FROM publications WHERE publication_id <= 2 ORDER BY ALL",
}


def contents(flow: Flow) -> dict[str, list[tuple[object, ...]]]:
    return {what: flow.rows(sql) for what, sql in COUNTS.items()}


def files(flow: Flow) -> list[str]:
    """What stands beside the warehouse, its lock apart."""
    folder = Path(flow.settings.warehouse.removeprefix("duckdb://")).parent
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def damage(flow: Flow, *, database: bool) -> Path:
    """A process died and left its log, of which a bit is flipped; bytes of the file are too. Gives the file."""
    path = Path(flow.settings.warehouse.removeprefix("duckdb://"))
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{path}' AS w; SET checkpoint_threshold = '1TB'")
        connection.execute("INSERT INTO w.dirty_days VALUES (NULL, 'lost')")
        left = {name: Path(name).read_bytes() for name in (str(path), f"{path}.wal")}
    log = bytearray(left[f"{path}.wal"])
    log[len(log) // 2] ^= 1
    path.write_bytes(left[str(path)])
    Path(f"{path}.wal").write_bytes(log)
    if database:
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 8192)
    return path


@pytest.fixture
def filled(flow: Flow) -> Flow:
    """Two publications over good, bad, corrected and repeated files."""
    for day in ("02", "03"):
        flow.landing.put(f"post/2026/03/{day}/a.txt", article(f"Title of {day}"))
    flow.landing.put("post/2026/03/03/copy.txt", article("Title of 02"))
    flow.landing.put("post/2026/03/03/bad.txt", b"")
    flow.landing.put("post/2026/03/03/ignored.txt", b"")
    flow.run()
    flow.landing.put("post/2026/03/02/a.txt", article("Title of 02", "Corrected in Vessmark."))
    flow.run()
    with flow.warehouse() as warehouse:
        warehouse.query("UPDATE quarantine SET state = 'ignored' WHERE ends_with(key, 'ignored.txt')")
    return flow


def test_rebuild_gives_equal_counts_and_the_same_published_bytes(filled: Flow) -> None:
    before, published = contents(filled), filled.data_files()
    found = look(filled.context())
    assert found.differences() == {"gone": {}, "older": {}, "keeps_day": {}}
    assert contents(filled) == before
    summary, lines = rebuild(filled.context())
    assert summary["articles"] == summary["articles_before"] == 3
    assert contents(filled) == before
    assert filled.reconcile().holds
    assert [name for name in files(filled) if ".before-rebuild-" in name] == [Path(summary["kept"]).name]
    assert f"The old warehouse is kept as {summary['kept']}." in lines
    assert filled.publish()["days"] == 2
    assert filled.data_files() == published
    assert filled.published("SELECT DISTINCT cause FROM publications WHERE publication_id = 3") == [("requested",)]
    assert filled.publish()["publication_id"] is None
    assert filled.ingest()["taken"] == 0
    assert filled.reconcile().holds


def test_rebuild_changes_nothing_of_what_was_published_then(filled: Flow) -> None:
    filled.now += timedelta(days=30)
    filled.publish()  # the days are closed
    then = "(SELECT max(published_at) FROM publications WHERE publication_id <= 3)"
    told = f"SELECT * FROM daily_mentions_as_of({then}) ORDER BY ALL"
    revised = "SELECT * FROM mention_revisions ORDER BY ALL"
    before = filled.published(told), filled.published(revised)
    assert before[0]
    filled.now += timedelta(days=1)
    rebuild(filled.context())
    filled.publish()
    assert (filled.published(told), filled.published(revised)) == before
    assert filled.reconcile().holds


def test_rebuild_says_of_each_closed_day_why_it_is_another_one(flow: Flow) -> None:
    sources = flow.folder / "sources.yaml"
    flow.set(sources=str(sources))
    zoned = "version: 1\nsources:\n  - {source: tokyo, timezone: %s}\n"
    sources.write_text(zoned % "UTC")
    record = '{"title": "Ferry", "body": "In Vessmark.", "source": "tokyo", "published_at": "2026-03-02T20:00:00Z"}\n'
    flow.landing.put("zoned.jsonl", record.encode())
    for day in ("01", "04", "05", "06", "07"):
        flow.landing.put(f"post/2026/03/{day}/a.txt", article(f"Title of {day}", f"Lindqvist spoke on the {day}."))
    flow.landing.put("post/2026/03/05/gone.txt", article("Gone"))
    flow.landing.put("post/2026/03/07/port.txt", article("Tarnwick", "In Port Tarnwick."))
    flow.run()
    flow.landing.put("herald/2026/03/04/late.txt", article("Late"))
    flow.ingest()
    flow.landing.delete("post/2026/03/05/gone.txt")
    flow.landing.put("post/2026/03/06/a.txt", article("Title of 06", "Nobody spoke in Vessmark."))
    sources.write_text(zoned % "Asia/Tokyo")
    watchlist = Path(flow.settings.watchlist)
    watchlist.write_text(watchlist.read_text() + "  - {id: tarn, name: Port Tarnwick, kind: place}\n")
    rebuild(flow.context())
    flow.publish()
    causes = [
        ("2026-03-02", "rules"),
        ("2026-03-03", "rules"),
        ("2026-03-04", "late"),
        ("2026-03-05", "deletion"),
        ("2026-03-06", "correction"),
        ("2026-03-07", "watchlist"),
    ]
    revised = "SELECT DISTINCT published_on::VARCHAR, cause FROM mention_revisions ORDER BY ALL"
    assert flow.published(revised) == causes
    republished = "SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2 ORDER BY ALL"
    assert flow.published(republished) == [("2026-03-01", "requested"), *causes]
    assert flow.reconcile().holds


def test_f9_rebuild_that_cannot_read_the_old_articles_goes_by_the_counts(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("02", "03"):
        flow.landing.put(f"post/2026/03/{day}/a.txt", article(f"Title of {day}", "Vessmark was quiet."))
    flow.run()
    flow.landing.put("post/2026/03/03/late.txt", article("Late", "Mara Lindqvist was there."))
    flow.landing.put("herald/2026/03/03/late.txt", article("Late too", "Nobody was there."))
    tables = Warehouse.table

    def damaged(warehouse: Warehouse, name: str, **values: object) -> object:
        if name == "rebuild/articles":
            raise Damaged("damaged")
        return tables(warehouse, name, **values)

    with monkeypatch.context() as patched:
        patched.setattr(Warehouse, "table", damaged)
        rebuild(flow.context())
    flow.publish()
    assert flow.published("SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2") == [
        ("2026-03-02", "requested"),
        ("2026-03-03", "requested"),
    ]
    revised = "SELECT source, entity_id, articles_before, articles_after, cause FROM mention_revisions ORDER BY ALL"
    assert flow.published(revised) == [
        ("herald", None, None, 1, "late"),
        ("post", "lindqvist", 0, 1, "late"),
        ("post", None, 1, 2, "late"),
    ]
    assert flow.reconcile().holds


def test_rebuild_lists_what_would_differ_first(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/gone.txt", article("Gone"))
    flow.landing.put("post/2026/03/02/worse.txt", article("Worse"))
    flow.landing.put("undated.txt", article("Undated"), source="post", published_at="2026-03-01")
    flow.landing.put("post/2026/03/02/stays.txt", article("Stays"))
    flow.run()
    flow.landing.delete("post/2026/03/02/gone.txt")
    flow.landing.put("post/2026/03/02/worse.txt", b"")
    flow.landing.put("undated.txt", article("Undated still"), source="post")
    flow.run()
    prefix = flow.landing.store.prefix
    differences = {
        "gone": {f"{prefix}post/2026/03/02/gone.txt": 1},
        "older": {f"{prefix}post/2026/03/02/worse.txt": 1},
        "keeps_day": {f"{prefix}undated.txt": 1},
    }
    assert look(flow.context()).differences() == differences
    summary, lines = rebuild(flow.context())
    assert (summary["articles"], summary["articles_before"], summary["differences"]) == (2, 4, differences)
    assert any("no longer in landing" in line for line in lines)
    flow.publish()
    assert flow.reconcile().holds
    assert "articles/published_on=2026-03-01/data.parquet" not in flow.data_files()


def test_rebuild_keeps_what_the_gate_holds_back_and_stops_nobody_anew(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow.set(gate_count=3)
    put(flow, *STOPPED)
    put(flow, *STOPPED[:3], *(f"let-in|Let in {n}|In Vessmark." for n in range(4)), key="2026/03/02/let-in.jsonl.gz")
    put(flow, *(record.replace("bad|", "let-in|") for record in STOPPED), key="2026/03/02/let-in-too.jsonl.gz")
    flow.run()
    flow.ingest(accept=("let-in",))
    flow.publish()
    before = contents(flow)
    rebuild(flow.context())
    flow.publish()  # which finds the lines that recur
    assert contents(flow) == before
    assert flow.reconcile().holds


def test_rebuild_lets_nobody_in_whom_the_gate_stopped_and_somebody_ignored(flow: Flow) -> None:
    flow.set(gate_count=3)
    put(flow, *STOPPED)
    flow.run()
    quarantine.ignore(flow.settings, quarantine.Which(source="bad"))
    before = contents(flow)
    summary, _ = rebuild(flow.context())
    assert summary["articles"] == summary["articles_before"] == 1
    assert contents(flow) == before


def test_rebuild_leaves_deferred_what_was_never_read(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    real = S3Bucket.get

    def archived(self: S3Bucket, key: str, etag: str | None = None) -> object:
        if key.endswith("archived.txt"):
            raise ObjectArchived("in an archive storage class; have it restored")
        return real(self, key, etag)

    monkeypatch.setattr(S3Bucket, "get", archived)
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.landing.put("post/2026/03/02/archived.txt", article("Archived"))
    flow.run()
    before = contents(flow)
    assert flow.states()["post/2026/03/02/archived.txt"] == "deferred:archived"
    rebuild(flow.context())
    assert contents(flow) == before
    assert flow.reconcile().holds


def test_rebuild_that_cannot_read_an_object_leaves_the_old_one_in_place(
    filled: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, standing = contents(filled), files(filled)
    real = S3Bucket.get

    def denied(self: S3Bucket, key: str, etag: str | None = None) -> object:
        if key.endswith("copy.txt"):
            raise ObjectDenied("no")
        return real(self, key, etag)

    with monkeypatch.context() as patched:
        patched.setattr(S3Bucket, "get", denied)
        with pytest.raises(InfrastructureError, match="could not be read"):
            rebuild(filled.context())
    assert contents(filled) == before
    assert files(filled) == standing


@pytest.mark.parametrize("act", ["discover", "extract", "validate", "load"])
def test_f3_crash_of_a_rebuild_leaves_the_old_one_in_place(
    filled: Flow, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    before = contents(filled)

    def dies(*told: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, act, dies)
        patched.setattr("mediamonitor.rebuild.remove_database", lambda path: None)  # nobody tidies after a kill
        with pytest.raises(KeyboardInterrupt):
            rebuild(filled.context())
    assert contents(filled) == before
    rebuild(filled.context())
    assert contents(filled) == before


@pytest.mark.parametrize("database", [True, False])
def test_f9_rebuild_of_a_damaged_warehouse_gives_identical_counts(filled: Flow, database: bool) -> None:
    before, published = contents(filled), filled.data_files()
    path = damage(filled, database=database)
    log = Path(f"{path}.wal").read_bytes()
    with pytest.raises(Damaged, match="run restore or rebuild"):
        filled.ingest()
    summary, lines = rebuild(filled.context())
    told = "\n".join(lines)
    after = contents(filled)
    if database:
        assert "these begin anew: publications, " in told
        assert summary["articles_before"] is None
        before["publications"] = []
        before["refused"] = [(*row[:3], "open") for row in before["refused"]]
    else:  # the log alone was damaged: history is read without it
        assert summary["unreadable"] == []
    assert after == before
    assert Path(f"{summary['kept']}.wal").read_bytes() == log  # moved aside, never deleted
    assert filled.publish()["publication_id"] == 3
    assert filled.data_files() == published
    assert filled.reconcile().holds


def test_f9_rebuild_without_any_old_warehouse(filled: Flow) -> None:
    before, published = contents(filled), filled.data_files()
    Path(filled.settings.warehouse.removeprefix("duckdb://")).unlink()
    filled.landing.delete("post/2026/03/03/a.txt")
    filled.landing.delete("post/2026/03/03/copy.txt")
    rebuild(filled.context())
    assert len(contents(filled)["articles"]) == 1
    assert len(before["articles"]) == 3
    filled.publish()
    assert filled.published("SELECT DISTINCT published_on::VARCHAR FROM daily_mentions") == [("2026-03-02",)]
    assert set(published) - set(filled.data_files()) == {
        f"{table}/published_on=2026-03-03/data.parquet"
        for table in ("articles", "hits", "article_mentions", "mention_counts")
    }


def test_f7_backup_and_restore_through_duckdb(filled: Flow) -> None:
    before = contents(filled)
    copy = filled.folder / "copy.duckdb"
    assert backup(filled.settings, copy) == copy.stat().st_size
    filled.landing.put("post/2026/03/04/late.txt", article("Late"))
    filled.run()
    published = filled.data_files()
    kept = restore(filled.settings, copy, filled.now)
    assert contents(filled) == before
    assert kept is not None
    with open_warehouse(replace(filled.settings, warehouse=f"duckdb://{kept}")) as old:
        assert old.query("SELECT count(*) FROM articles WHERE is_current").fetchall() == [(4,)]
    filled.run()  # the late file is read again, and everything is published after the publications that were forgotten
    assert filled.rows("SELECT max(publication_id) FROM publication_log") == [(4,)]
    assert filled.data_files() == published
    assert filled.reconcile().holds


def test_f7_nobody_else_enters_while_a_backup_is_made(filled: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by our lock, and not by DuckDB's own, which any `open` of the file in this process would drop."""
    real = upkeep._contents
    refusals = []

    def looked_at(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
        waits_for_nobody = open_warehouse(replace(filled.settings, lock_timeout_seconds=0))
        with pytest.raises(InfrastructureError, match="in use by process"), waits_for_nobody:
            pass
        enter = f"import duckdb; duckdb.connect({str(warehouse.path)!r})"
        refusals.append(subprocess.run([sys.executable, "-c", enter], capture_output=True, text=True, check=False))
        return real(warehouse)

    monkeypatch.setattr(upkeep, "_contents", looked_at)
    backup(filled.settings, filled.folder / "copy.duckdb")
    assert [("Conflicting lock" in one.stderr, one.returncode) for one in refusals] == [(True, 1)] * 2


def test_f9_restore_in_the_place_of_a_damaged_warehouse(filled: Flow) -> None:
    before = contents(filled)
    backup(filled.settings, filled.folder / "copy.duckdb")
    damage(filled, database=True)
    kept = restore(filled.settings, filled.folder / "copy.duckdb", filled.now)
    assert contents(filled) == before
    assert Path(f"{kept}.wal").exists()


def test_mistakes_with_backup_and_restore_change_nothing(filled: Flow) -> None:
    before = contents(filled)
    settings = filled.settings
    path = Path(settings.warehouse.removeprefix("duckdb://"))
    text = filled.folder / "text.duckdb"
    text.write_text("no database")
    foreign = filled.folder / "foreign.duckdb"
    with open_warehouse(replace(settings, warehouse=f"duckdb://{foreign}")) as warehouse:
        for (name,) in warehouse.rows("table_names"):
            warehouse.query(f"DROP TABLE {name} CASCADE")
    newer = filled.folder / "newer.duckdb"
    with open_warehouse(replace(settings, warehouse=f"duckdb://{newer}")) as warehouse:
        warehouse.run("record_migration", version=99)
    for source, words in {
        filled.folder / "nowhere": "does not exist",
        path: "is the warehouse itself",
        text: "is not a DuckDB database",
        foreign: "something else",
        newer: "newer version",
    }.items():
        with pytest.raises(ConfigurationError, match=words):
            restore(settings, source, filled.now)
    for target, words in {text: "exists already", filled.folder / "no" / "such": "cannot write to"}.items():
        with pytest.raises(ConfigurationError, match=words):
            backup(settings, target)
    assert contents(filled) == before


def test_compaction_gives_back_what_holds_nothing(filled: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(filled.settings.warehouse.removeprefix("duckdb://"))
    before = contents(filled)
    assert upkeep.compact(filled.settings) == 0
    monkeypatch.setattr(upkeep, "COMPACT_BYTES", 1_000_000)
    with filled.warehouse() as warehouse:
        warehouse.query("CREATE TABLE filler AS SELECT repeat(md5(i::VARCHAR), 50) FROM range(20000) s(i); CHECKPOINT")
        warehouse.query("CREATE TABLE last AS SELECT md5(i::VARCHAR) FROM range(20000) s(i); CHECKPOINT")
        warehouse.query("DROP TABLE filler; CHECKPOINT")
    size = path.stat().st_size
    Path(f"{path}.compacting").write_text("left by a crash")
    assert upkeep.compact(filled.settings) == size - path.stat().st_size > 1_000_000
    assert contents(filled) == before
    assert files(filled) == ["w.duckdb"]
    assert upkeep.compact(filled.settings) == 0


def test_a_copy_that_differs_is_not_trusted(filled: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = iter([{"objects": (2, 1)}, {"objects": (2, 2)}])
    monkeypatch.setattr(upkeep, "_contents", lambda warehouse: next(seen))
    with pytest.raises(Exception, match="differs from it; nothing was changed"):
        backup(filled.settings, filled.folder / "copy.duckdb")
    assert not [path for path in filled.folder.iterdir() if path.name.startswith("copy")]


def test_f10_load_says_that_the_disk_has_too_little_room(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article())
    monkeypatch.setattr(upkeep, "ROOM_LEAST", 10**18)
    with pytest.raises(InfrastructureError, match=r"MB left and this needs .* make room and run again"):
        flow.ingest()
    monkeypatch.undo()
    assert set(flow.states().values()) == {"waiting"}
    flow.now += timedelta(minutes=1)
    assert flow.ingest()["articles"] == 1


def test_rebuild_refuses_a_warehouse_of_a_newer_version(filled: Flow) -> None:
    with filled.warehouse() as warehouse:
        warehouse.run("record_migration", version=99)
    with pytest.raises(ConfigurationError, match="newer version"):
        rebuild(filled.context())
