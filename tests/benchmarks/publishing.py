"""Publishing one restated day out of a year that was published month by month: one hit more, of one article."""

from __future__ import annotations

import resource
import time
from datetime import date, datetime, timezone
from pathlib import Path

from mediamonitor import pipeline
from mediamonitor.context import Context, rules_version
from mediamonitor.settings import Settings
from mediamonitor.stories.signatures import rules
from mediamonitor.warehouse.connection import open_warehouse
from mediamonitor.watchlist.parse import parse_watchlist

FIRST = date(2025, 1, 1)
NAMED = 5
"""Entities that an article names."""
FILL = """
INSERT INTO articles BY NAME
SELECT
    sha256(day || '-' || source || '-' || article) AS article_id, 1 AS version, true AS is_current,
    'b' AS bucket,
    article_id AS key, '' AS member, 1 AS record_no, printf('source-%03d', source) AS source, 'key' AS source_from,
    'Title' AS title, 'title' AS title_key, printf('Entity %d.', article) AS body,
    $first::DATE + day::INTEGER AS published_on,
    'day' AS date_precision, 'utf-8' AS encoding, 10 AS body_chars, 2 AS body_words, article_id AS content_sha256,
    $watchlist_version AS watchlist_version, $rules_version AS rules_version, TIMESTAMP '2026-01-01' AS ingested_at,
    'bench' AS run_id, article_id AS story_id, true AS is_origin,
    1 + article + $articles * (source + $sources * day) AS signature
FROM range($days) AS days (day), range($sources) AS sources (source), range($articles) AS articles (article);
INSERT INTO signatures
SELECT signature, published_on, [hash(signature)], [], false FROM articles;
INSERT INTO hits
SELECT
    article_id, 1, published_on,
    printf('e%d', (hash(article_id) % 1000000 + 7 * number) % $entities), 'Entity', 'lead', number,
    number + 6, true, NULL
FROM articles, range($named) AS numbers (number);
INSERT INTO signature_rules SELECT $rules || version();
"""
MONTHS = "SELECT DISTINCT date_trunc('month', published_on) FROM articles ORDER BY ALL"
DIRTY = """
INSERT INTO dirty_days
SELECT DISTINCT published_on, 'arrival' FROM articles WHERE date_trunc('month', published_on) = $month;
"""
LATE = """
INSERT INTO hits SELECT * REPLACE (start_char + 100 AS start_char, end_char + 100 AS end_char) FROM hits LIMIT 1;
INSERT INTO dirty_days VALUES ($first::DATE + $restated::INTEGER, 'arrival');
"""


def measure(folder: Path, days: int, entities: int, sources: int, articles: int) -> None:
    """Print the seconds of a publication of one day after those of everything."""
    path = folder / "watchlist.yaml"
    listed = [f"  - {{id: e{number}, name: Entity {number}, kind: organisation}}\n" for number in range(entities)]
    path.write_text("version: 1\nentities:\n" + "".join(listed))
    settings = Settings(
        warehouse=f"duckdb://{folder}/w.duckdb",
        staging=f"{folder}/staging",
        published=f"{folder}/published",
        watchlist=str(path),
    )
    watchlist = parse_watchlist(path.read_text())
    told = {
        "first": FIRST,
        "days": days,
        "entities": entities,
        "sources": sources,
        "articles": articles,
        "named": NAMED,
    }
    versions = {"watchlist_version": watchlist.content_hash, "rules_version": rules_version(), "rules": rules()}
    with open_warehouse(settings) as warehouse:
        warehouse.query(FILL, restated=days // 2, **told, **versions)
        months = [month for (month,) in warehouse.query(MONTHS).fetchall()]
    everything = 0.0
    for month in months:
        with open_warehouse(settings) as warehouse:
            warehouse.query(DIRTY, month=month)
        everything += _seconds(settings)
    with open_warehouse(settings) as warehouse:
        (cells,) = warehouse.query("SELECT count(*) FROM mention_counts").fetchone() or (0,)
        warehouse.query(LATE, first=FIRST, restated=days // 2)
    one_day = _seconds(settings)
    size = (folder / "published/media.duckdb").stat().st_size
    print(
        f"publish: {cells:,} cells that are not zero in {days} days, {entities:,} entities, {sources:,} sources: "
        f"everything, month by month, {everything:.0f} s, "
        f"one restated day {one_day:.1f} s; media.duckdb {size / 1e6:,.0f} MB; "
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000:,} MB",
        flush=True,
    )


def _seconds(settings: Settings) -> float:
    start = time.perf_counter()
    done = pipeline.publish(Context(settings, "bench", datetime(2026, 6, 1, tzinfo=timezone.utc)))
    assert done["publication_id"], "nothing was published"
    return time.perf_counter() - start
