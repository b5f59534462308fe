"""A made year of counts: negative binomial, with a weekly rhythm of the sources and one of each entity, seeded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa

from mediamonitor.publish.spikes import compute_spikes, note_alerts
from mediamonitor.warehouse.connection import Warehouse

FIRST = date(2025, 1, 6)
"""A Monday."""
NOW = datetime(2027, 1, 1, tzinfo=timezone.utc)
WEEKLY = np.array([1.0, 1.05, 1.1, 1.05, 1.0, 0.6, 0.5])
"""How much a source brings from Monday to Sunday."""
CELLS = pa.schema(
    [("published_on", pa.date32()), ("source", pa.string()), ("entity_id", pa.string()), ("articles", pa.int64())]
)


@dataclass
class Year:
    """Counts as arrays over (day, source) and (day, source, entity); change them before `fill`."""

    articles: np.ndarray
    mentions: np.ndarray
    means: np.ndarray
    """Expected mentions of an entity on a day, over all sources, as arrays over (day, entity)."""
    status: np.ndarray
    by_arrival: np.ndarray
    owners: list[str]

    @classmethod
    def made(
        cls,
        seed: int,
        days: int = 421,
        entities: int = 100,
        sources: int = 20,
        means: tuple[float, float] = (0.2, 60.0),
        dispersion: tuple[float, float] = (10.0, 50.0),
        rhythm: float = 0.3,
    ) -> Year:
        """`means` bounds an entity's mentions on a weekday, `dispersion` the k in variance = mean + mean²/k,
        `rhythm` is the deviation of the logarithm of what a weekday does to an entity.
        """
        rng = np.random.default_rng(seed)
        weekday = np.arange(days) % 7
        volumes = rng.uniform(20, 300, sources)
        articles = rng.poisson(volumes * WEEKLY[weekday][:, None] * np.exp(rng.normal(0, 0.1, (days, sources))))
        mean = np.exp(rng.uniform(*np.log(means), entities))
        own_rhythm = np.exp(rng.normal(0, rhythm, (7, entities)))
        affinity = rng.gamma(1.0, 1.0, (sources, entities)) * volumes[:, None]
        affinity /= affinity.sum(0)
        k = np.exp(rng.uniform(*np.log(dispersion), entities))
        level = affinity[None] * (articles / volumes)[:, :, None] * (mean * own_rhythm[weekday])[:, None, :]
        noise = rng.gamma(k, 1 / k, (days, entities))
        mentions = np.minimum(rng.poisson(level * noise[:, None, :]), articles[:, :, None])
        status = np.full((days, sources), "complete", dtype=object)
        owners = [f"owner-{number % 12}" for number in range(sources)]
        return cls(articles, mentions, level.sum(1), status, np.zeros_like(articles), owners)

    def silence(self, days: Iterable[int] | slice, source: int) -> None:
        """Nothing came from a source on these days."""
        at = days if isinstance(days, slice) else list(days)
        self.articles[at, source], self.mentions[at, source] = 0, 0
        self.status[at, source] = "no_data"

    def fill(self, warehouse: Warehouse, order: int = 0) -> None:
        """Write the tables that spikes are computed from, the rows in an order of their own."""
        days, sources, entities = self.mentions.shape
        at = np.random.default_rng(order).permutation(np.flatnonzero(self.mentions))
        day, source, entity = np.unravel_index(at, self.mentions.shape)
        cells = pa.table(
            [
                pa.array(np.datetime64(FIRST, "D") + day, pa.date32()),
                pa.array(np.array(names("source", sources))[source]),
                pa.array(np.array(names("entity", entities))[entity]),
                pa.array(self.mentions.ravel()[at], pa.int64()),
            ],
            schema=CELLS,
        )
        day, source = (index.ravel() for index in np.indices((days, sources)))
        coverage = pa.table(
            {
                "published_on": pa.array(np.datetime64(FIRST, "D") + day, pa.date32()),
                "source": pa.array(np.array(names("source", sources))[source]),
                "articles": pa.array(self.articles.ravel(), pa.int64()),
                "dated_by_arrival": pa.array(self.by_arrival.ravel(), pa.int64()),
                "status": pa.array(self.status.ravel(), pa.string()),
            }
        )
        owned = pa.table({"source": names("source", sources), "owner": self.owners})
        watched = pa.table({"entity_id": names("entity", entities)})
        with warehouse.given(cells=cells, covered=coverage, owned=owned, watched=watched):
            warehouse.query(FILL)

    def spikes(self, warehouse: Warehouse, order: int = 0) -> set[tuple[int, int]]:
        """(day, entity) of every spike, as numbers."""
        self.fill(warehouse, order)
        warehouse.query("DELETE FROM spikes; DELETE FROM raised_days; DELETE FROM alerts")
        judge(warehouse, range(len(self.mentions)))
        return spikes_of(warehouse)


FILL = """
    DELETE FROM mention_counts; DELETE FROM coverage; DELETE FROM sources; DELETE FROM entities;
    INSERT INTO mention_counts BY NAME
    SELECT *, articles AS occurrences, 0 AS title_articles, 0 AS lead_articles FROM cells;
    INSERT INTO coverage BY NAME SELECT *, 0 AS duplicates, 0 AS undated FROM covered;
    INSERT INTO sources BY NAME SELECT *, 'UTC' AS timezone FROM owned;
    INSERT INTO entities BY NAME SELECT *, entity_id AS name, 'person' AS kind, []::VARCHAR[] AS aliases FROM watched;
"""


def names(what: str, count: int) -> list[str]:
    return [f"{what}-{number:03d}" for number in range(count)]


def judge(warehouse: Warehouse, days: Iterable[int], now: datetime = NOW) -> None:
    """What `restate` does when these days are restated."""
    restated = pa.table({"published_on": pa.array([FIRST + timedelta(int(day)) for day in days], pa.date32())})
    with warehouse.given(given_days=restated):
        warehouse.query("CREATE OR REPLACE TEMP TABLE restated AS SELECT * FROM given_days")
    with warehouse.transaction():
        compute_spikes(warehouse)
        note_alerts(warehouse, now)


def spikes_of(warehouse: Warehouse) -> set[tuple[int, int]]:
    rows = warehouse.query("SELECT published_on, entity_id FROM spikes").fetchall()
    return {((day - FIRST).days, int(entity.removeprefix("entity-"))) for day, entity in rows}
