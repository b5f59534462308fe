"""The stages, as functions of their arguments: what the DAGs and the command line call.

    discover → extract (one per batch) → validate → load        ingest: driven by what has arrived
    recount → publish                                           publish: a pure function of the warehouse
    reconcile, clean_up                                         maintain: the proof, and tidying

A stage reads what the stage before it wrote and hands on short strings and counts. None asks for the time or the
environment. Any stage may run twice: objects that have their verdict are passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

import pyarrow as pa

from mediamonitor.article import Article, Rejection
from mediamonitor.configfile import read_config_text
from mediamonitor.errors import CheckFailed, InfrastructureError
from mediamonitor.landing.batches import cut_batches, fetch_batch
from mediamonitor.landing.ledger import claim, observe, waiting_objects
from mediamonitor.landing.staged import VERDICT, PartWriter, put_table, read_manifest, write_manifest
from mediamonitor.landing.store import Access, Store, open_store
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.decode import KNOWN_ENCODINGS
from mediamonitor.parsing.reader import Reader, parsing_rules_version
from mediamonitor.publish.files import PublishedFiles
from mediamonitor.publish.tables import open_publication, restate
from mediamonitor.publish.tables import recount as recount_articles
from mediamonitor.settings import Settings
from mediamonitor.sources import Sources, parse_sources
from mediamonitor.warehouse.connection import Warehouse, open_warehouse
from mediamonitor.watchlist.matcher import Matcher, Texts, matching_rules_version
from mediamonitor.watchlist.model import Watchlist, parse_watchlist

log = logging.getLogger("mediamonitor")

STAGING_KEPT = timedelta(days=7)
"""Staged files of runs that never finished are kept this long to look at."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every stage of a run is given: settings, the way to the buckets, the run's name and its time (UTC)."""

    settings: Settings
    run_id: str
    now: datetime
    access: Access = Access()

    def landing(self) -> Store:
        """The landing store."""
        return open_store(self.settings.landing, self.access)

    def staging(self) -> Store:
        """Where staged files stand."""
        return open_store(self.settings.staging, self.access)

    def published(self) -> Store:
        """Where published files stand."""
        return open_store(self.settings.published, self.access)


class Discovered(TypedDict):
    """Counts of objects, and the batches to read."""

    listed: int
    new: int
    changed: int
    gone: int
    taken: int
    untried_left: int
    batches: list[str]


class Extracted(TypedDict):
    """One staged batch."""

    batch_id: str
    attempt: str
    articles: int
    quarantined: int
    deferred: int
    vanished: int


class Loaded(TypedDict):
    """Records committed by a run."""

    articles: int
    quarantined: int
    deferred: int
    vanished: int
    batches: int


class Published(TypedDict):
    """What a publish did. `publication_id` is None when nothing had changed."""

    publication_id: int | None
    days: int
    files: int
    rematched: int


def rules_version() -> str:
    """With which rules articles are read and matched: two short hashes."""
    return f"{parsing_rules_version()}.{matching_rules_version()}"


def discover(context: Context, accept_stopped: bool = False) -> Discovered:
    """List the landing store, bring the ledger up to it, and hand out what waits in batches.

    `accept_stopped` also takes the objects that the gate stopped. Raises ConfigurationError, InfrastructureError.
    """
    settings = context.settings
    watchlist_text = read_config_text(settings.watchlist, "watchlist")
    parse_watchlist(watchlist_text, settings.watchlist)
    sources_text = read_config_text(settings.sources, "sources file") if settings.sources else ""
    parse_sources(sources_text, settings.sources)
    KeyPatterns(settings.key_patterns)
    landing, staging = context.landing(), context.staging()
    listing = landing.listing()
    with open_warehouse(settings) as warehouse:
        with warehouse.transaction():
            summary = observe(warehouse, landing, listing, context.run_id, context.now)
        waiting = waiting_objects(warehouse, landing, accept_stopped)
        cut = cut_batches(waiting, settings.run_batches, settings.batch_objects, settings.batch_bytes)
        batches = {f"b{number:03d}": refs for number, refs in enumerate(cut, start=1)}
        if batches:
            staging.put(f"{context.run_id}/watchlist.yaml", watchlist_text.encode())
            staging.put(f"{context.run_id}/sources.yaml", sources_text.encode())
            for batch_id, refs in batches.items():
                write_manifest(staging, f"{context.run_id}/{batch_id}/manifest.parquet", refs)
            with warehouse.transaction():
                claim(warehouse, landing, batches, context.run_id)
    taken = sum(map(len, cut))
    untried_left = sum(item.attempts == 0 for item in waiting[taken:])
    log.info("listed %d objects: %d new, %d changed, %d gone; taking %d in %d batches", summary.listed, summary.new, summary.changed, summary.gone, taken, len(cut))
    return Discovered(**asdict(summary), taken=taken, untried_left=untried_left, batches=list(batches))


