"""Validation with Great Expectations: the gate between staging and the warehouse.

It looks at narrow rows in slices of at most SLICE_ROWS, since a frame of a whole run would cost gigabytes, and names
each row that fails with the first expectation that it fails; then at the batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

SLICE_ROWS = 100_000

RESULTS = pa.schema(
    [
        ("expectation", pa.string()),
        ("severity", pa.string()),
        ("success", pa.bool_()),
        ("rows", pa.int64()),
        ("unexpected", pa.int64()),
    ]
)
FAILED = pa.schema([("row_id", pa.int64()), ("reason_code", pa.string())])
PAGES = pa.schema([("path", pa.string()), ("content", pa.binary())])


@dataclass(slots=True)
class Outcome:
    """What one expectation found over all slices. `severity` is `row` (takes rows out) or `table` (stops the load)."""

    severity: str
    rows: int = 0
    unexpected: int = 0

    @property
    def success(self) -> bool:
        """Whether it held for every row."""
        return self.unexpected == 0


@dataclass(slots=True)
class Validation:
    """The findings of one run: outcomes by expectation, failed rows (schema FAILED), Data Docs by path."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failed: pa.Table = field(default_factory=FAILED.empty_table)
    pages: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, results: pa.Table, failed: pa.Table, pages: pa.Table) -> Validation:
        """From its tables (schemas RESULTS, FAILED, PAGES)."""
        outcomes = {
            row["expectation"]: Outcome(row["severity"], row["rows"], row["unexpected"]) for row in results.to_pylist()
        }
        return cls(outcomes, failed, {row["path"]: row["content"] for row in pages.to_pylist()})

    @property
    def rows(self) -> int:
        """The articles that every row expectation has seen."""
        return min((outcome.rows for outcome in self.outcomes.values() if outcome.severity == "row"), default=0)

    def failed_tables(self) -> list[str]:
        """Table expectations that do not hold."""
        return [name for name, outcome in self.outcomes.items() if outcome.severity == "table" and not outcome.success]

    def results(self) -> pa.Table:
        """The outcomes as rows of `quality_results` (schema RESULTS)."""
        rows = [
            {
                "expectation": name,
                "severity": o.severity,
                "success": o.success,
                "rows": o.rows,
                "unexpected": o.unexpected,
            }
            for name, o in self.outcomes.items()
        ]
        return pa.Table.from_pylist(rows, schema=RESULTS)

    def page_table(self) -> pa.Table:
        """The pages as an Arrow table (schema PAGES)."""
        return pa.Table.from_pylist(
            [{"path": path, "content": content} for path, content in sorted(self.pages.items())], schema=PAGES
        )


def validate(slices: Iterable[pa.RecordBatch], accounts: pa.Table, encodings: Sequence[str]) -> Validation:
    """Judge the rows (rows_to_validate.sql) and the batches (batch_accounts.sql).

    Raises whatever Great Expectations raises: a validation that crashes is a failure of the run, never a pass.
    """
    from mediamonitor.quality import expectations as expect  # first, since it silences what follows

    import great_expectations as gx  # isort: skip

    validation = Validation()
    with TemporaryDirectory(prefix="mediamonitor-docs-") as folder:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        backend = {"class_name": "TupleFilesystemStoreBackend", "base_directory": folder}
        context.add_data_docs_site(
            "published",
            {
                "class_name": "SiteBuilder",
                "store_backend": backend,
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            },
        )
        source = context.data_sources.add_pandas("staging")
        table_suite = [expect.ExpectObjectsAccounted(), expect.ExpectRecordsAccounted()]
        for number, rows in enumerate(slices, start=1):
            row_suite = [  # an expectation belongs to one suite only
                expect.ExpectBodyNotEmpty(),
                expect.ExpectTrailersStripped(),
                expect.ExpectEncodingKnown(value_set=sorted(encodings)),
                expect.ExpectDatePlausible(),
                expect.ExpectDateNotAfterArrival(),
                expect.ExpectTitlesDeduped(),
            ]
            frame = rows.to_pandas()
            failed = _run(context, source, f"articles-{number}", row_suite, frame, "row", validation)
            for column in list(frame):  # Great Expectations keeps every frame that it has seen
                del frame[column]
            validation.failed = pa.concat_tables([validation.failed, failed])
        _run(context, source, "batches", table_suite, accounts.to_pandas(), "table", validation)
        context.build_data_docs()
        validation.pages = _read_pages(Path(folder))
    return validation


def _run(
    context: Any, source: Any, name: str, suite: list[Any], frame: Any, severity: str, validation: Validation
) -> pa.Table:
    """Judge one frame, add to the outcomes, and return the rows that fail (schema FAILED)."""
    import great_expectations as gx

    asset = source.add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("whole")
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name=name, data=batch, suite=context.suites.add(gx.ExpectationSuite(name=name, expectations=suite))
        )
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=name,
            validation_definitions=[definition],
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": ["row_id"] if severity == "row" else ["batch_id"],
                "exclude_unexpected_values": True,
                "return_unexpected_index_query": False,
            },
        )
    )
    (result,) = checkpoint.run(batch_parameters={"dataframe": frame}).run_results.values()
    if len(result.results) != len(suite):
        raise RuntimeError(f"Great Expectations answered {len(result.results)} of {len(suite)} expectations")
    failed: dict[int, str] = {}
    for answer in result.results:
        kind = answer.expectation_config.type
        if "unexpected_count" not in answer.result:  # an expectation that raised has no result; that is never a pass
            raise RuntimeError(f"{kind} could not be evaluated: {answer.exception_info}")
        outcome = validation.outcomes.setdefault(kind, Outcome(severity))
        outcome.rows += len(frame)
        outcome.unexpected += answer.result["unexpected_count"]
        if severity == "row" and not answer.success:
            for ids in answer.result["unexpected_index_list"]:
                for row_id in ids["row_id"] if isinstance(ids["row_id"], list) else [ids["row_id"]]:
                    failed.setdefault(int(row_id), kind)
    return pa.table([pa.array(failed, pa.int64()), pa.array(failed.values(), pa.string())], schema=FAILED)


def _read_pages(folder: Path) -> dict[str, bytes]:
    from mediamonitor.quality.pages import without_outside_hosts

    pages: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".html":
            pages[path.relative_to(folder).as_posix()] = without_outside_hosts(path.read_bytes())
    return pages
