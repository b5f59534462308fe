"""The gate: which rows do not load, and which sources are stopped because too much of theirs failed in this run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from mediamonitor.errors import CheckFailed
from mediamonitor.landing.staged import VERDICT


@dataclass(frozen=True, slots=True)
class Gate:
    """When a source is stopped: at least `count` of its records failed in the run, and more than `share` of them."""

    share: float
    count: int
    accepted: frozenset[str]
    held_back: frozenset[tuple[str, str, int]] = frozenset()
    """Records (key, member, number) that stay stopped, whatever the shares are now."""

    def stopped(self, records: Mapping[str, int], failures: Mapping[str, int]) -> dict[str, str]:
        """The sources that are stopped, each with a sentence that says why and what to do."""
        return {
            source: f"{failed:,} of {records[source]:,} records of {source} failed in this run; "
            f"look at quarantine, then run ingest with accept_failures {source}"
            for source, failed in failures.items()
            if failed >= self.count and failed > self.share * records[source] and not {source, "*"} & self.accepted
        }


def verdicts(
    rows: pa.Table, failed: Mapping[int, str], accounts: Sequence[tuple[str, int, int]], gate: Gate
) -> tuple[pa.Table, dict[str, str]]:
    """The rows that do not load (schema VERDICT), and the stopped sources.

    `rows` are those of rows_to_validate.sql, `failed` says which expectation a row_id fails, `accounts` has
    (source, records, refused by parsing). A row that failed is quarantined with the expectation as its reason; the good
    rows of a stopped source are deferred as `gate_stopped`, but for objects that somebody let in.
    """
    records = {source: total for source, total, _ in accounts}
    failures = {source: refused for source, _, refused in accounts}
    articles = rows.select(["row_id", "key", "seq", "member", "record_no", "source", "let_in"]).to_pylist()
    for row in articles:
        if not row["let_in"]:
            failures[row["source"]] += row["row_id"] in failed
    stopped = gate.stopped(records, failures)
    taken_out = []
    for row in articles:
        identity = {name: row[name] for name in ("key", "seq", "member", "record_no")}
        if row["row_id"] in failed:
            reason = failed[row["row_id"]]
            taken_out.append({**identity, "outcome": "quarantined", "reason_code": reason, "detail": EXPLAINED[reason]})
        elif (row["key"], row["member"], row["record_no"]) in gate.held_back:
            taken_out.append({**identity, "outcome": "deferred", "reason_code": "gate_stopped", "detail": HELD_BACK})
        elif row["source"] in stopped and not row["let_in"]:
            detail = stopped[row["source"]]
            taken_out.append({**identity, "outcome": "deferred", "reason_code": "gate_stopped", "detail": detail})
    return pa.Table.from_pylist(taken_out, schema=VERDICT), stopped


HELD_BACK = "its source was stopped in an earlier run; look at quarantine, then run ingest with accept_failures"
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
