"""What a source-day was expected to hold, and what is told of it: complete, partial, no data, open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

import pyarrow as pa
import pytest

from flow.harness import Flow, article
from mediamonitor.publish import tables
from mediamonitor.publish.tables import Forced, restate
from mediamonitor.settings import Settings
from mediamonitor.stories.linking import link
from mediamonitor.warehouse.connection import Warehouse, open_warehouse

FIRST = date(2026, 1, 5)
"""A Monday."""


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[Warehouse]:
    with open_warehouse(settings) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(warehouse=f"duckdb://{tmp_path_factory.mktemp('coverage')}/w.duckdb")


def add(warehouse: Warehouse, source: str, counts: dict[int, int], precision: str = "day") -> None:
    """So many articles of the source on the days (from FIRST)."""
    days = [day for day, count in counts.items() for _ in range(count)]
    (known,) = warehouse.query("SELECT count(*) FROM articles").fetchone() or (0,)
    table = pa.table(
        {
            "article_id": [f"{known + number:064d}" for number in range(len(days))],
            "published_on": pa.array([FIRST + timedelta(day) for day in days], pa.date32()),
            "body": [
                f"{source} {known + number} " + " ".join(f"word{number}x{at}" for at in range(12))
                for number in range(len(days))
            ],
        }
    )
    with warehouse.given(fresh_articles=table):
        warehouse.query(
            """
            INSERT INTO articles BY NAME
            SELECT
                *, $source AS source, $precision AS date_precision, 1 AS version, true AS is_current, 'b' AS bucket,
                article_id AS key, '' AS member, 1 AS record_no, 'key' AS source_from, 'utf-8' AS encoding,
                1 AS body_chars,
                1 AS body_words, sha256(body) AS content_sha256, 'w' AS watchlist_version, 'r' AS rules_version,
                TIMESTAMP '2026-03-01' AS ingested_at, 'r' AS run_id
            FROM fresh_articles;
            INSERT INTO dirty_days SELECT DISTINCT published_on, 'arrival' FROM fresh_articles;
            """,
            source=source,
            precision=precision,
        )


def status(
    warehouse: Warehouse, settings: Settings, day: int, source: str = "post", now_day: int = 200
) -> tuple[str, float | None]:
    now = datetime(FIRST.year, FIRST.month, FIRST.day, 13, tzinfo=timezone.utc) + timedelta(now_day)
    link(warehouse, now)
    restate(warehouse, settings, ("w", "r"), now, Forced())
    (row,) = warehouse.query(
        "SELECT status, expected_articles FROM coverage WHERE source = $source AND published_on = $day",
        source=source,
        day=FIRST + timedelta(day),
    ).fetchall()
    return row


def weekly(weeks: int, articles: int, weekday: int = 0) -> dict[int, int]:
    return {7 * week + weekday: articles for week in range(weeks)}


@pytest.mark.parametrize(("on_the_day", "told"), [(10, "complete"), (5, "complete"), (4, "partial"), (1, "partial")])
def test_less_than_half_of_what_was_expected_is_partial(
    warehouse: Warehouse, settings: Settings, on_the_day: int, told: str
) -> None:
    add(warehouse, "post", {**weekly(8, 10), 56: on_the_day})
    assert status(warehouse, settings, 56) == (told, 10)


def test_the_expectation_is_the_median_of_the_same_weekday(warehouse: Warehouse, settings: Settings) -> None:
    add(warehouse, "post", {0: 2, 7: 4, 14: 40, 21: 6, 28: 8, 1: 99, 8: 99, 35: 5})
    assert status(warehouse, settings, 35) == ("complete", 6)


def test_fewer_than_four_weeks_expect_nothing(warehouse: Warehouse, settings: Settings) -> None:
    add(warehouse, "post", {**weekly(3, 10), 21: 1})
    assert status(warehouse, settings, 21) == ("complete", None)


def test_weeks_beyond_the_eighth_are_forgotten(warehouse: Warehouse, settings: Settings) -> None:
    add(warehouse, "post", {**dict.fromkeys(range(0, 35, 7), 100), **dict.fromkeys(range(35, 91, 7), 10), 91: 10})
    assert status(warehouse, settings, 91) == ("complete", 10)


def test_nothing_from_a_source_that_was_to_send_something_is_no_data(warehouse: Warehouse, settings: Settings) -> None:
    add(warehouse, "post", weekly(8, 10))
    add(warehouse, "other", {60: 1})
    assert status(warehouse, settings, 56) == ("no_data", 10)


def test_nothing_from_a_source_of_which_nothing_is_known_is_no_data(warehouse: Warehouse, settings: Settings) -> None:
    add(warehouse, "post", {0: 3})
    add(warehouse, "other", {2: 1})
    assert status(warehouse, settings, 1) == ("no_data", None)


def test_a_weekday_on_which_a_source_rests_is_complete_with_a_zero(warehouse: Warehouse, settings: Settings) -> None:
    add(warehouse, "post", {day: 6 for day in range(63) if day % 7 != 6})
    assert status(warehouse, settings, 34) == ("complete", 0)
    assert status(warehouse, settings, 6) == ("no_data", None)  # a first Sunday: nobody knows yet


def test_a_silence_of_weeks_never_becomes_a_zero(warehouse: Warehouse, settings: Settings) -> None:
    add(warehouse, "post", weekly(6, 10))
    add(warehouse, "other", dict.fromkeys(range(160), 1))
    for week in range(6, 22):
        told, expected = status(warehouse, settings, 7 * week)
        assert told == "no_data"
        assert expected in (10, None)


def test_a_day_dated_by_arrival_takes_part_in_no_expectation(
    warehouse: Warehouse, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    add(warehouse, "post", weekly(4, 10))
    add(warehouse, "post", {28: 1000}, "arrival")
    add(warehouse, "post", {35: 10, 42: 10})
    assert status(warehouse, settings, 35) == ("complete", 10)
    assert status(warehouse, settings, 28) == ("complete", None)
    said = [line for line in caplog.messages if "dated by their arrival" in line]
    assert len(said) == 1, "once, by the run that publishes the day"
    assert said[0].startswith("post on 2026-02-02: 1000 of 1000 articles are dated by their arrival; the day takes no")


def test_the_open_day_is_open_and_never_partial_and_makes_no_revisions(
    warehouse: Warehouse, settings: Settings
) -> None:
    add(warehouse, "post", {**weekly(8, 10), 56: 1})
    assert status(warehouse, settings, 56, now_day=56) == ("open", 10)
    add(warehouse, "post", {56: 1})
    assert status(warehouse, settings, 56, now_day=56) == ("open", 10)
    assert warehouse.query("SELECT count(*) FROM mention_revisions").fetchall() == [(0,)]
    assert status(warehouse, settings, 56, now_day=57) == ("partial", 10)
    assert warehouse.query("SELECT count(*) FROM mention_revisions").fetchall() == [(0,)]  # closing is the base
    add(warehouse, "post", {56: 7})
    assert status(warehouse, settings, 56, now_day=57) == ("complete", 10)
    assert warehouse.query(
        "SELECT entity_id, articles_before, articles_after, cause FROM mention_revisions"
    ).fetchall() == [(None, 2, 9, "late")]


def test_a_day_that_is_covered_now_and_was_not_is_published_again(warehouse: Warehouse, settings: Settings) -> None:
    """A late file makes the source heard of around a Sunday, which turns from a gap into a zero."""
    sundays = {day: 6 for day in range(35) if day % 7 != 6}
    gap = {day: count for day, count in sundays.items() if not 3 <= day <= 9}
    add(warehouse, "post", gap)
    add(warehouse, "other", {35: 1})
    assert status(warehouse, settings, 34) == ("no_data", None)
    add(warehouse, "post", {5: 6})
    assert status(warehouse, settings, 34) == ("complete", 0)
    days = warehouse.query(
        "SELECT published_on::VARCHAR FROM publications WHERE publication_id = 2 ORDER BY ALL"
    ).fetchall()
    assert (str(FIRST + timedelta(34)),) in days


def test_a_day_that_is_not_restated_has_the_versions_of_the_recount(warehouse: Warehouse, settings: Settings) -> None:
    """A recount gives every article its versions (here nobody does: the day's articles are not read for it)."""
    now = datetime(2026, 3, 1, tzinfo=timezone.utc)
    for day, versions in ((0, ("w", "r.one")), (1, ("w2", "r.two"))):
        add(warehouse, "post", {day: 1})
        link(warehouse, now)
        restate(warehouse, settings, versions, now, Forced())
    found = "SELECT watchlist_version, rules_version FROM coverage WHERE published_on = $day"
    assert warehouse.query(found, day=FIRST).fetchall() == [("w2", "r.two")]


AT_ONCE = pytest.mark.parametrize("at_once", [tables.ROWS_AT_ONCE, -1])
"""All days in one publication, and each in its own."""


def a_sunday_that_becomes_a_zero(warehouse: Warehouse, settings: Settings) -> None:
    """Sunday 34 has no article of `post` and three Sundays before it; then a late file makes them four, all without."""
    add(warehouse, "post", {day: 2 for day in range(40) if day % 7 != 6 and not 3 <= day <= 9})
    add(warehouse, "other", dict.fromkeys(range(40), 2))
    warehouse.query("INSERT INTO entities (entity_id, name, kind, aliases) VALUES ('e', 'E', 'person', ['E'])")
    warehouse.query(
        "INSERT INTO hits BY NAME SELECT article_id, 1 AS version, published_on, 'e' AS entity_id, 'E' AS alias, "
        "'lead' AS zone, 0 AS start_char, 1 AS end_char, true AS is_counted FROM articles WHERE published_on = $day",
        day=FIRST + timedelta(34),
    )
    assert status(warehouse, settings, 34)[0] == "no_data"
    add(warehouse, "post", {5: 1})


def revisions(warehouse: Warehouse) -> list[tuple[object, ...]]:
    return warehouse.query(
        "SELECT published_on, source, entity_id, articles_before, articles_after FROM mention_revisions "
        "WHERE published_on = $day ORDER BY ALL",
        day=FIRST + timedelta(34),
    ).fetchall()


@AT_ONCE
def test_a_source_that_becomes_a_zero_is_a_revision_of_its_own_and_of_no_other(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    a_sunday_that_becomes_a_zero(warehouse, settings)
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", at_once)
    assert status(warehouse, settings, 34) == ("complete", 0)
    assert revisions(warehouse) == [(FIRST + timedelta(34), "post", None, None, 0)]


@AT_ONCE
def test_a_day_that_becomes_a_zero_and_is_late_itself_has_both_revisions(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    a_sunday_that_becomes_a_zero(warehouse, settings)
    add(warehouse, "other", {34: 1})
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", at_once)
    assert status(warehouse, settings, 34) == ("complete", 0)
    day = FIRST + timedelta(34)
    assert revisions(warehouse) == [(day, "other", None, 2, 3), (day, "post", None, None, 0)]


@AT_ONCE
def test_a_source_that_was_silent_long_ago_is_no_news(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    add(warehouse, "post", {day: 1 for day in range(30) if day != 20})
    add(warehouse, "other", dict.fromkeys(range(30), 1))
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", at_once)
    assert status(warehouse, settings, 20) == ("no_data", None)
    assert warehouse.query("SELECT * FROM alerts").fetchall() == []


def test_a_day_on_which_all_rest_is_published_when_the_next_article_comes(
    warehouse: Warehouse, settings: Settings
) -> None:
    add(warehouse, "post", {day: 1 for day in range(40) if day % 7 != 6})
    status(warehouse, settings, 0)
    add(warehouse, "post", {42: 1})  # a Monday
    assert status(warehouse, settings, 41) == ("complete", 0)
    published = "SELECT published_on FROM publications WHERE publication_id = 2 ORDER BY ALL"
    assert (FIRST + timedelta(41),) in warehouse.query(published).fetchall()


def test_a_day_on_which_nothing_came_is_published_and_closes(flow: Flow) -> None:
    flow.now = datetime(2026, 3, 8, 9, tzinfo=timezone.utc)
    flow.landing.put("post/2026/03/06/a.txt", article())
    flow.landing.put("post/2026/03/08/b.txt", article("Winter"))
    flow.run()
    empty = "SELECT status FROM coverage WHERE published_on = '2026-03-07'"
    assert flow.published(empty) == [("open",)]
    assert flow.publish()["publication_id"] is None
    flow.now = datetime(2026, 3, 8, 13, tzinfo=timezone.utc)
    flow.publish()
    assert flow.published(empty) == [("no_data",)]
    assert flow.publish()["publication_id"] is None
    flow.landing.put("post/2026/03/07/late.txt", article("Late"))
    flow.run()
    revised = "SELECT DISTINCT cause, articles_before, articles_after FROM mention_revisions"
    assert flow.published(f"{revised} WHERE published_on = '2026-03-07'") == [("late", None, 1)]
    assert flow.published(
        "SELECT cause FROM publications WHERE published_on = '2026-03-07' ORDER BY publication_id"
    ) == [
        ("new",),
        ("closed",),
        ("late",),
    ]


def test_a_day_that_is_covered_no_more_since_files_were_deleted_says_so(flow: Flow) -> None:
    flow.set(deleted="retract")
    saturday = date(2026, 1, 3)
    for week in range(8):
        day = saturday + timedelta(weeks=week)
        flow.landing.put(f"post/{day:%Y/%m/%d}/a.txt", article(f"Report {week}", f"Vessmark had {week} of them."))
        day += timedelta(days=1)
        flow.landing.put(f"herald/{day:%Y/%m/%d}/a.txt", article(f"Herald {week}", f"Vessmark saw {week} ships."))
    flow.run()
    for week in range(4):
        flow.landing.delete(f"post/{saturday + timedelta(weeks=week):%Y/%m/%d}/a.txt")
    flow.run()
    causes = "SELECT DISTINCT cause FROM mention_revisions WHERE source = 'post' AND dayofweek(published_on) = 0"
    assert flow.published(causes) == [("deletion",)]
