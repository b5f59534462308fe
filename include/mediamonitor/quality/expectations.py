"""The expectations that an article must meet, as Great Expectations classes.

Importing this module imports Great Expectations (about 7 s of CPU), so it is imported by the validate stage only. Row
expectations take a row out: it goes to quarantine with the expectation as its reason. Table expectations stop the load.
"""

from __future__ import annotations

import logging
import os

os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
# Otherwise 200 lines of "Skipping registering function"; one module raises its own level again when it is imported.
logging.getLogger("great_expectations").setLevel(logging.WARNING)

import great_expectations as gx  # noqa: E402
import pandas as pd  # noqa: E402
from great_expectations.execution_engine import PandasExecutionEngine  # noqa: E402
from great_expectations.expectations.expectation import ColumnMapExpectation  # noqa: E402
from great_expectations.expectations.metrics import ColumnMapMetricProvider, column_condition_partial  # noqa: E402

from mediamonitor.parsing.dates import EARLIEST, LATEST  # noqa: E402
from mediamonitor.parsing.trailer import remaining_trailers  # noqa: E402

logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)


class _TrailersStripped(ColumnMapMetricProvider):
    condition_metric_name = "column_values.trailers_stripped"

    @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column: pd.Series, **_: object) -> pd.Series:
        return column.map(lambda tail: not remaining_trailers(tail))


class ExpectBodyNotEmpty(gx.expectations.ExpectColumnValuesToBeBetween):
    """An article has text left after title, echoes and trailer are taken from it."""

    column: str = "body_chars"
    min_value: int = 1
    description: str = "The body is not empty once title, echoes and trailer are taken from it."


class ExpectTitlesDeduped(gx.expectations.ExpectColumnValuesToBeBetween):
    """No two unmarked articles of a source share title and content within 7 days."""

    column: str = "unmarked_twins"
    min_value: int = 0
    max_value: int = 0
    description: str = "No two articles of a source that share title and content within 7 days are both left unmarked."


class ExpectTrailersStripped(ColumnMapExpectation):
    """No known trailer remains in the last four lines of the body."""

    map_metric = "column_values.trailers_stripped"
    success_keys = ("mostly",)
    column: str = "body_tail"
    mostly: float = 1.0
    description: str = "No known trailer remains in the last four lines of the body."


class ExpectDatePlausible(gx.expectations.ExpectColumnValuesToBeBetween):
    """The day is not before 1990."""

    column: str = "published_year"
    min_value: int = EARLIEST.year
    description: str = f"The day of publication is not before {EARLIEST}."


class ExpectDateNotAfterArrival(gx.expectations.ExpectColumnValuesToBeBetween):
    """The article is not dated long after it arrived."""

    column: str = "hours_after_arrival"
    max_value: float = LATEST.total_seconds() / 3600 + 14
    description: str = "The time of publication is at most 36 hours after arrival (50 for a day in a zone east of UTC)."


class ExpectEncodingKnown(gx.expectations.ExpectColumnValuesToBeInSet):
    """The text was read by a byte order mark, as UTF-8, or in a declared charset."""

    column: str = "encoding"
    description: str = "The encoding is UTF-8, named by a byte order mark, or declared in sources.yaml."


class ExpectRecordsAccounted(gx.expectations.ExpectColumnPairValuesToBeEqual):
    """Per batch: rows in = loaded + quarantined + deferred."""

    column_A: str = "rows_in"
    column_B: str = "rows_out"
    description: str = "Rows in = loaded + quarantined + deferred, for every batch."


class ExpectObjectsAccounted(gx.expectations.ExpectColumnPairValuesToBeEqual):
    """Per batch: every object that was handed out came back with at least one record."""

    column_A: str = "objects_in"
    column_B: str = "objects_out"
    description: str = "Every object of a batch came back with an outcome."
