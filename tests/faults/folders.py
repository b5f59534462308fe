"""The flow over a folder instead of a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flow.harness import Flow
from mediamonitor.landing.folder import Folder
from mediamonitor.landing.store import Access


@dataclass(frozen=True)
class FolderLanding:
    """What a Flow asks of its landing place."""

    store: Folder
    access: Access


def folder_flow(folder: Path) -> Flow:
    """A flow whose landing store is `folder`/landing."""
    return Flow.create(FolderLanding(Folder(folder / "landing"), Access()), folder)
