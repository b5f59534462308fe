"""Random histories of a bucket end where one run over the final bucket ends, and the proof holds at each step.

Puts, overwrites, worse overwrites, deletions, late arrivals and changes within one second, between runs and in the
middle of them; runs that are given up after a stage, stages that run twice, publishes that die at a write, records
that are taken again. Two differences are promised (contract §4): after a worse correction the last good version is
live, and a correction without a date keeps the day of the version before; `Model` says how.

Great Expectations is left out (every article here passes it): it would be nine tenths of the time. So are the worker
processes.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from faults.child import be_quick
from flow.harness import Flow, Landing
from mediamonitor import pipeline, quarantine
from mediamonitor.errors import ConfigurationError
from mediamonitor.landing.folder import Folder
from quickstart.seaweedfs import S3Server

FEED, UNDATED = "post/2026/03/03/feed.jsonl", "undated.txt"
KEYS = ("post/2026/03/02/a.txt", "post/2026/03/04/b.txt", "post/2026/03/04/c.txt", UNDATED, FEED, FEED)
DAYS = ("2026-03-01", "2026-03-05")
BAD = "bad"


@dataclass(frozen=True)
class Upload:
    """What a producer writes: few texts, so that versions return and articles repeat each other; some are bad.

    `FEED` has a record for each text, the other keys one; `UNDATED` has a day only if the producer says so.
    """

    records: tuple[str, ...]
    day: str | None = None

    def to(self, key: str) -> Upload:
        """What of it this key can hold."""
        return Upload(self.records if key == FEED else self.records[:1], self.day if key == UNDATED else None)

    def body(self, key: str) -> bytes:
        if key == FEED:
            records = [json.dumps({"title": TITLE, "body": self.text(one)}) for one in self.records]
            lines = ["{" if one == BAD else line for one, line in zip(self.records, records, strict=True)]
            return "\n".join(lines).encode()
        return b"" if self.records == (BAD,) else f"{TITLE}\n\n{self.text(self.records[0])}\n".encode()

    def text(self, record: str) -> str:
        return f"Mara Lindqvist was in Vessmark, {record}, {self.day or 'some day'}."


TITLE = "Ferry returns"


@dataclass
class Model:
    """What must be live: of each record the last good text that a run loaded, on the day that it has or keeps."""

    retract: bool
    bucket: dict[str, Upload] = field(default_factory=dict)
    known: dict[str, Upload] = field(default_factory=dict)
    """What the ledger has a verdict on."""
    waiting: set[str] = field(default_factory=set)
    live: dict[str, dict[int, tuple[str, Upload, str | None]]] = field(default_factory=dict)
    """By key and number: the text, the upload it came with, and its day."""
    taken_again: bool = False

    def listed(self) -> None:
        self.waiting |= {key for key, upload in self.bucket.items() if self.known.get(key) != upload}
        if self.taken_again:
            self.waiting |= {key for key, upload in self.known.items() if BAD in upload.records}
        self.taken_again = False
        for key in {*self.known, *self.waiting, *self.live} - self.bucket.keys():
            self.known.pop(key, None)
            self.waiting.discard(key)
            if self.retract:
                self.live.pop(key, None)

    def loaded(self, read: dict[str, Upload]) -> None:
        for key in self.waiting:
            if key in read:
                self.known[key] = read[key]
                self._replace(key, read[key])
            else:
                self.known.pop(key, None)  # vanished
        self.waiting = set()

    def _replace(self, key: str, upload: Upload) -> None:
        if set(upload.records) == {BAD}:
            return
        before, after = self.live.get(key, {}), {}
        for number, text in enumerate(upload.records, start=1):
            if text != BAD:
                kept = before[number][2] if number in before else None
                after[number] = (text, upload, upload.day or kept)
            elif number in before:
                after[number] = before[number]
        self.live[key] = after

    def final(self) -> dict[str, tuple[bytes, str | None]]:
        """A bucket that gives just what must be live: body and day by key."""
        bucket = {}
        for key, records in self.live.items():
            texts = [records[n][0] if n in records else BAD for n in range(1, max(records) + 1)]
            _, upload, day = next(iter(records.values()))
            bucket[key] = (replace(upload, records=tuple(texts)).body(key), day)
        return bucket


@dataclass
class World:
    flow: Flow
    model: Model
    names: itertools.count[int] = field(default_factory=itertools.count)

    def put(self, key: str, upload: Upload) -> None:
        upload = upload.to(key)
        self.upload(key, upload.body(key), upload.day)
        self.model.bucket[key] = upload

    def upload(self, key: str, body: bytes, day: str | None) -> None:
        told = {"published_at": day} if day else {}
        self.flow.landing.put(key, body, source="post", **told)

    def delete(self, key: str) -> None:
        self.flow.landing.delete(key)
        self.model.bucket.pop(key, None)

    def run(self, until: str = "load", times: int = 1, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Stages up to `until`, each so many times, with `meanwhile` between the listing and the reading."""
        left = 1
        while left:
            context = self.flow.context()
            for _ in range(times):
                found = pipeline.discover(context, accept_empty=True)
            self.model.listed()
            left = found["untried_left"]
            meanwhile()
            if until == "discover":
                return
            for attempt in range(times):
                staged = pipeline.extract(context, found["batches"], str(attempt))
            read = dict(self.model.bucket)
            if until == "extract":
                return
            for _ in range(times):
                validated = pipeline.validate(context, staged)
            if until == "validate":
                return
            for _ in range(times):
                pipeline.load(context, validated)
            self.model.loaded(read)

    def publish_killed(self, at: int) -> None:
        """A publish that dies at its `at`-th write."""
        real, writes = Folder.put, itertools.count()

        def put(folder: Folder, name: str, body: bytes | Path) -> None:
            if folder.url == self.flow.settings.published and next(writes) == at:
                raise KeyboardInterrupt
            real(folder, name, body)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Folder, "put", put)
            with suppress(KeyboardInterrupt):
                self.flow.publish()

    def other_sources(self) -> None:
        text = f"version: 1\nsources: [{{source: post, undated: none, name: Post {next(self.names)}}}]\n"
        Path(self.flow.settings.sources).write_text(text)
        self.model.taken_again = True

    def retry(self) -> None:
        with suppress(ConfigurationError):  # nothing is in quarantine, or nothing that still exists
            quarantine.retry(self.flow.settings, quarantine.Which(source="post"), self.flow.now)
            self.model.taken_again = True

    def step(self, act: str, key: str, upload: Upload, choice: int) -> None:
        acts: dict[str, Callable[[], Any]] = {
            "put": lambda: self.put(key, upload),
            "spoil": lambda: self.put(key, Upload((BAD,))),
            "delete": lambda: self.delete(key),
            "run": self.run,
            "give up": lambda: self.run(until=("discover", "extract", "validate")[choice % 3]),
            "every stage twice": lambda: self.run(times=2),
            "put meanwhile": lambda: self.run(meanwhile=lambda: self.put(key, upload)),
            "delete meanwhile": lambda: self.run(meanwhile=lambda: self.delete(key)),
            "publish": self.flow.publish,
            "publish killed": lambda: self.publish_killed(choice),
            "other sources": self.other_sources,
            "retry": self.retry,
        }
        acts[act]()

    def proven(self) -> None:
        report = self.flow.reconcile()
        assert report.holds, report.differences


