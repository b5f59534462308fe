"""The AirflowPlugin of Media Monitor: the note that a run's tasks leave becomes the note of the DAG run.

A task cannot write the note itself (the Task SDK has no call for it), so it leaves an XCom and this listener, which the
scheduler calls when a run ends, copies it. Nothing else belongs in this folder: Airflow executes every .py in it.
"""

from __future__ import annotations

import sys

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

NOTE_KEY = "note"
DAGS = {"ingest_articles", "publish_mentions", "maintain_warehouse"}
LONGEST = 1000
"""Airflow's limit for a note."""


def _copy_note(dag_run) -> None:
    if dag_run.dag_id not in DAGS:
        return
    from airflow.models.xcom import XComModel
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:  # dag.test() calls with a run that no session holds
        return
    if dag_run.dag_run_note is not None and dag_run.dag_run_note.user_id is not None:  # written by a person
        return
    note = session.scalar(
        select(XComModel.value).where(XComModel.dag_run_id == dag_run.id, XComModel.key == NOTE_KEY).limit(1)
    )
    if note:
        dag_run.note = str(note)[:LONGEST]


@hookimpl
def on_dag_run_success(dag_run, msg) -> None:
    """Airflow calls this when a DAG run has succeeded."""
    _copy_note(dag_run)


@hookimpl
def on_dag_run_failed(dag_run, msg) -> None:
    """Airflow calls this when a DAG run has failed."""
    _copy_note(dag_run)


class MediaMonitorPlugin(AirflowPlugin):
    """Registers the listener above."""

    name = "media_monitor"
    listeners = (sys.modules[__name__],)
