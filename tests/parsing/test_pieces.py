"""The rules are asked only about lines that hold a piece they need: none may be lost by that."""

from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.parsing.pieces import PieceFinder, needed_pieces
from mediamonitor.parsing.trailer_rules import LONGEST_LINE, LONGEST_NOTICE, options, rule_of, rules

PATTERNS = [re2.compile(rule.pattern, options()) for rule in rules()]
EXAMPLES = [line for rule in rules() for line in (*rule.examples.hit, *rule.examples.miss)]
PARTS = [*EXAMPLES, *(word for line in EXAMPLES for word in line.split())]


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        ("read more", {"\nread more"}),
        ("read (?:more|also)", {"\nread more", "\nread also"}),
        ("(?:please )?share", {"\nshare", "\nplease share"}),
        ("share.*|.+ to your inbox", {"\nshare", " to your inbox"}),
        (r"[^.]*\bnewsletter", {"newsletter"}),
        ("(?-i:A|B)? ?fotos?", {"\nfoto", "\n foto", "\na foto", "\nb foto", "\nafoto", "\nbfoto"}),
        ("#{2,}", {"\n##"}),
        ("like it[?] (?:share|tell us)", {"\nlike it?"}),
        (r"\p{Lu}+STRASSE|\p{Lu}+straße", {"strasse"}),
    ],
)
def test_pieces_are_what_every_match_holds(pattern: str, pieces: set[str]) -> None:
    assert needed_pieces(pattern) == pieces


@pytest.mark.parametrize("pattern", [".*", r"\d+", "a?", "a|.*"])
def test_a_pattern_that_needs_no_piece_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="no piece"):
        needed_pieces(pattern)


def test_each_line_is_told_apart() -> None:
    finder = PieceFinder([("read more", None), (".*inbox", None), ("STRASSE", None)])
    lines = ["Read more", "We read more", "To the inbox", "Straße", "İ read more", "read moreinbox"]
    assert finder.which(lines) == {lines[0]: {0}, lines[2]: {1}, lines[3]: {2}, lines[5]: {0, 1}}
    assert finder.which([]) == finder.which([""]) == {}


def test_a_line_that_is_too_long_for_a_pattern_is_not_told() -> None:
    finder = PieceFinder([("read more", 50), None, (".*read", 12), (".*more", None)])
    assert finder.which(["Read more", "We read more and more"]) == {
        "Read more": {0, 2, 3},
        "We read more and more": {3},
    }


def test_no_piece_of_an_inline_rule_goes_across_sentences() -> None:
    """Else it would not be found in sentences that are asked about one by one."""
    for rule in rules():
        if rule.inline:
            assert not any(re.search(r"[.!?…。؟][\"”“»’')\]]*\s+\S", piece) for piece in needed_pieces(rule.pattern)), (
                rule.id
            )


def by_asking_every_rule(line: str) -> str | None:
    line = line.strip()
    if not line or len(line) > LONGEST_NOTICE:
        return None
    asked = (rule for rule, pattern in zip(rules(), PATTERNS, strict=True) if pattern.fullmatch(line))
    return next((rule.id for rule in asked if rule.long or len(line) <= LONGEST_LINE), None)


@examples(300)
@given(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(" ".join), st.sampled_from([str, str.upper, str.lower])
)
def test_the_rule_is_the_one_that_asking_all_of_them_finds(line: str, written: object) -> None:
    text = written(line)  # type: ignore[operator]
    found = rule_of(text)
    assert (found.id if found else None) == by_asking_every_rule(text)
