"""The stages, as functions of their arguments: what the DAGs and the command line call.

    discover → extract (one per batch) → validate → load        ingest: driven by what has arrived
    recount → publish                                           publish: a pure function of the warehouse
    reconcile, clean_up, rebuild (modules of their own)         maintain: the proof, tidying, starting afresh

A stage reads what the stage before it wrote and hands on short strings and counts. None asks for the time or the
environment. Any stage may run twice: objects that have their verdict are passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

import pyarrow as pa

from mediamonitor.context import Context, checked_config, config_texts, miss_sources, pinned_config, rules_version
from mediamonitor.errors import CheckFailed, ConfigurationError, MediaMonitorError
from mediamonitor.extraction import extract_batch, workers_of
from mediamonitor.landing.batches import cut_batches
from mediamonitor.landing.ledger import claim, observe, reopen_refused, waiting_objects
from mediamonitor.landing.staged import RecordCounts, added
from mediamonitor.parsing.decode import KNOWN_ENCODINGS
from mediamonitor.publish.files import PublishedFiles
from mediamonitor.publish.recount import recount
from mediamonitor.publish.recurring import LONGEST_RECURRING
from mediamonitor.publish.tables import Forced, Publication, open_publication, restate
from mediamonitor.quality import suite
from mediamonitor.quality.apart import validate_apart
from mediamonitor.quality.gate import EXPLAINED, RECORD, Gate, refuse_empty_validation, told
from mediamonitor.sources import parse_sources
from mediamonitor.stories.linking import link
from mediamonitor.warehouse.connection import Warehouse, open_warehouse
from mediamonitor.warehouse.upkeep import require_room, room_for
from mediamonitor.watchlist.parse import parse_watchlist

log = logging.getLogger("mediamonitor")


class Discovered(TypedDict):
    """Counts of objects, and the batches to read."""

    listed: int
    new: int
    changed: int
    gone: int
    ignored: int
    taken: int
    untried_left: int
    batches: list[str]


class Extracted(RecordCounts):
    """One staged batch."""

    batch_id: str
    attempt: str


class Published(TypedDict):
    """What a publish did. `publication_id` is None when nothing had changed."""

    publication_id: int | None
    days: int
    files: int
    rematched: int


def discover(context: Context, accept_failures: Sequence[str] = (), accept_empty: bool = False) -> Discovered:
    """List the landing store, bring the ledger up to it, and hand out what waits in batches.

    `accept_failures` names sources (or `*`) whose objects the gate stopped and that are taken again. `accept_empty`
    lets a landing of which no file is left retract every article. Raises ConfigurationError, InfrastructureError.
    """
    settings = context.settings
    watchlist, sources, reading = checked_config(settings)
    landing, staging = context.landing(), context.staging()
    listing = landing.listing()
    with open_warehouse(settings) as warehouse:
        miss_sources(settings, *warehouse.row("load/known_sources"))
        with warehouse.transaction():
            told = context.run_id, context.now, settings.deleted, accept_empty
            summary = observe(warehouse, landing, listing, *told)
            reopened = reopen_refused(warehouse, landing, accept_failures, reading, context.now)
        waiting = waiting_objects(warehouse, landing)
        cut = cut_batches(waiting, settings.run_batches, settings.batch_objects, settings.batch_bytes)
        untried = warehouse.row("ledger/untried_objects", bucket=landing.bucket, prefix=landing.prefix)[0]
        batches = {f"b{number:03d}": refs for number, refs in enumerate(cut, start=1)}
        if batches:
            staging.write_config(watchlist, sources)
            for batch_id, refs in batches.items():
                staging.write_manifest(batch_id, refs)
            with warehouse.transaction():
                claim(warehouse, landing, batches, context.run_id)
    taken = sum(map(len, cut))
    if reopened:
        log.info("taking %d objects again that were refused before", reopened)
    log.info(
        "listed %d objects: %d new, %d changed, %d gone, %d ignored by name; taking %d in %d batches",
        *(summary.listed, summary.new, summary.changed, summary.gone, summary.ignored, taken, len(cut)),
    )
    return Discovered(
        listed=summary.listed,
        new=summary.new,
        changed=summary.changed,
        gone=summary.gone,
        ignored=summary.ignored,
        taken=taken,
        untried_left=untried - sum(not ref.attempts for refs in cut for ref in refs),
        batches=list(batches),
    )


def extract(
    context: Context, batch_ids: Sequence[str], attempt: str, failed: list[MediaMonitorError] | None = None
) -> list[Extracted]:
    """Read the objects of these batches and stage one row for each record. Does not open the warehouse.

    With `failed` the error of a batch goes there and does not stop the others; without it, it is raised.
    """
    if not batch_ids:
        return []
    staging, extracted = context.staging(), []
    with workers_of(context) as workers, TemporaryDirectory(prefix="mediamonitor-") as folder:
        path = Path(folder) / "part.parquet"
        for batch_id in batch_ids:
            try:
                counts = extract_batch(context, workers, batch_id, path)
                staging.write_part(batch_id, attempt, path)
            except MediaMonitorError as error:
                if failed is None:
                    raise
                failed.append(error)
                continue
            log.info("batch %s: %s", batch_id, _counted(counts))
            extracted.append(Extracted(batch_id=batch_id, attempt=attempt, **counts))
    return extracted


def validate(
    context: Context,
    staged: Sequence[Extracted],
    accept_failures: Sequence[str] = (),
    held_back: pa.Table | None = None,
) -> list[Extracted]:
    """Judge the staged batches with Great Expectations; returns those that may be loaded.

    Rows that fail get a verdict (quarantined with the expectation as reason); the good rows of a source with too many
    failures are deferred as `gate_stopped`, unless `accept_failures` names it or `*`; so are the records (key, member,
    number) that were `held_back` before. Batches that the ledger already holds are passed over. Raises CheckFailed when
    a table expectation fails: then nothing is loaded.
    """
    if not staged:
        return []
    settings, staging = context.settings, context.staging()
    with open_warehouse(settings) as warehouse, staging.local_files() as local:
        batches = _still_open(warehouse, context.run_id, staged)
        if not batches:
            return []
        _, sources = pinned_config(context)
        parts = [local.part(batch["batch_id"], batch["attempt"]) for batch in batches]
        warehouse.run("load/stage_parts", parts=parts, run_id=context.run_id)
        warehouse.run("load/duplicate_candidates_staged")
        warehouse.run("load/mark_duplicates")
        with warehouse.given(reported=_reported(batches, parts)):
            accounts = warehouse.table("load/batch_accounts", run_id=context.run_id, parts=parts)
        encodings = KNOWN_ENCODINGS | {source.charset for source in sources.sources if source.charset}
        judge = validate_apart if context.validate_apart else suite.validate
        validation = judge(warehouse.batches("load/rows_to_validate", suite.SLICE_ROWS), accounts, sorted(encodings))
        (articles,) = warehouse.row("load/staged_articles")
        refuse_empty_validation(validation.rows, articles, accounts.num_rows, len(batches))
        with warehouse.given(results=validation.results(), pages=validation.page_table()), warehouse.transaction():
            warehouse.run("load/record_quality", run_id=context.run_id, now=context.now)
        if failed := validation.failed_tables():
            raise CheckFailed(f"{', '.join(failed)} failed, so nothing of run {context.run_id} is loaded; report this")
        gate = Gate(settings.gate_share, settings.gate_count, frozenset(accept_failures))
        with warehouse.given(
            failed=validation.failed,
            explained=told(EXPLAINED, "reason_code"),
            held_back=RECORD.empty_table() if held_back is None else held_back,
        ):
            stopped = gate.stopped(warehouse.rows("load/source_accounts"))
            with warehouse.given(stopped=told(stopped, "source")):
                for batch in batches:
                    verdict = warehouse.batches("load/verdicts", suite.SLICE_ROWS, batch_id=batch["batch_id"])
                    staging.write_verdict(batch["batch_id"], batch["attempt"], verdict)
    for why in stopped.values():
        log.warning("stopped: %s", why)
    log.info("validated %d articles: %d failed an expectation", validation.rows, validation.failed.num_rows)
    return batches


def load(context: Context, validated: Sequence[Extracted]) -> RecordCounts:
    """Commit the validated batches, each with its articles, hits, ledger rows and dirty days in one transaction."""
    staging = context.staging()
    totals = RecordCounts(articles=0, quarantined=0, deferred=0, vanished=0)
    if not validated:
        return totals
    with open_warehouse(context.settings) as warehouse, staging.local_files() as local:
        open_batches = _still_open(warehouse, context.run_id, validated)
        if open_batches:
            watchlist, sources = pinned_config(context)
        for batch in open_batches:
            part = local.part(batch["batch_id"], batch["attempt"])
            verdict = local.verdict(batch["batch_id"], batch["attempt"])
            require_room(warehouse.path, room_for(Path(part)))
            with warehouse.transaction():
                counts = _load_batch(warehouse, context, part, verdict, sources.content_hash)
                version = watchlist.content_hash
                warehouse.run("load/remember_watchlist", watchlist_version=version, content=watchlist.content)
            log.info("batch %s loaded: %s", batch["batch_id"], _counted(counts))
            totals = added(totals, counts)
        still_open = {batch_id for (batch_id,) in warehouse.rows("load/open_batches", run_id=context.run_id)}
    staging.remove(but=still_open)
    return totals


def _load_batch(warehouse: Warehouse, context: Context, part: str, verdict: str, sources_version: str) -> RecordCounts:
    warehouse.run("load/stage_parts", parts=[part], run_id=context.run_id)
    values = {"now": context.now, "run_id": context.run_id, "longest_line": LONGEST_RECURRING}
    warehouse.run("load/batch", parts=[part], verdict=verdict, **values)
    warehouse.run("load/settle_objects", now=context.now, sources_version=sources_version)
    articles, quarantined, deferred, vanished, staged = warehouse.row("load/batch_summary")
    if articles + quarantined + deferred + vanished != staged:
        raise CheckFailed(
            f"{staged} records were staged and {articles + quarantined + deferred + vanished} judged; report this"
        )
    return RecordCounts(articles=articles, quarantined=quarantined, deferred=deferred, vanished=vanished)


def publish(context: Context, from_day: date | None = None, to_day: date | None = None) -> Published:
    """Recount what was matched with another watchlist, then publish every day whose inputs changed, and nothing else.

    A publication that an earlier run left open is finished first; lost files are written again. `from_day` and `to_day`
    (inclusive) force a range.
    """
    if from_day and to_day and from_day > to_day:
        raise ConfigurationError(f"from_day {from_day} lies after to_day {to_day}; exchange them")
    settings = context.settings
    watchlist_text, sources_text = config_texts(settings)
    watchlist = parse_watchlist(watchlist_text, settings.watchlist)
    sources = parse_sources(sources_text, settings.sources)
    with open_warehouse(settings, must_exist=True) as warehouse:
        miss_sources(settings, *warehouse.row("load/known_sources"))
        files = PublishedFiles(context.published())
        lost = files.publication_id not in warehouse.row("published/last")  # or a backup was restored
        finished = [] if lost else _finish_publications(warehouse, files, context.now)
        rematched = recount(warehouse, watchlist, sources)
        link(warehouse, context.now)
        days = Forced(after=files.publication_id)
        if lost:
            days = replace(days, from_day=date.min, to_day=date.max, more_days=files.days())
        elif from_day or to_day:
            days = replace(days, from_day=from_day or date.min, to_day=to_day or date.max)
        restate(warehouse, settings, (watchlist.content_hash, rules_version()), context.now, days)
        finished += _finish_publications(warehouse, files, context.now)
    if not finished:
        log.info("nothing changed since the last publication")
    last = finished[-1].publication_id if finished else None
    return Published(
        publication_id=last, days=sum(len(one.days) for one in finished), files=files.written, rematched=rematched
    )


def _finish_publications(warehouse: Warehouse, files: PublishedFiles, now: datetime) -> list[Publication]:
    """Write the files of what is open, if anything is, and close it."""
    publication = open_publication(warehouse)
    if publication is None:
        return []
    files.write(warehouse, publication)
    with warehouse.transaction():
        warehouse.run("published/finish", publication_id=publication.publication_id, now=now)
    log.info("publication %d: %d days, %d files", publication.publication_id, len(publication.days), files.written)
    return [publication]


def _still_open(warehouse: Warehouse, run_id: str, batches: Sequence[Extracted]) -> list[Extracted]:
    still_open = {batch_id for (batch_id,) in warehouse.rows("load/open_batches", run_id=run_id)}
    return [batch for batch in batches if batch["batch_id"] in still_open]


def _reported(batches: Sequence[Extracted], parts: Sequence[str]) -> pa.Table:
    """What extract said of each batch: the records it wrote, and where."""
    rows_in = [batch["articles"] + batch["quarantined"] + batch["deferred"] + batch["vanished"] for batch in batches]
    return pa.table({"batch_id": [batch["batch_id"] for batch in batches], "rows_in": rows_in, "part": list(parts)})


def _counted(counts: RecordCounts) -> str:
    return ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items() if isinstance(count, int))
