"""`python -m quickstart run|up|down`: Media Monitor on this machine alone, with real Airflow and a real S3 server."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from mediamonitor.errors import MediaMonitorError
from quickstart import report
from quickstart.installation import Installation, shown, stop_running
from quickstart.place import LOCAL, REPOSITORY, SAMPLES, Place
from quickstart.processes import Trouble, heed_signals, ignore_signals, lock
from quickstart.seaweedfs import free_ports
from quickstart.tour import ROUNDS, Say, Tour

PREFERRED_PORT = 8080
"""Of `up`; another one where that is taken."""

NOT_SOON = "0 0 29 2 *"
"""The schedules of `run`, which starts the DAGs itself. With the default ones Airflow makes up for the last tick of
each at once, and the first round would have four runs, three of which find nothing to do."""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. What goes wrong is one line on standard error."""
    parser = argparse.ArgumentParser(prog="python -m quickstart", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], what: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=what, description=what)
        one.add_argument("--local", metavar="FOLDER", type=Path, default=LOCAL, help="keep everything there (.local)")
        one.set_defaults(command=command)
        return one

    run = add("run", _run, "show the whole flow on the samples, then stop")
    run.add_argument("--json", metavar="FILE", type=Path, help="also write the counts before and after, and the runs")
    add("up", _up, "start, keep running, and say where the UI is")
    add("down", _down, "stop what `up` started")
    put = add("put", _put, "upload a folder of article files to what `up` started, and have them read")
    put.add_argument("folder", metavar="FOLDER", type=Path)
    options = parser.parse_args(arguments)
    heed_signals()
    try:
        return int(options.command(options))
    except BrokenPipeError:  # nobody reads any more; what was started has been stopped
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Trouble, MediaMonitorError, OSError) as error:
        print(f"\nquickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nquickstart: stopped", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace) -> int:
    place = Place(options.local.absolute() / "run")
    place.check()
    held = lock(place.lock)
    if held is None:
        raise Trouble(f"another run is using {shown(place.folder)}; wait for it, or stop it")
    _forget_settings_of_the_user("MEDIAMONITOR_")
    os.environ.update({f"MEDIAMONITOR_{dag}_SCHEDULE": NOT_SOON for dag in ("INGEST", "PUBLISH", "MAINTAIN")})
    place.empty()
    place.make()
    say = Say()
    print("Media Monitor: article files in a bucket become daily mention counts. This takes a minute or two.\n")
    say(f"starting an S3 server (SeaweedFS) and Airflow on 127.0.0.1; their logs are in {shown(place.logs)}")
    with ExitStack() as at_end, held:
        here = Installation.start(place, free_ports(1)[0], owned=True)
        at_end.callback(here.stop)
        at_end.callback(ignore_signals)
        running = here.wait_for_bucket()
        api = here.wait_for_airflow(running)
        say("ready: the DAGs ingest_articles, publish_mentions and maintain_warehouse")
        tour = Tour(here, running, api, say)
        runs, readings = [], []
        for number in range(1, len(ROUNDS) + 1):
            runs += [asdict(run) | {"round": number} for run in tour.round(number)]
            readings.append(report.read(place.media))
    before, after = readings
    for lines in (report.mentions(before, after), report.coverage(place.media), report.quarantined(place.media)):
        print("\n" + "\n".join(lines))
    print("\n" + "\n".join(report.where(place)))
    print("\nAll that was started has been stopped. The same, kept running with the Airflow UI: make up")
    if options.json:
        content = {"before": before.mention_counts, "after": after.mention_counts, "runs": runs}
        options.json.write_text(json.dumps(content, default=str, indent=1))
    return 0


def _up(options: argparse.Namespace) -> int:
    place = Place(options.local.absolute() / "up")
    place.check()
    held = lock(place.lock)
    _forget_settings_of_the_user()
    with ExitStack() as unless_ready:
        if held is None:
            print("Media Monitor is running already.\n")
            here = Installation(place)
        else:
            print("Starting an S3 server (SeaweedFS) and Airflow; this takes about half a minute.\n", flush=True)
            place.make()
            here = Installation.start(place, _port(), owned=False)
            unless_ready.callback(here.stop)
            unless_ready.callback(ignore_signals)
        running = here.wait_for_bucket()
        is_first = not place.has_samples.exists()
        if is_first:  # before the schedule can look at a bucket that is half full
            here.upload(running, SAMPLES / "1-first")
        api = here.wait_for_airflow(running)
        if is_first:
            api.trigger("ingest_articles")
            place.has_samples.touch()
        unless_ready.pop_all()
    print("\n".join(report.user_interface(place, running.url) + report.where(place)))
    return 0


def _down(options: argparse.Namespace) -> int:
    place = Place(options.local.absolute() / "up")
    if stop_running(place):
        print(f"Media Monitor has been stopped. Its data stay in {shown(place.folder)}; `make up` goes on with them.")
    else:
        print("Nothing to stop: `make up` is not running.")
    return 0


def _put(options: argparse.Namespace) -> int:
    place = Place(options.local.absolute() / "up")
    if lock(place.lock):
        raise Trouble("nothing is running that could take files; start it with `make up`")
    if not options.folder.is_dir():
        raise Trouble(f"{options.folder} is not a folder")
    _forget_settings_of_the_user()
    here = Installation(place)
    running = here.wait_for_bucket()
    api = here.wait_for_airflow(running)
    files = here.upload(running, options.folder)
    api.trigger("ingest_articles")
    print(
        f"{files} files uploaded to {place.landing}; ingest_articles reads them now: {running.url}/dags/ingest_articles"
    )
    return 0


def _forget_settings_of_the_user(*more: str) -> None:
    """Nothing of another Airflow, of a real bucket or of a proxy may reach the processes here: all of it is local."""
    for name in list(os.environ):
        if name.startswith(("AIRFLOW", "AWS_", *more)) or name.lower().endswith("_proxy"):
            del os.environ[name]
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ["PYTHONPATH"] = str(REPOSITORY / "include")
    os.environ.update(nothing, AWS_EC2_METADATA_DISABLED="true", NO_PROXY="*", no_proxy="*")


def _port() -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PREFERRED_PORT))
        except OSError:
            return free_ports(1)[0]
    return PREFERRED_PORT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
