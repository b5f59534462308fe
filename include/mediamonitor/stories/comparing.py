"""The pair test over many pairs, in parts of which each has a folder: its pairs, and the texts of their articles.

Several parts go to processes of their own (`python -m mediamonitor.stories.comparing FOLDER`), PROCESSES at once. What
comes out is the same either way.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from mediamonitor.errors import InfrastructureError
from mediamonitor.processes import module_process
from mediamonitor.stories.similarity import Text, similar

PROCESSES = 2
"""Each needs under 300 MB."""
TEXTS_HELD = 500
"""How many texts are held cut into words: about 40 kB each. Pairs come in an order that needs few more than once."""
KEPT = pa.schema([("one", pa.int64()), ("other", pa.int64()), ("is_similar", pa.bool_())])
Pair = tuple[int, int]

_PAIRS = "pairs.arrow"
_KEPT = "kept.arrow"
_COLUMNS = ["number", "content_sha256", "title", "body"]


def write_pairs(folder: Path, pairs: Sequence[Pair]) -> None:
    """The pairs of a part into its folder."""
    ones, others = zip(*pairs, strict=True)
    _write(folder / _PAIRS, pa.table({"one": ones, "other": others}))


def compared(folders: Sequence[Path]) -> Iterator[pa.Table]:
    """Of each part the pairs (schema KEPT) that have the same text or are similar. Raises InfrastructureError."""
    if len(folders) == 1:  # not worth a process
        yield _compared(folders[0])
        return
    with ThreadPoolExecutor(PROCESSES) as threads:
        yield from threads.map(_compared_apart, folders)


def _compared_apart(folder: Path) -> pa.Table:
    command, environment = module_process("mediamonitor.stories.comparing", str(folder))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 (ours)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise InfrastructureError(f"comparing articles for stories ended early ({last[:200]}); run publish again")
    return _read(folder / _KEPT)


def _compared(folder: Path) -> pa.Table:
    texts: dict[int, tuple[Any, ...]] = {}
    for path in sorted(folder.glob("*.feather")):
        columns = _read(path).select(_COLUMNS).to_pydict()
        texts.update(zip(columns["number"], zip(*list(columns.values())[1:], strict=True), strict=True))

    @lru_cache(maxsize=TEXTS_HELD)
    def text(number: int) -> Text:
        return Text(*texts[number][1:])

    kept = []
    for one, other in zip(*_read(folder / _PAIRS).to_pydict().values(), strict=True):
        is_similar = similar(text(one), text(other))
        if is_similar or texts[one][0] == texts[other][0]:
            kept.append({"one": one, "other": other, "is_similar": is_similar})
    return pa.Table.from_pylist(kept, KEPT)


def _write(path: Path, table: pa.Table) -> None:
    with pa.ipc.new_file(path, table.schema) as file:
        file.write_table(table)


def _read(path: Path) -> pa.Table:
    with pa.ipc.open_file(path) as file:
        return file.read_all()


if __name__ == "__main__":
    _write(Path(sys.argv[1]) / _KEPT, _compared(Path(sys.argv[1])))
