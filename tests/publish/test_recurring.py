"""Lines that recur across a source's articles: where they stand, they are masked (case 6, B30)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from flow.harness import Flow, article
from mediamonitor.publish import recurring
from mediamonitor.publish.recurring import LEAST_SHARE, LEAST_TITLES, WINDOW_DAYS, line_spans, mask_recurring_lines
from mediamonitor.settings import Settings
from mediamonitor.sources import Sources
from mediamonitor.warehouse.connection import Warehouse, open_warehouse

FIRST = date(2026, 1, 1)
FOOTER = "More on Mara Lindqvist: protesters rally in Vessmark"
"""No trailer rule takes it, and it names two of the watchlist."""
Row = tuple[str, int, str | None, tuple[str, ...]]
"""Source, day (from FIRST), title key, lines."""

DAYS = st.one_of(st.integers(0, 8), st.integers(0, 75))
ROWS = st.tuples(
    st.sampled_from(["post", "post", "other"]),
    DAYS,
    st.sampled_from([None, *"abcdefgh"]),
    st.lists(st.sampled_from(["one", "two", "three"]), unique=True).map(tuple),
)


def recurring_by_the_book(rows: list[Row], source: str, line: str, day: int) -> bool:
    """The contract's rule, word for word."""
    for first in range(day - WINDOW_DAYS + 1, day + 1):
        inside = [row for row in rows if row[0] == source and first <= row[1] < first + WINDOW_DAYS]
        holding = [row for row in inside if line in row[3]]
        titles = {row[2] for row in holding if row[2] is not None}
        if len(titles) >= LEAST_TITLES and len(holding) >= LEAST_SHARE * len(inside):
            return True
    return False


def expected(rows: list[Row]) -> set[tuple[str, str, date, int]]:
    places: dict[tuple[str, str, int], int] = defaultdict(int)
    for source, day, _, lines in rows:
        for line in lines:
            places[source, line, day] += 1
    return {
        (source, line, FIRST + timedelta(day), count)
        for (source, line, day), count in places.items()
        if recurring_by_the_book(rows, source, line, day)
    }


def add(warehouse: Warehouse, rows: list[Row], known: int = 0) -> None:
    """Articles as a load leaves them."""
    table = pa.table(
        {
            "article_id": [f"{known + number:064d}" for number in range(len(rows))],
            "source": [row[0] for row in rows],
            "published_on": pa.array([FIRST + timedelta(row[1]) for row in rows], pa.date32()),
            "title_key": pa.array([row[2] for row in rows], pa.string()),
            "body": ["\n".join(row[3]) for row in rows],
        }
    )
    with warehouse.given(fresh_articles=table):
        warehouse.query(
            """
            INSERT INTO articles BY NAME
            SELECT
                *, 1 AS version, true AS is_current, 'b' AS bucket, article_id AS key, '' AS member, 1 AS record_no,
                'key' AS source_from, 'utf-8' AS encoding, 1 AS body_chars, 1 AS body_words, '' AS content_sha256,
                'w' AS watchlist_version, 'r' AS rules_version, TIMESTAMP '2026-03-01' AS ingested_at, 'r' AS run_id,
                list_transform(list_filter(string_split(body, chr(10)), lambda line: line <> ''),
                               lambda line: md5_number_lower(line)) AS line_hashes
            FROM fresh_articles;
            INSERT INTO dirty_days SELECT DISTINCT published_on, 'arrival' FROM fresh_articles;
            """
        )


