"""Verdicts on single records: what a correction replaces, what the gate holds back, what is taken again.

One object is one file of lines here, each a record `source|title|body`; `bad` is one that cannot be read, `broken` one
after which nothing can be read, `lost` a connection that breaks off.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flow.harness import WATCHLIST, Flow
from mediamonitor import pipeline
from mediamonitor.article import Article, Fetched, ObjectRef, Rejection, article_id
from mediamonitor.context import Context, pinned_config, reading_version, rules_version
from mediamonitor.landing.staged import PartWriter
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.reader import Reader
from mediamonitor.sources import parse_sources
from mediamonitor.watchlist.matcher import Matcher, Texts

KEY = "2026/03/02/many.txt"
BAD = {
    "bad": Rejection("quarantined", "json_invalid", "not a record"),
    "broken": Rejection("quarantined", "gzip_corrupt", "ends in the middle", rest=True),
    "lost": Rejection("deferred", "fetch_failed", "the connection broke off", rest=True),
}


def extract_lines(context: Context, batch_id: str, attempt: str) -> pipeline.Extracted:
    """What pipeline.extract does, with a record for each line."""
    watchlist, sources = pinned_config(context)
    landing, path = context.landing(), Path(context.settings.staging) / "part.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    reader = Reader(sources, KeyPatterns(context.settings.key_patterns), landing.prefix, 1000)
    with PartWriter(path, watchlist.content_hash, rules_version()) as writer:
        for ref in context.staging().read_manifest(batch_id):
            for number, line in enumerate(landing.get(ref.key).body.decode().split("\n"), start=1):
                outcome = read_line(reader, ref, number, line)
                if isinstance(outcome, Article):
                    texts = Texts(outcome.title, outcome.body, outcome.trailer, outcome.headline_echo)
                    writer.add_article(ref, outcome, Matcher(watchlist).match(texts, outcome.dating.published_on))
                else:
                    writer.add_rejection(ref, outcome)
    context.staging().write_part(batch_id, attempt, path)
    return pipeline.Extracted(batch_id=batch_id, attempt=attempt, **writer.counts)


def read_line(reader: Reader, ref: ObjectRef, number: int, line: str) -> Article | Rejection:
    source, _, text = line.partition("|")
    if not text or "|" not in text:
        return replace(BAD[text or source], source=source if text else "unknown", record_no=number)
    outcome = reader.read(ref, Fetched(text.replace("|", "\n\n").encode(), {"source": source}))
    assert isinstance(outcome, Article)
    return replace(outcome, record_no=number, article_id=article_id(ref.bucket, ref.key, "", number))


@pytest.fixture
def lines(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> Flow:
    monkeypatch.setattr(pipeline, "extract", extract_lines)
    return flow


def put(flow: Flow, *records: str, key: str = KEY) -> None:
    flow.landing.put(key, "\n".join(records).encode())


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


def test_f14_a_worse_record_keeps_the_last_good_version_of_that_record(lines: Flow) -> None:
    put(lines, *FIRST)
    lines.run()
    put(lines, "post|One again|In Vessmark.", "bad", "post|Three again|In Vessmark.")
    lines.run()
    assert live(lines) == [(2, "One again"), (1, "Two"), (2, "Three again")]
    assert versions(lines) == [(1, "partial", 1), (2, "partial", 2)]
    assert lines.published("SELECT articles FROM daily_totals WHERE entity_id = 'vessmark'") == [(3,)]
    assert holds(lines)
    put(lines, "post|One at last|In Vessmark.", "bad")  # the third line is gone, and the second still bad
    lines.run()
    assert live(lines) == [(3, "One at last"), (1, "Two")]
    assert versions(lines) == [(1, "partial", 1), (2, "superseded", 2), (3, "partial", 1)]
    assert holds(lines)
    put(lines, "post|One at last|In Vessmark.", "post|Two at last|In Vessmark.")
    lines.run()
    assert live(lines) == [(4, "One at last"), (4, "Two at last")]
    assert [state for _, state, _ in versions(lines)] == ["superseded", "superseded", "superseded", "loaded"]
    assert holds(lines)


def test_f14_nothing_goes_because_a_file_breaks_off(lines: Flow) -> None:
    put(lines, *FIRST, "post|Four|In Vessmark.")
    lines.run()
    put(lines, "post|One again|In Vessmark.", "broken")
    lines.run()
    assert live(lines) == [(2, "One again"), (1, "Two"), (1, "Three"), (1, "Four")]
    assert holds(lines)
    put(lines, "post|One again|In Vessmark.")  # whole, and shorter: the others were taken out
    lines.run()
    assert live(lines) == [(3, "One again")]
    assert holds(lines)


def test_f14_a_version_without_any_good_record_replaces_nothing(lines: Flow) -> None:
    put(lines, *FIRST)
    lines.run()
    put(lines, "bad")
    lines.run()
    assert live(lines) == [(1, "One"), (1, "Two"), (1, "Three")]
    assert versions(lines) == [(1, "loaded", 3), (2, "quarantined", 0)]
    assert holds(lines)


def test_f19_an_object_that_breaks_off_while_it_is_read_is_taken_again_as_a_whole(lines: Flow) -> None:
    put(lines, *FIRST)
    lines.run()
    put(lines, "post|One again|In Vessmark.", "lost")
    lines.ingest()
    assert lines.states() == {KEY: "deferred:fetch_failed"}
    assert len(live(lines)) == 3
    assert lines.rows("SELECT count(*) FROM quarantine") == [(0,)]
    assert lines.ingest()["taken"] == 1
    assert holds(lines)


def test_a_refusal_says_what_it_is_about_and_with_which_rules(lines: Flow) -> None:
    put(lines, FIRST[0], "bad", "other|bad")
    lines.run()
    ((version,),) = lines.rows("SELECT DISTINCT rules_version FROM quarantine")
    assert version == reading_version(parse_sources(""))
    rows = lines.rows("SELECT seq, record_no, source, reason_code, stage, rest, attempts FROM quarantine ORDER BY ALL")
    assert rows == [
        (1, 2, "unknown", "json_invalid", "parse", False, 1),
        (1, 3, "other", "json_invalid", "parse", False, 1),
    ]


STOPPED = ("bad|bad", "bad|bad", "bad|bad", "bad|Kept back|In Vessmark.", "good|Good|In Vessmark.")


def held(flow: Flow) -> list[tuple[int, str, str, int]]:
    sql = "SELECT record_no, reason_code, state, attempts FROM quarantine WHERE state <> 'superseded' ORDER BY ALL"
    return flow.rows(sql)


def test_gate_stopped_records_of_one_source_are_held_back_and_the_object_is_partial(lines: Flow) -> None:
    lines.set(gate_count=3)
    put(lines, *STOPPED)
    lines.run()
    assert live(lines) == [(1, "Good")]
    assert lines.states() == {KEY: "partial:gate_stopped"}
    assert held(lines) == [(n, "json_invalid", "open", 1) for n in (1, 2, 3)] + [(4, "gate_stopped", "open", 1)]
    assert holds(lines)
    assert lines.ingest()["taken"] == 0
    assert lines.ingest(accept=("good",))["taken"] == 0
    assert lines.ingest(accept=("bad",))["articles"] == 2
    assert live(lines) == [(2, "Kept back"), (2, "Good")]
    assert held(lines) == [(n, "json_invalid", "open", 2) for n in (1, 2, 3)]
    assert versions(lines) == [(1, "superseded", 1), (2, "partial", 2)]
    assert holds(lines)


def test_gate_stopped_records_of_a_correction_keep_the_last_good_version(lines: Flow) -> None:
    lines.set(gate_count=3)
    put(lines, "bad|One|In Vessmark.", "bad|Two|In Vessmark.", "bad|Three|In Vessmark.", "bad|Four|In Vessmark.")
    lines.run()
    put(lines, *STOPPED)
    lines.run()
    assert live(lines) == [(1, "One"), (1, "Two"), (1, "Three"), (1, "Four"), (2, "Good")]
    assert holds(lines)


def test_gate_judges_a_source_that_it_holds_back_again_when_the_sources_change(lines: Flow) -> None:
    lines.set(gate_count=3)
    put(lines, *STOPPED)
    lines.run()
    sources = lines.folder / "sources.yaml"
    sources.write_text("version: 1\nsources: [{source: bad, name: The Bad Post}]\n")
    lines.set(sources=str(sources))
    assert lines.ingest()["deferred"] == 1
    assert (4, "gate_stopped", "open", 2) in held(lines)
    assert lines.ingest()["taken"] == 0
    assert holds(lines)


def test_f37_what_was_refused_is_taken_again_when_the_sources_change_and_stops_nobody(lines: Flow) -> None:
    for number in range(3):  # one at a time, so that the gate never sees three
        put(lines, "post|bad", key=f"2026/03/02/{number}.txt")
        lines.ingest()
    put(lines, "post|bad", key="2026/03/02/ignored.txt")
    lines.ingest()
    with lines.warehouse() as warehouse:
        warehouse.query("UPDATE quarantine SET state = 'ignored' WHERE ends_with(key, 'ignored.txt')")
    sources = lines.folder / "sources.yaml"
    sources.write_text("version: 1\nsources: [{source: post, charset: cp1252}]\n")
    lines.set(sources=str(sources), gate_count=2)
    put(lines, "post|New|In Vessmark.", key="2026/03/02/new.txt")
    done = lines.ingest()
    assert (done["taken"], done["articles"], done["quarantined"], done["deferred"]) == (4, 1, 3, 0)
    assert lines.rows("SELECT state, attempts, count(*) FROM quarantine GROUP BY ALL ORDER BY ALL") == [
        ("ignored", 1, 1),
        ("open", 2, 3),
        ("superseded", 1, 3),
    ]
    assert lines.ingest()["taken"] == 0
    sources.write_text("# a comment changes nothing\n" + sources.read_text())
    assert lines.ingest()["taken"] == 0
    assert holds(lines)


def test_what_is_ignored_stays_so_when_its_object_is_read_again(lines: Flow) -> None:
    put(lines, FIRST[0], "bad", "post|bad")
    lines.ingest()
    with lines.warehouse() as warehouse:
        warehouse.query("UPDATE quarantine SET state = 'ignored' WHERE record_no = 2")
    sources = lines.folder / "sources.yaml"
    sources.write_text("version: 1\nsources: [{source: post, charset: cp1252}]\n")
    lines.set(sources=str(sources))
    assert lines.ingest()["taken"] == 1
    assert held(lines) == [(2, "json_invalid", "ignored", 2), (3, "json_invalid", "open", 2)]
    assert holds(lines)


def test_f34_a_watchlist_changes_nothing_about_what_was_refused(lines: Flow) -> None:
    put(lines, FIRST[0], "bad")
    lines.ingest()
    Path(lines.settings.watchlist).write_text(WATCHLIST + "  - {id: monday, name: Monday, kind: topic}\n")
    assert lines.ingest()["taken"] == 0