def extract(context: Context, batch_id: str, attempt: str) -> Extracted:
    """Read the objects of one batch and stage one row for each record. Does not open the warehouse."""
    settings, staging, landing = context.settings, context.staging(), context.landing()
    watchlist, sources = _pinned(context, staging)
    matcher = Matcher(watchlist)
    reader = Reader(sources, KeyPatterns(settings.key_patterns), landing.prefix, settings.max_article_bytes)
    refs = read_manifest(staging, f"{context.run_id}/{batch_id}/manifest.parquet")
    with TemporaryDirectory(prefix="mediamonitor-") as folder:
        path = Path(folder) / "part.parquet"
        writer = PartWriter(path, watchlist.content_hash, rules_version())
        for ref, fetched in fetch_batch(landing, refs, settings.fetch_concurrency, settings.max_article_bytes):
            outcome = fetched if isinstance(fetched, Rejection) else reader.read(ref, fetched)
            if isinstance(outcome, Article):
                texts = Texts(outcome.title, outcome.body, outcome.trailer, outcome.headline_echo)
                writer.add_article(ref, outcome, matcher.match(texts, outcome.dating.published_on))
            else:
                writer.add_rejection(ref, outcome)
        writer.close()
        staging.put(f"{context.run_id}/{batch_id}/{attempt}/part.parquet", path)
    counts = writer.counts
    log.info("batch %s: %d articles, %d quarantined, %d deferred, %d vanished", batch_id, counts["articles"], counts["quarantined"], counts["deferred"], counts["vanished"])
    return Extracted(batch_id=batch_id, attempt=attempt, articles=counts["articles"], quarantined=counts["quarantined"], deferred=counts["deferred"], vanished=counts["vanished"])


def validate(context: Context, staged: Sequence[Extracted], accept_failures: Sequence[str] = ()) -> list[Extracted]:
    """Judge the staged batches with Great Expectations; returns those that may be loaded.

    Rows that fail get a verdict (quarantined with the expectation as reason); the good rows of a source with too many
    failures are deferred as `gate_stopped`, unless `accept_failures` names it or `*`. Batches that the ledger already holds
    are passed over. Raises CheckFailed when a table expectation fails: then nothing is loaded.
    """
    from mediamonitor.quality.suite import validate as judge

    settings, staging = context.settings, context.staging()
    with open_warehouse(settings) as warehouse, _local(staging) as local:
        batches = _still_open(warehouse, context.run_id, staged)
        if not batches:
            return []
        _, sources = _pinned(context, staging)
        parts = [local(_part(context, batch)) for batch in batches]
        warehouse.run("stage_parts", parts=parts, run_id=context.run_id)
        warehouse.run("duplicate_candidates_staged")
        warehouse.run("mark_duplicates")
        rows = warehouse.table("rows_to_validate")
        with warehouse.given(reported=_reported(batches, parts)):
            accounts = warehouse.table("batch_accounts", run_id=context.run_id, parts=parts)
        _refuse_empty_validation(rows, accounts, batches)
        encodings = KNOWN_ENCODINGS | {source.charset for source in sources.sources if source.charset}
        validation = judge(rows, accounts, sorted(encodings))
        with warehouse.given(results=validation.results(), pages=validation.page_table()), warehouse.transaction():
            warehouse.run("record_quality", run_id=context.run_id, now=context.now)
        if validation.failed_tables():
            raise CheckFailed(f"validation of run {context.run_id}: {', '.join(validation.failed_tables())} failed, so nothing is loaded; see quality_results and report this")
        verdict = _verdicts(rows, validation.failed_rows, warehouse.rows("source_accounts"), settings, accept_failures)
    for batch in batches:
        put_table(staging, f"{context.run_id}/{batch['batch_id']}/{batch['attempt']}/verdict.parquet", verdict)
    log.info("validated %d articles: %d failed an expectation", rows.num_rows, len(validation.failed_rows))
    return batches


