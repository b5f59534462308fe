"""Alerts: found once, told once to each channel, again after a failure (issue 7, case 13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from mediamonitor.alerts import Alert, tell
from mediamonitor.context import Context
from mediamonitor.errors import ConfigurationError, InfrastructureError
from mediamonitor.settings import Settings
from mediamonitor.warehouse.connection import open_warehouse
from publish.made_year import NOW, Year, judge

LAST = 69


class Site:
    """Ten weeks of counts in a warehouse, of which the last day has a spike and a silent source."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(warehouse=f"duckdb://{folder}/w.duckdb")
        self.year = Year.made(1, days=LAST + 1, entities=2, means=(10.0, 11.0))
        self.year.mentions[LAST, :, 0] = 4
        self.now = NOW

    def publish(self, *days: int) -> None:
        with open_warehouse(self.settings) as warehouse:
            self.year.fill(warehouse)
            judge(warehouse, days or [LAST], self.now)

    def tell(self, **channels: object) -> dict[str, int]:
        return tell(Context(self.settings, "run", self.now), channels)  # type: ignore[arg-type]

    def told(self) -> list[str]:
        """The lines that the log gets now."""
        lines: list[str] = []
        self.tell(log=lambda alerts: lines.extend(alert.line for alert in alerts))
        return lines


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_spike_is_told_once_however_often_its_day_is_published(site: Site) -> None:
    site.publish()
    (line,) = site.told()
    assert line.startswith("spike: entity-000 on 2025-03-16: 80 articles of 12 owners, ")
    site.publish()
    site.publish(LAST - 7)
    assert site.told() == []


def test_each_channel_is_told_and_one_that_fails_alone_is_told_again(site: Site) -> None:
    site.publish()
    got: dict[str, list[str]] = {"mail": [], "web": []}
    down = True

    def mail(alerts: Sequence[Alert]) -> None:
        if down:
            raise InfrastructureError("the mail server does not answer")
        got["mail"] += [alert.line for alert in alerts]

    def web(alerts: Sequence[Alert]) -> None:
        got["web"] += [alert.line for alert in alerts]

    for _ in range(3):
        with pytest.raises(InfrastructureError, match="does not answer"):
            site.tell(mail=mail, web=web)
    assert {name: len(lines) for name, lines in got.items()} == {"mail": 0, "web": 1}
    down = False
    assert site.tell(mail=mail, web=web) == {"mail": 1}
    assert site.tell(mail=mail, web=web) == {}
    assert got["mail"] == got["web"]


def test_a_crash_between_telling_and_noting_tells_again(site: Site) -> None:
    site.publish()

    def dies(alerts: Sequence[Alert]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        site.tell(log=dies)
    assert len(site.told()) == 1
    assert site.told() == []


def test_a_spike_that_is_gone_is_told_to_nobody(site: Site) -> None:
    site.publish()
    site.year.mentions[LAST, :, 0] = 0
    site.publish()
    assert site.told() == []


def test_a_spike_that_moves_a_day_is_no_second_alert(site: Site) -> None:
    site.publish()
    assert len(site.told()) == 1
    site.year.mentions[LAST - 1, :, 0] = 4
    site.publish(LAST - 1)
    assert site.told() == []


def test_a_spike_that_moves_before_it_was_told_is_told_where_it_is_then(site: Site) -> None:
    site.publish()
    assert len(site.told()) == 1

    def down(alerts: Sequence[Alert]) -> None:
        raise InfrastructureError("the mail server does not answer")

    with pytest.raises(InfrastructureError):
        site.tell(mail=down)
    site.year.mentions[LAST - 1, :, 0] = 4
    site.publish(LAST - 1)
    assert site.told() == []
    days: list[str] = []
    assert site.tell(mail=lambda alerts: days.extend(str(alert.published_on) for alert in alerts)) == {"mail": 1}
    assert days == ["2025-03-15"]


def test_old_spikes_and_old_alerts_are_told_to_nobody(site: Site) -> None:
    site.year.mentions[LAST - 5], site.year.mentions[LAST] = site.year.mentions[LAST], 0
    site.publish(LAST - 5)
    assert site.told() == []
    site.year.mentions[LAST, :, 1] = 4
    site.publish()
    site.now += timedelta(days=8)
    assert site.told() == []


def test_case_13_a_source_that_falls_silent_is_told_once_until_it_is_heard_again(site: Site) -> None:
    site.year.mentions[:] = 0
    site.year.silence([LAST - 2, LAST - 1, LAST], 3)

    def publish(last: int) -> list[str]:
        whole, site.year = site.year, cut(site.year, last)
        site.publish(last)
        site.year = whole
        return site.told()

    assert publish(LAST - 3) == []
    assert publish(LAST - 2) == ["silent: nothing of 2025-03-14 came from source-003, last heard on 2025-03-13"]
    assert publish(LAST - 1) == []
    site.year.articles[LAST - 1, 3], site.year.status[LAST - 1, 3] = 40, "complete"
    assert publish(LAST - 1) == []
    assert publish(LAST) == ["silent: nothing of 2025-03-16 came from source-003, last heard on 2025-03-15"]


def test_a_source_that_never_comes_on_that_weekday_is_not_silent(site: Site) -> None:
    site.year.mentions[:] = 0
    site.year.silence(range(LAST % 7, LAST + 1, 7), 3)
    site.publish()
    assert site.told() == []


def test_a_source_that_came_before_it_was_told_is_not_silent(site: Site) -> None:
    site.year.mentions[:] = 0
    site.year.silence([LAST], 3)
    site.publish()
    site.year.articles[LAST, 3], site.year.status[LAST, 3] = 40, "partial"
    site.publish()
    assert site.told() == []


def test_names_from_outside_are_harmless_in_a_line() -> None:
    day = datetime(2026, 3, 2, tzinfo=timezone.utc).date()
    alert = Alert("silent", day, None, None, "evil\nBcc: x\x1b[2J", None, None, None, None, None, day)
    assert "\n" not in alert.line and "\x1b" not in alert.line


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[", "it is not JSON"),
        ("{}", "it must be a list"),
        ('["x"]', 'each needs a "class"'),
        ('[{"class": "smtp"}]', 'each needs a "class"'),
        ('[{"class": "a.B", "name": 1}]', '"name" must be a text'),
        ('[{"class": "a.B"}, {"class": "a.B"}]', "two are called a.B"),
    ],
)
def test_a_wrong_setting_is_refused_at_once(text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"MEDIAMONITOR_ALERT_NOTIFIERS: {why}"):
        Settings.from_environment({"MEDIAMONITOR_ALERT_NOTIFIERS": text})


def cut(year: Year, last: int) -> Year:
    """The year up to a day."""
    end = last + 1
    parts: list[np.ndarray] = [year.articles, year.mentions, year.means, year.status, year.by_arrival]
    return Year(*(part[:end] for part in parts), year.owners)
