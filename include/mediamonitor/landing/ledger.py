"""The ledger: what the listing tells it, and what a run may take from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

import pyarrow as pa

from mediamonitor.article import ObjectRef
from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.batches import Waiting
from mediamonitor.landing.store import Store
from mediamonitor.warehouse.connection import Warehouse


@dataclass(frozen=True, slots=True)
class ListingSummary:
    """Counts of objects: listed now; new, changed (or back) and gone since the last listing.

    `ignored` are those of the new and changed ones that are no articles by their name.
    """

    listed: int
    new: int
    changed: int
    gone: int
    ignored: int


def observe(
    warehouse: Warehouse,
    store: Store,
    listing: pa.Table,
    run_id: str,
    now: datetime,
    deleted: str,
    accept_empty: bool = False,
) -> ListingSummary:
    """Bring the ledger up to a whole listing. Call it inside a transaction.

    `deleted` is the policy for the articles of objects that are gone: `keep` or `retract`. Raises InfrastructureError
    when none is left and all of their articles would be retracted, unless `accept_empty` says that this is meant.
    """
    with warehouse.given(listing=listing):
        warehouse.run("ledger/observe_listing", bucket=store.bucket, prefix=store.prefix, run_id=run_id, now=now)
        summary = ListingSummary(*warehouse.row("ledger/listing_summary"))
    if deleted == "retract":
        warehouse.run("ledger/retract_deleted", bucket=store.bucket, prefix=store.prefix)
        retracted, left = warehouse.row("ledger/emptied_landing", bucket=store.bucket, prefix=store.prefix)
        if retracted and not left and not accept_empty:
            raise InfrastructureError(
                f"none of the files that were in {store.url} is there, and {retracted:,} live articles came from them; "
                "nothing was changed. Mount or correct it; if that is meant, run ingest with accept_empty"
            )
    return summary


def reopen_refused(
    warehouse: Warehouse, store: Store, accept: Sequence[str], reading_version: str, now: datetime
) -> int:
    """Take again what other rules or another `sources.yaml` refused; returns how many objects.

    `accept` names sources (or `*`) that the gate stopped and that may come in. Call it inside a transaction.
    """
    warehouse.run(
        "ledger/refused_by_other_rules",
        bucket=store.bucket,
        prefix=store.prefix,
        accept=list(accept),
        reading_version=reading_version,
    )
    (reopened,) = warehouse.row("ledger/reopen_objects", now=now)
    return int(reopened)


def waiting_objects(warehouse: Warehouse, store: Store) -> Iterator[Waiting]:
    """What a run may take, in the order in which it should.

    Read as far as needed, and before anything else is asked of the warehouse: a million may wait.
    """
    found = warehouse.run("ledger/waiting_objects", bucket=store.bucket, prefix=store.prefix)
    while rows := found.fetchmany(10_000):
        for key, seq, etag, size, modified, attempts in rows:
            ref = ObjectRef(store.bucket, key, seq, etag, size, modified.replace(tzinfo=timezone.utc), attempts)
            yield Waiting(ref, attempts)


def claim(warehouse: Warehouse, store: Store, batches: dict[str, list[ObjectRef]], run_id: str) -> None:
    """Write down which batch of which run each object is in. Call it inside a transaction."""
    rows = [(ref.key, ref.seq, batch_id) for batch_id, refs in batches.items() for ref in refs]
    keys, seqs, batch_ids = zip(*rows, strict=True)
    taken = pa.table(
        {
            "key": pa.array(keys, pa.string()),
            "seq": pa.array(seqs, pa.int64()),
            "batch_id": pa.array(batch_ids, pa.string()),
        }
    )
    with warehouse.given(taken=taken):
        warehouse.run("ledger/claim_objects", bucket=store.bucket, run_id=run_id)
