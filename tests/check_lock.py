"""Whether requirements.txt is the lock of requirements.in: its head has the hash of what it was compiled from."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def head() -> str:
    """The first line that belongs to today's requirements.in."""
    return f"# requirements.in sha256: {hashlib.sha256((ROOT / 'requirements.in').read_bytes()).hexdigest()}"


def main(arguments: list[str]) -> int:
    """Compare, or with `--write COMPILED` make the lock from what uv compiled."""
    lock = ROOT / "requirements.txt"
    if arguments[:1] == ["--write"]:
        lock.write_text(f"{head()}\n# Compiled by `make lock`; do not edit.\n{Path(arguments[1]).read_text()}")
        return 0
    if lock.read_text().splitlines()[0] != head():
        print("requirements.txt is not the lock of requirements.in; run `make lock`", file=sys.stderr)
        return 1
    print("requirements.txt is the lock of requirements.in")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
