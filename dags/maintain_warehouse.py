"""
### maintain_warehouse: the proof, and tidying

Daily. `reconcile` proves that every listed object is in exactly one state, that every loaded version is live exactly
once, and that the published counts equal a recount. `clean_up` removes snapshots past their time (the last 10 and one a
day for 30 days stay), files that a killed run left half written, and staged files that no run has claimed for 7 days,
and writes the warehouse afresh where more than a quarter of its file (and 64 MB) holds nothing.

| red task | what it means | what to do |
|---|---|---|
| `reconcile` | a difference; its log names the check and the keys. Nothing was changed | an object that waits for over 24 hours: look at the last `ingest_articles` runs. Anything else is a bug of ours: keep the log and report it |
| `clean_up` | a store cannot be written | read the last line of its log, mend it, clear the task |
"""

from airflow.sdk import CronTriggerTimetable, dag, task

from mediamonitor import airflow_bridge as bridge
from mediamonitor.errors import CheckFailed


@dag(
    schedule=CronTriggerTimetable(bridge.schedule("maintain_schedule"), timezone="UTC"),
    start_date=bridge.START,
    catchup=False,
    max_active_runs=1,
    default_args=bridge.DEFAULT_ARGS,
    tags=["media-monitor", "maintain"],
    doc_md=__doc__,
)
def maintain_warehouse():
    @task(pool=bridge.WAREHOUSE_POOL)
    def reconcile():
        from mediamonitor.reconcile import reconcile

        report = reconcile(bridge.stage_context())
        print("\n".join(report.lines()))
        wrong = [what for what, found in report.differences.items() if found]
        bridge.leave_note(
            f"{sum(report.objects.values()):,} objects: "
            + (f"NOT so: {'; '.join(wrong)}" if wrong else "everything is accounted for")
        )
        if wrong:
            raise CheckFailed(f"reconcile: not so: {'; '.join(wrong)}")
        return report.objects

    @task(pool=bridge.WAREHOUSE_POOL)
    def clean_up():
        from mediamonitor import maintain

        return maintain.clean_up(bridge.stage_context())

    reconcile()
    clean_up()


maintain_warehouse()
