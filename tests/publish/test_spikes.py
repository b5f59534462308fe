"""Spikes over made years: how many are false, how many rises are found, and what never makes one (issue 7, spikes)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.publish.spikes import LEAST_ARTICLES, LEAST_OWNERS, QUIET_DAYS, WINDOW_DAYS
from mediamonitor.settings import Settings
from mediamonitor.warehouse.connection import Warehouse, open_warehouse
from publish.made_year import FIRST, Year, judge, spikes_of

LAST = 420
"""The last day of a made year, which is judged with all its baseline before it."""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    place = tmp_path_factory.mktemp("spikes") / "w.duckdb"
    with open_warehouse(Settings(warehouse=f"duckdb://{place}")) as opened:
        yield opened


def lift(year: Year, day: int, entities: np.ndarray, counts: np.ndarray, seed: int = 0) -> None:
    """So many articles about these entities on a day, spread over the sources as their articles are."""
    rng = np.random.default_rng(seed)
    parts = year.articles[day] / year.articles[day].sum()
    for entity, count in zip(entities, counts, strict=True):
        year.mentions[day, :, entity] = np.minimum(rng.multinomial(count, parts), year.articles[day])


def raised(year: Year, warehouse: Warehouse, *days: int) -> set[tuple[int, int]]:
    """The spikes on these days of a year, where only they are judged."""
    year.fill(warehouse)
    warehouse.query("DELETE FROM spikes; DELETE FROM raised_days")
    judge(warehouse, days)
    return {(day, entity) for day, entity in spikes_of(warehouse) if day in days}


@pytest.mark.parametrize("seed", [1, 2])
def test_issue_7_at_most_one_false_spike_an_entity_and_year(warehouse: Warehouse, seed: int) -> None:
    found = [pair for pair in Year.made(seed).spikes(warehouse) if pair[0] > LAST - 365]
    worst = Counter(entity for _, entity in found).most_common(1)
    assert len(found) <= 100, (len(found), worst)
    assert worst[0][1] <= 6  # of 100 with one in the mean; Poisson has 6 or more for one in 1,700


@pytest.mark.parametrize("seed", [3, 4])
def test_issue_7_threefold_rises_from_a_mean_of_five_are_found_in_nine_of_ten(warehouse: Warehouse, seed: int) -> None:
    found = judged = 0
    for day in range(LAST - 6, LAST + 1):  # every weekday
        year = Year.made(seed, means=(5.0, 60.0))
        entities = np.flatnonzero(year.means[day] >= 5)
        lift(year, day, entities, np.ceil(3 * year.means[day, entities]).astype(int))
        found += len({(day, int(entity)) for entity in entities} & raised(year, warehouse, day))
        judged += len(entities)
    assert judged > 500
    assert found >= 0.9 * judged, f"{found} of {judged}"


def test_issue_7_a_threefold_rise_of_three_days_is_found_though_its_days_vary(warehouse: Warehouse) -> None:
    """The days of a rise are negative binomial themselves: a single one is often not three-fold at all."""
    year = Year.made(5, means=(5.0, 60.0))
    rng = np.random.default_rng(5)
    days = range(LAST - 2, LAST + 1)
    entities = np.flatnonzero((year.means[list(days)] >= 5).all(0))
    for day in days:
        lift(year, day, entities, rng.poisson(3 * year.means[day, entities] * rng.gamma(20, 1 / 20, len(entities))))
    found = {entity for _, entity in raised(year, warehouse, *days)} & set(entities.tolist())
    assert len(entities) > 50
    assert len(found) >= 0.9 * len(entities), f"{len(found)} of {len(entities)}"


@pytest.mark.parametrize("seed", [6, 7])
def test_case_13_a_silent_source_makes_no_spike(warehouse: Warehouse, seed: int) -> None:
    """The largest source is silent; what is left has other shares than all had, and does no more than before."""
    quiet, loud = Year.made(seed), Year.made(seed)
    days = [LAST - 3 * number for number in range(8)]
    quiet.silence(days, int(loud.articles.sum(0).argmax()))
    before, after = raised(loud, warehouse, *days), raised(quiet, warehouse, *days)
    rare = int((quiet.means < 5).all(0).sum())
    assert len(after - before) <= 0.01 * 8 * (100 - rare), after - before


def test_case_13_what_only_the_others_write_of_does_not_rise_by_silence(warehouse: Warehouse) -> None:
    """Half of all articles come from a source that never names entity 0; on its silent day the share doubles."""
    year = Year.made(8, means=(30.0, 31.0), entities=3)
    year.articles[:, 0] = year.articles[:, 1:].sum(1)
    year.mentions[:, 0] = 0
    year.mentions[LAST] = year.mentions[LAST - 7]
    year.silence([LAST], 0)
    assert raised(year, warehouse, LAST) == set()
    lift(year, LAST, np.array([0]), np.array([120]))
    assert raised(year, warehouse, LAST) == {(LAST, 0)}


def test_a_source_that_brings_more_than_usual_makes_no_spike(warehouse: Warehouse) -> None:
    """Source 0 alone writes of entity 0, in a tenth of its articles, and so it does in five times as many."""
    year = Year.made(9, means=(30.0, 31.0), entities=3)
    year.mentions[:, :, 0] = 0
    year.articles[:, 0] = 200
    year.mentions[:, :2, 0] = np.random.default_rng(9).poisson(10, (len(year.mentions), 2))
    year.articles[LAST, 0] *= 5
    year.mentions[LAST, 0, 0], year.mentions[LAST, 1, 0] = 50, 10
    assert raised(year, warehouse, LAST) == set()
    year.articles[LAST, 0] //= 5
    assert raised(year, warehouse, LAST) == {(LAST, 0)}


def test_a_new_source_makes_no_spike(warehouse: Warehouse) -> None:
    year = Year.made(10, means=(5.0, 10.0), entities=3)
    year.silence(slice(0, LAST - 6), 0)
    year.articles[LAST - 6 :, 0], year.mentions[LAST - 6 :, 0, :] = 500, 100
    assert raised(year, warehouse, *range(LAST - 6, LAST + 1)) == set()


def test_a_weekly_rhythm_makes_no_spike(warehouse: Warehouse) -> None:
    """Everything on Saturdays, from two articles to thirty."""
    year = Year.made(11, entities=40, means=(1.0, 1.1))
    saturday = np.arange(len(year.mentions)) % 7 == 5
    year.mentions[:] = 0
    counts = np.random.default_rng(11).poisson(np.geomspace(2, 30, 40), (int(saturday.sum()), 40))
    for day, row in zip(np.flatnonzero(saturday), counts, strict=True):
        lift(year, int(day), np.arange(40), row, int(day))
    found = [pair for pair in year.spikes(warehouse) if pair[0] > LAST - 365]
    assert len(found) <= 40


def test_a_rare_name_fires_from_the_least_articles_and_owners_on(warehouse: Warehouse) -> None:
    def fires(articles: int, sources: tuple[int, ...]) -> bool:
        year = Year.made(12, entities=1, means=(0.2, 0.21))
        year.mentions[LAST] = 0
        for number in range(articles):
            year.mentions[LAST, sources[number % len(sources)], 0] += 1
        return raised(year, warehouse, LAST) == {(LAST, 0)}

    assert (LEAST_ARTICLES, LEAST_OWNERS) == (5, 2)
    assert fires(5, (1, 2))
    assert not fires(4, (1, 2))
    assert not fires(9, (1,))
    assert not fires(9, (1, 13))  # two sources of one owner


def test_an_entity_without_days_before_has_no_baseline(warehouse: Warehouse) -> None:
    year = Year.made(13, entities=2, means=(0.2, 0.21))
    year.mentions[LAST, :5] = 3
    year.fill(warehouse)
    warehouse.query(
        "UPDATE entities SET active_from = ? WHERE entity_id = 'entity-000'".replace("?", f"'{day(LAST - 10)}'")
    )
    judge(warehouse, [LAST])
    assert {pair for pair in spikes_of(warehouse) if pair[0] == LAST} == {(LAST, 1)}


def test_a_rise_of_several_days_fires_once(warehouse: Warehouse) -> None:
    year = Year.made(14, entities=2, means=(10.0, 11.0))
    for at in (*range(300, 305), 300 + 4 + QUIET_DAYS, 350):
        lift(year, at, np.array([0]), np.array([60]))
    assert {at for at, entity in year.spikes(warehouse) if entity == 0 and at in range(298, 352)} == {300, 350}


@pytest.mark.parametrize("why", ["open", "by_arrival"])
def test_neither_an_open_day_nor_one_dated_by_arrival_has_spikes(warehouse: Warehouse, why: str) -> None:
    year = Year.made(15, entities=2, means=(10.0, 11.0))
    lift(year, LAST, np.array([0]), np.array([90]))
    assert raised(year, warehouse, LAST) == {(LAST, 0)}
    if why == "open":
        year.status[LAST] = "open"
    else:
        year.by_arrival[LAST] = year.articles[LAST] // 2 + 1
    assert raised(year, warehouse, LAST) == set()


def test_days_dated_by_arrival_are_in_no_baseline(warehouse: Warehouse) -> None:
    """A backlog of ten times as much hides nothing afterwards."""
    year = Year.made(16, entities=2, means=(10.0, 11.0))
    lift(year, LAST, np.array([0]), np.array([40]))
    year.mentions[LAST - 28 : LAST - 1, :, 0] = np.minimum(20, year.articles[LAST - 28 : LAST - 1])
    assert raised(year, warehouse, LAST) == set()
    year.by_arrival[LAST - 28 : LAST - 1] = year.articles[LAST - 28 : LAST - 1]
    assert raised(year, warehouse, LAST) == {(LAST, 0)}


def test_a_spike_in_the_baseline_hides_no_other(warehouse: Warehouse) -> None:
    year = Year.made(17, entities=1, means=(20.0, 21.0))
    for at in (LAST - 14, LAST - 30, LAST - 31):
        lift(year, at, np.array([0]), np.array([300]))
    lift(year, LAST, np.array([0]), np.array([90]))
    assert raised(year, warehouse, LAST) == {(LAST, 0)}


RESTATED = st.lists(st.integers(60, 179), min_size=1, max_size=4, unique=True)


@given(restated=RESTATED, seed=st.integers(0, 3))
@examples(10)
def test_restated_days_give_what_all_days_give(warehouse: Warehouse, restated: list[int], seed: int) -> None:
    """A pure function of the tables: no more than the restated days must be told, and the order of rows is nothing."""
    year = Year.made(100 + seed, days=180, entities=12, sources=6)
    year.spikes(warehouse)
    rng = random.Random(seed)
    for at in restated:
        year.mentions[at] = np.minimum(year.mentions[at] * rng.choice([0, 2, 5]), year.articles[at][:, None])
        year.silence([at], rng.randrange(6))
    year.fill(warehouse, order=1)
    judge(warehouse, restated)
    incremental = warehouse.query("SELECT * FROM spikes ORDER BY ALL").fetchall()
    warehouse.query("DELETE FROM spikes; DELETE FROM raised_days; DELETE FROM spike_basis")
    year.fill(warehouse, order=2)
    judge(warehouse, [0])
    assert warehouse.query("SELECT * FROM spikes ORDER BY ALL").fetchall() == incremental


def test_other_owners_judge_every_day_again(warehouse: Warehouse) -> None:
    year = Year.made(18, days=WINDOW_DAYS + 10, entities=1, means=(10.0, 11.0))
    lift(year, WINDOW_DAYS + 2, np.array([0]), np.array([90]))
    assert (WINDOW_DAYS + 2, 0) in year.spikes(warehouse)
    warehouse.query("UPDATE sources SET owner = 'one'")
    judge(warehouse, [])
    assert spikes_of(warehouse) == set()


def test_an_entity_that_is_watched_later_or_earlier_is_judged_again(warehouse: Warehouse) -> None:
    year = Year.made(18, days=WINDOW_DAYS + 10, entities=1, means=(10.0, 11.0))
    lift(year, WINDOW_DAYS + 2, np.array([0]), np.array([90]))
    spikes = year.spikes(warehouse)
    assert (WINDOW_DAYS + 2, 0) in spikes
    warehouse.query("UPDATE entities SET active_from = $day", day=FIRST + timedelta(WINDOW_DAYS))
    judge(warehouse, [])
    assert spikes_of(warehouse) == set()
    warehouse.query("UPDATE entities SET active_from = NULL")
    judge(warehouse, [])
    assert spikes_of(warehouse) == spikes


def day(number: int) -> date:
    return FIRST + timedelta(number)


def test_the_figures_of_a_spike(warehouse: Warehouse) -> None:
    year = Year.made(19, entities=1, means=(10.0, 11.0))
    year.mentions[LAST] = 0
    year.mentions[LAST, :13, 0] = 3  # the thirteenth has the owner of the first
    assert raised(year, warehouse, LAST) == {(LAST, 0)}
    row = warehouse.query(f"SELECT * FROM spikes WHERE published_on = '{day(LAST)}'").fetchall()[0]
    on, entity, share, baseline, score, sources, owners, articles = row
    assert (on, entity, sources, owners, articles) == (day(LAST), "entity-000", 13, 12, 39)
    assert share == 39 / year.articles[LAST].sum()
    assert 0.5 < baseline / (year.means[LAST, 0] / year.articles[LAST].sum()) < 2
    assert score > 2.7


def test_migrated_and_empty(tmp_path: Path) -> None:
    with open_warehouse(Settings(warehouse=f"duckdb://{tmp_path}/w.duckdb")) as fresh:
        judge(fresh, [])
        assert spikes_of(fresh) == set()
