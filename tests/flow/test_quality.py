"""The three expectations of the mission, the table expectations and the gate, each seen failing.

What parsing makes meets the row expectations by itself, so a part is spoiled here between extract and validate, as a
bug in parsing or an older rule set would spoil it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flow.harness import Flow, article
from mediamonitor import pipeline
from mediamonitor.errors import CheckFailed, InfrastructureError
from mediamonitor.quality import apart, suite
from mediamonitor.quality.apart import validate_apart
from mediamonitor.quality.gate import refuse_empty_validation
from mediamonitor.quality.pages import quality_index, without_outside_hosts

Row = dict[str, Any]


def spoiled_run(flow: Flow, spoil: Callable[[list[Row]], list[Row]]) -> pipeline.RecordCounts:
    """A run whose staged part is changed by `spoil`."""
    context = flow.context()
    found = pipeline.discover(context)
    staged = pipeline.extract(context, found["batches"], "1")
    path = context.staging().store.local_path(f"{context.run_id}/b001/1/part.parquet")
    assert path is not None
    table = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(spoil(table.to_pylist()), schema=table.schema), path)
    return pipeline.load(context, pipeline.validate(context, staged))


def first(**changes: Any) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{**rows[0], **changes}, *rows[1:]]


@pytest.mark.parametrize(
    ("expectation", "changes"),
    [
        ("expect_body_not_empty", {"body": "", "body_chars": 0}),
        ("expect_trailers_stripped", {"body_tail": "He said so.\nsource site-9\nAnd left."}),
        ("expect_encoding_known", {"encoding": "cp1252"}),
        ("expect_date_plausible", {"published_on": date(1970, 1, 1)}),
        ("expect_date_not_after_arrival", {"published_on": date(2099, 1, 1)}),
    ],
)
def test_row_that_fails_goes_to_quarantine_and_the_rest_load(flow: Flow, expectation: str, changes: Row) -> None:
    for number in range(3):
        flow.landing.put(f"post/2026/03/02/{number}.txt", article(f"Title {number}"))
    loaded = spoiled_run(flow, first(**changes))
    assert (loaded["articles"], loaded["quarantined"]) == (2, 1)
    assert flow.states()["post/2026/03/02/0.txt"] == f"quarantined:{expectation}"
    assert flow.rows("SELECT reason_code, stage, state FROM quarantine") == [(expectation, "validate", "open")]
    results = dict(flow.rows("SELECT expectation, success FROM quality_results"))
    assert [name for name, success in results.items() if not success] == [expectation]
    assert flow.reconcile().holds


def test_deduped_titles_duplicates_are_marked_and_the_expectation_holds(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.landing.put("post/2026/03/04/b.txt", article(trailer="(Reuters)"))
    flow.landing.put("post/2026/03/12/c.txt", article())  # more than 7 days after the first: counted again
    flow.landing.put("post/2026/03/13/d.txt", article("FERRY  returns to the Harbour!"))  # a duplicate of c, not of a
    flow.landing.put("other/2026/03/02/e.txt", article())  # another source
    flow.landing.put("post/2026/03/03/f.txt", article(body="The same title with another body about Vessmark."))
    flow.run()
    pairs = "FROM articles a LEFT JOIN articles o ON o.article_id = a.duplicate_of"
    marks = dict(flow.rows(f"SELECT right(a.key, 5), right(o.key, 5) {pairs}"))
    assert marks == {"a.txt": None, "b.txt": "a.txt", "c.txt": None, "d.txt": "c.txt", "e.txt": None, "f.txt": None}
    assert flow.rows("SELECT success FROM quality_results WHERE expectation = 'expect_titles_deduped'") == [(True,)]
    assert flow.published(
        "SELECT source, sum(articles)::INT, sum(duplicates)::INT FROM coverage GROUP BY ALL ORDER BY ALL"
    ) == [("other", 1, 0), ("post", 3, 2)]
    assert flow.reconcile().holds


def test_f29_earlier_article_that_comes_late_takes_the_place_of_the_original(flow: Flow) -> None:
    flow.landing.put("post/2026/03/04/b.txt", article())
    flow.run()
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.run()
    assert flow.published("SELECT published_on::VARCHAR FROM article_mentions GROUP BY ALL") == [("2026-03-02",)]
    flow.landing.put("post/2026/03/02/a.txt", article("Something else"))  # the original goes: the next takes over
    flow.run()
    assert flow.published("SELECT published_on::VARCHAR FROM article_mentions GROUP BY ALL ORDER BY ALL") == [
        ("2026-03-02",),
        ("2026-03-04",),
    ]
    assert flow.reconcile().holds


def test_case_3_empty_title_and_earlier_version_are_no_key(flow: Flow) -> None:
    long = "A very long first line that is the body itself, since no headline is ever so long. " * 5
    flow.landing.put("post/2026/03/02/a.txt", long.encode())
    flow.landing.put("post/2026/03/03/b.txt", long.encode())
    flow.landing.put("post/2026/03/03/c.txt", article())
    flow.run()
    flow.landing.put("post/2026/03/03/c.txt", article(trailer="(AP)"))  # the same article, corrected
    flow.run()
    assert flow.rows("SELECT count(*), count(duplicate_of), count(title_key) FROM articles WHERE is_current") == [
        (3, 0, 1)
    ]


def test_deduped_titles_fails_when_a_duplicate_is_left_unmarked(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    from mediamonitor.warehouse import connection

    marks_nothing = connection.sql("load/mark_duplicates").replace("counted.place < ranked.place", "false")
    real = connection.sql
    monkeypatch.setattr(connection, "sql", lambda name: marks_nothing if name == "load/mark_duplicates" else real(name))
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.landing.put("post/2026/03/03/b.txt", article())
    assert flow.ingest()["quarantined"] == 2
    assert set(flow.states().values()) == {"quarantined:expect_titles_deduped"}


@pytest.mark.parametrize(
    ("expectation", "spoil"),
    [
        ("expect_records_accounted", lambda rows: [{**rows[0], "outcome": "lost"}, *rows[1:]]),
        ("expect_objects_accounted", lambda rows: rows[1:]),
    ],
)
def test_failed_table_expectation_stops_the_load(
    flow: Flow, expectation: str, spoil: Callable[[list[Row]], list[Row]]
) -> None:
    for number in range(3):
        flow.landing.put(f"post/2026/03/02/{number}.txt", article(f"Title {number}"))
    with pytest.raises(CheckFailed, match=expectation):
        spoiled_run(flow, spoil)
    assert flow.rows("SELECT count(*) FROM articles") == [(0,)]
    assert set(flow.states().values()) == {"waiting"}
    assert (expectation, False) in flow.rows("SELECT expectation, success FROM quality_results")
    flow.run()  # the next run takes them again
    assert set(flow.states().values()) == {"loaded"}


def test_more_rows_than_a_slice_are_judged_all(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "SLICE_ROWS", 1_000)
    records = [json.dumps({"title": f"Title {number}", "body": f"Body {number}."}) for number in range(5_000)]
    flow.landing.put("post/2026/03/02/feed.jsonl", "\n".join(records).encode())

    def spoil(rows: list[Row]) -> list[Row]:
        return [{**row, "body_chars": 0} if row["record_no"] in {1, 2_500, 5_000} else row for row in rows]

    loaded = spoiled_run(flow, spoil)
    assert (loaded["articles"], loaded["quarantined"]) == (4_997, 3)
    assert flow.rows("SELECT record_no FROM quarantine ORDER BY record_no") == [(1,), (2_500,), (5_000,)]
    assert flow.rows("SELECT DISTINCT rows FROM quality_results WHERE severity = 'row'") == [(5_000,)]
    ((slices,),) = flow.rows("SELECT count(*) FROM quality_pages WHERE path LIKE 'validations/articles-%'")
    assert slices > 1


def test_f35_empty_validation_of_a_batch_that_is_not_empty_is_a_failure() -> None:
    refuse_empty_validation(0, 0, 1, 1)
    refuse_empty_validation(5, 5, 1, 1)
    with pytest.raises(CheckFailed, match="saw 0 of 5"):
        refuse_empty_validation(0, 5, 1, 1)
    with pytest.raises(CheckFailed, match="1 of 2"):
        refuse_empty_validation(5, 5, 1, 2)


def test_f36_source_with_too_many_failures_is_stopped_and_the_others_load(flow: Flow) -> None:
    flow.set(gate_count=3, gate_share=0.2)
    for number in range(10):
        flow.landing.put(f"good/2026/03/02/{number}.txt", article(f"Good {number}"))
        flow.landing.put(f"bad/2026/03/02/{number}.txt", b"" if number < 3 else article(f"Bad {number}"))
    loaded = flow.ingest()
    assert (loaded["articles"], loaded["quarantined"], loaded["deferred"]) == (10, 3, 7)
    assert flow.rows("SELECT DISTINCT source FROM articles") == [("good",)]
    ((reason,),) = flow.rows("SELECT DISTINCT reason FROM objects WHERE reason_code = 'gate_stopped'")
    assert "3 of 10 records of bad failed" in reason
    assert flow.ingest()["taken"] == 0  # not by itself
    assert flow.ingest(accept=("good",))["taken"] == 0  # another source does not let it in
    assert flow.ingest(accept=("bad",))["articles"] == 7
    assert flow.reconcile().holds


def test_f36_one_bad_file_among_a_thousand_costs_only_itself(flow: Flow) -> None:
    for number in range(1_000):
        content = b"\x00" if number == 500 else article(f"Title {number}")
        flow.landing.put(f"post/2026/03/02/{number:04d}.txt", content)
    loaded = flow.ingest()
    assert (loaded["articles"], loaded["quarantined"], loaded["deferred"]) == (999, 1, 0)
    assert flow.reconcile().holds


def test_f36_gate_needs_both_the_share_and_the_count(flow: Flow) -> None:
    flow.set(gate_count=3, gate_share=0.2)
    for number in range(15):
        flow.landing.put(f"share/2026/03/02/{number}.txt", b"" if number < 3 else article(f"Title {number}"))
    for number in range(2):
        flow.landing.put(f"count/2026/03/02/{number}.txt", b"" if number < 1 else article(f"Title {number}"))
    loaded = flow.ingest()
    assert (loaded["quarantined"], loaded["deferred"]) == (4, 0)


def test_quality_pages_load_nothing_from_elsewhere_and_escape_what_they_show(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/<script>alert(1)</script>.txt", b"")
    flow.run()
    root = flow.folder / "published" / "quality"
    pages = [path.read_text() for path in root.rglob("*.html")]
    assert len(pages) > 3
    for page in pages:
        for mark in ("<script", 'src="http', 'href="http', "@import", "//cdn"):
            assert mark not in page
    assert "empty_file" in (root / "index.html").read_text()
    hostile = quality_index([], [("<script>alert(1)</script>", "parse", 1)], has_docs=False).decode()
    assert "<script" not in hostile
    page = b'<link href="https://a.b/c.css"><body onload="x()"><img src="//a.b/c.png"><a href="x.html">x</a>'
    stripped = without_outside_hosts(page)
    assert b"a.b" not in stripped
    assert b"onload" not in stripped
    assert b"x.html" in stripped


ROWS = pa.table(
    {
        "row_id": pa.array([0, 1, 2], pa.int64()),
        "body_chars": pa.array([5, 0, 5], pa.int32()),
        "body_tail": ["One.", "Two.", "Three.\nsource site-9"],
        "encoding": ["utf-8", "utf-8", "utf-8"],
        "unmarked_twins": pa.array([0, 0, 0], pa.int64()),
        "published_year": pa.array([2026, None, 2026], pa.int64()),
        "hours_after_arrival": pa.array([0, None, 1], pa.int64()),
    }
)
ACCOUNTS = pa.table({"batch_id": ["b001"], "objects_in": [1], "objects_out": [1], "rows_in": [3], "rows_out": [3]})


def test_a_process_of_its_own_finds_the_same() -> None:
    here, there = (judge(ROWS.to_reader(2), ACCOUNTS, ["utf-8"]) for judge in (suite.validate, validate_apart))
    assert there.results() == here.results()
    assert there.failed.to_pylist() == here.failed.to_pylist()
    assert [row["row_id"] for row in there.failed.to_pylist()] == [1, 2]
    assert there.rows == here.rows == 3
    assert len(there.pages) == len(here.pages) > 3


@pytest.mark.parametrize(
    ("code", "told"),
    [("import os; os.kill(os.getpid(), 9)", "signal 9"), ("raise SystemExit(4)", "ended with code 4")],
)
def test_the_process_that_validates_dies_and_nothing_is_loaded(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article())
    context = replace(flow.context(), validate_apart=True)
    staged = pipeline.extract(context, pipeline.discover(context)["batches"], "1")
    with monkeypatch.context() as patched:
        patched.setattr(apart, "module_process", lambda *told: ([sys.executable, "-c", code], None))
        with pytest.raises(InfrastructureError, match=told):
            pipeline.validate(context, staged)
    assert flow.rows("SELECT count(*) FROM articles") == [(0,)]
    assert pipeline.load(context, pipeline.validate(context, staged))["articles"] == 1
    assert flow.reconcile().holds


def test_what_does_not_go_into_a_pipe_any_more_is_no_other_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "module_process", lambda *told: ([sys.executable, "-c", "raise SystemExit(5)"], None))
    many = pa.concat_tables([ROWS] * 100_000).combine_chunks()
    with pytest.raises(InfrastructureError, match="ended with code 5"):
        validate_apart(many.to_reader(50_000), ACCOUNTS, ["utf-8"])
