"""Great Expectations in a process of its own, for a caller that goes on after it has validated.

Its import and what it keeps take about 400 MB, which the load would otherwise carry on. Tables go in on standard input
and come out on standard output, one after another, in Arrow's format.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

import pyarrow as pa

from mediamonitor.errors import InfrastructureError
from mediamonitor.processes import module_process
from mediamonitor.quality.suite import Validation, validate


def validate_apart(slices: pa.RecordBatchReader, accounts: pa.Table, encodings: Sequence[str]) -> Validation:
    """`validate` of quality/suite.py elsewhere. Raises InfrastructureError where the other process has no answer."""
    command, environment = module_process(__name__, str(os.getpid()))
    with subprocess.Popen(  # noqa: S603 (ours)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdin and process.stdout
        try:
            with suppress(BrokenPipeError):  # told by its exit code
                _send(process.stdin, pa.table({"encoding": pa.array(encodings, pa.string())}).to_reader())
                _send(process.stdin, accounts.to_reader())
                _send(process.stdin, slices)
                process.stdin.close()
            with suppress(pa.ArrowInvalid):
                return Validation.of(*(_received(process.stdout).read_all() for _ in range(3)))
            code = process.wait()
        finally:
            process.kill()
            with suppress(BrokenPipeError):  # what it did not take
                process.stdin.close()
    how = f"was stopped by signal {-code} (9: perhaps memory ran out)" if code < 0 else f"ended with code {code}"
    raise InfrastructureError(f"the process that validates {how} before it had an answer; nothing is lost, run again")


def _send(stream: IO[bytes], rows: pa.RecordBatchReader) -> None:
    with pa.ipc.new_stream(stream, rows.schema) as writer:
        for batch in rows:
            writer.write_batch(batch)
    stream.flush()


def _received(stream: IO[bytes]) -> pa.RecordBatchReader:
    return pa.ipc.open_stream(stream)


def main(parent: int) -> None:
    """Validate what this parent tells on standard input, and answer on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and ends us
    told, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever a library prints must not stand between the tables
    try:
        encodings = _received(told).read_all()["encoding"].to_pylist()
        accounts = _received(told).read_all()
        validation = validate(_received(told), accounts, encodings)
        for table in (validation.results(), validation.failed, validation.page_table()):
            _send(answers, table.to_reader())
    except (OSError, pa.ArrowInvalid):
        if os.getppid() == parent:  # else it was killed in the middle, and nobody waits for an answer
            raise


if __name__ == "__main__":
    main(int(sys.argv[1]))
