"""Between Airflow and the library: the only module here that imports airflow, and light enough for DAG parsing.

A task asks for its `stage_context()` and calls one function of `pipeline`. Buckets are reached with the Airflow
connection named by MEDIAMONITOR_AWS_CONN_ID; secrets stand nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, BaseNotifier, ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context

from mediamonitor.errors import CheckFailed, ConfigurationError, InfrastructureError
from mediamonitor.settings import Settings

if TYPE_CHECKING:
    from mediamonitor.alerts import Alert, Channel
    from mediamonitor.context import Context
    from mediamonitor.landing.store import Access

WAREHOUSE_POOL = "warehouse"
"""One slot: every task that opens the warehouse takes it. `make up` and compose's init create it."""
ARTICLES = Asset(name="media_articles", uri="x-media://articles")
DAILY_MENTIONS = Asset(name="daily_mentions", uri="x-media://daily_mentions")
NOTE_KEY = "note"
"""The XCom that becomes the note of the DAG run (plugins/media_monitor_plugin.py)."""
START = datetime(2026, 1, 1, tzinfo=timezone.utc)

ALERT_TEMPLATES: dict[str, Any] = {
    "subject": "Media Monitor: {{ alerts | length }} alert{{ 's' if alerts | length > 1 }}",
    "html_content": "<pre>{{ alert_text | e }}</pre>",
    "text": "{{ alert_text }}",
    "data": '{"text": {{ alert_text | tojson }}, "alerts": {{ alerts | tojson }}}',
}
"""What a notifier says where the setting gives no text. What came from outside stands in the context only, never in a
template: Airflow would run it."""

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "media-monitor",
    "retries": 3,
    "retry_delay": timedelta(seconds=60),
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception=ConfigurationError,
                action=RetryAction.FAIL,
                reason="a setting, file or credential must be changed first",
            ),
            RetryRule(exception=CheckFailed, action=RetryAction.FAIL, reason="the data did not pass; look at it"),
            RetryRule(
                exception=InfrastructureError,
                action=RetryAction.RETRY,
                retry_delay=timedelta(seconds=60),
                reason="something outside failed",
            ),
        ]
    ),
}


def settings() -> Settings:
    """The settings of this installation (`MEDIAMONITOR_*`). Raises ConfigurationError."""
    return Settings.from_environment(os.environ)


def schedule(name: str) -> str:
    """The cron expression of one DAG. Other settings are not checked: a DAG must parse before it is set up."""
    return os.environ.get(f"MEDIAMONITOR_{name.upper()}") or str(getattr(Settings(), name))


def stage_context() -> Context:
    """The context of the running task: settings, credentials of the Airflow connection, the run's name, the time."""
    from mediamonitor.context import Context

    found = settings()
    found.require("landing", "warehouse", "published", "watchlist")
    buckets = [url for url in (found.landing, found.staging, found.published) if url.startswith("s3://")]
    run_id = str(get_current_context()["run_id"])
    return Context(found, run_id, datetime.now(timezone.utc), _access(found.aws_conn_id) if buckets else _no_access())


def _no_access() -> Access:
    from mediamonitor.landing.store import Access

    return Access()


def _access(conn_id: str) -> Access:
    from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    from mediamonitor.landing.store import Access

    try:
        AwsGenericHook.get_connection(conn_id)  # the hook itself would fall back to whatever credentials boto3 finds
    except AirflowNotFoundException:
        raise ConfigurationError(
            f"the Airflow connection {conn_id!r} does not exist; create it (type aws) or set MEDIAMONITOR_AWS_CONN_ID"
        ) from None
    hook: Any = AwsGenericHook(aws_conn_id=conn_id, client_type="s3")
    return Access(hook.get_session(), hook.conn_config.get_service_endpoint_url("s3"))


def leave_note(text: str) -> None:
    """Say in one line what this run did; it becomes the note of the DAG run."""
    get_current_context()["ti"].xcom_push(key=NOTE_KEY, value=text)


