"""The command line: the same stages without Airflow.

Exit codes: 0 done, 1 a check failed, 2 configuration, 3 infrastructure.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediamonitor.errors import MediaMonitorError
from mediamonitor.settings import Settings

if TYPE_CHECKING:
    from mediamonitor.context import Context

Answer = tuple[dict[str, Any], list[str], int]
"""A summary for `--json`, lines for a person, and the exit code."""

_PLACES = {
    "landing": ("URL", "where the article files are: s3://bucket/prefix or a folder"),
    "warehouse": ("URL", "the database: duckdb:///path"),
    "staging": ("URL", "where stages leave files for each other (default: beside the warehouse)"),
    "published": ("URL", "where the results are written"),
    "watchlist": ("FILE", "watchlist.yaml"),
    "sources": ("FILE", "sources.yaml (optional)"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. A user's mistake is one line on standard error, never a traceback."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("mediamonitor").setLevel(logging.INFO)
    try:
        flags = {name: getattr(options, name, None) for name in _PLACES}
        settings = Settings.from_environment(os.environ, **flags)
        settings.require(*options.needs)
        summary, lines, code = options.command(settings, options)
    except MediaMonitorError as error:
        print(f"mediamonitor: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("mediamonitor: stopped; nothing is lost, run the same command again", file=sys.stderr)
        return 130
    print(json.dumps(summary, default=str)) if options.json else print("\n".join(lines))
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mediamonitor", description="Daily mention counts from article files, every file accounted for."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, what: str, command: Callable[..., Any], needs: tuple[str, ...], takes: tuple[str, ...] = ()
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=what, description=what)
        for place in dict.fromkeys(needs + takes):
            metavar, text = _PLACES[place]
            one.add_argument(f"--{place}", metavar=metavar, help=text)
        one.add_argument("--json", action="store_true", help="print one JSON summary on standard output")
        one.set_defaults(command=command, needs=needs)
        return one

    ingest = add(
        "ingest",
        "discover, extract, validate and load what has arrived",
        _ingest,
        ("landing", "warehouse", "watchlist"),
        ("staging", "sources"),
    )
    publish = add(
        "publish",
        "publish every day whose inputs changed",
        _publish,
        ("warehouse", "published", "watchlist"),
        ("sources",),
    )
    run = add(
        "run", "ingest, then publish", _run, ("landing", "warehouse", "published", "watchlist"), ("staging", "sources")
    )
    for one in (ingest, run):
        one.add_argument(
            "--accept-failures",
            metavar="SOURCE",
            nargs="+",
            default=[],
            help="let in sources that the gate stopped (* for all)",
        )
    for one in (publish, run):
        one.add_argument("--from-day", metavar="D", type=_day, help="publish again from this day (YYYY-MM-DD)")
        one.add_argument("--to-day", metavar="D", type=_day, help="publish again up to this day, included")
    add(
        "reconcile",
        "prove that every file is accounted for and every count is right",
        _reconcile,
        ("landing", "warehouse"),
        ("published",),
    )
    quarantine = add("quarantine", "look at what could not be used", _quarantine, ("warehouse",))
    quarantine.add_argument(
        "action",
        choices=("list", "show", "retry", "ignore"),
        help="list them, show all about one object, take them again, or mark them as not worth a look",
    )
    quarantine.add_argument("key", nargs="?", help="the object's key (show needs it)")
    quarantine.add_argument("--reason", metavar="CODE", help="only this reason (docs/reason-codes.md)")
    quarantine.add_argument("--source", metavar="SOURCE", help="only this source")
    rebuild = add(
        "rebuild",
        "read everything in landing into a new warehouse; lists first what would differ",
        _rebuild,
        ("landing", "warehouse", "watchlist"),
        ("staging", "sources"),
    )
    rebuild.add_argument("--yes", action="store_true", help="do it; without, only the list is printed")
    for name, what in (("backup", "copy the warehouse into a new file"), ("restore", "put a backup in its place")):
        one = add(name, what, _backup if name == "backup" else _restore, ("warehouse",))
        one.add_argument("file", metavar="FILE", help="the backup, a DuckDB file")
    watchlist = add("watchlist", "check a watchlist and its examples", _watchlist, ())
    watchlist.add_argument("action", choices=("check",))
    watchlist.add_argument("file", metavar="FILE")
    why = add("why", "show the sentences that a day's count of an entity is made of", _why, ("warehouse",))
    why.add_argument("--day", metavar="D", type=_day, required=True, help="the day (YYYY-MM-DD)")
    why.add_argument("--entity", metavar="ID", required=True, help="the id of the entity in the watchlist")
    why.add_argument("--source", metavar="SOURCE", help="only this source")
    explain = add("explain", "show what became of each line of a file, and by which rule", _explain, (), ("sources",))
    explain.add_argument("file", metavar="FILE")
    evaluate = add("evaluate", "measure on a labelled set how well articles are read", _evaluate, ())
    evaluate.add_argument("folder", metavar="SET", help="the folder of an unpacked set, named as the set is")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-03-02") from None


def _context(settings: Settings) -> Context:
    from mediamonitor.context import Context

    now = datetime.now(timezone.utc)
    run_id = f"cli-{now:%Y%m%dT%H%M%S.%f}-{os.getpid()}"
    return Context(settings, run_id, now, progress=_bar) if sys.stderr.isatty() else Context(settings, run_id, now)


def _bar(what: str, done: int, total: int) -> None:
    """One line on a terminal that is drawn over until it is full, and then goes."""
    width = 40
    full = width * done // total
    line = f"\r{what} [{'#' * full}{'.' * (width - full)}] {done:,} of {total:,}"
    sys.stderr.write(line if done < total else "\r" + " " * len(line) + "\r")
    sys.stderr.flush()


def _ingest(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor import pipeline

    totals = dict.fromkeys(
        ("listed", "new", "changed", "gone", "ignored", "taken", "articles", "quarantined", "deferred", "vanished"), 0
    )
    left = 1
    while left:
        context = _context(settings)
        found = pipeline.discover(context, options.accept_failures)
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


def _publish(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor import pipeline

    done = pipeline.publish(_context(settings), options.from_day, options.to_day)
    if done["publication_id"] is None:
        return dict(done), ["Nothing changed since the last publication."], 0
    what = f"{done['days']:,} days, {done['files']:,} files under {settings.published}"
    line = f"Publication {done['publication_id']}: {what}."
    return dict(done), [line], 0


def _run(settings: Settings, options: argparse.Namespace) -> Answer:
    ingested, ingest_lines, _ = _ingest(settings, options)
    published, publish_lines, _ = _publish(settings, options)
    return {"ingest": ingested, "publish": published}, ingest_lines + publish_lines, 0


def _reconcile(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor.reconcile import reconcile

    report = reconcile(_context(settings))
    return report.summary(), report.lines(), 0 if report.holds else 1


def _quarantine(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor import quarantine

    which = quarantine.Which(options.key, options.reason, options.source)
    if options.action == "retry":
        return *quarantine.retry(settings, which, datetime.now(timezone.utc)), 0
    act = {"list": quarantine.list_refused, "show": quarantine.show, "ignore": quarantine.ignore}[options.action]
    return *act(settings, which), 0


def _rebuild(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor import rebuild

    if options.yes:
        return *rebuild.rebuild(_context(settings)), 0
    before = rebuild.look(_context(settings))
    lines = [*before.lines(), "", "Nothing was changed; rebuild --yes does it."]
    return {"unreadable": before.unreadable, "differences": before.differences()}, lines, 1


def _backup(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor.warehouse.upkeep import backup

    size = backup(settings, Path(options.file).absolute())
    return {"file": options.file, "bytes": size}, [f"{options.file}: {size:,} bytes, compared with the original."], 0


def _restore(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor.warehouse.upkeep import restore

    kept = restore(settings, Path(options.file).absolute(), datetime.now(timezone.utc))
    lines = [f"{settings.warehouse_path} is restored from {options.file}. Now ingest and publish."]
    if kept:
        lines.append(f"The warehouse before is kept as {kept}.")
    return {"restored": options.file, "kept": str(kept) if kept else None}, lines, 0


def _watchlist(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor.configfile import read_config_text
    from mediamonitor.watchlist.parse import parse_watchlist

    watchlist = parse_watchlist(read_config_text(options.file, "watchlist"), options.file)
    spellings = sum(len(entity.spellings) for entity in watchlist.entities)
    version = watchlist.content_hash
    what = f"{len(watchlist.entities)} entities, {spellings} spellings, all examples hold"
    line = f"{options.file}: {what} (version {version})."
    return {"entities": len(watchlist.entities), "spellings": spellings, "watchlist_version": version}, [line], 0


def _why(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor.why import why

    return *why(settings, options.day, options.entity, options.source), 0


def _explain(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor.explain import explain

    return *explain(settings, Path(options.file)), 0


def _evaluate(settings: Settings, options: argparse.Namespace) -> Answer:
    from mediamonitor.evaluation.evaluate import evaluate

    found = evaluate(Path(options.folder))
    return found.summary(), found.lines(), 0 if found.holds else 1
