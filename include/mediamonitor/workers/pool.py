"""The parent's side: workers that are started when they are needed, and replaced when they die.

A chunk whose worker dies is halved and given to new ones, down to the item that does it; that one is refused as
`crashes_parser`, and everything else loads.
"""

from __future__ import annotations

import pickle
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType

import pyarrow as pa

from mediamonitor.landing.staged import PART, Rows
from mediamonitor.processes import module_process
from mediamonitor.workers.chunk import MEMORY_BYTES, OUT_OF_MEMORY, Item, Setup, read_answer

CHUNK_SECONDS = 120
"""A chunk takes some tenths of a second; a worker that needs so long hangs."""


class _Died(Exception):
    """The worker is gone; says how."""


class Workers:
    """`count` processes that read chunks of items. Use it as a context; nothing is started before it is needed."""

    def __init__(self, setup: Setup, watchlist_version: str, count: int) -> None:
        self._setup, self._watchlist_version, self._count = setup, watchlist_version, count
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="worker")

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().end()

    def read(self, chunks: Iterable[list[Item]]) -> Iterator[pa.RecordBatch]:
        """The rows of each chunk (schema PART), in order, with a bounded number of chunks under way."""
        under_way: deque[Future[list[pa.RecordBatch]]] = deque()
        for chunk in chunks:
            under_way.append(self._threads.submit(self._read, chunk))
            if len(under_way) > 2 * self._count:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()

    def _read(self, chunk: list[Item], deaths: int = 0) -> list[pa.RecordBatch]:
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            worker = _Worker(self._setup)
        try:
            answer = worker.read(chunk)
        except _Died as death:
            if len(chunk) == 1 and deaths:
                return [self._refused(chunk[0], str(death))]
            half = len(chunk) // 2
            return [batch for part in (chunk[:half], chunk[half:]) if part for batch in self._read(part, deaths + 1)]
        self._idle.put(worker)
        return [pa.ipc.read_record_batch(pa.py_buffer(answer), PART)]

    def _refused(self, item: Item, how: str) -> pa.RecordBatch:
        rows = Rows(self._watchlist_version, self._setup.rules_version)
        rows.add_rejection(item.ref, item.refused("crashes_parser", f"reading it alone {how}; report it"))
        return rows.batch()


class _Worker:
    """One process."""

    def __init__(self, setup: Setup) -> None:
        command, environment = module_process("mediamonitor.workers")
        self._process = subprocess.Popen(  # noqa: S603 (ours)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        assert self._process.stdin
        with suppress(BrokenPipeError):  # told at the first read
            pickle.dump(setup, self._process.stdin)

    def read(self, chunk: list[Item]) -> bytes:
        process, late = self._process, threading.Event()
        assert process.stdin and process.stdout

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(CHUNK_SECONDS, stop)
        timer.start()
        try:
            pickle.dump(chunk, process.stdin)
            process.stdin.flush()
            return read_answer(process.stdout)
        except (EOFError, OSError):
            self.end()
            raise _Died(f"takes over {CHUNK_SECONDS} s" if late.is_set() else _how(process.returncode)) from None
        finally:
            timer.cancel()

    def end(self) -> None:
        assert self._process.stdin and self._process.stdout
        with suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()


def _how(returncode: int) -> str:
    if returncode == OUT_OF_MEMORY:
        return f"needs more than {MEMORY_BYTES // 1_000_000:,} MB"
    return f"ends the process ({signal.Signals(-returncode).name if returncode < 0 else returncode})"
