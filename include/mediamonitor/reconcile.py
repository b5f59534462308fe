"""The proof: every object in exactly one state, every article live exactly once, every count equal to a recount.

Each check is one file in `warehouse/sql/reconcile/` whose rows are the differences; no row means that it holds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from mediamonitor.context import Context
from mediamonitor.errors import ConfigurationError
from mediamonitor.landing.store import ObjectChanged, ObjectDenied, ObjectGone, Store
from mediamonitor.publish.files import PublishedFiles
from mediamonitor.stories.linking import placed_afresh
from mediamonitor.warehouse.connection import Warehouse, open_warehouse

CHECKS = {
    "other_landing": "the ledger was made from this landing",
    "objects_with_several_states": "every object has exactly one current state",
    "waiting_too_long": "no object waits for more than 24 hours",
    "loaded_versions": "every loaded version has exactly its articles, live once",
    "older_articles": "an older version lives only where the newer one refused its record",
    "articles_twice": "no article is live twice",
    "stray_hits": "every hit belongs to a live article, once",
    "quarantine_kept": "everything refused or held back is in quarantine with its reason",
    "places": "duplicates and stories are what the rule says",
    "counts": "published counts equal a recount from the articles",
    "totals": "published totals equal a recount from the articles",
}
SHOWN = 5
"""Differences named in the printed report; `--json` has them all."""


@dataclass(frozen=True, slots=True)
class Report:
    """What `reconcile` found. `differences` has an entry for each check, empty where it holds.

    `objects` counts what is listed now by its state, `gone` what was listed before.
    """

    objects: dict[str, int]
    gone: int
    differences: dict[str, list[str]]
    to_publish: list[date]

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return not any(self.differences.values())

    def summary(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "holds": self.holds,
            "objects": self.objects,
            "gone": self.gone,
            "differences": self.differences,
            "to_publish": self.to_publish,
        }

    def lines(self) -> list[str]:
        """For a person."""
        lines = [f"{sum(self.objects.values()):>9,}  objects listed now"]
        lines += [f"{count:>9,}    {state}" for state, count in self.objects.items()]
        if self.gone:
            lines.append(f"{self.gone:>9,}  objects listed before and gone since")
        lines.append("")
        for what, found in self.differences.items():
            lines.append(f"{'ok' if not found else f'{len(found):,} WRONG':>9}  {what}")
            lines += [f"{'':>13}{line}" for line in found[:SHOWN]] + (
                [f"{'':>13}and {len(found) - SHOWN:,} more"] if len(found) > SHOWN else []
            )
        if self.to_publish:
            lines += ["", "to publish: " + ", ".join(map(str, self.to_publish))]
        lines += ["", "Everything is accounted for." if self.holds else "There are differences; nothing was changed."]
        return lines


def reconcile(context: Context) -> Report:
    """Hold the landing store, the ledger, the articles and the counts against each other. Changes nothing."""
    landing = context.landing()
    listing = landing.listing()
    with open_warehouse(context.settings, must_exist=True) as warehouse:
        with warehouse.given(listing=listing):
            objects = dict(warehouse.rows("reconcile/objects_by_state", bucket=landing.bucket))
            (gone,) = warehouse.row("reconcile/gone_objects", bucket=landing.bucket, prefix=landing.prefix)
        told = {"now": context.now, "bucket": landing.bucket, "prefix": landing.prefix}
        with warehouse.given(placed=placed_afresh(warehouse)):
            differences = {
                what: [" ".join(map(repr_of, row)) for row in warehouse.rows(f"reconcile/{check}", **told)]
                for check, what in CHECKS.items()
            }
        to_publish = [day for (day,) in warehouse.rows("reconcile/to_publish")]
        if context.settings.published:
            files = PublishedFiles(context.published())
            differences["published files are those of the manifest"] = _damaged_files(files)
            differences["the manifest is of this warehouse's last publication"] = _other_publication(warehouse, files)
    return Report(objects, gone, differences, to_publish)


def repr_of(value: object) -> str:
    """A key may hold anything; show it so that it cannot change a terminal or break a line."""
    return str(value) if str(value).isprintable() else repr(value)


def _other_publication(warehouse: Warehouse, files: PublishedFiles) -> list[str]:
    known = warehouse.row("published/last")
    return [] if files.publication_id in known else [f"it shows {files.publication_id} and not {known[0]}; run publish"]


def _damaged_files(published: PublishedFiles) -> list[str]:
    store, files = published.store, published.manifest.get("files", {})
    told = {name: _damage(store, store.prefix + name, entry["sha256"]) for name, entry in files.items()}
    return [f"{name} {damage}" for name, damage in told.items() if damage]


def _damage(store: Store, key: str, sha256: str) -> str:
    """What is wrong with a published file, or an empty text. It is read in pieces: a database may be of any size."""
    try:
        version = store.head(key)
        with store.open(key, version.etag, version.size_bytes) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except ObjectGone:
        return "is missing"
    except ObjectDenied as error:
        raise ConfigurationError(f"cannot read {key} in {store.url} ({error})") from None
    except ObjectChanged:
        return "is being changed by somebody else"
    return "" if found == sha256 else "differs from the manifest"
