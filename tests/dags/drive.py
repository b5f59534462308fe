"""Real Airflow in a process of its own: `dag.test()` and questions about the DAGs, asked by dag_harness.py.

Reads one JSON request a line from standard input and answers each with one line; what Airflow prints goes to standard
error. No code of ours or of Airflow's is replaced. Waits between retries are cut to nothing; the retries stay.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # Airflow logs to standard output

from airflow.dag_processing.bundles.manager import DagBundlesManager  # noqa: E402
from airflow.dag_processing.dagbag import DagBag  # noqa: E402
from airflow.listeners.listener import get_listener_manager  # noqa: E402
from airflow.models.asset import AssetEvent, AssetModel  # noqa: E402
from airflow.models.dagrun import DagRun  # noqa: E402
from airflow.models.pool import Pool  # noqa: E402
from airflow.models.xcom import XComModel  # noqa: E402
from airflow.sdk import DAG, AssetOrTimeSchedule, ExceptionRetryPolicy  # noqa: E402
from airflow.sdk.exceptions import ParamValidationError  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402
from sqlalchemy import select  # noqa: E402

from mediamonitor import errors  # noqa: E402

Facts = dict[str, Any]


def describe() -> Facts:
    """What the DAG files say."""
    bag = _bag()
    with create_session() as session:
        pools = {pool.pool: pool.slots for pool in session.scalars(select(Pool))}
    return {
        "import_errors": bag.import_errors,
        "pools": pools,
        "dags": {dag.dag_id: _dag(dag) for dag in bag.dags.values()},
    }


def _dag(dag: DAG) -> Facts:
    timetable, assets = dag.timetable, []
    if isinstance(timetable, AssetOrTimeSchedule):
        assets = [[asset.name, asset.uri] for asset in timetable.asset_condition.objects]
        timetable = timetable.timetable
    return {
        "file": dag.fileloc,
        "schedule": type(dag.timetable).__name__,
        "cron": [type(timetable).__name__, timetable.expression, str(timetable.timezone)],
        "assets": assets,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "tags": sorted(dag.tags),
        "doc_md": dag.doc_md,
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def _task(task: Any) -> Facts:
    policy = task.retry_policy
    raised = [errors.ConfigurationError("x"), errors.CheckFailed("x"), errors.InfrastructureError("x"), OSError("x")]
    return {
        "owner": task.owner,
        "pool": task.pool,
        "pool_slots": task.pool_slots,
        "retries": task.retries,
        "retry_delay": task.retry_delay.total_seconds(),
        "policy": {type(error).__name__: policy.evaluate(error, 1, task.retries).action.value for error in raised},
        "trigger_rule": str(task.trigger_rule.value),
        "upstream": sorted(task.upstream_task_ids),
        "outlets": [[asset.name, asset.uri] for asset in task.outlets],
        "is_mapped": task.is_mapped,
        "runs": getattr(task, "trigger_dag_id", None),
    }


def refusals(dag_id: str, confs: list[Facts]) -> list[str | None]:
    """For each `conf` why Airflow refuses it, or None."""
    answers: list[str | None] = []
    for conf in confs:
        params = _bag().dags[dag_id].params
        try:
            params.update(conf)
            params.validate()
            answers.append(None)
        except ParamValidationError as error:
            answers.append(str(error))
    return answers


def use(provider: str) -> None:
    """Use a provider in a small way."""
    from uses import USES

    USES[provider]()


def run(dag_id: str, conf: Facts) -> Facts:
    """One run of a DAG: what became of it and of each of its tasks."""
    dag, failures, retried = _bag().dags[dag_id], dict[str, str](), dict[str, int]()
    _watch(dag, failures, retried)
    with create_session() as session:
        before = set(session.scalars(select(DagRun.id)))
    run_id = dag.test(run_conf=conf).id
    with create_session() as session:
        done = session.get(DagRun, run_id)
        xcoms = select(XComModel).where(XComModel.dag_run_id == run_id)
        events = (
            select(AssetModel.name)
            .join(AssetEvent, AssetEvent.asset_id == AssetModel.id)
            .where(AssetEvent.source_run_id == done.run_id, AssetEvent.source_dag_id == dag_id)
        )
        others = select(DagRun).where(DagRun.id.not_in(before | {run_id}))
        return {
            "state": str(done.state),
            "tasks": {_name(task): str(task.state) for task in done.get_task_instances(session=session)},
            "failures": failures,
            "retried": retried,
            "xcoms": {f"{_name(xcom)}.{xcom.key}": xcom.value for xcom in session.scalars(xcoms)},
            "events": sorted(session.scalars(events)),
            "others": [[other.dag_id, str(other.state)] for other in session.scalars(others)],
            "note": _note(done),
        }


def _name(task: Any) -> str:
    """As `bridge.failed_tasks` has it."""
    return str(task.task_id) if task.map_index < 0 else f"{task.task_id}_{task.map_index}"


def _watch(dag: DAG, failures: dict[str, str], retried: dict[str, int]) -> None:
    """Keep the errors of failed tasks, count retries, and let them happen at once."""

    def failed(context: Any) -> None:
        failures[_name(context["ti"])] = f"{type(context['exception']).__name__}: {context['exception']}"

    def again(context: Any) -> None:
        retried[_name(context["ti"])] = retried.get(_name(context["ti"]), 0) + 1

    for task in dag.tasks:
        task.on_failure_callback, task.on_retry_callback = [failed], [again]
        task.retry_delay = timedelta(0)
        task.retry_policy = ExceptionRetryPolicy(
            [replace(rule, retry_delay=rule.retry_delay and timedelta(0)) for rule in task.retry_policy.rules]
        )


def _note(run: DagRun) -> str | None:
    """The note that our plugin gives a run when the scheduler ends it; no session holds the one in dag.test()."""
    hook = get_listener_manager().hook
    (hook.on_dag_run_success if run.state == "success" else hook.on_dag_run_failed)(dag_run=run, msg="")
    return run.note


def _bag() -> DagBag:
    """The DAGs, read from their files anew: a test may have changed the settings."""
    DagBundlesManager().sync_bundles_to_db()
    return DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """These variables for the length of a block."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def main() -> None:
    """Answer requests until there are no more."""
    acts: dict[str, Callable[..., Any]] = {"describe": describe, "refusals": refusals, "use": use, "run": run}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            with _environment(request["env"]):
                answer = {"answer": acts[request["act"]](**request["told"])}
        except Exception:
            answer = {"error": traceback.format_exc()}
        ANSWERS.write(json.dumps(answer, default=str) + "\n")


main()
os._exit(0)  # no waiting for threads of Airflow's
