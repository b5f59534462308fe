"""Duplicates and stories: the contract's rule word for word, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.stories.clusters import Member, Place, places

FIRST = date(2026, 3, 1)


def member(number: int, day: int = 0, hour: int | None = None, source: str = "a", key: str | None = "k") -> Member:
    on = FIRST + timedelta(day)
    at = None if hour is None else datetime(on.year, on.month, on.day, hour)
    return Member(number, f"{number:04d}", source, key, f"text {number}", on, at)


def tied(*pairs: tuple[int, int], same_only: Collection[tuple[int, int]] = ()) -> dict[int, list[tuple[int, bool]]]:
    """Pairs that are similar, but for those that only have the same text."""
    alike: dict[int, list[tuple[int, bool]]] = {}
    for one, other in pairs:
        alike.setdefault(one, []).append((other, (one, other) not in same_only))
        alike.setdefault(other, []).append((one, (one, other) not in same_only))
    return alike


def by_the_book(members: list[Member], alike: dict[int, list[tuple[int, bool]]]) -> dict[int, Place]:
    """One article after the other, looking at all before it."""

    def key(one: Member) -> tuple[date, int, datetime, str]:
        return one.published_on, one.published_at is None, one.published_at or datetime.max, one.article_id

    result: dict[int, Place] = {}
    done: list[Member] = []
    for one in sorted(members, key=key):
        similar = dict(alike.get(one.number, ()))
        near = [
            other for other in done if other.number in similar and one.published_on - other.published_on <= timedelta(7)
        ]
        same = [
            other
            for other in near
            if (other.source, other.title_key) == (one.source, one.title_key)
            and one.title_key is not None
            and result[other.number].duplicate_of is None
        ]
        origins = [other for other in near if similar[other.number] and result[other.number].is_origin]
        if same:
            result[one.number] = Place(same[0].article_id, result[same[0].number].story_id, False)
        elif origins:
            result[one.number] = Place(None, origins[0].article_id, False)
        else:
            result[one.number] = Place(None, one.article_id, True)
        done.append(one)
    return result


MEMBERS = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.one_of(st.none(), st.integers(0, 23)),
        st.sampled_from("ab"),
        st.sampled_from(["k", "l", None]),
    ),
    max_size=12,
).map(lambda rows: [member(number, *row) for number, row in enumerate(rows)])


@examples(300)
@given(MEMBERS, st.data())
def test_places_are_those_of_the_rule_in_any_order(members: list[Member], data: st.DataObject) -> None:
    pairs = [(a.number, b.number) for a in members for b in members if a.number < b.number]
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    same_only = data.draw(st.lists(st.sampled_from(chosen), unique=True)) if chosen else []
    alike = tied(*chosen, same_only=same_only)
    expected = by_the_book(members, alike)
    assert places(members, alike) == expected
    assert places(data.draw(st.permutations(members)), alike) == expected
    for place in expected.values():
        assert place.duplicate_of is None or not place.is_origin
    story_ids = {place.story_id for place in expected.values()}
    assert story_ids == {one.article_id for one in members if expected[one.number].is_origin}


def test_stories_do_not_grow_in_chains() -> None:
    found = places([member(1, 0, source="a"), member(2, 5, source="b"), member(3, 9, source="c")], tied((1, 2), (2, 3)))
    assert [found[number].story_id for number in (1, 2, 3)] == ["0001", "0001", "0003"]


def test_a_date_without_a_time_is_never_first_within_its_day() -> None:
    found = places([member(1, 0, None, "a"), member(2, 0, 23, "b")], tied((1, 2)))
    assert found[2].is_origin
    assert found[1].story_id == "0002"


def test_case_3_two_empty_titles_are_no_key() -> None:
    found = places([member(1, 0, key=None), member(2, 1, key=None)], tied((1, 2)))
    assert found[2] == Place(None, "0001", False)


def test_the_same_text_that_is_not_similar_is_a_duplicate_and_joins_no_story() -> None:
    found = places(
        [member(1, 0), member(2, 1), member(3, 1, source="b")], tied((1, 2), (1, 3), same_only=[(1, 2), (1, 3)])
    )
    assert found[2].duplicate_of == "0001"
    assert found[3] == Place(None, "0003", True)


def test_a_duplicate_names_a_counted_article_and_the_window_begins_anew() -> None:
    days = [member(number, day) for number, day in enumerate((0, 6, 8, 14), start=1)]
    found = places(days, tied((1, 2), (1, 3), (2, 3), (2, 4), (3, 4)))
    assert [found[number].duplicate_of for number in (1, 2, 3, 4)] == [None, "0001", None, "0003"]
