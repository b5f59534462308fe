"""Tidying: what no one needs any more goes, and the warehouse's file stays as small as what is in it."""

from __future__ import annotations

from mediamonitor.context import Context
from mediamonitor.landing.staging import remove_orphans
from mediamonitor.publish.files import PublishedFiles
from mediamonitor.warehouse.connection import open_warehouse
from mediamonitor.warehouse.upkeep import compact


def clean_up(context: Context) -> dict[str, int]:
    """Delete old snapshots, what killed runs left half written, and old staged files; compact the warehouse."""
    with open_warehouse(context.settings, must_exist=True) as warehouse:
        old = {publication_id for (publication_id,) in warehouse.rows("published/old_snapshots", now=context.now)}
        published = context.published()
        snapshots = PublishedFiles(published).prune_snapshots(old)
        unfinished = published.sweep()
    return {
        "snapshots": len(snapshots),
        "unfinished_files": unfinished,
        "staged_files": remove_orphans(context.staging().store, context.now),
        "bytes_saved": compact(context.settings),
    }