def load(context: Context, validated: Sequence[Extracted]) -> Loaded:
    """Commit the validated batches: articles, hits, ledger, quarantine and dirty days, one transaction for each batch."""
    settings, staging = context.settings, context.staging()
    totals = Loaded(articles=0, quarantined=0, deferred=0, vanished=0, batches=0)
    with open_warehouse(settings) as warehouse, _local(staging) as local:
        for batch in _still_open(warehouse, context.run_id, validated):
            part = local(_part(context, batch))
            verdict = local(f"{context.run_id}/{batch['batch_id']}/{batch['attempt']}/verdict.parquet")
            with warehouse.transaction():
                warehouse.run("stage_parts", parts=[part], run_id=context.run_id)
                warehouse.run("load_batch", parts=[part], verdict=verdict, now=context.now, run_id=context.run_id)
                warehouse.run("mark_duplicates")
                warehouse.run("apply_duplicates")
                warehouse.run("settle_objects", now=context.now)
                articles, quarantined, deferred, vanished, staged = warehouse.row("batch_summary")
                if articles + quarantined + deferred + vanished != staged:
                    raise CheckFailed(f"batch {batch['batch_id']}: {staged} records staged, {articles + quarantined + deferred + vanished} judged; nothing of it is loaded, report this")
            log.info("batch %s loaded: %d articles, %d quarantined, %d deferred", batch["batch_id"], articles, quarantined, deferred)
            totals["articles"] += articles
            totals["quarantined"] += quarantined
            totals["deferred"] += deferred
            totals["vanished"] += vanished
            totals["batches"] += 1
        still_open = {batch_id for (batch_id,) in warehouse.rows("open_batches", run_id=context.run_id)}
    done = [name for name in staging.names(f"{context.run_id}/") if name.count("/") == 1 or name.split("/")[1] not in still_open]
    for name in done if not still_open else [name for name in done if name.count("/") > 1]:
        staging.delete(name)
    return totals


def publish(context: Context, from_day: date | None = None, to_day: date | None = None) -> Published:
    """Recount what was matched with another watchlist, then publish every day whose inputs changed, and nothing else.

    A publication that an earlier run left open is finished first. `from_day` and `to_day` (inclusive) force a range.
    """
    settings = context.settings
    watchlist = parse_watchlist(read_config_text(settings.watchlist, "watchlist"), settings.watchlist)
    sources = parse_sources(read_config_text(settings.sources, "sources file") if settings.sources else "", settings.sources)
    store = context.published()
    result = Published(publication_id=None, days=0, files=0, rematched=0)
    with open_warehouse(settings) as warehouse:
        files = PublishedFiles(store)
        _finish(warehouse, files, context, result)
        result["rematched"] = recount_articles(warehouse, watchlist, sources)
        (last,) = warehouse.query("SELECT coalesce(max(publication_id), 0) FROM publication_log").fetchall()[0]
        if files.publication_id < last:
            from_day, to_day = date.min, date.max  # the published files were lost or never written here
        if from_day or to_day:
            from_day, to_day = from_day or date.min, to_day or date.max
        if restate(warehouse, settings, (watchlist.content_hash, rules_version()), context.now, from_day, to_day):
            _finish(warehouse, files, context, result)
    if result["publication_id"] is None:
        log.info("nothing changed since the last publication")
    return result


def _finish(warehouse: Warehouse, files: PublishedFiles, context: Context, result: Published) -> None:
    while publication := open_publication(warehouse):
        files.write(warehouse, publication)
        with warehouse.transaction():
            warehouse.run("finish_publication", publication_id=publication.publication_id, now=context.now)
        log.info("publication %d: %d days, %d files", publication.publication_id, len(publication.days), files.written)
        result["publication_id"] = publication.publication_id
        result["days"] += len(publication.days)
        result["files"] = files.written


def clean_up(context: Context) -> dict[str, int]:
    """Delete snapshots past their time and staged files of runs that ended more than STAGING_KEPT ago."""
    with open_warehouse(context.settings) as warehouse:
        keep = {publication_id for (publication_id,) in warehouse.rows("kept_snapshots", now=context.now)}
        snapshots = PublishedFiles(context.published()).prune_snapshots(keep)
    staging = context.staging()
    orphans = [row["key"].removeprefix(staging.prefix) for row in _listing(staging) if row["last_modified"] < context.now - STAGING_KEPT]
    for name in orphans:
        staging.delete(name)
    return {"snapshots": len(snapshots), "staged_files": len(orphans)}


