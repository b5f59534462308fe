"""Death between two acts, two attempts at once, a full disk, links, forks and old schemas: nothing lost, nothing twice.

The acts at which a process dies are those of the warehouse and the stores, counted; product code has no hooks for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from faults import child
from flow.harness import WATCHLIST, Flow, article
from mediamonitor import pipeline
from mediamonitor.context import Context
from mediamonitor.errors import ConfigurationError, InfrastructureError
from mediamonitor.reconcile import reconcile
from mediamonitor.warehouse import upkeep
from mediamonitor.warehouse.connection import open_warehouse, schema_known
from mediamonitor.warehouse.upkeep import backup

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}/include:{ROOT}/tests"}
CHILD = [sys.executable, str(Path(child.__file__))]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to ingest, and a process (this one) that can do it without Great Expectations too."""
    child.be_quick(monkeypatch)
    (tmp_path / "landing").mkdir()
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST)
    return tmp_path


def put(place: Path, round_number: int) -> None:
    """New files, corrections, worse corrections and copies, on several days."""
    for number in range(12):
        folder = place / "landing" / f"source-{number % 2}" / f"2026/03/{2 + number % 3:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        body = f"Vessmark, round {round_number}."
        bad = number % 5 == round_number % 5
        (folder / f"{number}.txt").write_bytes(b"" if bad else article(f"Title {number}", body))
        (folder / f"{number}-{round_number}.txt").write_bytes(article(f"New {number} {round_number}", body))


def context(place: Path, run_id: str = "run") -> Context:
    return Context(child.place_settings(place), run_id, datetime.now(timezone.utc))


