"""What is published is read in pieces that hold everything once, in order."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.publish.slices import SLICE_BYTES, id_ranges, slices

FIRST = date(2026, 3, 1)


@examples(200)
@given(st.lists(st.integers(0, 5 * SLICE_BYTES), max_size=20), st.integers(0, 3 * SLICE_BYTES))
def test_slices_hold_every_day_once_and_in_order(sizes: list[int], undated: int) -> None:
    days: list[date | None] = [FIRST + timedelta(days=number) for number in range(len(sizes))]
    weights = [*zip(days, sizes, strict=True), (None, undated)]
    pieces = list(slices(weights))
    order = [(day, piece.low) for piece in pieces for day in [*piece.days, *([None] if piece.undated else [])]]
    whole = [day for day, low in order if low == "000"]
    assert whole == [*days, None]
    known = dict(weights)
    for piece in pieces:
        held = [*piece.days, *([None] if piece.undated else [])]
        size = sum(known[day] for day in held)
        assert len(held) == 1 or size <= SLICE_BYTES
        ranges = [(other.low, other.high) for other in pieces if other.days == piece.days]
        assert size / len(ranges) <= SLICE_BYTES


@examples(200)
@given(st.integers(1, 10_000), st.text("0123456789abcdef", min_size=64, max_size=64))
def test_an_article_is_in_one_range(parts: int, article_id: str) -> None:
    assert sum(low <= article_id < high for low, high in id_ranges(parts)) == 1


def test_ranges_are_even() -> None:
    assert list(id_ranges(1)) == [("000", "g")]
    assert list(id_ranges(4)) == [("000", "400"), ("400", "800"), ("800", "c00"), ("c00", "g")]
