"""Alerts: new spikes, and sources that fell silent, told once to each channel.

`publish` finds them (`publish/spikes.py`) and keeps them in the table `alerts`. A channel is told first and the
telling is noted afterwards, so after a crash in between it is told again: at least once, and twice rather than never.
A channel that fails keeps nobody else from being told, and gets what it missed at the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import pyarrow as pa

from mediamonitor.context import Context
from mediamonitor.errors import MediaMonitorError, shown
from mediamonitor.warehouse.connection import open_warehouse

log = logging.getLogger("mediamonitor")

KEPT_DAYS = 7
"""Days after which an alert that a channel did not take is told no more: it is in `spikes` and `coverage` anyway."""
_KEYS = pa.schema(
    [("kind", pa.string()), ("published_on", pa.date32()), ("entity_id", pa.string()), ("source", pa.string())]
)


@dataclass(frozen=True, slots=True)
class Alert:
    """A spike (`kind` `spike`, of an entity) or a source that fell silent (`silent`, last heard on `heard_on`)."""

    kind: str
    published_on: date
    entity_id: str | None
    name: str | None
    source: str | None
    articles: int | None
    owners: int | None
    share: float | None
    baseline_share: float | None
    score: float | None
    heard_on: date | None

    @property
    def line(self) -> str:
        """The alert for a person; what came from outside is harmless in it."""
        if self.kind == "silent":
            source = shown(str(self.source))
            return f"silent: nothing of {self.published_on} came from {source}, last heard on {self.heard_on}"
        return (
            f"spike: {shown(str(self.name or self.entity_id))} on {self.published_on}: {self.articles:,} articles of "
            f"{self.owners:,} owners, {self.share:.2%} of all where {self.baseline_share:.2%} is usual "
            f"(score {self.score:.1f})"
        )


Channel = Callable[[Sequence[Alert]], object]
"""Tells these alerts, in one message or several, or raises."""


def to_log(alerts: Sequence[Alert]) -> None:
    """The channel that is always there: the log of the run."""
    for alert in alerts:
        log.warning("%s", alert.line)


def tell(context: Context, channels: Mapping[str, Channel]) -> dict[str, int]:
    """Tell each channel what it has not been told; returns how much that was, for those that were told something.

    The warehouse is not held while a channel talks. Raises the first channel's error after all were tried.
    """
    told: dict[str, int] = {}
    failed: list[MediaMonitorError] = []
    for channel, send in channels.items():
        try:
            alerts = _pending(context, channel)
            if alerts:
                send(alerts)
                _note(context, channel, alerts)
                told[channel] = len(alerts)
        except MediaMonitorError as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return told


def _pending(context: Context, channel: str) -> list[Alert]:
    with open_warehouse(context.settings, must_exist=True) as warehouse:
        rows = warehouse.rows("alerts/pending", channel=channel, now=context.now, kept_days=KEPT_DAYS)
    return [Alert(*row) for row in rows]


def _note(context: Context, channel: str, alerts: Sequence[Alert]) -> None:
    rows = [{name: value for name, value in asdict(alert).items() if name in _KEYS.names} for alert in alerts]
    told = pa.Table.from_pylist(rows, _KEYS)
    with open_warehouse(context.settings) as warehouse, warehouse.given(told=told), warehouse.transaction():
        warehouse.run("alerts/told", channel=channel, now=context.now)
