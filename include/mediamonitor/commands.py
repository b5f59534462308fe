"""What each command of the command line does: settings and options to a summary, lines and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediamonitor.errors import ConfigurationError, MediaMonitorError
from mediamonitor.settings import Settings

if TYPE_CHECKING:
    from mediamonitor.context import Context
    from mediamonitor.watchlist.model import Watchlist

Answer = tuple[dict[str, Any], list[str], int]
"""A summary for `--json`, lines for a person, and the exit code."""


def _context(settings: Settings) -> Context:
    from mediamonitor.context import Context

    now = datetime.now(timezone.utc)
    run_id = f"cli-{now:%Y%m%dT%H%M%S.%f}-{os.getpid()}"
    context = Context(settings, run_id, now, validate_apart=True)
    return replace(context, progress=_bar) if sys.stderr.isatty() else context


def _bar(what: str, done: int, total: int) -> None:
    """One line on a terminal that is drawn over until it is full, and then goes."""
    width = 40
    full = width * done // total
    line = f"\r{what} [{'#' * full}{'.' * (width - full)}] {done:,} of {total:,}"
    sys.stderr.write(line if done < total else "\r" + " " * len(line) + "\r")
    sys.stderr.flush()


def ingest(settings: Settings, options: argparse.Namespace) -> Answer:
    """Runs until nothing is left that no run has tried: a run takes so many objects and no more."""
    from mediamonitor.context import checked_config
    from mediamonitor.warehouse.connection import one_ingest

    if not settings.warehouse_path.exists():  # a mistake in the settings is told before a folder is made
        checked_config(settings)
        _context(settings).landing().listing()
    with one_ingest(settings):
        return _ingest(settings, options)


def _ingest(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor import pipeline

    totals = dict.fromkeys(
        ("listed", "new", "changed", "gone", "ignored", "taken", "articles", "quarantined", "deferred", "vanished"), 0
    )
    left = 1
    while left:
        context = _context(settings)
        found = pipeline.discover(context, options.accept_failures, options.accept_empty)
        failed: list[MediaMonitorError] = []
        staged = pipeline.extract(context, found["batches"], "1", failed)
        loaded = pipeline.load(context, pipeline.validate(context, staged, options.accept_failures))
        if failed:  # what could be read is loaded
            raise failed[0]
        for name, count in (*found.items(), *loaded.items()):
            if name in totals:
                totals[name] += int(str(count))
        totals["listed"], left = found["listed"], found["untried_left"]
    if not totals["taken"]:
        return totals, [f"Nothing new: {totals['listed']:,} objects listed."], 0
    records = ", ".join(f"{totals[name]:,} {name}" for name in ("articles", "quarantined", "deferred", "vanished"))
    return totals, [f"{totals['listed']:,} objects listed, {totals['taken']:,} read: {records}."], 0


def publish(settings: Settings, options: argparse.Namespace) -> Answer:
    """The days whose inputs changed, and those asked for; then what there is to tell."""
    from mediamonitor import alerts, pipeline

    context = _context(settings)
    done = pipeline.publish(context, options.from_day, options.to_day)
    what = f"{done['days']:,} days, {done['files']:,} files under {settings.published}"
    line = f"Publication {done['publication_id']}: {what}."
    told: list[alerts.Alert] = []
    alerts.tell(context, {"command line": told.extend})
    lines = [line if done["publication_id"] is not None else "Nothing changed since the last publication."]
    return {**done, "alerts": [alert.line for alert in told]}, [*lines, *(alert.line for alert in told)], 0


def run(settings: Settings, options: argparse.Namespace) -> Answer:
    """`ingest`, then `publish`."""
    ingested, ingest_lines, _ = ingest(settings, options)
    published, publish_lines, _ = publish(settings, options)
    return {"ingest": ingested, "publish": published}, ingest_lines + publish_lines, 0


def reconcile(settings: Settings, options: argparse.Namespace) -> Answer:
    """Exit code 1 on any difference."""
    from mediamonitor.reconcile import reconcile

    report = reconcile(_context(settings))
    return report.summary(), report.lines(), 0 if report.holds else 1


def quarantine(settings: Settings, options: argparse.Namespace) -> Answer:
    """list, show, retry, ignore."""
    from mediamonitor import quarantine

    which = quarantine.Which(options.key, options.reason, options.source)
    if options.action == "retry":
        return *quarantine.retry(settings, which, datetime.now(timezone.utc)), 0
    act = {"list": quarantine.list_refused, "show": quarantine.show, "ignore": quarantine.ignore}[options.action]
    return *act(settings, which), 0


def rebuild(settings: Settings, options: argparse.Namespace) -> Answer:
    """Without `--yes` only what would differ, and exit code 1."""
    from mediamonitor import rebuild

    if options.yes:
        return *rebuild.rebuild(_context(settings)), 0
    before = rebuild.look(_context(settings))
    lines = [*before.lines(), "", "Nothing was changed; rebuild --yes does it."]
    return {"unreadable": before.unreadable, "differences": before.differences()}, lines, 1


def backup(settings: Settings, options: argparse.Namespace) -> Answer:
    """A copy of the warehouse, compared with it."""
    from mediamonitor.warehouse.upkeep import backup

    size = backup(settings, Path(options.file).absolute())
    return {"file": options.file, "bytes": size}, [f"{options.file}: {size:,} bytes, compared with the original."], 0


def restore(settings: Settings, options: argparse.Namespace) -> Answer:
    """A backup in the place of the warehouse, which is kept."""
    from mediamonitor.warehouse.upkeep import restore

    kept = restore(settings, Path(options.file).absolute(), datetime.now(timezone.utc))
    lines = [f"{settings.warehouse_path} is restored from {options.file}. Now ingest and publish."]
    if kept:
        lines.append(f"The warehouse before is kept as {kept}.")
    return {"restored": options.file, "kept": str(kept) if kept else None}, lines, 0


def watchlist(settings: Settings, options: argparse.Namespace) -> Answer:
    """`check`: the examples, remarks, and how often each alias stands in the warehouse; `import`: CSV as YAML."""
    from mediamonitor.configfile import read_config_text
    from mediamonitor.watchlist.lint import lint
    from mediamonitor.watchlist.parse import parse_watchlist
    from mediamonitor.watchlist.table import yaml_of_csv

    text = read_config_text(options.file, "watchlist")
    if options.action == "import":
        made = yaml_of_csv(text, options.file)
        return {"watchlist": made}, [made.rstrip()], 0
    watchlist = parse_watchlist(text, options.file)
    spellings = sum(len(entity.spellings) for entity in watchlist.entities)
    version = watchlist.content_hash
    what = f"{len(watchlist.entities)} entities, {spellings} spellings, all examples hold"
    remarks = lint(watchlist)
    lines = [f"{options.file}: {what} (version {version}).", *(f"  {remark}" for remark in remarks)]
    hits = _alias_hits(settings, watchlist) if settings.warehouse else []
    for entity_id, alias, counted, of in hits:
        lines.append(f"  {entity_id}: {alias!r} counted {counted:,} times, found {of:,} times")
    return (
        {
            "entities": len(watchlist.entities),
            "spellings": spellings,
            "watchlist_version": version,
            "remarks": remarks,
            "hits": [dict(zip(("entity_id", "alias", "counted", "found"), row, strict=True)) for row in hits],
        },
        lines,
        0,
    )


def _alias_hits(settings: Settings, watchlist: Watchlist) -> list[tuple[str, str, int, int]]:
    """Of each spelling in the list, how often it counts and stands in the warehouse as it is now."""
    from mediamonitor.warehouse.connection import open_warehouse

    with open_warehouse(settings, must_exist=True) as warehouse:
        known = {(entity, alias): (counted, of) for entity, alias, counted, of in warehouse.rows("alias_hits")}
    return [
        (entity.id, alias, *known.get((entity.id, alias), (0, 0)))
        for entity in watchlist.entities
        for alias in entity.spellings
    ]


def why(settings: Settings, options: argparse.Namespace) -> Answer:
    """The sentences behind a count."""
    from mediamonitor.why import why

    return *why(settings, options.day, options.entity, options.source), 0


def audit(settings: Settings, options: argparse.Namespace) -> Answer:
    """A sheet to code, or with `--read` what its codes say."""
    from mediamonitor.audit.audit import draw, read

    if options.read:
        return *read(Path(options.read)), 0
    if not options.entity:
        raise ConfigurationError("say --entity ID to draw sentences, or --read FILE to read codes")
    settings.require("warehouse")
    path = Path(options.out or f"audit-{options.entity}.csv")
    return *draw(settings, options.entity, options.n, options.seed, path), 0


def explain(settings: Settings, options: argparse.Namespace) -> Answer:
    """What became of each line of a file."""
    from mediamonitor.explain import explain

    return *explain(settings, Path(options.file)), 0


def evaluate(settings: Settings, options: argparse.Namespace) -> Answer:
    """Exit code 1 where a target is missed."""
    from mediamonitor.evaluation.evaluate import evaluate

    found = evaluate(Path(options.folder))
    return found.summary(), found.lines(), 0 if found.holds else 1
