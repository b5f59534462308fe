"""How a process of our own is started, whichever way this one was."""

from __future__ import annotations

import os
import sys
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]


def module_process(module: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Command and environment that run a module of ours with this interpreter, whatever the current folder holds."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(LIBRARY), os.environ.get("PYTHONPATH", "")])}
    return [sys.executable, "-P", "-m", module, *arguments], environment
