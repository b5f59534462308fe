"""Cutting what waits into batches, and reading the objects of one batch with bounded concurrency and memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from mediamonitor.article import Fetched, ObjectRef, Rejection
from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.store import ObjectChanged, ObjectDenied, ObjectGone, Store
from mediamonitor.parsing.formats import SNIFF_BYTES, tell

JOB_OBJECTS = 32
JOB_BYTES = 4_000_000
"""One job of a fetching thread: enough to make the hand-over cheap, little enough to bound memory."""
GIVE_UP_AFTER = 20
"""So many objects of a batch that cannot be read mean that the store fails, not the objects."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An object without a verdict, and how often it was tried."""

    ref: ObjectRef
    attempts: int


def cut_batches(waiting: list[Waiting], most_batches: int, most_objects: int, most_bytes: int) -> list[list[ObjectRef]]:
    """The first batches of `waiting`, in its order, each within the limits; a larger object goes alone.

    Objects that were tried before never share a batch with others: what failed once must not stop what is new.
    """
    batches: list[list[ObjectRef]] = []
    size = 0
    tried = -1
    for item in waiting:
        fits = (
            batches
            and item.attempts == tried
            and len(batches[-1]) < most_objects
            and size + item.ref.size_bytes <= most_bytes
        )
        if not fits:
            if len(batches) == most_batches:
                break
            batches.append([])
            size, tried = 0, item.attempts
        batches[-1].append(item.ref)
        size += item.ref.size_bytes
    return batches


def fetch_batch(
    store: Store, refs: list[ObjectRef], concurrency: int, max_article_bytes: int
) -> Iterator[tuple[ObjectRef, Fetched | Rejection]]:
    """Each object with its content, or why it could not be read; in the order of `refs`.

    Raises InfrastructureError when the store fails as a whole (GIVE_UP_AFTER objects, or all of a smaller batch).
    """
    failed = 0
    with ThreadPoolExecutor(concurrency, thread_name_prefix="fetch") as pool:
        jobs = _jobs(refs)
        running: deque[Future[list[tuple[ObjectRef, Fetched | Rejection]]]] = deque()
        try:
            for job in islice(jobs, 2 * concurrency):
                running.append(pool.submit(_fetch_job, store, job, max_article_bytes))
            while running:
                for ref, outcome in running.popleft().result():
                    if isinstance(outcome, Rejection) and outcome.reason_code in {"fetch_failed", "access_denied"}:
                        failed += 1
                        if failed >= min(GIVE_UP_AFTER, len(refs)):
                            what = f"{failed} of {len(refs)} objects of {store.url} could not be read: {outcome.detail}"
                            raise InfrastructureError(f"{what}; nothing is lost, the next run takes them again")
                    yield ref, outcome
                for job in islice(jobs, 1):
                    running.append(pool.submit(_fetch_job, store, job, max_article_bytes))
        finally:
            for future in running:
                future.cancel()


def _jobs(refs: list[ObjectRef]) -> Iterator[list[ObjectRef]]:
    job: list[ObjectRef] = []
    size = 0
    for ref in refs:
        if job and (len(job) == JOB_OBJECTS or size + ref.size_bytes > JOB_BYTES):
            yield job
            job, size = [], 0
        job.append(ref)
        size += ref.size_bytes
    if job:
        yield job


def _fetch_job(
    store: Store, refs: list[ObjectRef], max_article_bytes: int
) -> list[tuple[ObjectRef, Fetched | Rejection]]:
    return [(ref, _fetch(store, ref, max_article_bytes)) for ref in refs]


def _fetch(store: Store, ref: ObjectRef, max_article_bytes: int) -> Fetched | Rejection:
    try:
        if ref.size_bytes > max_article_bytes:
            return _too_large(store.head_bytes(ref.key, SNIFF_BYTES), ref, max_article_bytes)
        fetched = store.get(ref.key, ref.etag)
    except ObjectGone:
        return Rejection("vanished", "vanished", "deleted between the listing and the reading")
    except ObjectChanged:
        return Rejection(
            "deferred",
            "changed_while_reading",
            "overwritten between the listing and the reading; the next run takes the new content",
        )
    except ObjectDenied as error:
        return Rejection("deferred", "access_denied", str(error))
    except InfrastructureError as error:
        return Rejection("deferred", "fetch_failed", str(error))
    if len(fetched.body) != ref.size_bytes:
        return Rejection(
            "deferred", "fetch_failed", f"read {len(fetched.body)} bytes, the listing says {ref.size_bytes}"
        )
    return fetched


def _too_large(head: bytes, ref: ObjectRef, max_article_bytes: int) -> Rejection:
    kind = tell(head, ref.key)
    if kind in {"text", "html"}:
        return Rejection(
            "quarantined",
            "too_large",
            f"{ref.size_bytes:,} bytes; the limit is {max_article_bytes:,} (MEDIAMONITOR_MAX_ARTICLE_BYTES)",
        )
    if kind.startswith("not_text:"):
        return Rejection("quarantined", kind, f"the content is {kind.partition(':')[2]}, not an article text")
    return Rejection("quarantined", "format_not_supported", f"the content is {kind}, which this version does not read")