def failed_tasks() -> list[str]:
    """Names of the tasks of this run that failed so far; a mapped one has its index behind an underscore."""
    context = get_current_context()
    states = context["ti"].get_task_states(dag_id=context["dag"].dag_id, run_ids=[context["run_id"]])[context["run_id"]]
    return sorted(name for name, state in states.items() if state == "failed")


def untried_left() -> int:
    """How many objects this run's `discover` left that no run has tried; 0 where it failed."""
    found = get_current_context()["ti"].xcom_pull(task_ids="discover", key="counts")
    return int(found["untried_left"]) if found else 0


def judge_ingest() -> None:
    """Leave the run's note, and raise CheckFailed that names what is missing if any task of the run failed."""
    ti = get_current_context()["ti"]
    names: list[str] = ti.xcom_pull(task_ids="discover") or []
    found: dict[str, int] | None = ti.xcom_pull(task_ids="discover", key="counts")
    loaded: dict[str, int] | None = ti.xcom_pull(task_ids="load")
    failed = failed_tasks()
    missing = [
        names[int(task.removeprefix("extract_"))]
        for task in failed
        if task.startswith("extract_") and int(task.removeprefix("extract_")) < len(names)
    ]
    parts = []
    if found is not None:
        counts = ("listed", "new", "changed", "gone", "ignored", "taken")
        parts.append("objects: " + ", ".join(f"{found[name]:,} {name}" for name in counts))
    if loaded is not None:
        outcomes = ("articles", "quarantined", "deferred", "vanished")
        parts.append("records: " + ", ".join(f"{loaded[name]:,} {name}" for name in outcomes))
    elif found is not None and not found["taken"]:
        parts.append("nothing new")
    if failed:
        parts.append(
            f"failed: {', '.join(failed)}"
            + (f" (not read: {', '.join(missing)}; the next run takes them again)" if missing else "")
        )
    leave_note("; ".join(parts) or "nothing was done")
    if failed:
        raise CheckFailed("; ".join(parts))


def alert_channels() -> dict[str, Channel]:
    """The log, and whoever MEDIAMONITOR_ALERT_NOTIFIERS names. Raises ConfigurationError."""
    from mediamonitor.alerts import to_log

    named = {name: partial(_notify, name, told) for name, told in settings().notifiers().items()}
    return {"log": to_log, **named}


def _notify(name: str, told: Mapping[str, Any], alerts: Sequence[Alert]) -> None:
    """One message with all of these alerts. Raises ConfigurationError, or InfrastructureError if it did not arrive."""
    from dataclasses import asdict

    module, _, attribute = str(told["class"]).rpartition(".")
    try:
        kind = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"the alert notifier {name!r} cannot be loaded: {error}") from error
    if not (isinstance(kind, type) and issubclass(kind, BaseNotifier)):
        raise ConfigurationError(f"the alert notifier {name!r} is no Airflow notifier; name a subclass of BaseNotifier")
    given = {key: value for key, value in told.items() if key != "class"}
    fields = set(kind.template_fields) - ({"data"} if "json" in given else set())
    arguments = {key: value for key, value in ALERT_TEMPLATES.items() if key in fields} | given
    if "data" in arguments and "data" not in given and "headers" in kind.template_fields:
        arguments["headers"] = {"Content-Type": "application/json", **arguments.get("headers", {})}
    rows = [{key: str(v) if isinstance(v, date) else v for key, v in asdict(alert).items()} for alert in alerts]
    context: Any = {**get_current_context(), "alerts": rows, "alert_text": "\n".join(alert.line for alert in alerts)}
    try:
        notifier = kind(**arguments)
    except TypeError as error:
        raise ConfigurationError(f"the alert notifier {name!r} cannot be made: {error}") from error
    try:
        notifier(context)
    except Exception as error:  # whatever a provider raises: the mail server, the network, a connection that is missing
        raise InfrastructureError(f"the alert notifier {name!r} failed: {type(error).__name__}: {error}") from error
