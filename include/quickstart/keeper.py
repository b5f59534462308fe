"""`python -m quickstart.keeper FOLDER PORT [--owned]`: the parent of all processes of one installation.

It starts the S3 server and the parts of Airflow in its own session, and ends them all as soon as one of them ends, it
is told to (SIGTERM), or, with `--owned`, its standard input ends, as it does however its owner ends. The last line of
its log says why. All of them inherit the lock of the installation, so it is held until the last one is gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from quickstart import airflow, seaweedfs
from quickstart.place import Place, Running
from quickstart.processes import (
    Trouble,
    check_signals,
    heed_signals,
    ignore_signals,
    kill_session,
    python,
    spawn,
    stop_all,
)
from quickstart.seaweedfs import S3Server

GENTLY_SECONDS, HASTE_SECONDS = 30, 3
"""How long a running task may go on; nothing of the demonstration is kept, so there it is not waited for."""
STOPPING = "asked to stop"


def main(arguments: Sequence[str]) -> int:
    """Keep the installation until it ends; 0 if that was wished."""
    place, port = Place(Path(arguments[0])), int(arguments[1])
    heed_signals()
    owned = "--owned" in arguments
    if owned:
        threading.Thread(target=_watch_owner, daemon=True).start()
    keeper = Keeper(place, port, HASTE_SECONDS if owned else GENTLY_SECONDS)
    reason = STOPPING
    try:
        keeper.keep()
    except (Trouble, RuntimeError, OSError) as error:
        reason = str(error)
    except KeyboardInterrupt:
        pass
    finally:
        ignore_signals()
        keeper.end()
        print(reason, file=sys.stderr, flush=True)
    return 0 if reason == STOPPING else 1


def _watch_owner() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


class Keeper:
    """The processes of one installation."""

    def __init__(self, place: Place, port: int, gently: float) -> None:
        self.place, self.port, self.gently = place, port, gently
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self.s3: S3Server | None = None

    def keep(self) -> None:
        """Start everything and watch it. Raises Trouble or RuntimeError when something ends that should not."""
        airflow.make_password(self.place)
        common = airflow.environment(self.place, os.environ, self.port)
        self._start("database", python("quickstart.airflow"), common)  # takes a few seconds, and so does the S3 server
        self.s3 = seaweedfs.start(self.place.folder / "s3", self.place.logs / "s3.log", own_session=False)
        running = Running(
            os.getpid(), airflow.url(self.port), self.s3.endpoint_url, self.s3.access_key, self.s3.secret_key
        )
        self.place.bucket(running).create_bucket()
        self.place.tell(running)
        if self.parts["database"].wait():
            raise Trouble(f"Airflow's database could not be made; see {self.place.logs / 'database.log'}")
        del self.parts["database"]
        for name, options in airflow.PARTS.items():
            self._start(name, python("airflow", name, *options), common | airflow.connection(self.s3))
        self.parts["s3"] = self.s3.process
        while True:
            check_signals()
            for name, process in self.parts.items():
                if process.poll() is not None:
                    raise Trouble(f"{name} ended by itself ({process.returncode}); see {self.place.logs / name}.log")
            time.sleep(0.5)

    def end(self) -> None:
        """End everything, in the order that lets a running task finish: it needs the API and the bucket."""
        for names in ({"scheduler"}, self.parts.keys() - {"scheduler", "s3"}):
            stop_all([self.parts[name] for name in names if name in self.parts], self.gently)
        if self.s3:
            seaweedfs.end(self.s3)
        kill_session(os.getpid())

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.parts[name] = spawn(command, self.place.logs / f"{name}.log", environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
