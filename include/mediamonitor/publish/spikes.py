"""Spikes: days on which an entity's share of the articles stands out from its own baseline (contract §4, issue 7).

The method is that of outbreak detection: Farrington et al., "A statistical algorithm for the early detection of
outbreaks of infectious disease", J. R. Stat. Soc. A 159 (1996), with the changes of Noufaily et al., "An improved
algorithm for outbreak detection in multiple surveillance systems", Statistics in Medicine 32 (2013): a level from the
days before, in which days that stood out themselves weigh less; counts that are negative binomial; a bound that knows
how unsure the level is. Theirs are weeks within years; here they are days within weeks. The score is the signed root
of the deviance, which is near to a normal variable under small means too (Pierce and Schafer, "Residuals in
generalized linear models", JASA 81, 1986). Thresholds and what they were measured to hold: docs/decisions.md.

A pure function of `mention_counts`, `coverage`, `entities` and `sources`. A source takes part on a day when its cell
is covered and closed, at most half of its articles are dated by arrival, and it had such cells on enough of the same
weekdays before. The baseline is taken from these very sources, each with its own share of the entity, so a source
that is silent, new, or brings more than usual makes no spike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from mediamonitor.warehouse.connection import Warehouse

WINDOW_DAYS = 56
"""Days before that make the baseline: eight of each weekday, as for `expected_articles` (contract §4)."""
LEAST_WEEKDAYS = 4
"""Same weekdays of the window on which a source must have been there, as for `expected_articles`."""
LEAST_DAYS = 20
"""Days of the window with articles that an entity's baseline needs: four weeks of a source without weekends."""
LEAST_ARTICLES = 5
"""Articles of the day below which nothing is a spike: rare names would fire on three."""
LEAST_OWNERS = 2
"""Owners whose articles they must be (worldmonitor asks for as many): one outlet's campaign is no spike."""
THRESHOLD = 2.7
"""Score from which a day stands out, in standard deviations of a normal variable; measured (docs/decisions.md)."""
QUIET_DAYS = 7
"""Days without standing out that an entity needs before it can have its next spike."""
LEAST_DISPERSION = 0.05
"""Least variance beyond Poisson's, in squared means: no entity's days are steadier than 22 % about their mean."""
OUTLIER = 2.58
"""Score from which a day of the baseline weighs less, by the square of the excess (Noufaily et al. 2013)."""
WEEKDAY_PRIOR = 3
"""Articles by which a weekday's part is drawn to that of all days: a weekday is believed as far as it has counts."""
DRAWN_TO_ALL = 20
"""Articles of a source by which its share of an entity is drawn to that of all sources: a new one has few."""
ROUNDS = 2
"""Rounds of the fit; a third changed the measured rates by less than 0.1 a year."""
DAYS_AT_ONCE = 14
"""Days judged in one go: what 500 sources and 1,000 entities need for them fits into 300 MB."""
TOLD_DAYS = 3
"""How many days before the newest closed one a spike may lie to be told: a Friday's is news on Monday."""

_RULE = {
    "window": WINDOW_DAYS,
    "least_weekdays": LEAST_WEEKDAYS,
    "least_days": LEAST_DAYS,
    "least_articles": LEAST_ARTICLES,
    "least_owners": LEAST_OWNERS,
    "threshold": THRESHOLD,
    "quiet_days": QUIET_DAYS,
    "least_dispersion": LEAST_DISPERSION,
    "outlier": OUTLIER,
    "weekday_prior": WEEKDAY_PRIOR,
    "drawn_to_all": DRAWN_TO_ALL,
}


def compute_spikes(warehouse: Warehouse) -> None:
    """Judge again every day whose spikes the restated days may have changed.

    Run inside the transaction of `restate`, when the marts and the coverage of the days in `restated` are as they are
    to be.
    """
    rule: dict[str, Any] = dict(_RULE)
    days = [day for (day,) in warehouse.rows("spikes/days", rule=str(rule), **rule)]
    if days:
        warehouse.run("spikes/sums", first=days[0], last=days[-1], **rule)
    for first, last in _spans(days):
        warehouse.run("spikes/candidates", first=first, last=last, **rule)
        for _ in range(ROUNDS):
            warehouse.run("spikes/fit", **rule)
        warehouse.run("spikes/store", **rule)
    warehouse.run("spikes/cool", **rule)


def note_alerts(warehouse: Warehouse, now: datetime) -> None:
    """Note what is new and to be told (`alerts`), once no day is left to restate: the newest day of a part is no news.

    `now` is written to new alerts and decides nothing.
    """
    warehouse.run("spikes/alerts", now=now, told_days=TOLD_DAYS, **_RULE)


def _spans(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """First and last of groups of these days (in their order) that span at most DAYS_AT_ONCE."""
    first = last = None
    for day in days:
        if first is None or last is None:
            first = day
        elif day - first >= timedelta(days=DAYS_AT_ONCE):
            yield first, last
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last
