"""Staged files: what one stage leaves for the next, as Parquet under `<staging>/<run_id>/`.

<run_id>/watchlist.yaml, sources.yaml              the configuration that the run was started with
<run_id>/<batch_id>/manifest.parquet               MANIFEST: the objects to read
<run_id>/<batch_id>/<attempt>/part.parquet         PART: one row for each record, with its one outcome
<run_id>/<batch_id>/<attempt>/verdict.parquet      VERDICT: rows that validation took out, and why
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, TypedDict

import pyarrow as pa
import pyarrow.parquet as pq

from mediamonitor.article import Article, Hit, ObjectRef, Rejection
from mediamonitor.parsing.trailer import LONGEST_LINE, TAIL_LINES

MANIFEST = pa.schema(
    [
        ("bucket", pa.string()),
        ("key", pa.string()),
        ("seq", pa.int64()),
        ("etag", pa.string()),
        ("size_bytes", pa.int64()),
        ("last_modified", pa.timestamp("us", tz="UTC")),
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
_HIT_COLUMNS = [HIT.field(index).name for index in range(HIT.num_fields)]
_DATING_COLUMNS = ("published_at", "published_on", "date_from", "date_precision")
_REJECTION_COLUMNS = ("outcome", "reason_code", "detail", "sample", "source", "member", "record_no", "rest")

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
        ("headline_echo", pa.string()),
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
REPEATED = ["bucket", "source", "outcome", "reason_code", "source_from", "encoding", "date_from", "date_precision"]
"""Columns with few values, written as dictionaries."""
ROW_GROUP = 5_000
ROW_GROUP_CHARS = 32_000_000
"""A row group is written when it has so many rows or characters of text, whatever comes first."""


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


class PartWriter:
    """Writes PART rows to a local file in bounded memory; the file is whole when the block ends without an error."""

    def __init__(self, path: Path, watchlist_version: str, rules_version: str) -> None:
        self._writer = pq.ParquetWriter(path, PART, compression="lz4", use_dictionary=REPEATED)
        self._versions = {"watchlist_version": watchlist_version, "rules_version": rules_version}
        self._rows: list[dict[str, Any]] = []
        self._chars = 0
        self.counts = RecordCounts(articles=0, quarantined=0, deferred=0, vanished=0)

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def add_article(self, ref: ObjectRef, article: Article, hits: Iterable[Hit]) -> None:
        """One record that can be used."""
        values = {name: getattr(article, name) for name in _ARTICLE_COLUMNS}
        dating = {name: getattr(article.dating, name) for name in _DATING_COLUMNS}
        found = [{name: getattr(hit, name) for name in _HIT_COLUMNS} for hit in hits]
        self._add(ref, {"outcome": "article", **values, **dating, "body_tail": _tail(article.body), "hits": found})
        self.counts["articles"] += 1
        self._chars += article.body_chars

    def add_rejection(self, ref: ObjectRef, rejection: Rejection) -> None:
        """One record, or a whole object, that cannot be used (now)."""
        self._add(ref, {name: getattr(rejection, name) for name in _REJECTION_COLUMNS})
        self.counts[rejection.outcome] += 1

    def _add(self, ref: ObjectRef, values: dict[str, Any]) -> None:
        self._rows.append({**{name: getattr(ref, name) for name in MANIFEST.names}, **values, **self._versions})
        if len(self._rows) >= ROW_GROUP or self._chars > ROW_GROUP_CHARS:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=PART))
        self._rows, self._chars = [], 0


def _tail(body: str) -> str:
    """The last TAIL_LINES non-empty lines; one that is too long to be a trailer is an ellipsis."""
    lines = body.rsplit("\n", 2 * TAIL_LINES)[-2 * TAIL_LINES :]  # at most one empty line stands between two
    return "\n".join([line if len(line) <= LONGEST_LINE else "…" for line in lines if line][-TAIL_LINES:])
