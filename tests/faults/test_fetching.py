"""What the store does to a run: it loses nothing, counts nothing twice, and blames the right one."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from faults.s3_server import ARRIVED, Fault, FaultyS3
from flow.harness import Flow, article
from mediamonitor import pipeline, quarantine
from mediamonitor.errors import ConfigurationError, InfrastructureError, MediaMonitorError
from mediamonitor.landing import batches, patience, s3
from mediamonitor.maintain import clean_up
from mediamonitor.quarantine import Which

DAY = "post/2026/03/02"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.001)


def put(flow: Flow, faulty: FaultyS3, *names: str) -> list[str]:
    """Articles under these names; their full keys."""
    keys = [f"{flow.landing.store.prefix}{name}" for name in names]
    for key in keys:
        faulty.put(key, article(f"Title of {key.rpartition('/')[2]}"))
    return keys


def titles(flow: Flow) -> list[str]:
    return [title for (title,) in flow.rows("SELECT title FROM articles WHERE is_current ORDER BY ALL")]


def command(faulty: FaultyS3, flow: Flow, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """One command of the command line over the same landing, in a process of its own."""
    places = {name: getattr(flow.settings, name) for name in ("landing", "warehouse")}
    places |= {"watchlist": flow.settings.watchlist} if name == "ingest" else {}
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MEDIAMONITOR_"))}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "mediamonitor",
            name,
            *(part for one in places.items() for part in (f"--{one[0]}", one[1])),
        ],
        env={**kept, "PYTHONPATH": "include", **faulty.environment(), **environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_f11_object_with_an_older_time_than_the_last_run(flow: Flow, faulty: FaultyS3) -> None:
    put(flow, faulty, f"{DAY}/b.txt")
    flow.run()
    faulty.put(f"{flow.landing.store.prefix}{DAY}/a.txt", article("Late"), modified=ARRIVED - timedelta(days=8))
    flow.run()
    assert titles(flow) == ["Late", "Title of b.txt"]
    assert flow.reconcile().holds


@pytest.mark.parametrize("seed", range(4))
def test_f12_any_order_of_keys_and_times_is_taken_once(flow: Flow, faulty: FaultyS3, seed: int) -> None:
    """Keys that sort before the last one, times that go back, many in one second: every version is taken once."""
    rng = random.Random(seed)
    second = datetime(2026, 3, 9, 12, 0, tzinfo=timezone.utc)
    put_so_far: list[tuple[str, str]] = []
    taken: list[tuple[str, str]] = []
    for _ in range(5):
        names = rng.sample(range(40), 12)
        for name in names:
            key = f"{flow.landing.store.prefix}{DAY}/{name}.txt"
            faulty.put(key, rng.randbytes(8), modified=second + timedelta(seconds=rng.choice([-90_000, 0, 0, 0, 5])))
            put_so_far.append((key, faulty.objects[key].etag))
        context = flow.context()
        for batch in pipeline.discover(context)["batches"]:
            taken += [(ref.key, ref.etag) for ref in context.staging().read_manifest(batch) if not ref.attempts]
    assert sorted(taken) == sorted(put_so_far)


def test_f16_deleted_between_listing_and_reading_is_vanished(flow: Flow, faulty: FaultyS3) -> None:
    gone, _ = put(flow, faulty, f"{DAY}/gone.txt", f"{DAY}/stays.txt")
    faulty.faults = [Fault(key=gone, first=lambda: faulty.delete(gone))]
    assert flow.ingest()["vanished"] == 1
    assert flow.states() == {f"{DAY}/gone.txt": "vanished:vanished", f"{DAY}/stays.txt": "loaded"}
    assert flow.reconcile().holds


@pytest.mark.parametrize("name", [f"{DAY}/a.txt", f"{DAY}//odd.txt"])
def test_f17_overwritten_between_listing_and_reading_is_read_in_the_same_run(
    flow: Flow, faulty: FaultyS3, name: str
) -> None:
    (key,) = put(flow, faulty, name)
    faulty.faults = [Fault(key=key, times=2, first=lambda: faulty.put(key, article("Newer", f"{faulty.coin()}")))]
    assert flow.ingest()["articles"] == 1
    faulty.faults = []
    assert titles(flow) == ["Newer"]
    now = faulty.objects[key]
    assert flow.rows("SELECT seq, state, etag, size_bytes FROM objects") == [(1, "loaded", now.etag, len(now.body))]
    assert flow.ingest()["taken"] == 0, "what was read is what the ledger knows"
    assert flow.reconcile().holds
    faulty.put(key, article("Newest"))
    flow.ingest()
    assert titles(flow) == ["Newest"]
    assert flow.rows("SELECT seq, state FROM objects ORDER BY seq") == [(1, "superseded"), (2, "loaded")]


@pytest.mark.parametrize("name", [f"{DAY}/a.txt", f"{DAY}//odd.txt"])
def test_etags_that_only_the_listing_gives_without_quotes_are_no_new_versions(
    flow: Flow, faulty: FaultyS3, name: str
) -> None:
    (key,) = put(flow, faulty, name)
    faulty.bare_etags = True
    assert flow.ingest()["articles"] == 1
    assert flow.ingest()["taken"] == 0
    assert faulty.asked_for("GET")[-1].if_match == faulty.objects[key].etag
    assert not faulty.asked_for("HEAD"), "the listed version was read at once"
    assert flow.rows("SELECT seq, state, etag FROM objects") == [(1, "loaded", faulty.objects[key].etag)]


def test_f17_overwritten_again_and_again_is_left_to_the_next_run(flow: Flow, faulty: FaultyS3) -> None:
    key, _ = put(flow, faulty, f"{DAY}/a.txt", f"{DAY}/other.txt")
    faulty.faults = [Fault(key=key, first=lambda: faulty.put(key, article("Newer", f"{faulty.coin()}")))]
    flow.ingest()
    assert flow.states()[f"{DAY}/a.txt"] == "deferred:changed_while_reading"
    faulty.faults = []
    flow.ingest()
    assert titles(flow) == ["Newer", "Title of other.txt"]
    assert flow.reconcile().holds


def test_overwritten_by_one_too_large_to_be_read_whole_is_left_to_the_next_run(
    flow: Flow, faulty: FaultyS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "STREAMED_BYTES", 5_000)
    (key,) = put(flow, faulty, f"{DAY}/a.txt")
    large = article("Larger", "A sentence of some words. " * 300)
    faulty.faults = [Fault(key=key, times=1, first=lambda: faulty.put(key, large))]
    flow.ingest()
    assert flow.states() == {f"{DAY}/a.txt": "deferred:changed_while_reading"}
    assert len(faulty.asked_for("GET")) == 1, "what is too large was not asked for"
    assert flow.ingest()["articles"] == 1
    assert titles(flow) == ["Larger"]
    assert flow.reconcile().holds


def test_f17_overwritten_and_the_process_dies_before_the_load(flow: Flow, faulty: FaultyS3) -> None:
    (key,) = put(flow, faulty, f"{DAY}/a.txt")
    faulty.faults = [Fault(key=key, times=1, first=lambda: faulty.put(key, article("Newer")))]
    context = flow.context()
    staged = pipeline.extract(context, pipeline.discover(context)["batches"], "1")
    flow.ingest()
    pipeline.load(context, pipeline.validate(context, staged))  # the lost process after all
    assert titles(flow) == ["Newer"]
    assert flow.rows("SELECT count(*) FROM articles") == [(1,)]
    assert flow.reconcile().holds


def test_f18_file_that_grew_is_read_whole_and_one_that_grows_further_is_a_correction(tmp_path: Path) -> None:
    from faults.folders import folder_flow

    flow = folder_flow(tmp_path)
    path = tmp_path / "landing" / DAY / "a.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(article("Half of it"))
    context = flow.context()
    found = pipeline.discover(context)
    path.write_bytes(article("Half of it", "Mara Lindqvist spoke in Vessmark on Monday. The other half."))
    staged = pipeline.extract(context, found["batches"], "1")
    assert pipeline.load(context, pipeline.validate(context, staged))["articles"] == 1
    ((body,),) = flow.rows("SELECT body FROM articles")
    assert body.endswith("The other half.")
    assert flow.ingest()["taken"] == 0
    with path.open("ab") as file:
        file.write(b"\nMore of Vessmark.\n")
    assert flow.ingest()["articles"] == 1
    assert flow.rows("SELECT version FROM articles WHERE is_current") == [(2,)]
    assert flow.reconcile().holds


@pytest.mark.parametrize("name", ["a.txt", "/odd.txt"])
def test_f19_truncated_bodies_are_read_again(flow: Flow, faulty: FaultyS3, name: str) -> None:
    (key,) = put(flow, faulty, f"{DAY}/{name}")
    faulty.faults = [Fault(cut=10, times=3)]
    assert flow.ingest()["articles"] == 1
    assert faulty.faults[0].happened == 3
    assert {one.if_match for one in faulty.asked_for("GET")} == {faulty.objects[key].etag}


def test_f19_body_that_never_comes_whole_is_deferred_and_taken_again(
    flow: Flow, faulty: FaultyS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _ = put(flow, faulty, f"{DAY}//cut.txt", f"{DAY}/whole.txt")
    faulty.faults = [Fault(key=key, cut=10)]
    flow.ingest()
    assert flow.states() == {f"{DAY}//cut.txt": "deferred:fetch_failed", f"{DAY}/whole.txt": "loaded"}
    assert flow.rows("SELECT count(*) FROM quarantine") == [(0,)]
    flow.ingest()  # alone this time, and still not the store's fault
    assert flow.states()[f"{DAY}//cut.txt"] == "deferred:fetch_failed"
    faulty.faults = []
    flow.ingest()
    assert set(flow.states().values()) == {"loaded"}
    assert flow.reconcile().holds


def test_f20_a_storm_of_503_loses_nothing(flow: Flow, faulty: FaultyS3) -> None:
    put(flow, faulty, *(f"{DAY}/{number}.txt" for number in range(100)), *(f"{DAY}//{n}.txt" for n in range(10)))
    faulty.page_size = 20
    faulty.faults = [Fault(verb, share=0.3, status=503, code="SlowDown") for verb in ("GET", "LIST")]
    assert flow.ingest()["articles"] == 110
    assert all(fault.happened for fault in faulty.faults)
    faulty.faults = []
    assert flow.reconcile().holds


def test_f20_a_store_that_is_down_stops_the_run_and_the_next_goes_on(
    flow: Flow, faulty: FaultyS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(s3._RETRY, "max_retries", 1)
    put(flow, faulty, *(f"{DAY}/{number}.txt" for number in range(1000)))
    faulty.faults = [Fault(status=503, code="SlowDown", skip=100)]
    with pytest.raises(InfrastructureError, match=r"20 reads in a row failed in .*503"):
        flow.ingest()
    assert set(flow.states().values()) == {"waiting"}
    assert faulty.faults[0].happened < 200, "it gave up soon"
    faulty.faults = []
    assert flow.ingest()["articles"] == 1000
    assert flow.reconcile().holds


def test_many_objects_that_stay_unreadable_stop_no_later_run(flow: Flow, faulty: FaultyS3) -> None:
    names = [f"{DAY}/{number:02}{kind}.txt" for number in range(25) for kind in ("good", "broken")]
    keys = put(flow, faulty, *names)
    faulty.faults = [Fault(key=key, status=400, code="Broken") for key in keys if "broken" in key]
    for _ in range(2):
        flow.ingest()
        states = list(flow.states().values())
        assert (states.count("loaded"), states.count("deferred:fetch_failed")) == (25, 25)
    assert flow.reconcile().holds


def test_f20_objects_that_failed_before_are_not_all_tried_while_the_store_is_down(
    flow: Flow, faulty: FaultyS3, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(s3._RETRY, "max_retries", 0)
    put(flow, faulty, *(f"{DAY}/{number}.txt" for number in range(300)))
    faulty.faults = [Fault(status=503, code="SlowDown")]
    with pytest.raises(InfrastructureError, match="20 reads in a row failed"):
        flow.ingest()
    before = faulty.faults[0].happened
    assert flow.ingest()["deferred"] == 300
    assert faulty.faults[0].happened - before < 100
    assert "20 reads in a row failed in" in caplog.text
    faulty.faults = []
    assert flow.ingest()["articles"] == 300
    assert flow.reconcile().holds


def test_old_failures_that_stay_in_front_of_others_hold_them_up_for_a_while_only(
    flow: Flow, faulty: FaultyS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(s3._RETRY, "max_retries", 0)
    keys = put(flow, faulty, *(f"{DAY}/{number:03}.txt" for number in range(120)))
    flow.set(fetch_concurrency=1)
    faulty.faults = [Fault(status=400, code="Broken")]
    with pytest.raises(InfrastructureError):
        flow.ingest()
    faulty.faults = [Fault(key=key, status=400, code="Broken") for key in keys[:40]]
    flow.ingest()
    assert list(flow.states().values()).count("loaded") == 80


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "ExpiredToken"), (403, "InvalidAccessKeyId"), (403, "SignatureDoesNotMatch"), (401, "Unauthorized")],
)
def test_f21_credentials_that_end_stop_the_run_and_quarantine_nothing(
    flow: Flow, faulty: FaultyS3, status: int, code: str
) -> None:
    put(flow, faulty, *(f"{DAY}/{number}.txt" for number in range(6)), f"{DAY}//odd.txt")
    faulty.faults = [Fault(status=status, code=code, skip=3)]
    with pytest.raises(InfrastructureError, match="no longer accepted") as raised:
        flow.ingest()
    assert raised.value.exit_code == 3
    assert set(flow.states().values()) == {"waiting"}
    assert flow.rows("SELECT count(*) FROM quarantine") == [(0,)]
    faulty.faults = []
    assert flow.ingest()["articles"] == 7
    assert flow.reconcile().holds


def test_f21_all_denied_stops_the_run(flow: Flow, faulty: FaultyS3) -> None:
    put(flow, faulty, *(f"{DAY}/{number}.txt" for number in range(6)))
    faulty.faults = [Fault(status=403, code="AccessDenied")]
    with pytest.raises(InfrastructureError, match=r"none of 6 objects .* could be read: .*s3:GetObject"):
        flow.ingest()
    faulty.faults = []
    assert flow.ingest()["articles"] == 6
    assert flow.rows("SELECT count(*) FROM quarantine") == [(0,)]


def test_f21_expired_while_listing_changes_nothing(flow: Flow, faulty: FaultyS3) -> None:
    put(flow, faulty, f"{DAY}/a.txt")
    faulty.faults = [Fault("LIST", status=400, code="ExpiredToken")]
    with pytest.raises(InfrastructureError, match="ExpiredToken"):
        flow.ingest()
    assert faulty.faults[0].happened == 1, "patience does not help here"


def test_b22_one_denied_object_is_deferred_for_as_long_as_it_takes(flow: Flow, faulty: FaultyS3) -> None:
    denied, _ = put(flow, faulty, f"{DAY}/denied.txt", f"{DAY}/open.txt")
    faulty.faults = [Fault(key=denied, status=403, code="AccessDenied")]
    for _ in range(2):  # the second time it is alone, and still not the store's fault
        flow.ingest()
        assert flow.states() == {f"{DAY}/denied.txt": "deferred:access_denied", f"{DAY}/open.txt": "loaded"}
    faulty.faults = []
    flow.ingest()
    assert set(flow.states().values()) == {"loaded"}
    assert flow.reconcile().holds


def test_b21_archived_object_is_deferred_until_it_is_restored(flow: Flow, faulty: FaultyS3) -> None:
    names = [f"{DAY}/cold.txt", f"{DAY}//cold.txt"]
    for name in names:
        faulty.put(flow.landing.store.prefix + name, article(name), archived=True)
    for _ in range(2):
        flow.ingest()
        assert flow.states() == dict.fromkeys(names, "deferred:archived")
    for name in names:
        faulty.put(flow.landing.store.prefix + name, article(name))
    assert flow.ingest()["articles"] == 2
    assert flow.reconcile().holds


def test_what_still_cannot_be_read_makes_no_publication(flow: Flow, faulty: FaultyS3) -> None:
    cold, gone, good = put(flow, faulty, f"{DAY}/cold.txt", f"{DAY}/gone.txt", f"{DAY}/good.txt")
    faulty.put(cold, article(), archived=True)
    faulty.faults = [Fault(key=gone, status=404, code="NoSuchKey")]
    flow.ingest()
    assert flow.publish()["publication_id"] == 1
    for _ in range(2):
        assert flow.ingest()["taken"] == 2
        assert flow.publish()["publication_id"] is None
    assert flow.rows("SELECT key, max(seq), max(attempts) FROM objects GROUP BY key ORDER BY key") == [
        (cold, 1, 3),
        (gone, 1, 3),
        (good, 1, 1),
    ]
    faulty.faults = []
    faulty.put(cold, article())
    assert flow.ingest()["articles"] == 2
    assert flow.publish()["publication_id"] == 2
    assert flow.reconcile().holds


def test_what_could_not_be_read_is_listed_and_shown(flow: Flow, faulty: FaultyS3) -> None:
    cold, gone = put(flow, faulty, f"{DAY}/cold.txt", f"{DAY}/gone.txt")
    faulty.put(cold, article(), archived=True)
    faulty.faults = [Fault(key=gone, first=lambda: faulty.delete(gone))]
    flow.ingest()
    listed, _ = quarantine.list_refused(flow.settings, Which())
    assert [(row["key"], row["state"], row["reason_code"]) for row in listed["quarantine"]] == [
        (cold, "deferred", "archived"),
        (gone, "vanished", "vanished"),
    ]
    told, lines = quarantine.show(flow.settings, Which(cold))
    assert [(row["object_state"], row["stage"]) for row in told["quarantine"]] == [("deferred", "fetch")]
    assert any("restore it; every run tries again" in line for line in lines)
    done, _ = quarantine.retry(flow.settings, Which(cold), flow.now)
    assert done == {"retried": 0, "waiting": 1, "deleted": 0}
    with pytest.raises(ConfigurationError, match="is deleted from landing"):
        quarantine.retry(flow.settings, Which(gone), flow.now)
    with pytest.raises(ConfigurationError, match="only what is open can be ignored"):
        quarantine.ignore(flow.settings, Which(cold))
    assert flow.reconcile().holds


def test_f22_listing_that_fails_on_a_page_changes_nothing(flow: Flow, faulty: FaultyS3) -> None:
    faulty.page_size = 2
    keys = put(flow, faulty, *(f"{DAY}/{number}.txt" for number in range(7)))
    flow.ingest()
    before = flow.rows("SELECT * FROM objects ORDER BY ALL"), flow.rows("SELECT * FROM listings")
    faulty.delete(keys[6])
    put(flow, faulty, f"{DAY}/0new.txt")
    faulty.faults = [Fault("LIST", skip=2, status=500, code="InternalError")]
    with pytest.raises(InfrastructureError, match="nothing was changed"):
        flow.ingest()
    assert (flow.rows("SELECT * FROM objects ORDER BY ALL"), flow.rows("SELECT * FROM listings")) == before
    faulty.faults = []
    found = flow.ingest()
    assert (found["new"], found["gone"], found["articles"]) == (1, 1, 1)
    assert flow.reconcile().holds


def test_f22_page_that_is_no_listing_or_breaks_off_is_asked_for_again(flow: Flow, faulty: FaultyS3) -> None:
    faulty.page_size = 2
    put(flow, faulty, *(f"{DAY}/{number}.txt" for number in range(5)))
    faulty.faults = [Fault("LIST", skip=1, times=2, cut=200), Fault("LIST", skip=1, times=1, dropped=True)]
    assert pipeline.discover(flow.context())["listed"] == 5
    assert [fault.happened for fault in faulty.faults] == [2, 1]


def test_f23_a_listing_is_never_an_old_one(flow: Flow, faulty: FaultyS3) -> None:
    store = flow.landing.store
    put(flow, faulty, "a.txt")
    assert store.listing().num_rows == 1
    put(flow, faulty, "b.txt")
    assert store.listing().num_rows == 2
    assert len(faulty.asked_for("LIST")) == 2


CANARY = "canary-8c1f3b"


def test_s4_a_secret_stands_in_no_log_no_file_and_no_error(flow: Flow, faulty: FaultyS3) -> None:
    secrets = {"AWS_SECRET_ACCESS_KEY": f"{CANARY}-key", "AWS_SESSION_TOKEN": f"{CANARY}-token"}
    put(flow, faulty, *(f"{DAY}/{number}.txt" for number in range(4)), f"{DAY}//odd.txt")
    said = ""
    for faults, code in [
        ([Fault(key=key, status=403, code="AccessDenied") for key in list(faulty.objects)[:2]], 0),
        ([Fault("LIST", dropped=True)], 3),
        ([Fault("LIST", status=403, code="SignatureDoesNotMatch")], 2),
        ([], 0),
    ]:
        faulty.faults = faults
        done = command(faulty, flow, "ingest", **secrets)
        assert done.returncode == code, done.stderr
        said += done.stdout + done.stderr
    files = [path for path in flow.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".duckdb" for path in files)
    assert CANARY not in said
    assert "X-Amz" not in said, "a signed address is a secret too"
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []


def test_s16_a_key_that_may_only_list_and_read_is_enough(flow: Flow, faulty: FaultyS3) -> None:
    put(flow, faulty, f"{DAY}/a.txt", f"{DAY}//odd.txt")
    faulty.read_only = True
    flow.run()
    assert set(flow.states().values()) == {"loaded"}
    assert flow.reconcile().holds
    clean_up(flow.context())
    assert {one.verb for one in faulty.asked[1:]} == {"LIST", "GET"}, "the first made the bucket"


def test_one_batch_that_fails_does_not_throw_the_others_away(flow: Flow, faulty: FaultyS3) -> None:
    keys = put(flow, faulty, *(f"{DAY}/{number}.txt" for number in range(6)))
    flow.set(batch_objects=2)
    faulty.faults = [Fault(status=403, code="AccessDenied", key=key) for key in keys[2:4]]
    context, failed = flow.context(), list[MediaMonitorError]()
    staged = pipeline.extract(context, pipeline.discover(context)["batches"], "1", failed)
    assert ["none of 2 objects" in str(error) for error in failed] == [True]
    assert pipeline.load(context, pipeline.validate(context, staged))["articles"] == 4
    faulty.faults = []
    assert flow.ingest()["articles"] == 2
    assert flow.reconcile().holds
