"""The ledger: every observation of an object has its one state, whatever happens to the object."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest

from flow.harness import NOON, Flow, article
from mediamonitor import pipeline
from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.s3 import S3Bucket
from mediamonitor.warehouse.connection import Warehouse, sql

KEY = "post/2026/03/02/ferry.txt"


def live(flow: Flow) -> list[tuple[str, str]]:
    """Key and title of the live articles."""
    return [
        (key.removeprefix(flow.landing.store.prefix), title)
        for key, title in flow.rows("SELECT key, title FROM articles WHERE is_current ORDER BY ALL")
    ]


def test_f11_late_file_with_an_older_day_is_loaded(flow: Flow) -> None:
    flow.landing.put("post/2026/03/05/b.txt", article())
    flow.run()
    flow.landing.put("aaa/2026/03/02/a.txt", article("Another title", "Vessmark again."))
    flow.run()
    assert [row[0] for row in live(flow)] == ["aaa/2026/03/02/a.txt", "post/2026/03/05/b.txt"]
    days = "SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2 ORDER BY published_on"
    assert flow.published(days) == [
        ("2026-03-02", "new"),
        ("2026-03-03", "new"),  # days on which nothing came, after the first of this source
        ("2026-03-04", "new"),
    ]


def test_f13_correction_replaces_and_the_old_version_stays_as_history(flow: Flow) -> None:
    flow.landing.put(KEY, article())
    flow.run()
    flow.landing.put(KEY, article(body="Nobody spoke in Vessmark."))
    flow.run()
    assert flow.rows("SELECT seq, is_current, state FROM objects ORDER BY seq") == [
        (1, False, "superseded"),
        (2, True, "loaded"),
    ]
    assert flow.rows("SELECT version, is_current FROM articles ORDER BY version") == [(1, False), (2, True)]
    assert flow.published("SELECT entity_id, articles FROM daily_totals ORDER BY ALL") == [
        ("lindqvist", 0),
        ("vessmark", 1),
    ]
    assert flow.reconcile().holds


def test_f13_correction_that_moves_the_day(flow: Flow) -> None:
    flow.landing.put("x.txt", article(), source="post", published_at="2026-03-02")
    flow.run()
    flow.landing.put("x.txt", article("Ferry is late"), source="post", published_at="2026-03-04")
    flow.run()
    assert flow.published(
        "SELECT published_on::VARCHAR, articles FROM mention_counts WHERE entity_id = 'vessmark'"
    ) == [("2026-03-04", 1)]
    assert not any("2026-03-02" in name for name in flow.data_files())
    assert flow.reconcile().holds


def test_f14_worse_correction_keeps_the_last_good_version_live(flow: Flow) -> None:
    flow.landing.put(KEY, article())
    flow.run()
    flow.landing.put(KEY, b"")
    flow.run()
    assert flow.states() == {KEY: "quarantined:empty_file"}
    assert live(flow) == [(KEY, "Ferry returns to the harbour")]
    assert flow.published("SELECT articles FROM daily_totals WHERE entity_id = 'vessmark'") == [(1,)]
    assert flow.reconcile().holds
    flow.landing.put(KEY, article("Ferry returns at last"))
    flow.run()
    assert live(flow) == [(KEY, "Ferry returns at last")]
    assert flow.rows("SELECT reason_code, state FROM quarantine") == [("empty_file", "superseded")]
    assert flow.reconcile().holds


def test_f15_deleted_object_stays_under_keep_and_says_since_when(flow: Flow) -> None:
    flow.landing.put(KEY, article())
    flow.run()
    flow.landing.delete(KEY)
    flow.run()
    ((state, deleted),) = flow.rows("SELECT state, source_deleted_at IS NOT NULL FROM objects")
    assert (state, deleted) == ("loaded", True)
    assert len(live(flow)) == 1
    assert flow.reconcile().holds


def test_f15_deleted_object_leaves_under_retract_and_the_next_older_copy_takes_over(flow: Flow) -> None:
    flow.set(deleted="retract")
    flow.landing.put(KEY, article())
    flow.landing.put("post/2026/03/04/copy.txt", article())
    flow.run()
    assert flow.published("SELECT DISTINCT published_on::VARCHAR FROM article_mentions") == [("2026-03-02",)]
    flow.landing.delete(KEY)
    for _ in range(2):  # the second run changes nothing
        flow.run()
        assert flow.rows(
            "SELECT key LIKE '%ferry%', state, source_deleted_at IS NOT NULL FROM objects ORDER BY ALL"
        ) == [
            (False, "loaded", False),
            (True, "retracted", True),
        ]
        assert [key for key, _ in live(flow)] == ["post/2026/03/04/copy.txt"]
        assert flow.rows("SELECT count(*) FROM hits WHERE version <> 1 OR published_on = '2026-03-02'") == [(0,)]
        assert flow.published("SELECT DISTINCT published_on::VARCHAR FROM article_mentions") == [("2026-03-04",)]
        assert flow.published(
            "SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2 ORDER BY ALL"
        ) == [("2026-03-02", "deletion"), ("2026-03-04", "cluster")]
        assert flow.rows("SELECT max(publication_id) FROM publication_log") == [(2,)]
        assert flow.reconcile().holds
    flow.landing.put(KEY, article())  # uploaded again is new
    flow.run()
    assert len(live(flow)) == 2
    assert flow.published("SELECT DISTINCT published_on::VARCHAR FROM article_mentions") == [("2026-03-02",)]
    assert flow.reconcile().holds


def test_f15_an_older_version_that_is_live_leaves_too(flow: Flow) -> None:
    flow.set(deleted="retract")
    flow.landing.put(KEY, article())
    flow.run()
    flow.landing.put(KEY, b"")  # worse: the first version stays live
    flow.run()
    flow.landing.delete(KEY)
    flow.run(accept_empty=True)
    assert live(flow) == []
    assert flow.rows("SELECT seq, state FROM objects ORDER BY seq") == [(1, "retracted"), (2, "quarantined")]
    assert flow.published("SELECT count(*) FROM mention_counts") == [(0,)]
    assert flow.reconcile().holds


def test_f15_what_was_kept_leaves_when_the_policy_becomes_retract(flow: Flow) -> None:
    flow.landing.put(KEY, article())
    flow.run()
    flow.landing.delete(KEY)
    flow.run()
    assert len(live(flow)) == 1
    flow.set(deleted="retract")
    with pytest.raises(InfrastructureError, match="1 live articles came from them"):
        flow.run()
    assert len(live(flow)) == 1
    flow.run(accept_empty=True)
    assert live(flow) == []
    assert flow.reconcile().holds


def test_f15_an_empty_landing_retracts_nothing_unless_somebody_says_that_it_is_meant(flow: Flow) -> None:
    flow.set(deleted="retract")
    flow.landing.put(KEY, article())
    flow.landing.put("post/2026/03/02/_SUCCESS", b"")  # what is ignored by its name is no sign of life
    flow.run()
    before = flow.rows("SELECT * FROM objects ORDER BY ALL")
    flow.landing.delete(KEY)
    with pytest.raises(InfrastructureError, match="nothing was changed"):
        flow.run()
    assert flow.rows("SELECT * FROM objects ORDER BY ALL") == before
    assert len(live(flow)) == 1
    assert flow.reconcile().holds
    flow.run(accept_empty=True)
    assert live(flow) == []
    flow.run()  # an empty landing that has lost nothing since is no trouble
    flow.landing.put(KEY, article())
    flow.run()
    assert len(live(flow)) == 1
    assert flow.reconcile().holds


def test_f15_another_folder_given_by_mistake_retracts_nothing(flow: Flow) -> None:
    right, wrong = flow.folder / "right", flow.folder / "wrong"
    for folder, key in ((right, "a.txt"), (wrong, "b.txt")):
        folder.mkdir()
        (folder / key).write_bytes(article())
    flow.set(deleted="retract", landing=str(right))
    flow.run()
    flow.set(landing=str(wrong))
    with pytest.raises(InfrastructureError, match="none of the files that were in"):
        flow.run()
    assert [key for key, _ in live(flow)] == ["a.txt"]
    flow.set(landing=str(right))
    assert flow.ingest()["new"] == 0
    assert flow.reconcile().holds


def test_f15_one_of_several_deleted_needs_no_word(flow: Flow) -> None:
    flow.set(deleted="retract")
    flow.landing.put(KEY, article())
    flow.landing.put("post/2026/03/04/b.txt", b"")  # refused, but it is there
    flow.run()
    flow.landing.delete(KEY)
    flow.landing.put("post/2026/03/04/b.txt", b" ")  # and still is, with other content
    flow.run()
    assert live(flow) == []
    assert flow.reconcile().holds


def test_f22_listing_that_fails_deletes_nothing(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    flow.set(deleted="retract")
    flow.landing.put(KEY, article())
    flow.run()

    def broken(self: S3Bucket) -> pa.Table:
        raise InfrastructureError("the second page failed")

    with monkeypatch.context() as patched:
        patched.setattr(S3Bucket, "listing", broken)
        with pytest.raises(InfrastructureError):
            flow.ingest()
    assert flow.states() == {KEY: "loaded"}
    assert len(live(flow)) == 1


def test_f30_key_that_is_listed_twice_is_taken_once(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    flow.landing.put(KEY, article())
    real = S3Bucket.listing

    def twice(self: S3Bucket) -> pa.Table:
        listing = real(self)
        older = listing.set_column(1, "etag", pa.array(["older"])).set_column(
            3, "last_modified", pa.array([NOON - timedelta(days=900)], pa.timestamp("us", tz="UTC"))
        )
        return pa.concat_tables([older, listing, listing])

    monkeypatch.setattr(S3Bucket, "listing", twice)
    assert flow.ingest()["taken"] == 1
    assert flow.states() == {KEY: "loaded"}
    assert flow.rows("SELECT count(*) FROM articles") == [(1,)]
    monkeypatch.undo()
    assert flow.ingest()["taken"] == 0
    assert flow.reconcile().holds


def test_case_12_the_same_content_again_is_a_no_op(flow: Flow) -> None:
    flow.landing.put(KEY, article())
    flow.run()
    flow.landing.put(KEY, article())
    assert flow.ingest()["taken"] == 0
    assert flow.publish()["publication_id"] is None


def test_content_that_returns_is_new_again(flow: Flow) -> None:
    for body in ("Version A in Vessmark.", "Version B.", "Version A in Vessmark."):
        flow.landing.put(KEY, article(body=body))
        flow.run()
    assert flow.rows("SELECT seq, state FROM objects ORDER BY seq") == [
        (1, "superseded"),
        (2, "superseded"),
        (3, "loaded"),
    ]
    assert flow.published("SELECT articles FROM daily_totals WHERE entity_id = 'vessmark'") == [(1,)]


def test_f16_deleted_between_listing_and_reading_is_vanished(flow: Flow) -> None:
    flow.landing.put(KEY, article())
    flow.landing.put("post/2026/03/02/other.txt", article("Other", "Vessmark."))
    context = flow.context()
    found = pipeline.discover(context)
    flow.landing.delete(KEY)
    staged = pipeline.extract(context, found["batches"], "1")
    pipeline.load(context, pipeline.validate(context, staged))
    assert flow.states() == {KEY: "vanished:vanished", "post/2026/03/02/other.txt": "loaded"}
    assert flow.reconcile().holds


def test_f17_overwritten_between_listing_and_reading_is_read_in_the_same_run(flow: Flow) -> None:
    flow.landing.put(KEY, article())
    context = flow.context()
    found = pipeline.discover(context)
    flow.landing.put(KEY, article("A newer title"))
    pipeline.load(context, pipeline.validate(context, pipeline.extract(context, found["batches"], "1")))
    assert live(flow) == [(KEY, "A newer title")]
    assert flow.ingest()["taken"] == 0
    assert flow.reconcile().holds


def test_b17_b18_keys_that_obstore_would_change_are_read_as_they_are(flow: Flow) -> None:
    names = [
        "a b+c%2F?x#y.txt",
        "new\nline.txt",
        "\u00e9.txt",
        "e\u0301.txt",
        "%41.txt",
    ]  # the third and fourth look alike
    keys = [f"post/2026/03/02/{name}" for name in names]
    for number, key in enumerate(keys):
        flow.landing.put(key, article(f"Title {number}"))
    flow.run()
    assert flow.states() == dict.fromkeys(keys, "loaded")
    assert flow.reconcile().holds


def test_correction_without_a_date_keeps_the_day_of_the_version_before(flow: Flow) -> None:
    flow.landing.put("x.txt", article(), source="post", published_at="2026-03-02T10:00:00+00:00")
    flow.run()
    flow.landing.put("x.txt", article("A corrected title"), source="post")
    flow.run()
    row = flow.rows(
        "SELECT title, published_on::VARCHAR, date_from, watchlist_version IS NOT NULL FROM articles WHERE is_current"
    )
    assert row == [("A corrected title", "2026-03-02", "metadata", True)]
    assert flow.published(
        "SELECT published_on::VARCHAR, articles FROM mention_counts WHERE entity_id = 'lindqvist'"
    ) == [("2026-03-02", 1)]
    assert flow.reconcile().holds


def test_f32_undated_article_counts_in_no_day(flow: Flow) -> None:
    (flow.folder / "sources.yaml").write_text("version: 1\nsources: [{source: post, undated: none}]\n")
    flow.set(sources=str(flow.folder / "sources.yaml"))
    flow.landing.put("x.txt", article(), source="post")
    flow.run()
    assert flow.published("SELECT published_on, source, undated FROM coverage") == [(None, "post", 1)]
    assert flow.published("SELECT count(*) FROM daily_mentions") == [(0,)]
    assert set(flow.data_files()) == {
        "articles/published_on=undated/data.parquet",
        "hits/published_on=undated/data.parquet",
    }
    assert flow.reconcile().holds


def test_one_batch_fails_and_the_next_run_takes_it_alone(flow: Flow) -> None:
    flow.set(batch_objects=2)
    for number in range(6):
        flow.landing.put(f"post/2026/03/02/{number}.txt", article(f"Title {number}"))
    context = flow.context()
    found = pipeline.discover(context)
    assert found["batches"] == ["b001", "b002", "b003"]
    staged = pipeline.extract(context, found["batches"][:2], "1")  # the third never comes
    assert pipeline.load(context, pipeline.validate(context, staged))["articles"] == 4
    assert sorted(flow.states().values()) == ["loaded"] * 4 + ["waiting"] * 2
    flow.landing.put("post/2026/03/02/new.txt", article("New"))
    context = flow.context()
    assert pipeline.discover(context)["batches"] == ["b001", "b002"]  # untried first, the failed ones apart from it
    assert [ref.key for ref in context.staging().read_manifest("b001")] == [
        f"{flow.landing.store.prefix}post/2026/03/02/new.txt"
    ]
    assert len(context.staging().read_manifest("b002")) == 2


def test_any_task_may_run_twice(flow: Flow) -> None:
    flow.landing.put(KEY, article())
    context = flow.context()
    found = pipeline.discover(context)
    assert pipeline.discover(context)["batches"] == found["batches"]
    assert flow.rows("SELECT attempts FROM objects") == [(1,)]
    staged = [pipeline.extract(context, ["b001"], attempt)[0] for attempt in ("1", "2")]
    for _ in range(2):
        validated = pipeline.validate(context, staged[1:])
    for expected in (1, 0):
        assert pipeline.load(context, validated)["articles"] == expected
    assert pipeline.validate(context, staged) == []
    assert flow.rows("SELECT count(*) FROM articles") == [(1,)]
    assert flow.rows("SELECT count(DISTINCT run_id), count(*) = count(DISTINCT expectation) FROM quality_results") == [
        (1, True)
    ]
    assert flow.reconcile().holds


def test_more_than_a_run_may_take_waits(flow: Flow) -> None:
    flow.set(run_batches=1, batch_objects=2)
    for number in range(5):
        flow.landing.put(f"post/2026/03/02/{number}.txt", article(f"Title {number}"))
    assert [flow.ingest()["untried_left"] for _ in range(3)] == [3, 1, 0]
    assert set(flow.states().values()) == {"loaded"}


@pytest.mark.parametrize("name", ["_SUCCESS", ".DS_Store", "x.txt.part", "x.tmp"])
def test_b20_named_rules_ignore(flow: Flow, name: str) -> None:
    flow.landing.put(f"post/2026/03/02/{name}", article())
    flow.run()
    ((state,),) = flow.rows("SELECT state FROM objects")
    assert state == "ignored"
    assert flow.reconcile().holds


def test_waiting_for_more_than_a_day_is_a_difference(flow: Flow) -> None:
    flow.landing.put(KEY, article())
    pipeline.discover(flow.context())
    assert flow.reconcile().holds
    flow.now += timedelta(hours=25)
    report = flow.reconcile()
    assert report.differences["no object waits for more than 24 hours"] == [f"landing {flow.landing.store.prefix}{KEY}"]


STATEMENTS_PER_ROW = {
    "load": "stage_parts duplicate_candidates_staged mark_duplicates rows_to_validate batch_accounts source_accounts "
    "verdicts batch settle_objects",
    "marts": "openings story_openers reopened_days clear_marts fresh_mentions mention_texts add_mentions "
    "count_mentions restate_story_totals restate_coverage",
}
PER_ROW = {f"{room}/{name}" for room, names in STATEMENTS_PER_ROW.items() for name in names.split()}


def test_no_statement_compares_every_row_with_every_other(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    """A join condition that is no plain equality makes DuckDB a nested loop: fine with samples, fatal with millions."""
    real, loops, seen = Warehouse.run, [], set()

    def explained(self: Warehouse, name: str, **values: object) -> object:
        if name not in PER_ROW:
            return real(self, name, **values)
        seen.add(name)
        for statement in self._connection.extract_statements(sql(name)):
            wanted = {key: values[key] for key in statement.named_parameters}
            if "BLOCKWISE_NL_JOIN" in str(self._connection.execute(f"EXPLAIN {statement.query}", wanted).fetchall()):
                loops.append(statement.query)
            self._connection.execute(statement, wanted)
        return self._connection

    with monkeypatch.context() as patched:
        patched.setattr(Warehouse, "run", explained)
        for body in (article(), article("A correction without a date")):
            flow.landing.put("x.txt", body, source="post")
            flow.run()
    assert loops == []
    assert seen == PER_ROW, "a statement of the list is no longer run"
    assert flow.reconcile().holds
