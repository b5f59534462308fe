"""The `init` service of docker-compose.yaml: `python -m quickstart.compose_init`.

Brings the metadata database, the administrator, the pool, the connection and the bucket to the state that the DAGs
need. Every step may be repeated: it runs at each `make compose-up`. Only what has to hold is set again; a password
that was changed in the UI and a connection that was pointed at another store stay as they are.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from airflow.cli import cli_parser
from airflow.models.connection import Connection
from airflow.models.pool import Pool
from airflow.utils.session import create_session
from botocore.exceptions import ClientError
from sqlalchemy import select

POOL = "One at a time in the warehouse: DuckDB has a single writer. Keep 1 slot."


def airflow(*arguments: str) -> None:
    """One `airflow` command in this process: each process of its own costs five seconds of imports."""
    parsed = cli_parser.get_parser().parse_args(arguments)
    parsed.func(parsed)


def readable(*paths: str) -> None:
    """The host's files come through a read-only mount and keep the host's permissions."""
    for path in paths:
        try:
            Path(path).read_bytes()
        except OSError as error:
            hint = "; on the host: chmod -R a+rX include" if isinstance(error, PermissionError) else ""
            sys.exit(f"init: user {os.getuid()} of the container cannot read {path}: {error.strerror}{hint}")


def connection(name: str, key: str, secret: str, endpoint: str) -> None:
    """The connection to the stack's own object store; one that points elsewhere is the user's."""
    extra = {"endpoint_url": endpoint, "region_name": "us-east-1"}
    with create_session() as session:
        row = session.scalar(select(Connection).where(Connection.conn_id == name))
        if row is not None and row.extra_dejson.get("endpoint_url") != endpoint:
            print(f"init: connection {name} points to another store and stays as it is")
            return
        if row is None:
            row = Connection(conn_id=name, conn_type="aws")
            session.add(row)
        row.login = key
        row.set_password(secret)
        row.set_extra(json.dumps(extra))
        print(f"init: connection {name} is set")


def bucket(name: str, key: str, secret: str, endpoint: str) -> None:
    """The landing bucket, made once."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        client.create_bucket(Bucket=name)
    print(f"init: bucket {name} is there")


def main(environment: dict[str, str]) -> None:
    """Every step in its order; the first that fails stops the stack."""
    readable(environment["MEDIAMONITOR_WATCHLIST"], environment["MEDIAMONITOR_SOURCES"])
    airflow("db", "migrate")
    user = environment["STACK_ADMIN_USER"]
    password = environment["STACK_ADMIN_PASSWORD"]
    airflow("users", "create", "--role", "Admin", "--username", user, "--password", password,
            "--firstname", "Media", "--lastname", "Monitor", "--email", f"{user}@localhost.localdomain")  # fmt: skip
    Pool.create_or_update_pool("warehouse", slots=1, description=POOL, include_deferred=False)
    store = (environment["STACK_S3_ACCESS_KEY"], environment["STACK_S3_SECRET_KEY"], environment["STACK_S3_ENDPOINT"])
    connection("media_landing", *store)
    bucket(urlsplit(environment["MEDIAMONITOR_LANDING"]).netloc, *store)


if __name__ == "__main__":
    main(dict(os.environ))
