"""Random histories of a bucket end where one run over the final bucket ends, and the proof holds at each step.

Puts, overwrites, worse overwrites, deletions, late arrivals and changes within one second, between runs and in the
middle of them; runs that are given up after a stage, stages that run twice, publishes that die at a write, records
that are taken again. Two differences are promised (contract §4): after a worse correction the last good version is
live, and a correction without a date keeps the day of the version before; `Model` says how.

Great Expectations is left out (every article here passes it): it would be nine tenths of the time.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flow.harness import Flow, Landing
from mediamonitor import pipeline, quarantine
from mediamonitor.errors import ConfigurationError
from mediamonitor.landing.folder import Folder
from mediamonitor.quality import suite
from quickstart.seaweedfs import S3Server

KEYS = ("post/2026/03/02/a.txt", "post/2026/03/04/b.txt", "post/2026/03/04/c.txt", "undated.txt")
DAYS = ("2026-03-01", "2026-03-05")
BAD = "bad"


@dataclass(frozen=True)
class Upload:
    """What a producer writes: one of few texts, so that versions return and articles repeat each other; or nothing."""

    text: str
    day: str | None = None

    def body(self) -> bytes:
        if self.text == BAD:
            return b""
        return f"Ferry returns\n\nMara Lindqvist was in Vessmark, {self.text}, {self.day or 'some day'}.\n".encode()


@dataclass
class Model:
    """What must be live: by key, the last good upload that a run loaded, on the day that it has or keeps."""

    retract: bool
    bucket: dict[str, Upload] = field(default_factory=dict)
    live: dict[str, tuple[Upload, str | None]] = field(default_factory=dict)

    def listed(self) -> dict[str, Upload]:
        if self.retract:
            self.live = {key: one for key, one in self.live.items() if key in self.bucket}
        return dict(self.bucket)

    def loaded(self, listed: dict[str, Upload], read: dict[str, Upload]) -> None:
        for key, upload in read.items():
            if listed.get(key) == upload and upload.text != BAD:
                kept = self.live[key][1] if key in self.live else None
                self.live[key] = (upload, upload.day or kept)


@dataclass
class World:
    flow: Flow
    model: Model
    names: itertools.count[int] = field(default_factory=itertools.count)

    def put(self, key: str, upload: Upload) -> None:
        upload = replace(upload, day=upload.day if key == "undated.txt" else None)
        told = {"published_at": upload.day} if upload.day else {}
        self.flow.landing.put(key, upload.body(), source="post", **told)
        self.model.bucket[key] = upload

    def delete(self, key: str) -> None:
        self.flow.landing.delete(key)
        self.model.bucket.pop(key, None)

    def run(self, until: str = "load", times: int = 1, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Stages up to `until`, each so many times, with `meanwhile` between the listing and the reading."""
        left = 1
        while left:
            context = self.flow.context()
            for _ in range(times):
                found = pipeline.discover(context)
            listed, left = self.model.listed(), found["untried_left"]
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
            self.model.loaded(listed, read)

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

    def retry(self) -> None:
        with suppress(ConfigurationError):  # nothing is in quarantine, or nothing that still exists
            quarantine.retry(self.flow.settings, quarantine.Which(source="post"), self.flow.now)

    def step(self, act: str, key: str, upload: Upload, choice: int) -> None:
        acts: dict[str, Callable[[], Any]] = {
            "put": lambda: self.put(key, upload),
            "spoil": lambda: self.put(key, Upload(BAD)),
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
uploads = st.builds(Upload, st.sampled_from(["one", "two"]), st.sampled_from([None, *DAYS]))
histories = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(KEYS), uploads, st.integers(0, 11)), min_size=4, max_size=14
)
LIVE = "SELECT article_id, title, body, source, published_on, date_from, duplicate_of FROM articles WHERE is_current"


def lives_through(server: S3Server, retract: bool, history: list[tuple[str, str, Upload, int]]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(suite, "validate", lambda rows, accounts, encodings: suite.Validation())
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
        for key, (upload, day) in world.model.live.items():
            told = {"published_at": day} if day else {}
            flow.landing.put(key, upload.body(), source="post", **told)
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
