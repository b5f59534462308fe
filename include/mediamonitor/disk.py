"""What the system says of a place that cannot be written to, as an error that says what to do."""

from __future__ import annotations

import errno
from pathlib import Path

from mediamonitor.errors import ConfigurationError, InfrastructureError, MediaMonitorError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def is_full(error: OSError) -> bool:
    """Whether there is no room left, on the disk or for this user."""
    return error.errno in _NO_ROOM


def disk_full(path: Path) -> InfrastructureError:
    """What is said when the disk that holds a database has no room left."""
    return InfrastructureError(
        f"the disk of {path} is full; make room and run again: what was committed stays, nothing is doubled"
    )


def cannot_write(place: Path, error: OSError) -> MediaMonitorError:
    """A full disk may have room later; whatever else keeps a user from writing is for the user to change."""
    where = str(place) if len(str(place)) < 300 else f"{str(place)[:300]}…"
    if is_full(error):
        return InfrastructureError(f"no room is left for {where}; make room and run again")
    return ConfigurationError(
        f"cannot write to {where} ({error.strerror}); choose a folder that this user may write to"
    )


def unforeseen(error: OSError) -> InfrastructureError:
    """One line for an error of the system that nobody met where it arose."""
    what = str(error).split("\n")[0][:300]
    if is_full(error):
        return InfrastructureError(f"no room is left on a disk ({what}); make room and run again")
    return InfrastructureError(f"the system refused something ({what}); nothing is lost, run the same command again")
