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
from datetime import date
from typing import Any

from mediamonitor import commands
from mediamonitor.disk import unforeseen
from mediamonitor.errors import MediaMonitorError
from mediamonitor.settings import Settings

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
    except OSError as error:
        plain = unforeseen(error)
        print(f"mediamonitor: {plain}", file=sys.stderr)
        return plain.exit_code
    except KeyboardInterrupt:
        print("mediamonitor: stopped; nothing is lost, run the same command again", file=sys.stderr)
        return 130
    try:
        print(json.dumps(summary, default=str) if options.json else "\n".join(lines), flush=True)
    except BrokenPipeError:  # `| head` has read enough; what Python flushes at its end must go somewhere too
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mediamonitor", description="Daily mention counts from article files, every file accounted for."
    )
    known = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, what: str, command: Callable[..., Any], needs: tuple[str, ...], takes: tuple[str, ...] = ()
    ) -> argparse.ArgumentParser:
        one = known.add_parser(name, help=what, description=what)
        for place in dict.fromkeys(needs + takes):
            metavar, text = _PLACES[place]
            one.add_argument(f"--{place}", metavar=metavar, help=text)
        one.add_argument("--json", action="store_true", help="print one JSON summary on standard output")
        one.set_defaults(command=command, needs=needs)
        return one

    ingest = add(
        "ingest",
        "discover, extract, validate and load what has arrived",
        commands.ingest,
        ("landing", "warehouse", "watchlist"),
        ("staging", "sources"),
    )
    publish = add(
        "publish",
        "publish every day whose inputs changed",
        commands.publish,
        ("warehouse", "published", "watchlist"),
        ("sources",),
    )
    run = add(
        "run",
        "ingest, then publish",
        commands.run,
        ("landing", "warehouse", "published", "watchlist"),
        ("staging", "sources"),
    )
    for one in (ingest, run):
        one.add_argument(
            "--accept-failures",
            metavar="SOURCE",
            nargs="+",
            default=[],
            help="let in sources that the gate stopped (* for all)",
        )
        one.add_argument(
            "--accept-empty",
            action="store_true",
            help="no file is left in landing and that is meant: their articles leave (MEDIAMONITOR_DELETED=retract)",
        )
    for one in (publish, run):
        one.add_argument("--from-day", metavar="D", type=_day, help="publish again from this day (YYYY-MM-DD)")
        one.add_argument("--to-day", metavar="D", type=_day, help="publish again up to this day, included")
    add(
        "reconcile",
        "prove that every file is accounted for and every count is right",
        commands.reconcile,
        ("landing", "warehouse"),
        ("published",),
    )
    quarantine = add("quarantine", "look at what could not be used", commands.quarantine, ("warehouse",))
    quarantine.add_argument(
        "action",
        choices=("list", "show", "retry", "ignore"),
        help="list them, show all about one object, take them again, or mark them as not worth a look",
    )
    quarantine.add_argument("key", nargs="?", help="the object's key, or a record as list shows it (show needs one)")
    quarantine.add_argument("--reason", metavar="CODE", help="only this reason (docs/reason-codes.md)")
    quarantine.add_argument("--source", metavar="SOURCE", help="only this source")
    rebuild = add(
        "rebuild",
        "read everything in landing into a new warehouse; lists first what would differ",
        commands.rebuild,
        ("landing", "warehouse", "watchlist"),
        ("staging", "sources"),
    )
    rebuild.add_argument("--yes", action="store_true", help="do it; without, only the list is printed")
    for name, what in (("backup", "copy the warehouse into a new file"), ("restore", "put a backup in its place")):
        one = add(name, what, commands.backup if name == "backup" else commands.restore, ("warehouse",))
        one.add_argument("file", metavar="FILE", help="the backup, a DuckDB file")
    watchlist = add(
        "watchlist",
        "check a watchlist and its examples, or make one of a table",
        commands.watchlist,
        (),
        ("warehouse",),
    )
    watchlist.add_argument(
        "action",
        choices=("check", "import"),
        help="check it (with --warehouse also how often each alias was found), or print a CSV file as YAML",
    )
    watchlist.add_argument("file", metavar="FILE")
    why = add("why", "show the sentences that a day's count of an entity is made of", commands.why, ("warehouse",))
    why.add_argument("--day", metavar="D", type=_day, required=True, help="the day (YYYY-MM-DD)")
    why.add_argument("--entity", metavar="ID", required=True, help="the id of the entity in the watchlist")
    why.add_argument("--source", metavar="SOURCE", help="only this source")
    audit = add("audit", "draw sentences to code by hand, or read the codes", commands.audit, (), ("warehouse",))
    audit.add_argument("--entity", metavar="ID", help="the id of the entity in the watchlist")
    audit.add_argument("--n", metavar="N", type=_number, default=100, help="how many sentences to draw (100)")
    audit.add_argument("--seed", metavar="N", type=_number, default=1, help="another seed draws others (1)")
    audit.add_argument("--out", metavar="FILE", help="where to write them (audit-ID.csv)")
    audit.add_argument("--read", metavar="FILE", help="a file with codes: print precision, recall and agreement")
    explain = add(
        "explain", "show what became of each line of a file, and by which rule", commands.explain, (), ("sources",)
    )
    explain.add_argument("file", metavar="FILE")
    evaluate = add("evaluate", "measure on a labelled set how well articles are read", commands.evaluate, ())
    evaluate.add_argument("folder", metavar="SET", help="the folder of an unpacked set, named as the set is")
    return parser


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= 100_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 100,000")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-03-02") from None
