from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples, read_article
from mediamonitor.configfile import LoadedYaml
from mediamonitor.parsing.credits import Credits, credits_of
from mediamonitor.parsing.trailer import Cut, remaining_trailers, split_trailer
from mediamonitor.parsing.trailer_rules import (
    LONGEST_LINE,
    LONGEST_NOTICE,
    RULES_FOLDER,
    TrailerRules,
    is_trailer,
    rule_files,
    rule_of,
    rules,
)

HITS = [(rule.id, line) for rule in rules() for line in rule.examples.hit]
MISSES = [(rule.id, line) for rule in rules() for line in rule.examples.miss]
INLINE = [(rule.id, line) for rule in rules() if rule.inline for line in rule.examples.hit]
CREDITS = [
    (rule.role, line, names) for file in rule_files() for rule in file.credits for line, names in rule.examples.items()
]
TEXT = ["The council met.", "", "It voted.", "Nobody was hurt.", "The ferry sails again."]


def split(lines: list[str]) -> tuple[list[str], list[str]]:
    kept, cuts = split_trailer(lines)
    return kept, [cut.text for cut in cuts]


def id_of(line: str) -> str | None:
    rule = rule_of(line)
    return rule.id if rule else None


@pytest.mark.parametrize(("rule_id", "line"), HITS)
def test_each_hit_example_is_taken_by_its_rule(rule_id: str, line: str) -> None:
    assert id_of(line) == rule_id
    assert is_trailer(line)


@pytest.mark.parametrize(("rule_id", "line"), MISSES)
def test_no_rule_takes_a_miss_example(rule_id: str, line: str) -> None:
    assert id_of(line) is None, f"miss of {rule_id}"
    assert split([*TEXT, line]) == ([*TEXT, line], [])


@pytest.mark.parametrize(("rule_id", "line"), HITS)
def test_every_rule_ignores_case_and_white_space_around(rule_id: str, line: str) -> None:
    pattern = next(rule.pattern for rule in rules() if rule.id == rule_id)
    lower = [] if "(?-i" in pattern else [line.lower()]  # a rule may ask for the capital of a name
    for written in (line.upper(), *lower, f" \t{line}\u00a0 "):
        assert rule_of(written) is not None, rule_id


def test_the_rules_are_data_with_an_id_of_their_own_each() -> None:
    ids = [rule.id for rule in rules()]
    assert len(ids) == len(set(ids)) >= 10


def test_each_part_of_a_pattern_is_named_by_one() -> None:
    for path in RULES_FOLDER.glob("*.yaml"):
        raw = LoadedYaml(path.read_text(encoding="utf-8"), path.name).check(TrailerRules)
        patterns = [*raw.parts.values(), *(rule.pattern for rule in (*raw.rules, *raw.credits))]
        assert [name for name in raw.parts if not any(f"{{{name}}}" in pattern for pattern in patterns)] == [], (
            path.name
        )
    assert not any(re.search(r"\{[a-z]\w+\}", rule.pattern) for rule in rules())


@pytest.mark.parametrize(("rule_id", "line"), INLINE)
def test_an_inline_rule_takes_the_end_of_the_last_paragraph_too(rule_id: str, line: str) -> None:
    kept, taken = split([*TEXT[:3], f"Nobody was hurt, he said. {line}"])
    assert (kept, taken) == ([*TEXT[:3], "Nobody was hurt, he said."], [line]), rule_id


@pytest.mark.parametrize(("role", "line", "names"), CREDITS)
def test_credits_name_reporters_and_editors(role: str, line: str, names: tuple[str, ...]) -> None:
    assert getattr(credits_of([Cut(line, "reporting_by")]), role) == names


def test_trailers_that_stack_are_taken_to_the_last_one_in_file_order() -> None:
    stack = ["(Reuters)", "", "Reporting by Ann Lee; Editing by Bo Day", "Share this article", "15 shares", "Share"]
    stack += ["Read more: Ferry strike ends", "© 2026 Harbour Post. All rights reserved.", "source site-34"]
    kept, taken = split([*TEXT, *stack])
    assert kept == [*TEXT, ""]
    assert taken == [line for line in stack if line]


def test_a_trailer_inside_the_last_four_lines_is_taken_and_the_lines_below_it_stay() -> None:
    lines = [*TEXT[:3], "Share this article", "Nobody was hurt.", "", "The ferry sails again.", "It is late."]
    assert split(lines) == ([line for line in lines if line != "Share this article"], ["Share this article"])


