"""One local installation: started, waited for, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from mediamonitor.errors import InfrastructureError
from quickstart import airflow, processes
from quickstart.place import Place, Running
from quickstart.processes import Trouble

START_SECONDS = 240
STOP_SECONDS = 90
END_SECONDS = 15
"""So long a keeper may take whose parts end; one that keeps a sound server does not end."""
T = TypeVar("T")


class Installation:
    """A keeper (quickstart/keeper.py) with what it started: ours, or one that runs already."""

    def __init__(self, place: Place, keeper: subprocess.Popen[bytes] | None = None) -> None:
        self.place, self._keeper = place, keeper

    @classmethod
    def start(cls, place: Place, port: int, *, owned: bool) -> Installation:
        """Start it. What is owned ends with this process, however that ends; the rest goes on until `stop_running`."""
        command = processes.python("quickstart.keeper", str(place.folder), str(port), *(["--owned"] if owned else []))
        return cls(place, processes.spawn(command, place.keeper_log, own_session=True, owned=owned))

    def wait_for_bucket(self) -> Running:
        """What runs, once there is a bucket; Airflow is still starting. Raises Trouble if it takes too long."""
        late = f"the S3 server did not start within {START_SECONDS} s; see {shown(self.place.logs)}"
        return self.wait_for(self.place.told, time.monotonic() + START_SECONDS, lambda: late)

    def wait_for_airflow(self, running: Running) -> airflow.Api:
        """Airflow, once it runs and knows the DAGs. Raises Trouble if it takes too long."""
        deadline = time.monotonic() + START_SECONDS
        late = f"Airflow did not start within {START_SECONDS} s; see {shown(self.place.logs)}"
        api = airflow.Api(running.url, airflow.password(self.place))

        def reason() -> str:
            return next((f"a DAG does not import: {error}" for error in api.import_errors()), late)

        self.wait_for(lambda: api.healthy() or None, deadline, reason)
        return api

    def wait_for(self, check: Callable[[], T | None], deadline: float, late: Callable[[], str]) -> T:
        """What `check` finds once it finds something. Raises Trouble when a part has ended, or with `late()`."""
        while True:
            processes.check_signals()
            try:
                found = check()
            except OSError:  # an API that is busy or not up yet; whether it has ended is asked below
                found = None
            if found is not None:
                return found
            if self._keeper.poll() is not None if self._keeper else _unlocked(self.place):
                raise Trouble(last_words(self.place))
            if time.monotonic() > deadline:
                raise Trouble(late())
            time.sleep(0.3)

    def upload(self, running: Running, folder: Path) -> int:
        """Put the files of a folder into the bucket; how many. Raises Trouble with why all ended, or why it failed."""
        try:
            return self.place.upload(running, folder)
        except InfrastructureError as error:
            failed = str(error)  # the S3 server ends before its keeper does, which says why
        return self.wait_for(lambda: None, time.monotonic() + END_SECONDS, lambda: failed)

    def stop(self) -> None:
        """End everything that we started."""
        if self._keeper:
            processes.stop(self._keeper, STOP_SECONDS)


def stop_running(place: Place) -> bool:
    """Stop what another process started here; False if nothing runs.

    A held lock proves that the recorded session is ours still: everything in it, and nothing else, inherits the lock.
    """
    if _unlocked(place):
        return False
    running = place.told()
    if running is None:
        raise Trouble("it is starting at this moment; try again in a few seconds")
    with suppress(ProcessLookupError):
        os.kill(running.session, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and running.session in processes.members(running.session):
        time.sleep(0.2)
    processes.kill_session(running.session)
    deadline = time.monotonic() + 10  # a killed process may hold the lock for a moment yet
    while not _unlocked(place):
        if time.monotonic() > deadline:
            raise Trouble(f"some of it is still running; see {shown(place.logs)}")
        time.sleep(0.1)
    return True


def _unlocked(place: Place) -> bool:
    lock = processes.lock(place.lock)
    if lock:
        lock.close()
    return lock is not None


def last_words(place: Place) -> str:
    """Why the keeper ended."""
    lines = place.keeper_log.read_text(errors="replace").split("\n") if place.keeper_log.exists() else []
    unsaid = f"the servers were ended from outside; see {shown(place.logs)}"
    return next((line for line in reversed(lines) if line.strip()), unsaid)


def shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
