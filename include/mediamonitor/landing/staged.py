"""Staged files: what one stage leaves for the next, as Parquet under `<staging>/<run_id>/`.

    <run_id>/watchlist.yaml, sources.yaml              the configuration that the run was started with
    <run_id>/<batch_id>/manifest.parquet               MANIFEST: the objects to read
    <run_id>/<batch_id>/<attempt>/part.parquet         PART: one row for each record, with its one outcome
    <run_id>/<batch_id>/<attempt>/verdict.parquet      VERDICT: rows that validation took out, and why
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mediamonitor.article import Article, Hit, ObjectRef, Rejection
from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.store import Store
from mediamonitor.parsing.trailer import TAIL_LINES

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
_HIT_NAMES = [HIT.field(index).name for index in range(HIT.num_fields)]

PART = pa.schema(
    [
        *MANIFEST,
        ("outcome", pa.string()),  # article, quarantined, deferred, vanished
        ("reason_code", pa.string()),
        ("detail", pa.string()),
        ("sample", pa.string()),
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

VERDICT = pa.schema([("key", pa.string()), ("seq", pa.int64()), ("member", pa.string()), ("record_no", pa.int64()), ("outcome", pa.string()), ("reason_code", pa.string()), ("detail", pa.string())])

ROW_GROUP = 5_000


def write_manifest(store: Store, name: str, refs: list[ObjectRef]) -> None:
    """The objects of one batch."""
    columns = {field: [getattr(ref, field) for ref in refs] for field in MANIFEST.names}
    put_table(store, name, pa.table(columns, schema=MANIFEST))


def read_manifest(store: Store, name: str) -> list[ObjectRef]:
    """What `write_manifest` wrote. Raises InfrastructureError when it is gone."""
    content = store.read(name)
    if content is None:
        raise InfrastructureError(f"{store.url}/{name} is missing; start a new ingest run, which takes these objects again")
    return [ObjectRef(**{**row, "last_modified": row["last_modified"].astimezone(timezone.utc)}) for row in pq.read_table(io.BytesIO(content)).to_pylist()]


def put_table(store: Store, name: str, table: pa.Table) -> None:
    """One small table as one Parquet object."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="lz4")
    store.put(name, sink.getvalue())


class PartWriter:
    """Writes PART rows to a local file in bounded memory."""

    def __init__(self, path: Path, watchlist_version: str, rules_version: str) -> None:
        self._writer = pq.ParquetWriter(path, PART, compression="lz4", use_dictionary=["bucket", "source", "outcome", "reason_code", "source_from", "encoding", "date_from", "date_precision", "watchlist_version", "rules_version"])
        self._versions = (watchlist_version, rules_version)
        self._rows: list[tuple[object, ...]] = []
        self._chars = 0
        self.counts: dict[str, int] = {"objects": 0, "articles": 0, "quarantined": 0, "deferred": 0, "vanished": 0}

    def add_article(self, ref: ObjectRef, article: Article, hits: Iterable[Hit]) -> None:
        """One record that can be used."""
        tail = "\n".join([line for line in article.body[-4000:].split("\n") if line.strip()][-TAIL_LINES:])
        dating = article.dating
        found = [(hit.entity_id, hit.alias, hit.zone, hit.start_char, hit.end_char, hit.is_counted, hit.why_not) for hit in hits]
        a = article
        self._add(
            ref,
            ("article", None, None, None, a.article_id, a.member, a.record_no, a.source, a.source_from, a.url, a.title, a.title_key, a.body, a.trailer)
            + (a.headline_echo, dating.published_at, dating.published_on, dating.date_from, dating.date_precision, a.encoding, a.body_chars)
            + (a.body_words, a.content_sha256, tail, found),
        )
        self.counts["articles"] += 1
        self._chars += a.body_chars

    def add_rejection(self, ref: ObjectRef, rejection: Rejection) -> None:
        """One record, or a whole object, that cannot be used (now)."""
        self._add(ref, (rejection.outcome, rejection.reason_code, rejection.detail, rejection.sample, None, rejection.member, rejection.record_no, rejection.source) + (None,) * 17)
        self.counts[rejection.outcome] += 1

    def _add(self, ref: ObjectRef, values: tuple[object, ...]) -> None:
        self._rows.append((ref.bucket, ref.key, ref.seq, ref.etag, ref.size_bytes, ref.last_modified, *values, *self._versions))
        self.counts["objects"] += 1
        if len(self._rows) >= ROW_GROUP or self._chars > 32_000_000:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = [pa.array(self._hits(column) if field.name == "hits" else column, field.type) for field, column in zip(PART, zip(*self._rows, strict=True), strict=True)]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=PART))
        self._rows, self._chars = [], 0

    @staticmethod
    def _hits(column: Iterable[object]) -> list[object]:
        return [None if hits is None else [dict(zip(_HIT_NAMES, hit, strict=True)) for hit in hits] for hits in column]  # type: ignore[attr-defined]

    def close(self) -> None:
        """Finish the file."""
        self._flush()
        self._writer.close()
