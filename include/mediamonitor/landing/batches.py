"""Cutting what waits into batches, and reading the objects of one batch with bounded concurrency and memory."""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from mediamonitor.article import Fetched, ObjectRef, Rejection
from mediamonitor.errors import InfrastructureError, MediaMonitorError
from mediamonitor.landing.store import (
    ObjectArchived,
    ObjectChanged,
    ObjectDenied,
    ObjectGone,
    Store,
    StoreRefuses,
)

STREAMED_BYTES = 20_000_000
"""Objects over this are not read whole. Each is a batch of its own, so that one that fails half-way stops no other."""
JOB_OBJECTS = 32
JOB_BYTES = 4_000_000
"""One job of a fetching thread: enough to make the hand-over cheap, little enough to bound memory."""
AHEAD_BYTES = 100_000_000
"""So much may be read and not yet be taken over."""
GIVE_UP_AFTER = 20
"""So many reads in a row that fail, for all patience, mean that the store fails, not the objects."""
LOOKS = 3
"""So often an object that is overwritten while we read it is looked at again before it is left to the next run."""
NOT_TRIED = Rejection(
    "deferred", "fetch_failed", f"not tried: {GIVE_UP_AFTER} others in a row could not be read; the next run does"
)

log = logging.getLogger("mediamonitor")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An object without a verdict, and how often it was tried."""

    ref: ObjectRef
    attempts: int


def cut_batches(
    waiting: Iterable[Waiting], most_batches: int, most_objects: int, most_bytes: int
) -> list[list[ObjectRef]]:
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
            and not is_streamed(item.ref)
            and not is_streamed(batches[-1][0])
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


def is_streamed(ref: ObjectRef) -> bool:
    """Whether an object is read as it comes."""
    return ref.size_bytes > STREAMED_BYTES


def fetch_batch(
    store: Store, refs: list[ObjectRef], concurrency: int
) -> Iterator[tuple[ObjectRef, Fetched | Rejection]]:
    """Each object with its content, or why it could not be read; in the order of `refs`.

    An object that was overwritten since it was listed comes with a ref of what was read. Raises InfrastructureError
    when the store fails as a whole: it refuses the credentials, or of the objects that no run has tried before
    GIVE_UP_AFTER in a row cannot be read, or not one of several. What only old failures meet is their own affair:
    they are tried in an order that is another one each time, and after GIVE_UP_AFTER in a row the rest is not tried.
    """
    if refs and refs[0].attempts:
        refs = random.Random(refs[0].attempts).sample(refs, len(refs))  # noqa: S311
    lost = 0
    for ref, outcome in _read_ahead(store, refs, concurrency):
        if isinstance(outcome, Rejection) and outcome.reason_code in {"fetch_failed", "access_denied"}:
            lost += 1
            if lost == len(refs) > 1 and not ref.attempts:
                raise _given_up(f"none of {lost} objects of {store.url} could be read", outcome)
        yield ref, outcome


def _read_ahead(
    store: Store, refs: list[ObjectRef], concurrency: int
) -> Iterator[tuple[ObjectRef, Fetched | Rejection]]:
    """The objects in order, with enough jobs under way to keep the threads busy and the memory bounded."""
    outage = _Outage(store.url)
    jobs = deque(_jobs(refs))
    running: deque[tuple[Future[list[tuple[ObjectRef, Fetched | Rejection]]], int]] = deque()
    ahead = 0
    with ThreadPoolExecutor(concurrency, thread_name_prefix="fetch") as pool:
        try:
            while jobs or running:
                while jobs and len(running) < 2 * concurrency and (ahead < AHEAD_BYTES or not running):
                    job = jobs.popleft()
                    size = sum(ref.size_bytes for ref in job)
                    running.append((pool.submit(_fetch_job, store, job, outage), size))
                    ahead += size
                future, size = running.popleft()
                yield from future.result()
                ahead -= size
        finally:
            for future, _ in running:
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


class _Outage:
    """Counts the reads that failed in a row, over all threads of a batch (roughly, and that is enough)."""

    def __init__(self, url: str) -> None:
        self._url, self._failed = url, 0

    def fetch(self, store: Store, ref: ObjectRef) -> tuple[ObjectRef, Fetched | Rejection]:
        """Read an object, or do not try any more.

        Raises InfrastructureError when it is no longer the objects, in every thread that comes by.
        """
        if ref.attempts and self._failed >= GIVE_UP_AFTER:
            return ref, NOT_TRIED
        ref, outcome = _fetch(store, ref)
        if not isinstance(outcome, Rejection) or outcome.reason_code != "fetch_failed":
            self._failed = 0
            return ref, outcome
        self._failed += 1
        what = f"{GIVE_UP_AFTER} reads in a row failed in {self._url}"
        if self._failed >= GIVE_UP_AFTER and not ref.attempts:
            raise _given_up(what, outcome)
        if self._failed == GIVE_UP_AFTER:
            log.warning("%s: %s; what else failed before is not tried in this batch", what, outcome.detail)
        return ref, outcome


def _given_up(what: str, last: Rejection) -> InfrastructureError:
    return InfrastructureError(f"{what}: {last.detail}; nothing is lost, the next run takes them again")


def _fetch_job(store: Store, refs: list[ObjectRef], outage: _Outage) -> list[tuple[ObjectRef, Fetched | Rejection]]:
    return [outage.fetch(store, ref) for ref in refs]


def _fetch(store: Store, ref: ObjectRef) -> tuple[ObjectRef, Fetched | Rejection]:
    now = ref
    try:
        for _ in range(LOOKS):
            try:
                return now, _read(store, now)
            except ObjectChanged:
                now = looked_at_again(store, now)
                if is_streamed(now):  # too large for memory; the next run gives it a batch of its own
                    break
    except MediaMonitorError as error:
        return ref, unread(store, error)
    return ref, unread(store, ObjectChanged(ref.key))


def unread(store: Store, error: MediaMonitorError) -> Rejection:
    """What becomes of an object that could not be read. Raises StoreRefuses when it is not the object's own affair."""
    if isinstance(error, StoreRefuses):
        raise StoreRefuses(f"{store.url}: {error}; nothing is lost, the next run goes on from here") from None
    if isinstance(error, ObjectGone):
        return Rejection("vanished", "vanished", "deleted between the listing and the reading")
    if isinstance(error, ObjectChanged):
        how = f"{LOOKS} times, in the middle or by a large one"
        why = f"overwritten while it was read, {how}; the next run takes the new content"
        return Rejection("deferred", "changed_while_reading", why)
    codes = {ObjectDenied: "access_denied", ObjectArchived: "archived"}
    return Rejection("deferred", codes.get(type(error), "fetch_failed"), str(error))


def looked_at_again(store: Store, ref: ObjectRef) -> ObjectRef:
    """What stands under this key now, as the same observation: nobody ever read what the listing saw."""
    now = store.head(ref.key)
    return ref._replace(etag=now.etag, size_bytes=now.size_bytes, last_modified=now.last_modified)


def _read(store: Store, ref: ObjectRef) -> Fetched:
    fetched = store.get(ref.key, ref.etag)
    if len(fetched.body) != ref.size_bytes:
        raise InfrastructureError(f"read {len(fetched.body)} bytes, the listing says {ref.size_bytes}")
    return fetched
