"""Starting and stopping children with everything they start themselves."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress


def stop(process: subprocess.Popen[bytes], seconds: float = 15) -> None:
    """End a child that was started with `start_new_session=True`, and its whole group: first politely, then for good."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    # A grandchild may have outlived the group's leader.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