ACTS = ("put", "put", "put", "spoil", "delete", "run", "run", "run", "give up", "every stage twice", "put meanwhile")
ACTS += ("delete meanwhile", "publish", "publish killed", "other sources", "retry")
texts = st.sampled_from(["one", "two", "three", BAD])
records = st.lists(texts, min_size=1, max_size=3).map(tuple)
uploads = st.builds(Upload, records, st.sampled_from([None, *DAYS]))
histories = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(KEYS), uploads, st.integers(0, 11)), min_size=4, max_size=14
)
LIVE = "SELECT article_id, title, body, source, published_on, date_from, duplicate_of FROM articles WHERE is_current"


def lives_through(server: S3Server, retract: bool, history: list[tuple[str, str, Upload, int]]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        be_quick(patched)
        flow = Flow.create(Landing.create(server), Path(folder))
        flow.set(deleted="retract" if retract else "keep", batch_objects=2, sources=f"{folder}/sources.yaml")
        world = World(flow, Model(retract))
        world.other_sources()
        world.run()
        for act, key, upload, choice in history:
            world.step(act, key, upload, choice)
            world.proven()
        for _ in range(2):  # what changed while it was read is taken by the second
            world.run()
        flow.publish()
        world.proven()
        ended, files = flow.rows(f"{LIVE} ORDER BY ALL"), flow.data_files()
        assert flow.publish()["publication_id"] is None

        for key in KEYS:  # the same world in one run
            world.delete(key)
        for key, (body, day) in world.model.final().items():
            world.upload(key, body, day)
        flow.set(warehouse=f"duckdb://{folder}/once/w.duckdb", published=f"{folder}/once/published")
        flow.run()
        assert ended == flow.rows(f"{LIVE} ORDER BY ALL")
        assert files == flow.data_files()


def bounded(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@bounded(6)
@given(retract=st.booleans(), history=histories)
def test_f12_any_history_ends_as_one_run_over_the_final_bucket(
    s3_server: S3Server, retract: bool, history: list[tuple[str, str, Upload, int]]
) -> None:
    lives_through(s3_server, retract, history)


@pytest.mark.soak
@bounded(150)
@given(retract=st.booleans(), history=histories)
def test_f12_many_histories_end_as_one_run_over_the_final_bucket(
    s3_server: S3Server, retract: bool, history: list[tuple[str, str, Upload, int]]
) -> None:
    lives_through(s3_server, retract, history)
