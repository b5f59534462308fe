from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples, make_ref
from mediamonitor.landing.batches import Waiting, cut_batches


def waiting(*objects: tuple[int, int]) -> list[Waiting]:
    """Objects as (size, attempts); the key is the place."""
    return [Waiting(make_ref(str(place), size_bytes=size), tried) for place, (size, tried) in enumerate(objects)]


def cut(items: list[Waiting], batches: int = 9, objects: int = 3, size: int = 100) -> list[list[str]]:
    return [[ref.key for ref in batch] for batch in cut_batches(items, batches, objects, size)]


def test_nothing_waits() -> None:
    assert cut([]) == []


@pytest.mark.parametrize(
    ("objects", "batches"),
    [
        ([(1, 0)] * 7, [["0", "1", "2"], ["3", "4", "5"], ["6"]]),  # so many objects
        ([(50, 0), (50, 0), (1, 0)], [["0", "1"], ["2"]]),  # so many bytes, to the byte
        ([(50, 0), (51, 0)], [["0"], ["1"]]),
        ([(50, 0)] * 5, [["0", "1"], ["2", "3"], ["4"]]),  # each batch counts anew
        ([(1, 0), (900, 0), (1, 0)], [["0"], ["1"], ["2"]]),  # a larger object goes alone
        ([(900, 0), (0, 0)], [["0"], ["1"]]),
        ([(0, 0)] * 4, [["0", "1", "2"], ["3"]]),
        ([(1, 0), (1, 0), (1, 1), (1, 1), (1, 2)], [["0", "1"], ["2", "3"], ["4"]]),  # new ones keep to themselves
        ([(1, 0), (1, 1), (1, 0)], [["0"], ["1"], ["2"]]),
    ],
)
def test_where_a_batch_ends(objects: list[tuple[int, int]], batches: list[list[str]]) -> None:
    assert cut(waiting(*objects)) == batches


def test_what_is_over_the_run_waits_for_the_next() -> None:
    assert cut(waiting(*[(1, 0)] * 9), batches=2) == [["0", "1", "2"], ["3", "4", "5"]]
    assert cut(waiting(*[(1, 0)] * 6, (1, 1)), batches=2) == [["0", "1", "2"], ["3", "4", "5"]]
    assert cut(waiting((1, 0)), batches=0) == []


@examples(300)
@given(
    st.lists(st.tuples(st.integers(0, 150), st.integers(0, 2)), max_size=30),
    st.integers(1, 6),
    st.integers(1, 5),
    st.integers(1, 200),
)
def test_f26_batches_are_the_first_objects_in_order_within_the_limits(
    objects: list[tuple[int, int]], batches: int, most: int, size: int
) -> None:
    items = waiting(*objects)
    cuts = cut_batches(items, batches, most, size)
    taken = [ref for batch in cuts for ref in batch]
    assert taken == [item.ref for item in items[: len(taken)]]
    assert len(cuts) <= batches
    assert len(taken) == len(items) or len(cuts) == batches
    tried = {item.ref.key: item.attempts for item in items}
    for batch in cuts:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or sum(ref.size_bytes for ref in batch) <= size
        assert len({tried[ref.key] for ref in batch}) == 1
