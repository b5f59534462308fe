from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples, read_article
from mediamonitor.parsing.trailer import is_trailer, remaining_trailers, rule_of, rules, source_of, split_trailer

HITS = [(rule.id, line) for rule in rules().rules for line in rule.examples.hit]
MISSES = [(rule.id, line) for rule in rules().rules for line in rule.examples.miss]
TEXT = ["The council met.", "", "It voted.", "Nobody was hurt.", "The ferry sails again."]


@pytest.mark.parametrize(("rule_id", "line"), HITS)
def test_each_hit_example_is_taken_by_its_rule(rule_id: str, line: str) -> None:
    assert rule_of(line) == rule_id
    assert is_trailer(line)


@pytest.mark.parametrize(("rule_id", "line"), MISSES)
def test_no_rule_takes_a_miss_example(rule_id: str, line: str) -> None:
    assert rule_of(line) is None, f"miss of {rule_id}"
    assert split_trailer([*TEXT, line]) == ([*TEXT, line], [])


@pytest.mark.parametrize(("rule_id", "line"), HITS)
def test_every_rule_ignores_case_and_white_space_around(rule_id: str, line: str) -> None:
    pattern = next(rule.pattern for rule in rules().rules if rule.id == rule_id)
    lower = [] if "(?-i" in pattern else [line.lower()]  # a rule may ask for the capital of a name
    for written in (line.upper(), *lower, f" \t{line}\u00a0 "):
        assert rule_of(written) is not None, rule_id


def test_the_rules_are_data_with_an_id_of_their_own_each() -> None:
    ids = [rule.id for rule in rules().rules]
    assert len(ids) == len(set(ids)) >= 10


def test_trailers_that_stack_are_taken_to_the_last_one_in_file_order() -> None:
    stack = ["(Reuters)", "", "Reporting by Ann Lee; Editing by Bo Day", "Share this article", "15 shares", "Share"]
    stack += ["Read more: Ferry strike ends", "© 2026 Harbour Post. All rights reserved.", "source site-34"]
    kept, taken = split_trailer([*TEXT, *stack])
    assert kept == [*TEXT, ""]
    assert taken == [line for line in stack if line]


def test_a_trailer_inside_the_last_four_lines_is_taken_and_the_lines_below_it_stay() -> None:
    lines = [*TEXT[:3], "Share this article", "Nobody was hurt.", "", "The ferry sails again.", "It is late."]
    assert split_trailer(lines) == ([line for line in lines if line != "Share this article"], ["Share this article"])


def test_a_trailer_above_the_last_four_lines_is_left() -> None:
    lines = ["Share this article", "One is said.", "Two is said.", "", "Three is said.", "Four is said."]
    assert split_trailer(lines) == (lines, [])


def test_a_trailer_that_leaves_brings_the_line_above_into_reach() -> None:
    lines = ["It voted.", "Share this article", "One is said.", "Two is said.", "Three is said.", "15 shares"]
    assert split_trailer(lines)[1] == ["Share this article", "15 shares"]


@pytest.mark.parametrize("blank", [1, 39, 40, 200])
def test_empty_lines_however_many_hide_no_trailer(blank: int) -> None:
    assert split_trailer(["It voted.", *[""] * blank, "source site-34", *[""] * blank])[1] == ["source site-34"]


@pytest.mark.parametrize(("length", "taken"), [(299, True), (300, True), (301, False)])
def test_a_line_over_300_characters_is_text(length: int, taken: bool) -> None:
    line = "Reporting by " + "Ann Lee and " * 30
    assert is_trailer(line[: length - 1] + "x") is taken


def test_case_4_credits_go_and_a_sentence_about_the_agency_stays() -> None:
    kept, taken = split_trailer(
        ["Reuters said on Monday that it will hire.", "Reporting by Ann Lee; Editing by Bo Day"]
    )
    assert (kept, taken) == (["Reuters said on Monday that it will hire."], ["Reporting by Ann Lee; Editing by Bo Day"])


@pytest.mark.parametrize(
    "end", ["", "\n", "   ", "\t \n \n", "\r\n", "\r\n\r\n", "\u00a0", "\u00a0\r\n", "\u200b\n\ufeff"]
)
@pytest.mark.parametrize("joint", ["\n", "\r\n", "\r"])
def test_case_5_the_source_line_is_found_however_the_file_ends(joint: str, end: str) -> None:
    article = read_article(joint.join(["Ferry strike ends", "", "It is over.", "", "source site-34"]) + end)
    assert (article.trailer, article.source, article.source_from) == ("source site-34", "site-34", "trailer")
    assert article.body == "It is over."


@pytest.mark.parametrize(
    "sentence",
    [
        "Source of the fire is unknown",
        "Source after source told the paper the same.",
        "Sources close to the ministry said on Friday that the talks failed.",
        "Source: he would not say. Nobody did.",
    ],
)
def test_case_5_a_last_sentence_that_begins_with_source_stays(sentence: str) -> None:
    article = read_article(f"Ferry strike ends\n\nIt is over.\n\n{sentence}\n")
    assert article.body == f"It is over.\n\n{sentence}"
    assert (article.trailer, article.source, article.source_from) == (None, "unknown", "none")


@pytest.mark.parametrize(
    ("lines", "source"),
    [
        (["source site-34"], "site-34"),
        (["Share", "SOURCE: Site-34"], "site-34"),
        (["news source example.org", "source site-7"], "example.org"),
        (["Source: Reuters"], None),  # an agency that is named is no short name of a source
        (["(Reuters)"], None),
        ([], None),
    ],
)
def test_the_source_that_a_trailer_names(lines: list[str], source: str | None) -> None:
    assert source_of(lines) == source


LINE = st.sampled_from(["", "", *TEXT, *(line for _, line in HITS), *(line for _, line in MISSES), "x" * 400])


@examples(300)
@given(st.lists(LINE, max_size=25))
def test_splitting_loses_nothing_keeps_the_order_and_is_a_fixpoint(lines: list[str]) -> None:
    kept, taken = split_trailer(lines)
    assert sorted(kept + taken) == sorted(lines)
    assert split_trailer(kept) == (kept, [])
    assert all(is_trailer(line) for line in taken)
    rest = iter(lines)
    assert all(line in rest for line in kept), "kept lines are out of order"
    rest = iter(lines)
    assert all(line in rest for line in taken), "taken lines are out of order"


@examples(300)
@given(st.lists(LINE, max_size=25))
def test_no_known_trailer_remains_in_the_last_four_lines(lines: list[str]) -> None:
    kept, _ = split_trailer(lines)
    assert remaining_trailers("\n".join([line for line in kept if line][-4:])) == []


def test_remaining_trailers_names_what_is_left() -> None:
    assert remaining_trailers("It voted.\nShare this article\n\nsource site-34") == [
        "Share this article",
        "source site-34",
    ]
