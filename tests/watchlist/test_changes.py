"""Which articles a change of the watchlist may touch."""

from __future__ import annotations

import re2
from hypothesis import given
from hypothesis import strategies as st

from factories import examples, make_watchlist
from mediamonitor.watchlist.changes import LONGEST_PATTERN, needles_of_changes, patterns_of, read_content
from mediamonitor.watchlist.folding import fold, unfolded

LETTERS = "aAkKsSiIoOиИеЕёЁσςΣß'’-‐ \n\u00a0İıſÅåДд普."


@given(st.text(LETTERS, max_size=12), st.text(LETTERS, min_size=1, max_size=4))
@examples(1000)
def test_a_pattern_is_found_wherever_the_folded_text_holds_the_needle(text: str, name: str) -> None:
    needle = fold(name)
    (pattern,) = patterns_of([needle])
    assert bool(re2.search(pattern, text)) == (needle in fold(text))


@given(st.characters(exclude_categories=["Cs"]))
@examples(2000)
def test_every_character_is_among_those_that_fold_as_it_does(char: str) -> None:
    assert char in unfolded(fold(char))


def test_only_what_changed_is_looked_for_as_it_was_and_as_it_is() -> None:
    old = make_watchlist({"name": "Ramzan Kadyrov"}, {"name": "Vessmark", "kind": "place"}, {"name": "Old Mill"})
    new = make_watchlist(
        {"name": "Ramzan Kadyrov"},
        {"name": "Vessmark", "kind": "place", "exclude": ["Vessmark Road"]},
        {"name": "New Mill"},
    )
    assert sorted(needles_of_changes([old], new)) == ["mill", "vessmark"]  # what holds another is found by it
    assert needles_of_changes([old, new], old) == needles_of_changes([new], old)
    assert needles_of_changes([new], new) == []


def test_examples_and_groups_change_no_hit() -> None:
    old = make_watchlist({"name": "Vessmark", "kind": "place"})
    new = make_watchlist({"name": "Vessmark", "kind": "place", "examples": {"hit": ["Vessmark"]}})
    assert needles_of_changes([old], new) == []
    assert old.content_hash == new.content_hash


def test_many_needles_are_looked_for_in_several_goes() -> None:
    needles = [f"name number {number}" for number in range(200)]
    patterns = patterns_of(needles)
    assert len(patterns) == -(-sum(map(len, needles)) // LONGEST_PATTERN)
    assert all(any(re2.search(pattern, needle.upper()) for pattern in patterns) for needle in needles)


def test_a_watchlist_is_read_back_from_its_content() -> None:
    entities = [
        {"name": "Ursula von der Leyen", "surname": {"is": "von der Leyen"}, "active": {"from": "2026-03-01"}},
        {"id": "gas", "kind": "topic", "query": {"all": ["gas"], "near": {"words": ["gas", "price"], "within": 3}}},
    ]
    watchlist = make_watchlist(*entities)
    back = read_content(watchlist.content)
    assert back is not None
    assert back.content_hash == watchlist.content_hash
    assert needles_of_changes([back], watchlist) == []
    assert read_content('{"version": 1, "entities": [{"id": "a"}]}') is None
