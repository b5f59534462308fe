"""
### ingest_articles: article files → warehouse

Takes whatever has arrived in the landing bucket and is not in the ledger yet; nothing new is a green run that says so.
One bad batch never blocks the others, one bad file never blocks its batch. The run's note has the counts.

| red task | what it means | what to do |
|---|---|---|
| `discover` | the bucket or the configuration cannot be read; nothing was changed | read the last line of its log: it names the setting. Then clear the run, or wait for the next |
| `extract` | one batch could not be read; the others are loaded | nothing, if the store was down: the next run takes its objects again. If it fails every time, its log names the batch |
| `validate` | a table expectation failed, or Great Expectations crashed; nothing of the run was loaded | look at `quality_results`; rows never vanish, so this is a bug of ours: report it |
| `load` | the warehouse could not be written (disk full, in use) | make room, then clear the task: what was committed is passed over |
| `more_waits`, `next_run` | the rest of what waits could not be handed to a successor | nothing: the next run takes it |
| `verdict` | the sum of the above: it turns the run red and names what is missing | see the tasks above |

A source of whose records too many fail is `deferred` (`gate_stopped`): look at `quarantine`, then trigger this DAG with
`accept_failures` naming the source. Any task may be cleared or retried at any time.
"""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronTriggerTimetable, Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from mediamonitor import airflow_bridge as bridge


@dag(
    schedule=CronTriggerTimetable(bridge.schedule("ingest_schedule"), timezone="UTC"),
    start_date=bridge.START,
    catchup=False,
    max_active_runs=1,
    default_args=bridge.DEFAULT_ARGS,
    tags=["media-monitor", "ingest"],
    doc_md=__doc__,
    params={
        "accept_failures": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 1},
            description="Sources that the gate stopped and that may load now; * for all.",
        ),
        "accept_empty": Param(False, type="boolean", description="No known file is left in landing; that is meant."),
    },
)
def ingest_articles():
    @task(pool=bridge.WAREHOUSE_POOL)
    def discover():
        from mediamonitor import pipeline

        context = get_current_context()
        accept = context["params"]["accept_failures"], context["params"]["accept_empty"]
        found = pipeline.discover(bridge.stage_context(), *accept)
        batches = found.pop("batches")
        context["ti"].xcom_push(key="counts", value=found)
        return batches

    @task
    def extract(batch_id):
        from mediamonitor import pipeline

        attempt = str(get_current_context()["ti"].try_number)
        return pipeline.extract(bridge.stage_context(), [batch_id], attempt)[0]

    @task(pool=bridge.WAREHOUSE_POOL, trigger_rule=TriggerRule.ALL_DONE)
    def validate(staged):
        from mediamonitor import pipeline

        staged = [batch for batch in staged or [] if batch]
        validated = (
            pipeline.validate(bridge.stage_context(), staged, get_current_context()["params"]["accept_failures"])
            if staged
            else []
        )
        if not validated:
            raise AirflowSkipException("no staged batch waits for validation")
        return validated

    @task(pool=bridge.WAREHOUSE_POOL, outlets=[bridge.ARTICLES])
    def load(validated):
        from mediamonitor import pipeline

        return pipeline.load(bridge.stage_context(), validated)

    @task.short_circuit(trigger_rule=TriggerRule.ALL_DONE, ignore_downstream_trigger_rules=False)
    def more_waits():
        return bridge.untried_left() > 0

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
    def verdict():
        bridge.judge_ingest()

    loaded = load(validate(extract.expand(batch_id=discover())))
    next_run = TriggerDagRunOperator(task_id="next_run", trigger_dag_id="ingest_articles", wait_for_completion=False)
    loaded >> more_waits() >> next_run >> verdict()


ingest_articles()
