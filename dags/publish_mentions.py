"""
### publish_mentions: warehouse → published files

Runs when `ingest_articles` has loaded something, and every hour. Matches again what was matched with another watchlist,
then recomputes and republishes every day whose inputs changed, and nothing else. Nothing changed is a green run whose
task is skipped. The run's note has the counts. Then new spikes and silent sources are told.

| red task | what it means | what to do |
|---|---|---|
| `publish` | the watchlist is wrong, or the warehouse or `published/` cannot be written | read the last line of its log, mend it, clear the task. Readers keep the last complete publication meanwhile, and an open one is finished first |
| `alert` | a notifier of MEDIAMONITOR_ALERT_NOTIFIERS is wrong or could not be reached; the log and the others were told | mend the setting or its connection, clear the task: each is told what it has missed |

To publish a range again, trigger with `from_day` and `to_day` (inclusive): that is the backfill.
"""

from datetime import date

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from mediamonitor import airflow_bridge as bridge


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable(bridge.schedule("publish_schedule"), timezone="UTC"), assets=[bridge.ARTICLES]
    ),
    start_date=bridge.START,
    catchup=False,
    max_active_runs=1,
    default_args=bridge.DEFAULT_ARGS,
    tags=["media-monitor", "publish"],
    doc_md=__doc__,
    params={
        "from_day": Param(
            None, type=["null", "string"], format="date", description="First day to publish again, YYYY-MM-DD."
        ),
        "to_day": Param(
            None, type=["null", "string"], format="date", description="Last day to publish again, included."
        ),
    },
)
def publish_mentions():
    @task(pool=bridge.WAREHOUSE_POOL, outlets=[bridge.DAILY_MENTIONS])
    def publish():
        from mediamonitor import pipeline

        params = get_current_context()["params"]
        days = [date.fromisoformat(params[name]) if params[name] else None for name in ("from_day", "to_day")]
        done = pipeline.publish(bridge.stage_context(), *days)
        if done["publication_id"] is None:
            bridge.leave_note("nothing changed since the last publication")
            raise AirflowSkipException("nothing changed since the last publication")
        counts = ", ".join(f"{done[name]:,} {name}" for name in ("days", "files", "rematched"))
        bridge.leave_note(f"publication {done['publication_id']}: {counts}")
        return done

    @task(pool=bridge.WAREHOUSE_POOL, trigger_rule="none_failed")
    def alert():
        from mediamonitor import alerts

        told = alerts.tell(bridge.stage_context(), bridge.alert_channels())
        if not told:
            raise AirflowSkipException("nothing to tell")
        return told

    publish() >> alert()


publish_mentions()
