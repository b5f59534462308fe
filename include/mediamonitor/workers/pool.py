"""The parent's side: workers that are started when they are needed, and replaced when they die.

A chunk whose worker dies is halved and given to new ones, down to the item that does it; that one is refused as
`crashes_parser`, and everything else loads. Whatever kills workers that have nothing to do with an item (a limit of the
host, a kill from outside) stops the run instead, and blames nobody.
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

from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.staged import PART, Rows
from mediamonitor.processes import module_process
from mediamonitor.workers.chunk import OUT_OF_MEMORY, WORKS, Item, Setup, memory_bytes, read_answer

CHUNK_SECONDS = 120
"""A chunk takes some tenths of a second; a worker that needs so long hangs."""
KILLED_IN_A_ROW = 3
"""So many items in a row whose workers were killed are no culprits: somebody kills workers."""


def _how(returncode: int) -> str:
    if returncode == OUT_OF_MEMORY:
        return f"needs more than {memory_bytes() // 1_000_000:,} MB"
    return f"ends the process ({signal.Signals(-returncode).name if returncode < 0 else returncode})"


class WorkersFail(InfrastructureError):
    """Workers cannot work here, whatever they are given."""


def _no_fault_of_the_items(what: str) -> WorkersFail:
    return WorkersFail(
        f"{what}; give this machine or container more memory or see what ends its processes; "
        "nothing is lost, the next run takes the files again"
    )


class _Died(Exception):
    """The worker is gone; says how, and whether somebody killed it who need not mean the item."""

    def __init__(self, how: str, killed: bool = False) -> None:
        super().__init__(how)
        self.killed = killed


class Workers:
    """`count` processes that read chunks of items. Use it as a context; nothing is started before it is needed."""

    def __init__(self, setup: Setup, watchlist_version: str, count: int) -> None:
        self._setup, self._watchlist_version, self._count = setup, watchlist_version, count
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="worker")
        self._killed = 0

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().end()

    def read(self, chunks: Iterable[list[Item]]) -> Iterator[pa.RecordBatch]:
        """The rows of each chunk (schema PART), in order, with a bounded number of chunks under way.

        Raises WorkersFail.
        """
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
                self._prove_that_others_work(death)
                return [self._refused(chunk[0], str(death))]
            half = len(chunk) // 2
            return [batch for part in (chunk[:half], chunk[half:]) if part for batch in self._read(part, deaths + 1)]
        self._killed = 0
        self._idle.put(worker)
        return [pa.ipc.read_record_batch(pa.py_buffer(answer), PART)]

    def _prove_that_others_work(self, death: _Died) -> None:
        """Raise WorkersFail where a new worker dies of an item that is good, or workers are killed in a row."""
        self._killed = self._killed + 1 if death.killed else 0
        if self._killed >= KILLED_IN_A_ROW:
            raise _no_fault_of_the_items(f"{KILLED_IN_A_ROW} worker processes in a row were killed (SIGKILL)")
        worker = _Worker(self._setup)
        try:
            worker.read([WORKS])
        except _Died as other:
            raise _no_fault_of_the_items(f"a worker process dies of a sound article too: it {other}") from None
        self._idle.put(worker)

    def _refused(self, item: Item, how: str) -> pa.RecordBatch:
        rows = Rows(self._watchlist_version, self._setup.rules_version)
        rows.add_rejection(item.ref, item.refused("crashes_parser", f"reading it alone {how}; report it"))
        return rows.batch()


class _Worker:
    """One process, ready to read. Raises WorkersFail where it does not come so far."""

    def __init__(self, setup: Setup) -> None:
        command, environment = module_process("mediamonitor.workers")
        try:
            self._process = subprocess.Popen(  # noqa: S603 (ours)
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
            )
        except OSError as error:
            raise _no_fault_of_the_items(f"no worker process could be started ({error.strerror})") from None
        try:
            self._ask(setup)
        except _Died as death:
            raise _no_fault_of_the_items(f"a worker process could not begin: it {death}") from None

    def read(self, chunk: list[Item]) -> bytes:
        """The rows of a chunk. Raises _Died."""
        return self._ask(chunk)

    def _ask(self, question: Setup | list[Item]) -> bytes:
        process, late = self._process, threading.Event()
        assert process.stdin and process.stdout

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(CHUNK_SECONDS, stop)
        timer.start()
        try:
            pickle.dump(question, process.stdin)
            process.stdin.flush()
            return read_answer(process.stdout)
        except (EOFError, OSError):
            returncode = self.end()
            if late.is_set():
                raise _Died(f"takes over {CHUNK_SECONDS} s") from None
            raise _Died(_how(returncode), killed=returncode == -signal.SIGKILL) from None
        finally:
            timer.cancel()

    def end(self) -> int:
        """Stop it; returns its exit code, as it was where it had ended before."""
        assert self._process.stdin and self._process.stdout
        with suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        return self._process.wait()
