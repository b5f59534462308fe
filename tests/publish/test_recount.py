"""A recount after any change gives what a fresh run gives, and touches no more than it must (issue 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import Stored, examples, make_watchlist, store_articles
from mediamonitor.publish import recount as recounting
from mediamonitor.publish.recount import recount
from mediamonitor.settings import Settings
from mediamonitor.sources import Sources
from mediamonitor.warehouse.connection import Warehouse, open_warehouse
from mediamonitor.watchlist.matcher import Matcher, Texts, matching_rules_version
from mediamonitor.watchlist.model import Watchlist

SOURCES = Sources.model_validate({"version": 1, "sources": []})
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("recount")
    with open_warehouse(Settings(warehouse=f"duckdb://{folder}/w.duckdb")) as warehouse:
        yield warehouse


def hits(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    columns = "article_id, published_on, entity_id, alias, zone, start_char, end_char, why_not"
    return warehouse.query(f"SELECT {columns} FROM hits ORDER BY ALL").fetchall()


def fresh(articles: list[Stored], watchlist: Watchlist) -> list[tuple[Any, ...]]:
    matcher = Matcher(watchlist)
    rows = [
        (str(number), day, hit.entity_id, hit.alias, hit.zone, hit.start_char, hit.end_char, hit.why_not)
        for number, (title, body, trailer, language, day) in enumerate(articles)
        for hit in matcher.match(Texts(title, body, trailer, language=language), day)
    ]
    return sorted(rows, key=lambda row: tuple((one is None, one) for one in row))


def versions(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.query("SELECT DISTINCT watchlist_version FROM articles").fetchall()


def marks(warehouse: Warehouse) -> set[tuple[Any, ...]]:
    found = set(warehouse.query("SELECT published_on, cause FROM dirty_days").fetchall())
    warehouse.query("DELETE FROM dirty_days")
    return found


WORDS = [
    "Port",
    "Tarnwick",
    "Mara",
    "Lindqvist",
    "Street",
    "gas",
    "price",
    "Минск",
    "Минском",
    "President",
    "the",
    "US",
    "ORT",
]
names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
sentences = st.lists(st.sampled_from([*WORDS, "LINDQVIST", "Tarn\u00adwick", "said.", "\n"]), min_size=1, max_size=9)


@st.composite
def entities(draw: st.DrawFn) -> dict[str, Any]:
    one = draw(st.sampled_from(["a", "b", "c"]))
    if draw(st.integers(0, 5)) == 0:
        query = {"any": [draw(names)], "none": draw(st.lists(names, max_size=1))}
        return {"id": one, "kind": "topic", "query": query}
    kind = draw(st.sampled_from(["person", "place", "topic"]))
    entity: dict[str, Any] = {
        "id": one,
        "name": draw(names),
        "kind": kind,
        "aliases": draw(st.lists(names, max_size=2)),
    }
    entity["match"] = {"inflect": draw(st.booleans())}
    for rule in ("require", "exclude"):
        entity[rule] = draw(st.lists(names, max_size=1))
    if draw(st.booleans()):
        entity["active"] = {"from": "2026-03-03"}
    return entity


watchlists = st.lists(entities(), min_size=1, max_size=3, unique_by=lambda one: one["id"]).map(
    lambda found: make_watchlist(*found)
)
articles = st.tuples(
    sentences.map(" ".join),
    sentences.map(" ".join),
    st.none() | st.sampled_from(WORDS),
    st.sampled_from([None, "en", "ru", "pl"]),
    st.sampled_from([None, DAY, date(2026, 3, 3)]),
)


@settings(parent=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(articles, min_size=1, max_size=5), st.lists(watchlists, min_size=2, max_size=4), st.integers(1, 6))
def test_a_recount_after_any_changes_equals_a_fresh_run(
    warehouse: Warehouse, found: list[Stored], changes: list[Watchlist], at_once: int
) -> None:
    store_articles(warehouse, found)
    for watchlist in changes:
        before = hits(warehouse)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(recounting, "SETTLED_AT_ONCE", at_once)
            recount(warehouse, watchlist, SOURCES)
        assert hits(warehouse) == fresh(found, watchlist)
        assert versions(warehouse) == [(watchlist.content_hash,)]
        moved = {row[1] for row in set(before) ^ set(hits(warehouse))}
        assert moved - {None} <= {day for day, _ in marks(warehouse)} or before == []


SEA = {"name": "Mara Lindqvist", "aliases": ["the minister"]}
PORT = {"name": "Port Tarnwick", "kind": "place"}
THREE: list[Stored] = [
    ("Ferry", "Mara Lindqvist spoke.", None, "en", DAY),
    ("Ferry", "Port Tarn\u00adwick is open.", None, "en", date(2026, 3, 3)),
    ("Ferry", "Nobody was there.", "(Tarnwick News)", "en", date(2026, 3, 4)),
]


@pytest.mark.parametrize("after", [make_watchlist(SEA), make_watchlist(PORT), make_watchlist(SEA, PORT)])
def test_f3_a_recount_killed_between_two_transactions_is_taken_up_by_any_list(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, after: Watchlist
) -> None:
    store_articles(warehouse, THREE)
    recount(warehouse, make_watchlist(SEA), SOURCES)
    monkeypatch.setattr(recounting, "SETTLED_AT_ONCE", 1)
    real, settled = Warehouse.run, []

    def run(self: Warehouse, name: str, **values: object) -> object:
        settled.extend([name] if name == "recount/settle" else [])
        if len(settled) == 3:
            raise KeyboardInterrupt
        return real(self, name, **values)

    with monkeypatch.context() as patched:
        patched.setattr(Warehouse, "run", run)
        with pytest.raises(KeyboardInterrupt):
            recount(warehouse, make_watchlist(PORT), SOURCES)
    assert len(versions(warehouse)) == 2
    recount(warehouse, after, SOURCES)
    assert hits(warehouse) == fresh(THREE, after)
    assert versions(warehouse) == [(after.content_hash,)]
    assert warehouse.query("SELECT watchlist_version FROM watchlists").fetchall() == [(after.content_hash,)]
    marks(warehouse)


def test_only_articles_that_hold_a_word_of_what_changed_are_matched_again(warehouse: Warehouse) -> None:
    store_articles(warehouse, THREE)
    assert recount(warehouse, make_watchlist(SEA, PORT), SOURCES) == 3
    marks(warehouse)
    assert recount(warehouse, make_watchlist(SEA, PORT, {"name": "Tarnwick", "kind": "place"}), SOURCES) == 2
    # in the second article the longer name stands there still: its day did not move
    assert marks(warehouse) == {(date(2026, 3, 4), "watchlist"), (None, "watchlist")}
    assert recount(warehouse, make_watchlist(SEA, PORT), SOURCES) == 2
    assert marks(warehouse) == {(date(2026, 3, 4), "watchlist"), (None, "watchlist")}
    assert recount(warehouse, make_watchlist(SEA, PORT), SOURCES) == 0
    assert marks(warehouse) == set()


def test_a_rule_of_an_entity_that_changes_without_its_words_is_a_change(warehouse: Warehouse) -> None:
    store_articles(warehouse, THREE)
    recount(warehouse, make_watchlist(SEA, PORT), SOURCES)
    assert recount(warehouse, make_watchlist({**SEA, "active": {"to": "2020-01-01"}}, PORT), SOURCES) == 1
    assert [row[7] for row in hits(warehouse)] == ["inactive", None]


def test_other_rules_of_matching_match_everything_again(warehouse: Warehouse) -> None:
    store_articles(warehouse, THREE)
    watchlist = make_watchlist(SEA, PORT)
    recount(warehouse, watchlist, SOURCES)
    marks(warehouse)
    warehouse.query(
        "UPDATE articles SET rules_version = 'parsing.older'; DELETE FROM hits WHERE entity_id = 'port-tarnwick'"
    )
    assert recount(warehouse, watchlist, SOURCES) == 3
    assert hits(warehouse) == fresh(THREE, watchlist)
    assert marks(warehouse) == {(date(2026, 3, 3), "rules"), (None, "watchlist")}
    assert warehouse.query("SELECT DISTINCT rules_version FROM articles").fetchall() == [
        (f"parsing.{matching_rules_version()}",)
    ]


def test_articles_of_a_list_that_nobody_knows_are_matched_again(warehouse: Warehouse) -> None:
    store_articles(warehouse, THREE)
    recount(warehouse, make_watchlist(SEA, PORT), SOURCES)
    warehouse.query("DELETE FROM watchlists")
    assert recount(warehouse, make_watchlist(PORT), SOURCES) == 3
    warehouse.query("UPDATE watchlists SET content = '{\"version\": 9}'")
    assert recount(warehouse, make_watchlist(SEA, PORT), SOURCES) == 3


def test_a_change_of_very_many_entities_matches_everything_again(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_articles(warehouse, THREE)
    recount(warehouse, make_watchlist(PORT), SOURCES)
    monkeypatch.setattr(recounting, "MOST_PATTERNS", 0)
    assert recount(warehouse, make_watchlist(SEA, PORT), SOURCES) == 3
    assert hits(warehouse) == fresh(THREE, make_watchlist(SEA, PORT))