def test_a_line_above_the_last_four_is_left_unless_its_rule_takes_it_anywhere() -> None:
    said = ["One is said.", "Two is said.", "", "Three is said.", "Four is said."]
    assert split(["source site-34", *said]) == (["source site-34", *said], [])
    assert split(["Share this article", *said]) == (said, ["Share this article"])


def test_a_trailer_that_leaves_brings_the_line_above_into_reach() -> None:
    lines = ["It voted.", "source site-34", "One is said.", "Two is said.", "Three is said.", "(Reuters)"]
    assert split(lines)[1] == ["source site-34", "(Reuters)"]


def test_links_below_an_opener_belong_to_it() -> None:
    links = ["Related stories", "", "Ferry strike ends", "Five boats to watch", "How the harbour was built"]
    kept, cuts = split_trailer([*TEXT, *links])
    assert (kept, [cut.text for cut in cuts]) == ([*TEXT, ""], [link for link in links if link])
    assert {cut.rule for cut in cuts} == {"related_opens"}


def test_text_below_an_opener_stays() -> None:
    lines = [*TEXT, "Related stories", "Ferry strike ends", "The strike ended on Friday, the company said."]
    assert split(lines) == ([line for line in lines if line != "Related stories"], ["Related stories"])


def test_three_lines_that_break_off_are_teasers_and_two_are_text() -> None:
    teasers = ["The boat that never...", "Why nobody came to...", "She said that he…"]
    assert split([*TEXT, *teasers]) == (TEXT, teasers)
    assert split([*TEXT, *teasers[1:]]) == ([*TEXT, *teasers[1:]], [])


@pytest.mark.parametrize("blank", [1, 39, 40, 200])
def test_empty_lines_however_many_hide_no_trailer(blank: int) -> None:
    assert split(["It voted.", *[""] * blank, "source site-34", *[""] * blank])[1] == ["source site-34"]


@pytest.mark.parametrize(("start", "longest"), [("Source: ", LONGEST_LINE), ("Reporting by ", LONGEST_NOTICE)])
def test_a_longer_line_is_text_and_a_notice_may_run_on(start: str, longest: int) -> None:
    line = start + "Ann Lee and " * 150
    assert [is_trailer(line[: length - 1] + "x") for length in (longest - 1, longest, longest + 1)] == [
        True,
        True,
        False,
    ]


def test_case_4_credits_go_and_a_sentence_about_the_agency_stays() -> None:
    kept, taken = split(["Reuters said on Monday that it will hire.", "Reporting by Ann Lee; Editing by Bo Day"])
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
    assert credits_of([Cut(line, id_of(line) or "") for line in lines]).source == source


def test_case_4_the_credit_at_the_end_of_the_last_paragraph_names_its_people() -> None:
    article = read_article(
        "Harbour opens\n\nLONDON (Reuters) - The harbour opened, he said. (Reporting by Ann Lee; Editing by Bo Day)\n"
    )
    assert article.body == "LONDON (Reuters) - The harbour opened, he said."
    assert article.trailer == "(Reporting by Ann Lee; Editing by Bo Day)"
    assert (article.agency, article.reporters, article.editors) == ("Reuters", ("Ann Lee",), ("Bo Day",))
    assert article.dateline == (0, len("LONDON (Reuters) - "))


def test_a_trailer_without_names_names_nobody() -> None:
    assert credits_of([Cut("Share", "share")]) == Credits(None, None, (), ())


def of_one_line(lines: list[str]) -> list[str]:
    return " ".join(" ".join(lines).split()).split()


PARAGRAPHS = [f"Nobody was hurt, he said. {line}" for _, line in INLINE]
LINE = st.sampled_from(
    ["", "", *TEXT, *(line for _, line in HITS), *(line for _, line in MISSES), "x" * 400, *PARAGRAPHS, "It broke..."]
)


@examples(300)
@given(st.lists(LINE, max_size=25))
def test_splitting_loses_nothing_keeps_the_order_and_is_a_fixpoint(lines: list[str]) -> None:
    kept, taken = split(lines)
    assert sorted(of_one_line(kept + taken)) == sorted(of_one_line(lines))
    assert split(kept) == (kept, [])
    for part in (kept, taken):
        rest = iter(of_one_line(lines))
        assert all(word in rest for word in of_one_line(part)), "out of order"


@examples(300)
@given(st.lists(LINE, max_size=25))
def test_no_known_trailer_remains_in_the_last_four_lines(lines: list[str]) -> None:
    kept, _ = split(lines)
    assert remaining_trailers("\n".join([line for line in kept if line][-4:])) == []


def test_remaining_trailers_names_what_is_left() -> None:
    assert remaining_trailers("It voted.\nShare this article\n\nsource site-34") == [
        "Share this article",
        "source site-34",
    ]
