"""One small use of each Airflow provider that is installed; drive.py calls them, test_policy.py wants all covered."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory


def amazon() -> None:
    """A session with the credentials and the endpoint of a connection."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook

    extra = {"endpoint_url": "http://127.0.0.1:1", "region_name": "eu-central-1"}
    connection = {"conn_type": "aws", "login": "key", "password": "secret", "extra": extra}
    os.environ["AIRFLOW_CONN_SOME_BUCKET"] = json.dumps(connection)
    hook = AwsGenericHook(aws_conn_id="some_bucket", client_type="s3")
    session = hook.get_session()
    assert session.get_credentials().access_key == "key"
    assert session.region_name == "eu-central-1"
    assert hook.conn_config.get_service_endpoint_url("s3") == "http://127.0.0.1:1"


def common_compat() -> None:
    """The names that other providers import from it are those of the SDK."""
    from airflow.providers.common.compat.sdk import BaseOperator
    from airflow.sdk import BaseOperator as TheBaseOperator

    assert BaseOperator is TheBaseOperator


def common_io() -> None:
    """A file is copied."""
    from airflow.providers.common.io.operators.file_transfer import FileTransferOperator

    with TemporaryDirectory() as folder:
        source, target = Path(folder, "a"), Path(folder, "b")
        source.write_text("text")
        FileTransferOperator(task_id="copy", src=f"file://{source}", dst=f"file://{target}").execute({})
        assert target.read_text() == "text"


def common_sql() -> None:
    """A script is split into its statements."""
    from airflow.providers.common.sql.hooks.sql import DbApiHook

    assert len(DbApiHook.split_sql_string("SELECT ';'; -- two\nSELECT 2;")) == 2


def fab() -> None:
    """The auth manager of docker-compose.yaml brings `airflow users`, and it works on the metadata database."""
    import subprocess
    import sys

    from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager

    name = f"{FabAuthManager.__module__}.{FabAuthManager.__qualname__}"
    command = [sys.executable, "-m", "airflow", "users", "list", "--output", "json"]
    told = {**os.environ, "AIRFLOW__CORE__AUTH_MANAGER": name}
    done = subprocess.run(command, env=told, text=True, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().splitlines()[-1] in {"[]", "No data found"}, done.stdout


def http() -> None:
    """A connection becomes an address."""
    from airflow.providers.http.hooks.http import HttpHook

    os.environ["AIRFLOW_CONN_SOME_SERVICE"] = json.dumps({"conn_type": "http", "host": "127.0.0.1", "port": 1})
    hook = HttpHook(http_conn_id="some_service")
    hook.get_conn()
    assert hook.base_url == "http://127.0.0.1:1"


def postgres() -> None:
    """Both drivers are there for the metadata database of docker-compose.yaml, and a connection becomes its address."""
    import asyncpg
    import psycopg2
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from sqlalchemy import create_engine
    from sqlalchemy.ext.asyncio import create_async_engine

    os.environ["AIRFLOW_CONN_SOME_DATABASE"] = "postgresql://user:pass@127.0.0.1:1/base"
    url = PostgresHook(postgres_conn_id="some_database").sqlalchemy_url
    assert (url.username, url.password, url.host, url.port, url.database) == ("user", "pass", "127.0.0.1", 1, "base")
    assert create_engine(url.set(drivername="postgresql+psycopg2")).dialect.dbapi is psycopg2
    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"))
    assert engine.dialect.driver == "asyncpg" and asyncpg.__version__
    asyncio.run(engine.dispose())


def smtp() -> None:
    """A connection becomes the settings of a hook."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    extra = {"from_email": "a@localhost", "disable_ssl": True}
    os.environ["AIRFLOW_CONN_SOME_MAIL"] = json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "extra": extra})
    hook = SmtpHook(smtp_conn_id="some_mail")
    hook.smtp_connection = hook.get_connection("some_mail")
    assert (hook.host, hook.from_email) == ("127.0.0.1", "a@localhost")


def standard() -> None:
    """The ingest DAG starts its successor with it."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

    tasks = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).dags["ingest_articles"].tasks
    assert [task.task_id for task in tasks if isinstance(task, TriggerDagRunOperator)] == ["next_run"]


USES = {
    "amazon": amazon,
    "common-compat": common_compat,
    "common-io": common_io,
    "common-sql": common_sql,
    "fab": fab,
    "http": http,
    "postgres": postgres,
    "smtp": smtp,
    "standard": standard,
}
