"""Made articles, a server to hold them, and the command line in a process of its own."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import boto3
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.store import S3Store

from quickstart import seaweedfs

ROOT = Path(__file__).parents[2]
THREADS = 32
BUCKET = "bench"
WORDS = """
the of and to in a for on with that by as at from is was has been said would council minister harbour energy report
station valley winter morning public company bridge market river train budget season village question answer
""".split()  # noqa: SIM905
NAMES = ("Mara Lindqvist", "Jonah Verrall", "Port Tarnwick", "Northern Transit Authority", "Vessmark", "wind farm")


def article(number: int, size: int) -> bytes:
    """A made article of about `size` bytes: title, echo, paragraphs with a watched name here and there, a trailer."""
    rng = random.Random(number)
    title = " ".join(rng.choices(WORDS, k=8)).capitalize() + f" {number}"
    paragraphs = []
    length = 0
    while length < size - 250:
        words = rng.choices(WORDS, k=60)
        if rng.random() < 0.4:
            words[rng.randrange(60)] = rng.choice(NAMES)
        paragraphs.append(" ".join(words).capitalize() + ".")
        length += len(paragraphs[-1]) + 2
    return "\n\n".join([title, title, *paragraphs, "source site-21"]).encode()


T = TypeVar("T")


class Bucket(NamedTuple):
    """A bucket, the environment in which a process reaches it, and the process id of its server."""

    store: S3Store
    environment: dict[str, str]
    server: int


class Cost(NamedTuple):
    """Seconds by the clock, and of CPU: of this process, of those it waited for, and of the server."""

    wall: float
    cpu: float


@contextmanager
def bucket(folder: Path) -> Iterator[Bucket]:
    """An empty bucket."""
    with seaweedfs.running(folder / "s3") as server:
        session = boto3.Session(server.access_key, server.secret_key, region_name="us-east-1")
        session.client("s3", endpoint_url=server.endpoint_url).create_bucket(Bucket=BUCKET)
        yield Bucket(
            S3Store(
                BUCKET,
                endpoint=server.endpoint_url,
                region="us-east-1",
                virtual_hosted_style_request=False,
                client_options={"allow_http": True},
                credential_provider=Boto3CredentialProvider(session),
            ),
            {**os.environ, **server.environment()},
            server.process.pid,
        )


def cost_of(act: Callable[[], T], server: int) -> tuple[T, Cost]:
    """What `act` gives and what it costs. CPU hardly depends on what else runs, and the clock does."""
    wall, cpu = time.perf_counter(), _cpu_seconds(server)
    result = act()
    return result, Cost(time.perf_counter() - wall, _cpu_seconds(server) - cpu)


def _cpu_seconds(server: int) -> float:
    ours = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ticks = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(used.ru_utime + used.ru_stime for used in ours) + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Seconds and output of a process."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start, done.stdout.strip()


def ours(command: str, landing: str, folder: Path, environment: dict[str, str]) -> tuple[float, str]:
    """Seconds and output of one command of ours, with warehouse and published files in `folder`."""
    places = {
        "MEDIAMONITOR_LANDING": landing,
        "MEDIAMONITOR_WAREHOUSE": f"duckdb://{folder}/warehouse.duckdb",
        "MEDIAMONITOR_PUBLISHED": f"{folder}/published",
        "MEDIAMONITOR_WATCHLIST": str(ROOT / "include/watchlist.yaml"),
        "MEDIAMONITOR_SOURCES": str(ROOT / "include/sources.yaml"),
    }
    return timed([sys.executable, "-m", "mediamonitor", command], {**environment, **places})


def peak_memory() -> int:
    """MB of the largest process that this one has waited for, their children included."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def peer_python() -> Path:
    """The Python of an environment with the peers, installed if need be."""
    python = ROOT / ".venv/peers/bin/python"
    uv = str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "venv", "--quiet", "--allow-existing", str(python.parents[1])], check=True)
    peers = str(Path(__file__).parent / "peers.txt")
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), "--requirements", peers], check=True)
    return python
