"""One batch from its objects to staged rows: fetched here, opened here, read by workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from mediamonitor.article import Fetched, ObjectRef, Rejection
from mediamonitor.context import Context, rules_version
from mediamonitor.errors import ConfigurationError, MediaMonitorError
from mediamonitor.landing.batches import fetch_batch, is_streamed, unread
from mediamonitor.landing.staged import PartWriter, RecordCounts
from mediamonitor.parsing.records import Limits, records_in, records_of
from mediamonitor.settings import Settings
from mediamonitor.watchlist.parse import parse_watchlist
from mediamonitor.workers.chunk import Item, Setup, chunks
from mediamonitor.workers.pool import Workers, WorkersFail

PROGRESS_EVERY = 200
"""Objects between two reports of progress."""


def workers_of(context: Context) -> Workers:
    """Workers with the configuration that the run is pinned to."""
    settings = context.settings
    watchlist, sources = context.staging().read_config()
    version = parse_watchlist(watchlist, settings.watchlist).content_hash
    setup = Setup(watchlist, sources, settings.key_patterns, context.landing().prefix, rules_version())
    return Workers(setup, version, settings.read_processes)


def extract_batch(context: Context, workers: Workers, batch_id: str, path: Path) -> RecordCounts:
    """Write one row (schema PART) for each record of a batch to the file `path`."""
    refs = context.staging().read_manifest(batch_id)
    if not is_streamed(refs[0]):
        return _write(path, workers.read(chunks(_items(context, batch_id, refs))))
    try:
        return _write(path, workers.read(chunks(_streamed_items(context, refs[0]))))
    except (ConfigurationError, WorkersFail):
        raise
    except MediaMonitorError as error:  # none of it is taken when not all of it can be read
        return _write(path, workers.read([[Item(refs[0], {}, unread(context.landing(), error))]]))


def _write(path: Path, rows: Iterable[pa.RecordBatch]) -> RecordCounts:
    with PartWriter(path) as writer:
        for batch in rows:
            writer.write(batch)
    return writer.counts


def _items(context: Context, batch_id: str, refs: list[ObjectRef]) -> Iterator[Item]:
    """The records of objects that are read whole, several at a time."""
    settings = context.settings
    fitting = []
    for ref in refs:
        if refusal := _too_large(ref, settings):
            yield Item(ref, {}, refusal)
        else:
            fitting.append(ref)
    fetched = fetch_batch(context.landing(), fitting, settings.fetch_concurrency)
    for number, (ref, outcome) in enumerate(fetched, start=1):
        if isinstance(outcome, Rejection):
            yield Item(ref, {}, outcome)
        elif refusal := _too_large(ref, settings):  # it has grown since it was listed
            yield Item(ref, outcome.metadata, refusal)
        else:
            yield from _records(ref, outcome, settings.max_article_bytes)
        if number % PROGRESS_EVERY == 0 or number == len(fitting):
            context.progress(f"reading {batch_id}", number, len(fitting))


def _records(ref: ObjectRef, fetched: Fetched, max_bytes: int) -> Iterator[Item]:
    for record in records_of(fetched.body, ref.key, max_bytes):
        yield Item(ref, fetched.metadata, record)


def _streamed_items(context: Context, ref: ObjectRef) -> Iterator[Item]:
    """The records of one large object, read as it comes."""
    settings = context.settings
    if refusal := _too_large(ref, settings):
        yield Item(ref, {}, refusal)
        return
    with context.landing().open(ref.key, ref.etag, ref.size_bytes) as file:
        for record in records_in(file, ref.key, Limits(settings.max_article_bytes, ref.size_bytes)):
            yield Item(ref, file.metadata, record)


def _too_large(ref: ObjectRef, settings: Settings) -> Rejection | None:
    """The refusal of an object that is over the limit of objects."""
    if ref.size_bytes <= settings.max_object_bytes:
        return None
    what = f"{ref.size_bytes:,} bytes; the limit is {settings.max_object_bytes:,} (MEDIAMONITOR_MAX_OBJECT_BYTES)"
    return Rejection("quarantined", "too_large", what)
