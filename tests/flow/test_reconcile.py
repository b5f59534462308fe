"""The proof can fail: each check is seen finding what it is for."""

from __future__ import annotations

import pytest

from flow.harness import Flow, article
from mediamonitor.reconcile import CHECKS

SPOILED = {
    "other_landing": "UPDATE listings SET prefix = 'elsewhere/'",
    "objects_with_several_states": "UPDATE objects SET is_current = false",
    "loaded_versions": "UPDATE articles SET is_current = false WHERE right(key, 5) = 'a.txt'",
    "older_articles": "INSERT INTO objects SELECT * REPLACE (0 AS seq, false AS is_current) FROM objects;"
    "INSERT INTO articles SELECT * REPLACE (0 AS version) FROM articles",
    "articles_twice": "INSERT INTO articles SELECT * REPLACE (9 AS version) FROM articles",
    "stray_hits": "INSERT INTO hits SELECT * FROM hits",
    "quarantine_kept": "DELETE FROM quarantine",
    "places": "UPDATE articles SET story_id = article_id WHERE duplicate_of IS NOT NULL",
    "counts": "UPDATE mention_counts SET occurrences = occurrences + 1",
    "totals": "UPDATE coverage SET articles = articles + 1",
}


@pytest.fixture
def loaded(flow: Flow) -> Flow:
    flow.landing.put("post/2026/03/02/a.txt", article())
    flow.landing.put("post/2026/03/03/b.txt", article())
    flow.landing.put("post/2026/03/03/c.txt", b"")
    flow.run()
    assert flow.reconcile().holds
    return flow


def test_every_check_is_seen_failing() -> None:
    assert CHECKS.keys() == SPOILED.keys() | {"waiting_too_long"}  # that one stands in test_ledger.py


@pytest.mark.parametrize("check", SPOILED)
def test_difference_is_found(loaded: Flow, check: str) -> None:
    with loaded.warehouse() as warehouse:
        warehouse.query(SPOILED[check])
    report = loaded.reconcile()
    assert report.differences[CHECKS[check]]
    assert not report.holds


def test_objects_that_are_gone_are_told(loaded: Flow) -> None:
    loaded.landing.delete("post/2026/03/02/a.txt")
    report = loaded.reconcile()
    assert report.holds
    assert report.gone == 1
    assert "        1  objects listed before and gone since" in report.lines()
    loaded.ingest()
    assert loaded.reconcile().gone == 0


def test_new_objects_and_days_to_publish_are_no_difference(loaded: Flow) -> None:
    loaded.landing.put("post/2026/03/04/d.txt", article("New"))
    assert loaded.reconcile().objects == {"loaded": 2, "new": 1, "quarantined": 1}
    loaded.ingest()
    report = loaded.reconcile()
    assert report.holds
    assert [str(day) for day in report.to_publish] == ["2026-03-04"]
