"""The samples through the whole flow: what the first run shows."""

from __future__ import annotations

from pathlib import Path

from flow.harness import SAMPLES, Flow

INCLUDE = SAMPLES.parent


def test_samples_counts_states_and_second_run(flow: Flow) -> None:
    flow.set(watchlist=str(INCLUDE / "watchlist.yaml"), sources=str(INCLUDE / "sources.yaml"))
    flow.landing.put_folder(SAMPLES / "1-first")
    flow.run()

    states = flow.states()
    assert len(states) == 74
    assert {key: state for key, state in states.items() if state != "loaded"} == {
        "rhenmark-courier/2026/03/06/_SUCCESS": "ignored:job_marker",
        "capital-ledger/2026/03/04/empty-page.txt": "quarantined:empty_file",
        "harbour-post/2026/03/03/live-blog.txt": "quarantined:no_body",
        "rhenmark-courier/2026/03/05/cafe-review.txt": "quarantined:encoding_invalid",
        "capital-ledger/2026/03/05/council-report.txt": "quarantined:not_text:pdf",
        "harbour-post/2026/03/04/feed.jsonl": "quarantined:json_invalid",
        "2026/03/06/weekend-notice.txt": "quarantined:expect_body_not_empty",
    }
    counts = dict(
        flow.published("SELECT entity_id, list(articles ORDER BY published_on) FROM daily_totals GROUP BY entity_id")
    )
    assert counts == {
        "mara-lindqvist": [2, 3, 1, 0, 3],
        "jonah-verrall": [1, 5, 0, 3, 3],
        "quillan-frost": [1, 0, 1, 2, 0],
        "tarnwick-energy": [1, 1, 1, 1, 2],
        "port-tarnwick": [2, 4, 2, 0, 1],
        "northern-transit": [6, 1, 1, 1, 3],
        "vessmark": [5, 1, 2, 1, 4],
        "zephra": [3, 1, 2],  # active from the third day on
        "rail-strike": [3, 1, 3, 1, 3],
        "wind-farm": [0, 0, 0, 1, 4],
    }
    gap = flow.published(
        "SELECT source, published_on::VARCHAR, articles, status FROM coverage WHERE status = 'no_data'"
    )
    assert gap == [("rhenmark-courier", "2026-03-04", 0, "no_data")]
    assert flow.published(
        "SELECT count(*) FROM daily_mentions WHERE source = 'rhenmark-courier' AND published_on = '2026-03-04'"
    ) == [(0,)]
    assert flow.published("SELECT sum(duplicates)::INT FROM coverage") == [(2,)]
    assert flow.reconcile().holds

    before, snapshots = flow.data_files(), flow.snapshots()
    flow.run()
    assert flow.data_files() == before
    assert flow.snapshots() == snapshots
    assert flow.rows("SELECT count(*) FROM articles") == [(67,)]

    flow.landing.put_folder(SAMPLES / "2-later")
    flow.run()
    after = flow.data_files()
    touched = {name.split("/")[1] for name in after if after[name] != before.get(name)}
    assert touched == {
        "published_on=2026-03-02",
        "published_on=2026-03-03",
        "published_on=2026-03-05",
        "published_on=2026-03-06",
        "clippings_2026-03.csv",
        "daily_mentions_2026-03.csv",
    }
    causes = flow.published(
        "SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2 ORDER BY ALL"
    )
    assert causes == [
        ("2026-03-02", "late"),
        ("2026-03-03", "correction"),
        ("2026-03-05", "late"),
        ("2026-03-06", "cluster"),
    ]
    assert flow.reconcile().holds


def test_snippets_hold_the_name_and_links_lead_back_to_the_text(flow: Flow) -> None:
    flow.set(watchlist=str(INCLUDE / "watchlist.yaml"), sources=str(INCLUDE / "sources.yaml"))
    flow.landing.put_folder(SAMPLES / "1-first")
    flow.run()
    spellings = dict(flow.published("SELECT entity_id, aliases FROM entities"))
    for entity, snippet in flow.published("SELECT entity_id, snippet FROM article_mentions"):
        assert any(alias.casefold() in snippet.casefold() for alias in spellings[entity]), (entity, snippet)
        assert len(snippet) <= 300
    root = Path(flow.settings.published)
    sql = f"""
        SELECT count(*), count(*) FILTER (lower(CASE hits.zone WHEN 'title' THEN title WHEN 'trailer' THEN trailer
                   WHEN 'headline_echo' THEN headline_echo ELSE body END[start_char + 1:end_char]) = lower(alias))
        FROM read_parquet('{root}/hits/*/*.parquet', hive_partitioning = false) AS hits
        JOIN read_parquet('{root}/articles/*/*.parquet', hive_partitioning = false) AS articles USING (article_id)
    """
    total, exact = flow.published(sql)[0]
    assert total == exact > 100
