"""Staged files: what one stage leaves for the next, as Parquet under `<staging>/<run_id>/`.

<run_id>/watchlist.yaml, sources.yaml              the configuration that the run was started with
<run_id>/<batch_id>/manifest.parquet               MANIFEST: the objects to read
<run_id>/<batch_id>/<attempt>/part.parquet         PART: one row for each record, with its one outcome
<run_id>/<batch_id>/<attempt>/verdict.parquet      VERDICT: rows that validation took out, and why
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, TypedDict

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mediamonitor.article import Article, Dating, Hit, ObjectRef, Rejection
from mediamonitor.parsing.trailer import TAIL_LINES
from mediamonitor.parsing.trailer_rules import LONGEST_LINE

MANIFEST = pa.schema(
    [
        ("bucket", pa.string()),
        ("key", pa.string()),
        ("seq", pa.int64()),
        ("etag", pa.string()),
        ("size_bytes", pa.int64()),
        ("last_modified", pa.timestamp("us", tz="UTC")),
        ("attempts", pa.int64()),
    ]
)

HIT = pa.struct(
    [
        ("entity_id", pa.string()),
        ("alias", pa.string()),
        ("zone", pa.string()),
        ("start_char", pa.int64()),
        ("end_char", pa.int64()),
        ("is_counted", pa.bool_()),
        ("why_not", pa.string()),
    ]
)

PART = pa.schema(
    [
        *MANIFEST,
        ("outcome", pa.string()),  # article, quarantined, deferred, vanished
        ("reason_code", pa.string()),
        ("detail", pa.string()),
        ("sample", pa.string()),
        ("rest", pa.bool_()),
        ("article_id", pa.string()),
        ("member", pa.string()),
        ("record_no", pa.int64()),
        ("source", pa.string()),
        ("source_from", pa.string()),
        ("url", pa.string()),
        ("title", pa.string()),
        ("title_key", pa.string()),
        ("body", pa.string()),
        ("trailer", pa.string()),
        ("byline", pa.string()),
        ("headline_echo", pa.string()),
        ("agency", pa.string()),
        ("reporters", pa.list_(pa.string())),
        ("editors", pa.list_(pa.string())),
        ("language", pa.string()),
        ("dateline_start", pa.int64()),
        ("dateline_end", pa.int64()),
        ("mojibake_suspected", pa.bool_()),
        ("published_at", pa.timestamp("us", tz="UTC")),
        ("published_on", pa.date32()),
        ("date_from", pa.string()),
        ("date_precision", pa.string()),
        ("encoding", pa.string()),
        ("body_chars", pa.int64()),
        ("body_words", pa.int64()),
        ("content_sha256", pa.string()),
        ("body_tail", pa.string()),
        ("hits", pa.list_(HIT)),
        ("watchlist_version", pa.string()),
        ("rules_version", pa.string()),
    ]
)

VERDICT = pa.schema(
    [
        ("key", pa.string()),
        ("seq", pa.int64()),
        ("member", pa.string()),
        ("record_no", pa.int64()),
        ("outcome", pa.string()),
        ("reason_code", pa.string()),
        ("detail", pa.string()),
    ]
)

_ARTICLE_COLUMNS = [field.name for field in fields(Article) if field.name != "dating"]
_DATING_COLUMNS = [field.name for field in fields(Dating)]
_VERDICT_COLUMNS = ["outcome", "reason_code", "detail", "sample", "rest"]
_ROW_COLUMNS = [*MANIFEST.names, *_VERDICT_COLUMNS, *_ARTICLE_COLUMNS, *_DATING_COLUMNS, "body_tail"]
_GOOD = ("article", *[None] * (len(_VERDICT_COLUMNS) - 1))
_ARTICLE = attrgetter(*_ARTICLE_COLUMNS)
_DATING = attrgetter(*_DATING_COLUMNS)
_HIT = attrgetter(*(field.name for field in HIT))
REPEATED = ["bucket", "source", "outcome", "reason_code", "source_from", "encoding", "date_from", "date_precision"]
"""Columns with few values, written as dictionaries."""
ROW_GROUP = 5_000
ROW_GROUP_BYTES = 32_000_000
"""A row group is written when it has so many rows or bytes, whatever comes first."""


class RecordCounts(TypedDict):
    """Records by outcome."""

    articles: int
    quarantined: int
    deferred: int
    vanished: int


def added(one: RecordCounts, other: RecordCounts) -> RecordCounts:
    """The sum of two counts."""
    return RecordCounts(
        articles=one["articles"] + other["articles"],
        quarantined=one["quarantined"] + other["quarantined"],
        deferred=one["deferred"] + other["deferred"],
        vanished=one["vanished"] + other["vanished"],
    )


class Rows:
    """PART rows in memory, column by column."""

    def __init__(self, watchlist_version: str, rules_version: str) -> None:
        self._versions = (watchlist_version, rules_version)
        self._rows: list[tuple[Any, ...]] = []
        self._hits: list[Hit] = []
        self._hit_ends: list[int | None] = []

    def add_article(self, ref: ObjectRef, article: Article, hits: Iterable[Hit]) -> None:
        """One record that can be used."""
        self._hits.extend(hits)
        self._hit_ends.append(len(self._hits))
        self._rows.append((*ref, *_GOOD, *_ARTICLE(article), *_DATING(article.dating), _tail(article.body)))

    def add_rejection(self, ref: ObjectRef, rejection: Rejection) -> None:
        """One record, or a whole object, that cannot be used (now)."""
        self._hit_ends.append(None)
        self._rows.append((*ref, *(getattr(rejection, name, None) for name in _ROW_COLUMNS[len(MANIFEST) :])))

    def batch(self) -> pa.RecordBatch:
        """All of them (schema PART)."""
        plain = dict(zip(_ROW_COLUMNS, zip(*self._rows, strict=True), strict=True))
        columns = {name: pa.array(values, PART.field(name).type) for name, values in plain.items()}
        columns["hits"] = self._hit_lists()
        for name, version in zip(("watchlist_version", "rules_version"), self._versions, strict=True):
            columns[name] = pa.array([version] * len(self._rows), pa.string())
        return pa.RecordBatch.from_arrays([columns[name] for name in PART.names], schema=PART)

    def _hit_lists(self) -> pa.Array:
        places = zip(*map(_HIT, self._hits), strict=True) if self._hits else [()] * HIT.num_fields
        structs = pa.StructArray.from_arrays(
            [pa.array(values, field.type) for values, field in zip(places, HIT, strict=True)], fields=list(HIT)
        )
        starts = [0]
        for end in self._hit_ends:
            starts.append(starts[-1] if end is None else end)
        refused = pa.array([end is None for end in self._hit_ends], pa.bool_())
        return pa.ListArray.from_arrays(pa.array(starts, pa.int32()), structs, mask=refused)


class PartWriter:
    """Writes PART rows to a local file in bounded memory; the file is whole when the block ends without an error."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, PART, compression="lz4", use_dictionary=REPEATED)
        self._batches: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
        self.counts = RecordCounts(articles=0, quarantined=0, deferred=0, vanished=0)

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Take over these rows."""
        found = {outcome["values"]: outcome["counts"] for outcome in pc.value_counts(batch["outcome"]).to_pylist()}
        counts = RecordCounts(
            articles=found.get("article", 0),
            quarantined=found.get("quarantined", 0),
            deferred=found.get("deferred", 0),
            vanished=found.get("vanished", 0),
        )
        self.counts = added(self.counts, counts)
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= ROW_GROUP or self._bytes > ROW_GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches, schema=PART))
        self._batches, self._rows, self._bytes = [], 0, 0


def _tail(body: str) -> str:
    """The last TAIL_LINES non-empty lines; one that is too long to be a trailer is an ellipsis."""
    lines = body.rsplit("\n", 2 * TAIL_LINES)[-2 * TAIL_LINES :]  # at most one empty line stands between two
    return "\n".join([line if len(line) <= LONGEST_LINE else "…" for line in lines if line][-TAIL_LINES:])
