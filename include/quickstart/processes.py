"""Starting and stopping children with everything they start themselves, and the lock that says who runs."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil  # type: ignore[import-untyped]

GENTLY_SECONDS = 15
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Each asks us to stop."""
_asked = threading.Event()


class Trouble(Exception):
    """Something that the user is told in one line."""


def heed_signals() -> None:
    """From now on each of them raises KeyboardInterrupt."""
    for sign in SIGNALS:
        signal.signal(sign, _ask)


def check_signals() -> None:
    """Raise it again in a loop that may be long: one that came inside a callback of a library was swallowed there."""
    if _asked.is_set():
        raise KeyboardInterrupt


def ignore_signals() -> None:
    """While things are being stopped."""
    for sign in SIGNALS:
        signal.signal(sign, signal.SIG_IGN)


def _ask(*_: object) -> None:
    _asked.set()
    raise KeyboardInterrupt


def spawn(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    *,
    own_session: bool = False,
    owned: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a child that writes to `log`. `owned`: its standard input is a pipe from us, which ends when we do.

    `close_fds=False` hands on what was made inheritable, which is the lock of an installation and nothing else.
    """
    stdin = subprocess.PIPE if owned else subprocess.DEVNULL
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=own_session,
            close_fds=False,
        )


def python(*arguments: str) -> list[str]:
    """The command for a module, run by this very Python: scripts in .venv/bin hold a path that may be stale."""
    return [sys.executable, "-m", *arguments]


def stop(process: subprocess.Popen[bytes], seconds: float = GENTLY_SECONDS) -> None:
    """End a child that was started in a session of its own, politely, and then whatever is left of that session."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    kill_session(process.pid)
    process.wait()


def stop_all(processes: Iterable[subprocess.Popen[bytes]], seconds: float = GENTLY_SECONDS) -> None:
    """Ask several children to end, and wait for them together. Who does not end is left to `kill_session`."""
    children = list(processes)
    for child in children:
        child.terminate()
    end = time.monotonic() + seconds
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, end - time.monotonic()))


def members(session: int) -> list[int]:
    """The processes of a session, without ourselves. Airflow gives each task its own process group, but no session."""
    found = []
    for pid in psutil.pids():
        with suppress(OSError):
            if pid not in (0, os.getpid()) and os.getsid(pid) == session and _lives(pid):
                found.append(pid)
    return found


def kill_session(session: int, seconds: float = 5) -> None:
    """Kill every process of a session but ourselves, until none is left; a process may be about to fork."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        left = members(session)
        if not left:
            return
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def lock(path: Path) -> IO[bytes] | None:
    """Take a lock that lasts until we and every child that inherits it have ended. None where somebody has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    os.set_inheritable(file.fileno(), True)
    return file