def _listing(store: Store) -> list[dict[str, datetime]]:
    return store.listing().to_pylist() if store.names() else []


def _pinned(context: Context, staging: Store) -> tuple[Watchlist, Sources]:
    """The configuration that the run was started with; a change meanwhile belongs to the next run."""
    texts = [staging.read(f"{context.run_id}/{name}") for name in ("watchlist.yaml", "sources.yaml")]
    if texts[0] is None or texts[1] is None:
        raise InfrastructureError(f"{staging.url}/{context.run_id} is gone; start a new ingest run, which takes these objects again")
    return parse_watchlist(texts[0].decode(), context.settings.watchlist), parse_sources(texts[1].decode(), context.settings.sources)


def _part(context: Context, batch: Extracted) -> str:
    return f"{context.run_id}/{batch['batch_id']}/{batch['attempt']}/part.parquet"


@contextmanager
def _local(staging: Store) -> Iterator[_Localizer]:
    with TemporaryDirectory(prefix="mediamonitor-") as folder:
        yield _Localizer(staging, Path(folder))


@dataclass(frozen=True, slots=True)
class _Localizer:
    """Gives DuckDB a local path for a staged file, wherever staging is."""

    staging: Store
    folder: Path

    def __call__(self, name: str) -> str:
        content = self.staging.read(name)
        if content is None:
            raise InfrastructureError(f"{self.staging.url}/{name} is missing; start a new ingest run, which takes these objects again")
        path = self.folder / name.replace("/", "_")
        path.write_bytes(content)
        return str(path)


def _still_open(warehouse: Warehouse, run_id: str, batches: Sequence[Extracted]) -> list[Extracted]:
    still_open = {batch_id for (batch_id,) in warehouse.rows("open_batches", run_id=run_id)}
    return [batch for batch in batches if batch["batch_id"] in still_open]


def _reported(batches: Sequence[Extracted], parts: Sequence[str]) -> pa.Table:
    """What extract said of each batch: the records it wrote, and where."""
    rows_in = [batch["articles"] + batch["quarantined"] + batch["deferred"] + batch["vanished"] for batch in batches]
    return pa.table({"batch_id": [batch["batch_id"] for batch in batches], "rows_in": rows_in, "part": list(parts)})


def _refuse_empty_validation(rows: pa.Table, accounts: pa.Table, batches: Sequence[Extracted]) -> None:
    """Expectations hold for zero rows; so zero rows must be what the parts say."""
    expected = sum(batch["articles"] for batch in batches)
    if rows.num_rows == 0 and expected > 0 or accounts.num_rows != len(batches):
        raise CheckFailed(f"validation saw {rows.num_rows} rows of {expected} staged articles in {accounts.num_rows} of {len(batches)} batches; nothing is loaded")


def _verdicts(rows: pa.Table, failed: dict[int, str], accounts: Sequence[tuple[str, int, int]], settings: Settings, accept: Sequence[str]) -> pa.Table:
    """Which rows do not load: those that failed, and the good ones of sources that the gate stops."""
    failures: dict[str, int] = {source: refused for source, _, refused in accounts}
    articles = rows.select(["row_id", "key", "seq", "member", "record_no", "source"]).to_pylist()
    for row in articles:
        if row["row_id"] in failed:
            failures[row["source"]] += 1
    stopped = {
        source: f"{failures[source]:,} of {records:,} records of {source} failed in this run; look at quarantine, then run with accept_failures={source}"
        for source, records, _ in accounts
        if failures[source] >= settings.gate_count and failures[source] > settings.gate_share * records and source not in accept and "*" not in accept
    }
    for source, why in stopped.items():
        log.warning("source %s is stopped: %s", source, why)
    verdicts = []
    for row in articles:
        identity = {name: row[name] for name in ("key", "seq", "member", "record_no")}
        if row["row_id"] in failed:
            verdicts.append({**identity, "outcome": "quarantined", "reason_code": failed[row["row_id"]], "detail": "the article does not meet this expectation"})
        elif row["source"] in stopped:
            verdicts.append({**identity, "outcome": "deferred", "reason_code": "gate_stopped", "detail": stopped[row["source"]]})
    return pa.Table.from_pylist(verdicts, schema=VERDICT)
