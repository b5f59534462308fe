"""Where one local installation keeps its things: `.local/run` (emptied at each run) or `.local/up` (kept)."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quickstart.processes import Trouble

if TYPE_CHECKING:
    from mediamonitor.landing.s3 import S3Bucket

REPOSITORY = Path(__file__).resolve().parents[2]
LOCAL = REPOSITORY / ".local"
SAMPLES = REPOSITORY / "include" / "samples"


@dataclass(frozen=True, slots=True)
class Running:
    """What the keeper of an installation tells about it."""

    session: int
    url: str
    s3_url: str
    access_key: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of an installation and what is where in it."""

    folder: Path
    landing = "s3://media-landing/articles"

    @property
    def lock(self) -> Path:
        """Beside the folder, so that emptying the folder leaves it alone."""
        return self.folder.with_name(self.folder.name + ".lock")

    @property
    def airflow(self) -> Path:
        """AIRFLOW_HOME; the logs of the tasks are below it."""
        return self.folder / "airflow"

    @property
    def passwords(self) -> Path:
        """The file of Airflow's SimpleAuthManager."""
        return self.airflow / "passwords.json"

    @property
    def logs(self) -> Path:
        """What the servers say, one file each."""
        return self.folder / "log"

    @property
    def keeper_log(self) -> Path:
        """Its last line says why the keeper ended."""
        return self.logs / "keeper.log"

    @property
    def warehouse(self) -> Path:
        """The database that the tasks write."""
        return self.folder / "warehouse.duckdb"

    @property
    def staging(self) -> Path:
        """Where stages leave files for each other."""
        return self.folder / "staging"

    @property
    def published(self) -> Path:
        """The results."""
        return self.folder / "published"

    @property
    def media(self) -> Path:
        """The results as one database, for readers."""
        return self.published / "media.duckdb"

    @property
    def has_samples(self) -> Path:
        """Exists once the samples have been uploaded."""
        return self.folder / "samples-uploaded"

    def bucket(self, running: Running) -> S3Bucket:
        """The bucket with the article files."""
        import boto3

        from mediamonitor.landing.s3 import S3Bucket
        from mediamonitor.landing.store import Access

        session = boto3.Session(running.access_key, running.secret_key, region_name="us-east-1")
        name, _, prefix = self.landing.removeprefix("s3://").partition("/")
        return S3Bucket(name, prefix, Access(session, running.s3_url))

    def upload(self, running: Running, folder: Path) -> int:
        """Put the files of a folder into the bucket under their paths below it; how many there were."""
        bucket = self.bucket(running)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in files:
            bucket.upload(bucket.prefix + path.relative_to(folder).as_posix(), path.read_bytes())
        return len(files)

    def check(self) -> None:
        """Raise Trouble for a path that cannot work."""
        for path in (self.folder, REPOSITORY):
            if "%" in str(path):
                raise Trouble(f"Airflow cannot work in a folder with % in its path: {path}")

    def empty(self) -> None:
        """Remove everything of an earlier run, but not the folder itself: it may be a link to a roomier disk."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def make(self) -> None:
        """The folders that must be there first, readable by their owner only: there are keys and passwords in them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        for path in (self.airflow, self.logs):
            path.mkdir(exist_ok=True)
        for path in (self._state, *self.logs.glob("*.log")):
            path.unlink(missing_ok=True)

    @property
    def _state(self) -> Path:
        return self.folder / "running.json"

    def tell(self, running: Running) -> None:
        """Say what runs here, in one step."""
        new = self._state.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(asdict(running)))
        new.replace(self._state)

    def told(self) -> Running | None:
        """What was last said, if anything; it holds only while the lock is held."""
        return Running(**json.loads(self._state.read_text())) if self._state.exists() else None
