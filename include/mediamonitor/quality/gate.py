"""The gate: which rows do not load, and which sources are stopped because too much of theirs failed in this run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from mediamonitor.errors import CheckFailed


@dataclass(frozen=True, slots=True)
class Gate:
    """When a source is stopped: at least `count` of its records failed in the run, and more than `share` of them."""

    share: float
    count: int
    accepted: frozenset[str]

    def stopped(self, accounts: Iterable[tuple[str, int, int]]) -> dict[str, str]:
        """The sources that are stopped, each with a sentence that says why and what to do.

        `accounts` has (source, records, failures).
        """
        return {
            source: f"{failed:,} of {records:,} records of {source} failed in this run; "
            f"look at quarantine, then run ingest with accept_failures {source}"
            for source, records, failed in accounts
            if failed >= self.count and failed > self.share * records and not {source, "*"} & self.accepted
        }


def told(details: dict[str, str], what: str) -> pa.Table:
    """Sentences by what they are about, as a table (`what`, `detail`)."""
    return pa.table({what: pa.array(details, pa.string()), "detail": pa.array(details.values(), pa.string())})


RECORD = pa.schema([("key", pa.string()), ("member", pa.string()), ("record_no", pa.int64())])
"""What names one record of a bucket."""
EXPLAINED = {
    "expect_body_not_empty": "nothing is left of the body once title, echoes and trailer are taken from it",
    "expect_trailers_stripped": "a known trailer remains in the last four lines of the body",
    "expect_encoding_known": "the text was read in an encoding that is neither UTF-8 nor declared",
    "expect_date_plausible": "the day of publication lies before 1990",
    "expect_date_not_after_arrival": "the day of publication lies long after the arrival",
    "expect_titles_deduped": "it shares title and content with another article of its source, and neither is marked",
}


def refuse_empty_validation(rows_seen: int, rows_staged: int, batches_seen: int, batches_staged: int) -> None:
    """Expectations hold for zero rows, so what is validated must be what was staged. Raises CheckFailed."""
    if (rows_seen == 0 and rows_staged > 0) or batches_seen != batches_staged:
        raise CheckFailed(
            f"validation saw {rows_seen} of {rows_staged} staged articles in {batches_seen} of {batches_staged} "
            "batches; nothing is loaded, report this"
        )
