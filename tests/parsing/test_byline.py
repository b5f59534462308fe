from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples, read_article
from mediamonitor.parsing.byline import rule_of, rules, split_byline

HITS = [(rule.id, line) for rule in rules().rules for line in rule.examples.hit]
MISSES = [(rule.id, line) for rule in rules().rules for line in rule.examples.miss]


@pytest.mark.parametrize(("rule_id", "line"), HITS)
def test_each_hit_example_is_taken_by_its_rule(rule_id: str, line: str) -> None:
    assert rule_of(line) == rule_id


@pytest.mark.parametrize(("rule_id", "line"), MISSES)
def test_no_rule_takes_a_miss_example(rule_id: str, line: str) -> None:
    assert rule_of(line) is None, rule_id


def test_a_byline_stands_at_the_head_and_leaves_the_body() -> None:
    article = read_article("The bridge is open\n\nBy Ann Lee\n\nThe bridge is open again.\n\nNobody was hurt.\n")
    assert (article.byline, article.body) == ("By Ann Lee", "The bridge is open again.\n\nNobody was hurt.")


def test_the_author_of_a_record_is_its_byline() -> None:
    article = read_article('{"title": "The bridge", "body": "It is open.", "author": "Ann Lee", "language": "en-GB"}')
    assert (article.byline, article.language) == ("Ann Lee", "en")


def test_a_line_further_down_is_text() -> None:
    lines = ["One.", "Two.", "Three.", "By Ann Lee"]
    assert split_byline(lines) == (lines, [])


@examples(200)
@given(st.lists(st.sampled_from(["", "One is said.", *(line for _, line in HITS + MISSES)]) | st.text(max_size=40)))
def test_splitting_loses_nothing_and_keeps_the_order(lines: list[str]) -> None:
    kept, taken = split_byline(lines)
    assert sorted(kept + taken) == sorted(lines)
    assert all(rule_of(line) for line in taken)
    rest = iter(lines)
    assert all(line in rest for line in kept)
