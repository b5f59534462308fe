"""Stories in the warehouse: the same for the same articles, in whatever order and batches they came and left."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.errors import InfrastructureError
from mediamonitor.settings import Settings
from mediamonitor.stories import comparing, linking
from mediamonitor.stories.linking import link, placed_afresh
from mediamonitor.stories.similarity import Text, similar
from mediamonitor.warehouse.connection import Warehouse, open_warehouse

FIRST = date(2026, 1, 1)
NOW = datetime(2026, 3, 1)
Row = tuple[str, int, str, str]
"""Source, day (from FIRST), title, body."""


def body(report: int, cut: int = 0) -> str:
    """One of several reports; a part of it is gone where `cut` is not 0."""
    rng = random.Random(report)
    words = ["".join(rng.choice(letters) for letters in ("bdfgklmnprst", "aeiou") * 3) for _ in range(80)]
    return " ".join(words[cut * 8 :])


ROWS = st.tuples(
    st.sampled_from("abc"),
    st.integers(0, 12),
    st.sampled_from(["Ferry line opens", "Winter market closes"]),
    st.builds(body, st.integers(0, 3), st.integers(0, 2)),
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    settings = Settings(warehouse=f"duckdb://{tmp_path_factory.mktemp('linking')}/w.duckdb")
    with open_warehouse(settings) as opened:
        yield opened


def emptied(warehouse: Warehouse) -> Warehouse:
    for table in ("articles", "dirty_days", "signatures", "similar_pairs", "story_aliases"):
        warehouse.query(f"DELETE FROM {table}")
    return warehouse


def add(warehouse: Warehouse, rows: dict[int, Row]) -> None:
    """Articles as a load leaves them."""
    table = pa.table(
        {
            "article_id": [f"{number:064d}" for number in rows],
            "source": [row[0] for row in rows.values()],
            "published_on": pa.array([FIRST + timedelta(row[1]) for row in rows.values()], pa.date32()),
            "title": [row[2] for row in rows.values()],
            "body": [row[3] for row in rows.values()],
        }
    )
    with warehouse.given(fresh_articles=table):
        warehouse.query(
            """
            INSERT INTO articles BY NAME
            SELECT
                *, 1 AS version, true AS is_current, 'b' AS bucket, article_id AS key, '' AS member, 1 AS record_no,
                'key' AS source_from, 'utf-8' AS encoding, 1 AS body_chars, 1 AS body_words,
                sha256(body) AS content_sha256,
                lower(title) AS title_key, 'w' AS watchlist_version, 'r' AS rules_version,
                TIMESTAMP '2026-03-01' AS ingested_at, 'r' AS run_id
            FROM fresh_articles
            """
        )


def remove(warehouse: Warehouse, numbers: set[int]) -> None:
    ids = ", ".join(f"'{number:064d}'" for number in numbers)
    warehouse.query(f"UPDATE articles SET is_current = false WHERE article_id IN ({ids})") if ids else None


def placed(warehouse: Warehouse) -> dict[str, tuple[str | None, str, bool]]:
    rows = warehouse.query(
        "SELECT article_id, duplicate_of, story_id, is_origin FROM articles WHERE is_current"
    ).fetchall()
    return {row[0]: row[1:] for row in rows}


@examples(60)
@given(st.lists(ROWS, max_size=14), st.data())
def test_any_order_and_batching_of_arrivals_and_departures_gives_the_same_stories(
    warehouse: Warehouse, rows: list[Row], data: st.DataObject
) -> None:
    numbered = dict(enumerate(rows))
    kept = set(data.draw(st.lists(st.sampled_from(sorted(numbered)), unique=True))) if numbered else set()
    emptied(warehouse)
    add(warehouse, {number: numbered[number] for number in kept})
    link(warehouse, NOW)
    at_once = placed(warehouse)

    emptied(warehouse)
    order = data.draw(st.permutations(sorted(numbered)))
    batches = data.draw(st.integers(1, 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linking, "LINKED_AT_ONCE", data.draw(st.integers(1, 12)))
        for batch in range(batches):
            add(warehouse, {number: numbered[number] for number in order[batch::batches]})
            if data.draw(st.booleans()):
                link(warehouse, NOW)
            if data.draw(st.booleans()):
                remove(warehouse, set(order[batch::batches]) - kept)
        remove(warehouse, set(numbered) - kept)
        link(warehouse, NOW)
    assert placed(warehouse) == at_once
    assert link(warehouse, NOW) == 0
    afresh = {row["number"]: row for row in placed_afresh(warehouse).to_pylist()}
    for number, duplicate_of, story_id in warehouse.query(
        "SELECT signature, duplicate_of, story_id FROM articles WHERE is_current"
    ).fetchall():
        if number in afresh:
            assert (afresh[number]["duplicate_of"], afresh[number]["story_id"]) == (duplicate_of, story_id)
    known = {row[0] for row in warehouse.query("SELECT old_id FROM story_aliases").fetchall()}
    assert not known & {story for _, story, _ in at_once.values()}
    own = "SELECT DISTINCT aliases.story_id = articles.story_id FROM story_aliases AS aliases"
    own += " JOIN articles ON articles.article_id = aliases.old_id AND articles.is_current"
    assert (False,) not in warehouse.query(own).fetchall()


@examples(25)
@given(st.lists(ROWS, min_size=2, max_size=12), st.integers(1, 3))
def test_every_similar_pair_within_the_window_is_kept_however_the_work_is_cut(
    warehouse: Warehouse, rows: list[Row], size: int
) -> None:
    emptied(warehouse)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linking, "SIGNED_AT_ONCE", size)
        patch.setattr(linking, "FRESH_AT_ONCE", size)
        patch.setattr(linking, "NUMBERS_AT_ONCE", 40 * size)
        patch.setattr(linking, "PART_ARTICLES", size)
        patch.setattr(comparing, "TEXTS_HELD", 1)
        patch.setattr(comparing, "_compared_apart", comparing._compared)  # processes of their own: below
        add(warehouse, dict(enumerate(rows)))
        link(warehouse, NOW)
    kept = {
        frozenset(map(int, pair))
        for pair in warehouse.query(
            "SELECT one.article_id, other.article_id FROM similar_pairs "
            "JOIN articles AS one ON one.signature = similar_pairs.one "
            "JOIN articles AS other ON other.signature = similar_pairs.other"
        ).fetchall()
    }
    expected = {
        frozenset((a, b))
        for a, first in enumerate(rows)
        for b, second in enumerate(rows[:a])
        if abs(first[1] - second[1]) <= 7
        and (first[3] == second[3] or similar(Text(first[2], first[3]), Text(second[2], second[3])))
    }
    assert kept == expected


def test_parts_compared_in_processes_of_their_own_give_the_same_pairs(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {number: ("abc"[number % 3], 0, "Ferry line opens", body(number // 3, number % 3)) for number in range(9)}
    kept = []
    for part_articles in (1_000, 3):
        monkeypatch.setattr(linking, "PART_ARTICLES", part_articles)
        add(emptied(warehouse), rows)
        link(warehouse, NOW)
        kept.append(warehouse.query("SELECT * FROM similar_pairs ORDER BY ALL").fetchall())
    assert kept[0] == kept[1]
    assert len(kept[0]) == 9


def test_a_table_that_a_transaction_was_given_is_let_go_when_it_has_been_read(warehouse: Warehouse) -> None:
    """DuckDB keeps what was registered until the transaction ends, and a day's stories are made in one."""
    with warehouse.transaction():
        before = pa.total_allocated_bytes()
        for number in range(3):
            with warehouse.given(lent=pa.table({"number": pa.array([number] * 1_000_000, pa.int64())})):
                assert warehouse.query("SELECT sum(number)::BIGINT FROM lent").fetchall() == [(number * 1_000_000,)]
        assert pa.total_allocated_bytes() - before < 8_000_000