def found(warehouse: Warehouse) -> set[tuple[str, str, date, int]]:
    return set(
        warehouse.query(
            "SELECT source, line, published_on, recurring_days.articles "
            "FROM recurring_days JOIN recurring_lines USING (source, line_hash)"
        ).fetchall()
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    settings = Settings(warehouse=f"duckdb://{tmp_path_factory.mktemp('recurring')}/w.duckdb")
    with open_warehouse(settings) as opened:
        yield opened


def emptied(warehouse: Warehouse) -> Warehouse:
    for table in ("articles", "hits", "dirty_days", "recurring_days", "recurring_lines"):
        warehouse.query(f"DELETE FROM {table}")
    return warehouse


@examples(120)
@given(st.lists(ROWS, max_size=60), st.integers(1, 3), st.integers(1, 4))
def test_b30_lines_recur_by_the_rule_in_whatever_order_the_articles_come(
    warehouse: Warehouse, rows: list[Row], runs: int, parts: int
) -> None:
    emptied(warehouse)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurring, "LINES_AT_ONCE", max(1, sum(len(row[3]) for row in rows) // parts))
        for run in range(runs):
            add(warehouse, rows[run::runs], known=run * 1000)
            mask_recurring_lines(warehouse, Sources(version=1))
            warehouse.query("DELETE FROM dirty_days")
    assert found(warehouse) == expected(rows)
    masked = warehouse.query(
        "SELECT count(*), count(masks) FROM articles "
        "WHERE masks IS NOT NULL OR EXISTS (SELECT 1 FROM recurring_days AS r "
        "WHERE r.source = articles.source AND r.published_on = articles.published_on "
        "AND list_contains(line_hashes, line_hash))"
    ).fetchone()
    assert masked is not None
    assert masked[0] == masked[1]


@pytest.mark.parametrize(("others", "recurs"), [(245, True), (246, False)])
def test_b30_two_of_a_hundred_articles_are_enough_and_fewer_are_not(
    warehouse: Warehouse, others: int, recurs: bool
) -> None:
    add(emptied(warehouse), [("post", 3, key, ("one",)) for key in "abcde"])
    add(warehouse, [("post", 3, "x", ()) for _ in range(others)], known=1000)
    mask_recurring_lines(warehouse, Sources(version=1))
    assert bool(found(warehouse)) == recurs


@pytest.mark.parametrize(("last", "recurs"), [(WINDOW_DAYS - 1, True), (WINDOW_DAYS, False)])
def test_b30_a_window_holds_thirty_days(warehouse: Warehouse, last: int, recurs: bool) -> None:
    days = [0, 1, 2, 3, last]
    add(emptied(warehouse), [("post", day, key, ("one",)) for day, key in zip(days, "abcde", strict=True)])
    mask_recurring_lines(warehouse, Sources(version=1))
    assert len(found(warehouse)) == (5 if recurs else 0)


def test_b30_an_unknown_source_has_no_recurring_lines(warehouse: Warehouse) -> None:
    add(emptied(warehouse), [("unknown", 3, key, ("one",)) for key in "abcdefgh"])
    mask_recurring_lines(warehouse, Sources(version=1))
    assert found(warehouse) == set()


@examples(200)
@given(
    st.lists(st.sampled_from(["", "a", "é", "a b", "普京"]), max_size=8), st.sets(st.sampled_from(["a", "普京", "a b"]))
)
def test_spans_hold_exactly_the_lines_that_were_asked_for(lines: list[str], wanted: set[str]) -> None:
    body = "\n".join(lines)
    assert [body[start:end] for start, end in line_spans(body, wanted)] == [line for line in lines if line in wanted]


def put(flow: Flow, numbers: range, line: str = FOOTER, source: str = "post") -> None:
    for number in numbers:
        body = f"Council {number} met in Vessmark.\n\n{line}\n\nNobody else said a word on day {number}."
        key = f"{source}/2026/03/{1 + number % 4:02}/{number}.txt"
        flow.landing.put(key, article(f"Council meeting {number}", body, ""))


def hits(flow: Flow) -> list[tuple[str, str, bool, int]]:
    return flow.rows("SELECT entity_id, zone, is_counted, count(*) FROM hits GROUP BY ALL ORDER BY ALL")


def test_case_6_a_line_in_twenty_articles_of_a_source_counts_in_none_of_them_not_even_the_first(flow: Flow) -> None:
    put(flow, range(1))
    flow.run()
    assert flow.published("SELECT occurrences FROM mention_counts WHERE entity_id = 'lindqvist'") == [(1,)]
    put(flow, range(1, 20))
    flow.run()
    assert hits(flow) == [
        ("lindqvist", "boilerplate", False, 20),
        ("vessmark", "boilerplate", False, 20),
        ("vessmark", "lead", True, 20),
    ]
    assert flow.published("SELECT * FROM mention_counts WHERE entity_id = 'lindqvist'") == []
    lines = flow.published(
        "SELECT source, line, articles, first_on::VARCHAR, last_on::VARCHAR, allowed FROM recurring_lines"
    )
    assert lines == [("post", FOOTER, 20, "2026-03-01", "2026-03-04", False)]
    shown = flow.rows(
        "SELECT DISTINCT body[hits.start_char + 1:hits.end_char] FROM hits JOIN articles USING (article_id) "
        "WHERE zone = 'boilerplate' ORDER BY ALL"
    )
    assert shown == [("Mara Lindqvist",), ("Vessmark",)]
    assert flow.reconcile().holds


def test_b30_all_at_once_or_one_by_one_gives_the_same_bytes(flow: Flow) -> None:
    for number in range(8):
        put(flow, range(number, number + 1))
        flow.run()
    before = flow.data_files()
    flow.set(warehouse=f"duckdb://{flow.folder}/second.duckdb", published=f"{flow.folder}/second")
    flow.run()
    assert flow.data_files() == before
    assert flow.publish()["publication_id"] is None


def test_b30_a_line_that_recurs_no_more_counts_again(flow: Flow) -> None:
    flow.set(deleted="retract")
    put(flow, range(5))
    flow.run()
    assert ("lindqvist", "boilerplate", False, 5) in hits(flow)
    flow.landing.delete("post/2026/03/01/4.txt")
    flow.run()
    assert [hit for hit in hits(flow) if hit[0] == "lindqvist"] == [("lindqvist", "lead", True, 4)]
    assert flow.rows("SELECT count(*) FROM recurring_lines") == [(0,)]
    causes = dict(flow.rows("SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2"))
    assert causes == {
        "2026-03-01": "deletion",
        "2026-03-02": "boilerplate",
        "2026-03-03": "boilerplate",
        "2026-03-04": "boilerplate",
    }


def test_b30_a_source_may_keep_its_line(flow: Flow) -> None:
    put(flow, range(6))
    put(flow, range(6), source="other")
    flow.run()
    path = Path(flow.folder, "sources.yaml")
    path.write_text(f"version: 1\nsources:\n  - {{source: post, allowed_lines: ['{FOOTER}']}}\n")
    flow.set(sources=str(path))
    flow.publish()
    kept = flow.published("SELECT source, allowed FROM recurring_lines ORDER BY ALL")
    assert kept == [("other", False), ("post", True)]
    assert flow.published(
        "SELECT source, sum(occurrences) FROM mention_counts WHERE entity_id = 'lindqvist' GROUP BY ALL"
    ) == [("post", 6)]
    assert flow.reconcile().holds


def test_b30_a_new_watchlist_is_matched_without_the_masked_lines(flow: Flow) -> None:
    put(flow, range(6))
    flow.run()
    watchlist = Path(flow.settings.watchlist)
    watchlist.write_text(watchlist.read_text() + "  - {id: protest, name: protesters, kind: topic}\n")
    flow.publish()
    assert ("protest", "boilerplate", False, 6) in hits(flow)
    before = flow.data_files()
    flow.set(warehouse=f"duckdb://{flow.folder}/fresh.duckdb", published=f"{flow.folder}/fresh")
    flow.run()
    assert flow.data_files() == before


def test_b30_a_long_line_is_text_however_often_it_stands(flow: Flow) -> None:
    put(flow, range(6), line=f"{FOOTER} {'and so on ' * 30}")
    flow.run()
    assert ("lindqvist", "lead", True, 6) in hits(flow)
