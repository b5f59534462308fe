"""SeaweedFS on loopback: a real S3 server for the first run and for the tests, from a wheel, without Docker."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from quickstart.processes import spawn, stop, stop_all

START_SECONDS = 60
GRPC = 10_000
"""SeaweedFS uses each of its ports plus this for gRPC."""
STOP_SECONDS = 3
"""SeaweedFS flushes at once when asked to stop, then lingers for its peers; there are none."""


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server and the credentials it accepts."""

    endpoint_url: str
    access_key: str
    secret_key: str
    process: subprocess.Popen[bytes]
    ports: tuple[int, ...]
    own_session: bool

    def environment(self) -> dict[str, str]:
        """What boto3 reads."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": "us-east-1",
        }


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now, nor on their gRPC ports."""
    found: list[int] = []
    held: list[socket.socket] = []
    try:
        while len(found) < count:
            with suppress(OSError):
                one, other = socket.socket(), socket.socket()
                held += [one, other]
                one.bind(("127.0.0.1", 10_000 + secrets.randbelow(20_000)))
                other.bind(("127.0.0.1", one.getsockname()[1] + GRPC))
                found.append(one.getsockname()[1])
    finally:
        for each in held:
            each.close()
    return found


def start(folder: Path, log: Path, *, own_session: bool = True) -> S3Server:
    """Start a server that keeps its data in `folder`, and wait until it answers. Raises RuntimeError if it does not."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "s3.json"
    if not config.exists():
        keys = {"accessKey": secrets.token_hex(10), "secretKey": secrets.token_hex(20)}
        identity = {
            "name": "mediamonitor",
            "credentials": [keys],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        config.touch(mode=0o600)
        config.write_text(json.dumps({"identities": [identity]}))
    keys = json.loads(config.read_text())["identities"][0]["credentials"][0]
    s3, master, volume, filer = free_ports(4)
    command = [
        os.path.join(os.path.dirname(sys.executable), "weed"),
        "server",
        "-s3",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
    ]
    command += [
        f"-s3.config={config}",
        f"-s3.port={s3}",
        f"-master.port={master}",
        f"-volume.port={volume}",
        f"-filer.port={filer}",
    ]
    command += [
        "-master.volumeSizeLimitMB=256",
        "-volume.max=100",
        "-master.telemetry=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.iam=false",
        "-volume.preStopSeconds=1",
    ]
    process = spawn(command, log, own_session=own_session)
    ports = (s3, master, volume, filer)
    server = S3Server(f"http://127.0.0.1:{s3}", keys["accessKey"], keys["secretKey"], process, ports, own_session)
    try:
        _wait(server, log)
    except BaseException:
        end(server)
        raise
    return server


def end(server: S3Server) -> None:
    """Stop a server, and remove the sockets that it leaves in /tmp, named after its ports."""
    if server.own_session:
        stop(server.process, STOP_SECONDS)
    else:
        stop_all([server.process], STOP_SECONDS)
    for port in server.ports:
        for number in (port, port + GRPC):
            for path in Path("/tmp").glob(f"seaweedfs-*-{number}.sock"):
                path.unlink(missing_ok=True)


@contextmanager
def running(folder: Path) -> Iterator[S3Server]:
    """A server for the length of a block."""
    server = start(folder, folder.parent / f"{folder.name}.log")
    try:
        yield server
    finally:
        end(server)


def _wait(server: S3Server, log: Path) -> None:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint_url,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 0}),
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        with suppress(BotoCoreError, ClientError):
            client.create_bucket(Bucket="started")
            client.put_object(Bucket="started", Key="started", Body=b"started")
            client.delete_object(Bucket="started", Key="started")
            client.delete_bucket(Bucket="started")
            return
        time.sleep(0.3)
    raise RuntimeError(f"SeaweedFS did not start within {START_SECONDS} s; see {log}")