def test_a_comparing_process_that_ends_early_is_one_clear_line(tmp_path: Path) -> None:
    for part in ("0", "1"):
        (tmp_path / part).mkdir()
    with pytest.raises(InfrastructureError, match=r"ended early \(.*pairs.arrow.*\); run publish again"):
        list(comparing.compared([tmp_path / "0", tmp_path / "1"]))


def test_an_article_that_changes_its_masked_lines_is_compared_without_them(warehouse: Warehouse) -> None:
    emptied(warehouse)
    footer = body(9)
    add(warehouse, {1: ("a", 0, "One", f"{body(1, 8)}\n{footer}"), 2: ("b", 0, "Two", f"{body(2, 8)}\n{footer}")})
    link(warehouse, NOW)
    assert len({story for _, story, _ in placed(warehouse).values()}) == 1
    warehouse.query(
        "INSERT INTO recurring_lines "
        "SELECT source, md5_number_lower($footer), '', $footer, 1, published_on, published_on, false FROM articles;"
        "INSERT INTO recurring_days SELECT source, md5_number_lower($footer), published_on, 1 FROM articles;"
        "UPDATE articles SET line_hashes = [md5_number_lower($footer)], masks = md5_number_lower($footer)",
        footer=footer,
    )
    assert link(warehouse, NOW) == 1
    assert len({story for _, story, _ in placed(warehouse).values()}) == 2
    assert warehouse.query("SELECT DISTINCT cause FROM dirty_days").fetchall() == [("cluster",)]
    for table in ("recurring_lines", "recurring_days"):
        warehouse.query(f"DELETE FROM {table}")


def test_a_run_killed_while_all_is_compared_anew_leaves_nothing_that_differs(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied(warehouse)
    add(warehouse, {number: ("ab"[number % 2], number // 2, "One", body(number // 2)) for number in range(6)})
    link(warehouse, NOW)
    before = placed(warehouse)
    assert len({story for _, story, _ in before.values()}) == 3
    warehouse.query("DELETE FROM dirty_days; UPDATE signature_rules SET rules = 'others'")
    real, looked = Warehouse.run, []

    def run(self: Warehouse, name: str, **values: object) -> object:
        looked.extend([name] if name == "stories/changes" else [])
        if len(looked) == 2:
            raise KeyboardInterrupt
        return real(self, name, **values)

    monkeypatch.setattr(linking, "LINKED_AT_ONCE", 2)
    with monkeypatch.context() as patched:
        patched.setattr(Warehouse, "run", run)
        with pytest.raises(KeyboardInterrupt):
            link(warehouse, NOW)
    assert warehouse.query("SELECT count(*) FROM articles WHERE signature IS NULL").fetchall() == [(4,)]
    with warehouse.given(placed=placed_afresh(warehouse)):
        assert warehouse.rows("reconcile/places") == []
    link(warehouse, NOW)
    assert placed(warehouse) == before
