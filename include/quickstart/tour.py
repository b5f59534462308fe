"""What `make run` does with the installation: two rounds of article files through the real DAGs."""

from __future__ import annotations

import textwrap
import time

from quickstart.airflow import Api, Run, log_of
from quickstart.installation import Installation, shown
from quickstart.place import SAMPLES, Place, Running
from quickstart.processes import Trouble

ROUNDS = [("1-first", "the articles of a week"), ("2-later", "a correction and two late articles")]
ROUND_SECONDS = 300
WIDTH = 100


class Say:
    """Lines on the terminal, with the time since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, text: str) -> None:
        """Print one."""
        minutes, seconds = divmod(int(time.monotonic() - self._start), 60)
        stamp = f"{minutes:>3}:{seconds:02}  "
        wrap = textwrap.TextWrapper(
            WIDTH, stamp, " " * (len(stamp) + 2), break_long_words=False, break_on_hyphens=False
        )
        print(wrap.fill(text), flush=True)


class Tour:
    """The rounds, one after the other."""

    def __init__(self, installation: Installation, running: Running, api: Api, say: Say) -> None:
        self.installation, self.running, self.api, self.say = installation, running, api, say
        self.place: Place = installation.place
        self._seen: set[str] = set()

    def round(self, number: int) -> list[Run]:
        """Upload files, start `ingest_articles`, wait for it and for the `publish_mentions` that its asset starts.

        Runs of the schedule may come in between, load the files before ours does, or publish before the asset's run
        does. So a round is over when our run is, and every run that told of the asset has its followers done.
        """
        folder, what = ROUNDS[number - 1]
        files = self.installation.upload(self.running, SAMPLES / folder)
        print(f"\nRound {number}: {what}")
        self.say(f"{files} files of include/samples/{folder} uploaded to {self.place.landing}")
        deadline = time.monotonic() + ROUND_SECONDS
        wait_for = self.installation.wait_for
        ours = wait_for(lambda: self.api.trigger("ingest_articles"), deadline, lambda: "Airflow does not answer")

        def ingested() -> list[Run] | None:
            runs = self._fresh("ingest_articles")
            return runs if all(run.is_over for run in runs) and ours in {run.run_id for run in runs} else None

        def published() -> list[Run] | None:
            followers = [self.api.followers("ingest_articles").get(run.run_id) for run in ingest]
            told = [run_ids for run_ids in followers if run_ids is not None]
            if not told:
                raise Trouble(f"nothing was loaded: {ingest[-1].note}; see {shown(self.place.airflow / 'logs')}")
            runs = [run for run in self._fresh("publish_mentions") if run.is_over]
            wanted = {run_id for run_ids in told for run_id in run_ids}
            return runs if all(told) and wanted <= {run.run_id for run in runs} else None

        ingest = wait_for(ingested, deadline, lambda: self._late("ingest_articles"))
        self._tell(ingest)
        publish = wait_for(published, deadline, lambda: self._late("publish_mentions"))
        self._tell(publish)
        return [*ingest, *publish]

    def _tell(self, runs: list[Run]) -> None:
        how = {"asset_triggered": " (started by the asset media_articles)", "scheduled": " (on schedule)"}
        for run in runs:
            self._seen.add(run.run_id)
            self.say(f"{run.dag_id}{how.get(run.run_type, '')}: {run.state}; {run.note or 'no note'}")

    def _fresh(self, dag_id: str) -> list[Run]:
        """The runs that have not been told yet. Raises Trouble if one of them failed."""
        runs = [run for run in self.api.runs(dag_id) if run.run_id not in self._seen]
        for run in runs:
            if run.state == "failed":
                raise Trouble(self._blame(run, "failed"))
        return runs

    def _late(self, dag_id: str) -> str:
        late = [run for run in self.api.runs(dag_id) if not run.is_over]
        waited = f"after {ROUND_SECONDS} s"
        return self._blame(late[0], f"is not done {waited}") if late else f"{dag_id} did not start {waited}"

    def _blame(self, run: Run, what: str) -> str:
        """One line with the first task that did not do its part, and where its log is."""
        guilty = ["failed", "up_for_retry", "restarting", "running", "queued", "scheduled", None]
        tasks = [task for task in self.api.tasks(run) if task.state in guilty]
        if not tasks:
            return f"{run.dag_id} {what}; see {shown(self.place.logs / 'scheduler.log')}"
        task = min(tasks, key=lambda task: (guilty.index(task.state), task.started_at or "9"))
        state = task.state or "not started"
        return f"{run.dag_id} {what}: task {task.task_id} ({state}); see {shown(log_of(self.place, run, task))}"
