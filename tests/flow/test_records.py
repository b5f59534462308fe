"""Verdicts on single records: what a correction replaces, what the gate holds back, what is taken again.

One object is one packed file of JSON Lines here; see `put`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flow.harness import WATCHLIST, Flow
from mediamonitor import extraction, quarantine
from mediamonitor.article import Fetched, ObjectRef, Rejection
from mediamonitor.context import reading_version
from mediamonitor.landing.batches import fetch_batch
from mediamonitor.parsing.records import Record, records_of
from mediamonitor.sources import parse_sources

KEY = "2026/03/02/many.jsonl.gz"


def line(record: str) -> str:
    """`source|title|body` as a record; `source|bad` is one without a body, and `bad` none at all."""
    source, *rest = record.split("|")
    if not rest:
        return "{bad"
    return json.dumps({"source": source} if rest == ["bad"] else {"source": source, "title": rest[0], "body": rest[1]})


def put(flow: Flow, *records: str, key: str = KEY) -> None:
    """One object of JSON Lines, packed; `broken` ends it in the middle."""
    whole = [line(record) + "\n" for record in records if record != "broken"]
    packer = zlib.compressobj(wbits=31)
    body = packer.compress("".join(whole).encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
    flow.landing.put(key, body if "broken" in records else body + packer.flush())


def live(flow: Flow) -> list[tuple[int, str]]:
    """Version and title of the live articles, in the order of their records."""
    return flow.rows("SELECT version, title FROM articles WHERE is_current ORDER BY key, record_no")


def versions(flow: Flow) -> list[tuple[int, str, int]]:
    return flow.rows("SELECT seq, state, articles FROM objects ORDER BY seq")


def holds(flow: Flow) -> bool:
    report = flow.reconcile()
    assert report.holds, report.differences
    return True


FIRST = ("post|One|In Vessmark.", "post|Two|In Vessmark.", "post|Three|In Vessmark.")


def test_f14_a_worse_record_keeps_the_last_good_version_of_that_record(flow: Flow) -> None:
    put(flow, *FIRST)
    flow.run()
    put(flow, "post|One again|In Vessmark.", "bad", "post|Three again|In Vessmark.")
    flow.run()
    assert live(flow) == [(2, "One again"), (1, "Two"), (2, "Three again")]
    assert versions(flow) == [(1, "partial", 1), (2, "partial", 2)]
    assert flow.published("SELECT articles FROM daily_totals WHERE entity_id = 'vessmark'") == [(3,)]
    assert holds(flow)
    put(flow, "post|One at last|In Vessmark.", "bad")  # the third line is gone, and the second still bad
    flow.run()
    assert live(flow) == [(3, "One at last"), (1, "Two")]
    assert versions(flow) == [(1, "partial", 1), (2, "superseded", 2), (3, "partial", 1)]
    assert holds(flow)
    put(flow, "post|One at last|In Vessmark.", "post|Two at last|In Vessmark.")
    flow.run()
    assert live(flow) == [(4, "One at last"), (4, "Two at last")]
    assert [state for _, state, _ in versions(flow)] == ["superseded", "superseded", "superseded", "loaded"]
    assert holds(flow)


def test_f14_nothing_goes_because_a_file_breaks_off(flow: Flow) -> None:
    put(flow, *FIRST, "post|Four|In Vessmark.")
    flow.run()
    put(flow, "post|One again|In Vessmark.", "broken")
    flow.run()
    assert live(flow) == [(2, "One again"), (1, "Two"), (1, "Three"), (1, "Four")]
    assert holds(flow)
    put(flow, "post|One again|In Vessmark.")  # whole, and shorter: the others were taken out
    flow.run()
    assert live(flow) == [(3, "One again")]
    assert holds(flow)


def test_f14_a_version_without_any_good_record_replaces_nothing(flow: Flow) -> None:
    put(flow, *FIRST)
    flow.run()
    put(flow, "bad")
    flow.run()
    assert live(flow) == [(1, "One"), (1, "Two"), (1, "Three")]
    assert versions(flow) == [(1, "loaded", 3), (2, "quarantined", 0)]
    assert holds(flow)


def test_f19_an_object_that_breaks_off_while_it_is_read_is_taken_again_as_a_whole(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(flow, *FIRST)
    flow.run()

    def broken_off(*told: Any) -> Iterator[Record | Rejection]:
        yield next(records_of(*told))
        yield Rejection("deferred", "fetch_failed", "the connection broke off", record_no=2, rest=True)

    monkeypatch.setattr(extraction, "records_of", broken_off)
    put(flow, "post|One again|In Vessmark.", "post|Two again|In Vessmark.")
    flow.ingest()
    assert flow.states() == {KEY: "deferred:fetch_failed"}
    assert len(live(flow)) == 3
    assert flow.rows("SELECT count(*) FROM quarantine") == [(0,)]
    assert flow.ingest()["taken"] == 1
    assert holds(flow)


def test_a_refusal_says_what_it_is_about_and_with_which_rules(flow: Flow) -> None:
    put(flow, FIRST[0], "bad", "other|bad")
    flow.run()
    ((version,),) = flow.rows("SELECT DISTINCT rules_version FROM quarantine")
    assert version == reading_version(parse_sources(""))
    rows = flow.rows("SELECT seq, record_no, source, reason_code, stage, rest, attempts FROM quarantine ORDER BY ALL")
    assert rows == [
        (1, 2, "unknown", "json_invalid", "parse", False, 1),
        (1, 3, "other", "no_body", "parse", False, 1),
    ]


STOPPED = ("bad|bad", "bad|bad", "bad|bad", "bad|Kept back|In Vessmark.", "good|Good|In Vessmark.")


def test_an_object_over_the_limit_of_objects_is_refused_unread(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fetched(store: Any, refs: list[ObjectRef], concurrency: int) -> Iterator[tuple[ObjectRef, Fetched | Rejection]]:
        asked.extend(ref.key.rpartition("/")[2] for ref in refs)
        for ref, outcome in fetch_batch(store, refs, concurrency):
            grown = ref.key.endswith("grown.txt")  # since it was listed
            yield (ref._replace(size_bytes=3_001) if grown else ref), outcome

    monkeypatch.setattr(extraction, "fetch_batch", fetched)
    flow.set(max_object_bytes=3_000)
    for name, size in (("large", 3_001), ("fits", 3_000), ("grown", 2_000)):
        text = f"Title {name}\n\nIn Vessmark, {name}. ".encode()
        flow.landing.put(f"{name}.txt", text + b"x" * (size - len(text)))
    flow.ingest()
    assert sorted(asked) == ["fits.txt", "grown.txt"]
    assert flow.states() == {
        "large.txt": "quarantined:too_large",
        "fits.txt": "loaded",
        "grown.txt": "quarantined:too_large",
    }
    ((reason,),) = flow.rows("SELECT detail FROM quarantine WHERE key LIKE '%large.txt'")
    assert reason == "3,001 bytes; the limit is 3,000 (MEDIAMONITOR_MAX_OBJECT_BYTES)"
    monkeypatch.undo()
    flow.set(max_object_bytes=10_000)
    quarantine.retry(flow.settings, quarantine.Which(reason="too_large"), flow.now)
    flow.ingest()
    assert flow.states()["large.txt"] == "loaded"


def held(flow: Flow) -> list[tuple[int, str, str, int]]:
    sql = "SELECT record_no, reason_code, state, attempts FROM quarantine WHERE state <> 'superseded' ORDER BY ALL"
    return flow.rows(sql)


def test_gate_stopped_records_of_one_source_are_held_back_and_the_object_is_partial(flow: Flow) -> None:
    flow.set(gate_count=3)
    put(flow, *STOPPED)
    flow.run()
    assert live(flow) == [(1, "Good")]
    assert flow.states() == {KEY: "partial:gate_stopped"}
    assert held(flow) == [(n, "no_body", "open", 1) for n in (1, 2, 3)] + [(4, "gate_stopped", "open", 1)]
    assert holds(flow)
    assert flow.ingest()["taken"] == 0
    assert flow.ingest(accept=("good",))["taken"] == 0
    assert flow.ingest(accept=("bad",))["articles"] == 2
    assert live(flow) == [(2, "Kept back"), (2, "Good")]
    assert held(flow) == [(n, "no_body", "open", 2) for n in (1, 2, 3)]
    assert versions(flow) == [(1, "superseded", 1), (2, "partial", 2)]
    assert holds(flow)


def test_gate_lets_in_what_somebody_retried_even_where_it_stops_new_files_of_the_source(flow: Flow) -> None:
    flow.set(gate_count=3)
    put(flow, *STOPPED)
    flow.ingest()
    quarantine.retry(flow.settings, quarantine.Which(reason="gate_stopped"), flow.now)
    put(flow, *STOPPED, key="2026/03/02/new.jsonl.gz")
    flow.ingest()
    assert live(flow) == [(2, "Kept back"), (2, "Good"), (1, "Good")]
    assert flow.states() == {KEY: "partial:no_body", "2026/03/02/new.jsonl.gz": "partial:gate_stopped"}
    assert holds(flow)


def test_gate_stopped_records_of_a_correction_keep_the_last_good_version(flow: Flow) -> None:
    flow.set(gate_count=3)
    put(flow, "bad|One|In Vessmark.", "bad|Two|In Vessmark.", "bad|Three|In Vessmark.", "bad|Four|In Vessmark.")
    flow.run()
    put(flow, *STOPPED)
    flow.run()
    assert live(flow) == [(1, "One"), (1, "Two"), (1, "Three"), (1, "Four"), (2, "Good")]
    assert holds(flow)


def test_gate_judges_a_source_that_it_holds_back_again_when_the_sources_change(flow: Flow) -> None:
    flow.set(gate_count=3)
    put(flow, *STOPPED)
    flow.run()
    sources = flow.folder / "sources.yaml"
    sources.write_text("version: 1\nsources: [{source: bad, name: The Bad Post}]\n")
    flow.set(sources=str(sources))
    assert flow.ingest()["deferred"] == 1
    assert (4, "gate_stopped", "open", 2) in held(flow)
    assert flow.ingest()["taken"] == 0
    assert holds(flow)


def test_f37_what_was_refused_is_taken_again_when_the_sources_change_and_stops_nobody(flow: Flow) -> None:
    for number in range(3):  # one at a time, so that the gate never sees three
        put(flow, "post|bad", key=f"2026/03/02/{number}.txt")
        flow.ingest()
    put(flow, "post|bad", key="2026/03/02/ignored.txt")
    flow.ingest()
    with flow.warehouse() as warehouse:
        warehouse.query("UPDATE quarantine SET state = 'ignored' WHERE ends_with(key, 'ignored.txt')")
    sources = flow.folder / "sources.yaml"
    sources.write_text("version: 1\nsources: [{source: post, charset: cp1252}]\n")
    flow.set(sources=str(sources), gate_count=2)
    put(flow, "post|New|In Vessmark.", key="2026/03/02/new.txt")
    done = flow.ingest()
    assert (done["taken"], done["articles"], done["quarantined"], done["deferred"]) == (4, 1, 3, 0)
    assert flow.rows("SELECT state, attempts, count(*) FROM quarantine GROUP BY ALL ORDER BY ALL") == [
        ("ignored", 1, 1),
        ("open", 2, 3),
        ("superseded", 1, 3),
    ]
    assert flow.ingest()["taken"] == 0
    sources.write_text("# a comment changes nothing\n" + sources.read_text())
    assert flow.ingest()["taken"] == 0
    assert holds(flow)


def test_what_is_ignored_stays_so_when_its_object_is_read_again(flow: Flow) -> None:
    put(flow, FIRST[0], "bad", "post|bad")
    flow.ingest()
    with flow.warehouse() as warehouse:
        warehouse.query("UPDATE quarantine SET state = 'ignored' WHERE record_no = 2")
    sources = flow.folder / "sources.yaml"
    sources.write_text("version: 1\nsources: [{source: post, charset: cp1252}]\n")
    flow.set(sources=str(sources))
    assert flow.ingest()["taken"] == 1
    assert held(flow) == [(2, "json_invalid", "ignored", 2), (3, "no_body", "open", 2)]
    assert holds(flow)


def test_f34_a_watchlist_changes_nothing_about_what_was_refused(flow: Flow) -> None:
    put(flow, FIRST[0], "bad")
    flow.ingest()
    Path(flow.settings.watchlist).write_text(WATCHLIST + "  - {id: monday, name: Monday, kind: topic}\n")
    assert flow.ingest()["taken"] == 0