def dies(place: Path, at: int) -> tuple[int, str]:
    done = subprocess.run(
        [*CHILD, "dies", str(place), str(at)], env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr[-2000:]


UP_TO_DATE = """
SELECT count(DISTINCT key) FILTER (WHERE version = seq), count(*) - count(DISTINCT key)
FROM articles JOIN objects USING (bucket, key)
WHERE articles.is_current AND objects.is_current
"""
"""Files whose article is that of their last version; articles more than there are files."""


def proven(place: Path) -> None:
    report = reconcile(context(place))
    assert report.holds, report.differences
    assert report.to_publish == []
    with open_warehouse(child.place_settings(place)) as warehouse:
        doubled = "SELECT publication_id, published_on FROM publications GROUP BY ALL HAVING count(*) > 1"
        assert warehouse.query(doubled).fetchall() == []
        assert warehouse.query("SELECT count(*) FROM dirty_days").fetchall() == [(0,)]
        good = sum(path.stat().st_size > 0 for path in (place / "landing").rglob("*.txt"))
        assert warehouse.query(UP_TO_DATE).fetchall() == [(good, 0)]


def dies_at_every(place: Path, first: int, step: int) -> None:
    put(place, 0)
    code, told = dies(place, 0)
    assert code == 0, told
    acts = int(told.split()[0])
    assert acts > 100
    for round_number, at in enumerate(range(first, acts, step), start=1):
        put(place, round_number)
        code, told = dies(place, at)
        if code == 0:  # a later run has fewer acts than the first, which makes the tables
            assert int(told.split()[0]) < at
            break
        assert code == 9, told
        child.run(place, f"again-{at}")
        proven(place)


def test_f3_death_between_any_two_acts_then_a_run_gives_one_result(place: Path) -> None:
    dies_at_every(place, first=3, step=19)


@pytest.mark.soak
def test_f3_death_between_every_two_acts_then_a_run_gives_one_result(place: Path) -> None:
    dies_at_every(place, first=1, step=1)


def loopers(place: Path, seconds: float) -> None:
    (place / "landing" / "first").mkdir()
    commands = [[*CHILD, "loops", str(place), str(seconds), f"p{number}"] for number in range(8)]
    processes = [subprocess.Popen(one, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) for one in commands]
    said = [process.communicate(timeout=seconds * 4 + 240)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, said
    child.run(place, "last")
    proven(place)
    print(f"{len(list((place / 'landing').rglob('*.txt')))} files by 8 processes")


def test_f5_eight_processes_at_once_lose_and_double_nothing(place: Path) -> None:
    loopers(place, 10)


@pytest.mark.soak
def test_f5_eight_processes_for_a_minute_lose_and_double_nothing(place: Path) -> None:
    loopers(place, 60)


def test_f4_two_attempts_of_one_task_at_once_load_once(place: Path) -> None:
    put(place, 0)
    run = context(place)
    batches = pipeline.discover(run)["batches"]
    staged = {attempt: pipeline.extract(run, batches, attempt) for attempt in ("1", "2")}
    loaded: list[int] = []

    def attempt(number: str) -> None:
        loaded.append(pipeline.load(run, pipeline.validate(run, staged[number]))["articles"])

    threads = [threading.Thread(target=attempt, args=(number,)) for number in staged]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(loaded) == 21
    late = [pipeline.Extracted(**{**batch, "attempt": "3"}) for batch in staged["1"]]
    assert pipeline.validate(run, late) == []  # the zombie comes last: its batch has its verdict already
    child.run(place, "next")
    proven(place)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a small tmpfs may not be mounted here: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_f2_full_disk_then_a_retry_adds_nothing_twice(
    place: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up at another point each time: in the log, at the commit, or at the checkpoint after it."""
    monkeypatch.setattr(upkeep, "ROOM_LEAST", 0)
    monkeypatch.setattr(upkeep, "ROOM_FACTOR", 0)
    real = child.place_settings
    monkeypatch.setattr(
        child, "place_settings", lambda at: replace(real(at), warehouse=f"duckdb://{small_disk}/w.duckdb")
    )
    put(place, 0)
    child.run(place, "first")
    filler = small_disk / "filler"
    full: list[str] = []
    for round_number, left in enumerate((0, 100_000, 300_000, 600_000, 1_000_000, 1_500_000), start=1):
        put(place, round_number)
        with filler.open("wb") as file:
            free = os.statvfs(small_disk)
            file.write(b"x" * max(0, free.f_bavail * free.f_frsize - left))
        try:
            child.run(place, f"full-{round_number}")
        except InfrastructureError as error:
            full.append(str(error))
        filler.unlink()
        child.run(place, f"again-{round_number}")
        proven(place)
    assert len(full) >= 3
    assert all("is full; make room and run again" in said for said in full), full


@pytest.mark.parametrize("foreseen", [True, False])
def test_backup_to_a_full_disk_names_that_disk_and_leaves_nothing_there(
    place: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch, foreseen: bool
) -> None:
    put(place, 0)
    child.run(place, "first")
    free = os.statvfs(small_disk)
    (small_disk / "filler").write_bytes(b"x" * (free.f_bavail * free.f_frsize - 300_000))
    if not foreseen:
        monkeypatch.setattr(upkeep, "require_room", lambda path, needed: None)
    words = "MB left and this needs" if foreseen else "is full; make room"
    with pytest.raises(InfrastructureError, match=f"the disk of {small_disk}/copy.duckdb.*{words}"):
        upkeep.backup(child.place_settings(place), small_disk / "copy.duckdb")
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_too_little_memory_is_a_setting_to_raise(place: Path) -> None:
    settings = replace(child.place_settings(place), memory_limit="8MB")
    said = "needs more memory than MEDIAMONITOR_MEMORY_LIMIT allows; raise it"
    with pytest.raises(ConfigurationError, match=said), open_warehouse(settings) as warehouse:
        warehouse.query("SELECT list(number) FROM range(10_000_000) AS numbers (number)")


def test_f8_a_link_to_the_warehouse_has_the_same_lock(place: Path) -> None:
    settings = child.place_settings(place)
    (place / "folder").symlink_to(place)
    (place / "link.duckdb").symlink_to(place / "w.duckdb")
    with open_warehouse(settings):
        for path in (place / "folder" / "w.duckdb", place / "link.duckdb"):
            other = open_warehouse(replace(settings, warehouse=f"duckdb://{path}", lock_timeout_seconds=0))
            with pytest.raises(InfrastructureError, match="in use by process"), other:
                pass


def test_f40_a_forked_child_neither_enters_nor_takes_the_lock_with_it(place: Path) -> None:
    settings = replace(child.place_settings(place), lock_timeout_seconds=0)
    with open_warehouse(settings) as warehouse:
        pid = os.fork()
        if not pid:
            try:
                with open_warehouse(settings):
                    os._exit(1)
            except InfrastructureError:
                os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        enter = f"import duckdb; duckdb.connect({str(warehouse.path)!r})"
        assert subprocess.run([sys.executable, "-c", enter], capture_output=True, check=False).returncode == 1
        other = open_warehouse(settings)
        with pytest.raises(InfrastructureError), other:
            pass
        warehouse.query("INSERT INTO dirty_days VALUES (NULL, 'x')")


def test_f38_a_new_worker_needs_nothing_but_the_warehouse_and_the_buckets(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.run()
    backup(flow.settings, flow.folder / "moved.duckdb")
    published = flow.data_files()
    new = flow.folder / "another-machine"
    flow.set(warehouse=f"duckdb://{flow.folder}/moved.duckdb", staging=f"{new}/staging", published=f"{new}/published")
    assert flow.ingest()["taken"] == 0
    flow.publish()
    assert flow.data_files() == published
    assert flow.reconcile().holds


def test_f39_a_warehouse_of_a_newer_version_is_refused(place: Path) -> None:
    with open_warehouse(child.place_settings(place)) as warehouse:
        warehouse.run("record_migration", version=schema_known() + 1)
    with pytest.raises(ConfigurationError, match=r"newer version .* update Media Monitor"):
        pipeline.discover(context(place))


SCHEMA_1 = r"""
INSERT INTO objects BY NAME SELECT
    'landing' AS bucket, key, 1 AS seq, true AS is_current, etag, size_bytes, last_modified::TIMESTAMP AS last_modified,
    CASE name WHEN 'good' THEN 'loaded' WHEN 'bad' THEN 'quarantined' ELSE 'deferred' END AS state,
    CASE name WHEN 'bad' THEN 'empty_file' WHEN 'stopped' THEN 'gate_stopped' END AS reason_code,
    CASE WHEN name <> 'good' THEN 'why' END AS reason, (name = 'good')::BIGINT AS articles,
    1 AS attempts, now()::TIMESTAMP AS first_seen_at,
    now()::TIMESTAMP AS finished_at, CASE WHEN name = 'stopped' THEN 'post' END AS stopped_source
FROM (SELECT *, regexp_extract(key, '(\w+)\.txt$', 1) AS name FROM listing);
INSERT INTO articles BY NAME SELECT
    '{article_id}' AS article_id, 1 AS version, true AS is_current, 'landing' AS bucket, key, '' AS member,
    1 AS record_no, 'post' AS source, 'key' AS source_from, 'Old' AS title, 'old' AS title_key, 'In Vessmark.' AS body,
    '2026-03-02'::DATE AS published_on, 'key' AS date_from, 'day' AS date_precision, 'utf-8' AS encoding,
    12 AS body_chars, 2 AS body_words, repeat('0f', 32) AS content_sha256, 'old.old' AS rules_version,
    now()::TIMESTAMP AS ingested_at, 'r' AS run_id
FROM listing WHERE contains(key, 'good');
INSERT INTO quarantine SELECT
    'landing', key, '', 1, etag, 'empty_file', 'parse', 'zero bytes', '', 0, 'old.old', now()::TIMESTAMP, 1, 'open'
FROM listing WHERE contains(key, 'bad');
INSERT INTO dirty_days VALUES ('2026-03-02', 'arrival');
"""
"""A warehouse as the first version left it: something loaded, something refused, something that the gate stopped."""


def test_f39_a_warehouse_of_schema_1_goes_on(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    from mediamonitor.article import article_id
    from mediamonitor.warehouse import connection

    for name in ("good", "bad", "stopped"):
        flow.landing.put(f"post/2026/03/02/{name}.txt", b"" if name == "bad" else article(name))
    landing = flow.landing.store
    migrations, text_of = connection._migrations(), connection.sql
    with monkeypatch.context() as old:
        old.setattr(connection, "_migrations", lambda: migrations[:1])
        old.setattr(connection, "sql", lambda name: "" if name.endswith("views") else text_of(name))  # today's views
        with flow.warehouse() as warehouse, warehouse.given(listing=landing.listing()):
            good = article_id("landing", f"{landing.prefix}post/2026/03/02/good.txt", "", 1)
            warehouse.query(SCHEMA_1.format(article_id=good))
            assert warehouse.row("current_schema") == (1,)
    assert flow.rows("SELECT key LIKE '%stopped%', reason_code, source, seq FROM quarantine ORDER BY ALL") == [
        (False, "empty_file", "unknown", 1),
        (True, "gate_stopped", "post", 1),
    ]
    assert flow.reconcile().holds
    assert flow.ingest()["taken"] == 2  # refused with rules that are not known any more
    flow.publish()
    assert sorted(flow.states().values()) == ["loaded", "loaded", "quarantined:empty_file"]
    assert flow.published("SELECT articles FROM daily_totals WHERE entity_id = 'vessmark'") == [(2,)]
    assert flow.reconcile().holds
