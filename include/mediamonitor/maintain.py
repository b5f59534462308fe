"""Tidying: what no one needs any more goes, and the warehouse's file stays as small as what is in it."""

from __future__ import annotations

from mediamonitor.context import Context
from mediamonitor.landing.staging import remove_orphans
from mediamonitor.publish.files import PublishedFiles
from mediamonitor.warehouse.connection import open_warehouse
from mediamonitor.warehouse.upkeep import compact


def clean_up(context: Context) -> dict[str, int]:
    """Delete snapshots past their time and staged files of runs that never finished; compact the warehouse."""
    with open_warehouse(context.settings) as warehouse:
        keep = {publication_id for (publication_id,) in warehouse.rows("kept_snapshots", now=context.now)}
        snapshots = PublishedFiles(context.published()).prune_snapshots(keep)
    return {
        "snapshots": len(snapshots),
        "staged_files": remove_orphans(context.staging().store, context.now),
        "bytes_saved": compact(context.settings),
    }
