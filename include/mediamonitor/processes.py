"""How a process of our own is started, whichever way this one was."""

from __future__ import annotations

import os
import sys
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]


class _NoPandas:
    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if name == "pandas":
            raise ImportError(name)


def leave_pandas_out() -> None:
    """From now on pandas is not there for this process.

    pyarrow and DuckDB would import it, a quarter of a second's work, to tell that no value of ours comes from there.
    """
    sys.meta_path.insert(0, _NoPandas())


def module_process(module: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Command and environment that run a module of ours with this interpreter, whatever the current folder holds."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(LIBRARY), os.environ.get("PYTHONPATH", "")])}
    return [sys.executable, "-P", "-m", module, *arguments], environment
