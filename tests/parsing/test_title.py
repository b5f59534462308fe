from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.parsing.title import split_echoes, title_key

TITLE = "Ferry strike ends: crews of Port Tarnwick accept new rota"
KEY = title_key(TITLE)


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Ferry strike ends", "ferry strike ends"),
        ("  FERRY\u00a0strike — ends! ", "ferry strike ends"),
        ("‘Ferry’ strike “ends”…", "ferry strike ends"),
        ("Ｆｅｒｒｙ strike ends", "ferry strike ends"),  # full width
        ("snake_case_title", "snake case title"),
        ("Straße", "strasse"),
        ("ﬁnal oﬀer", "final offer"),
        ("Café", "café"),
        ("Cafe\u0301", "café"),
        ("ΟΔΟΣ", "οδοσ"),
        ("G7: 3.5 %", "g7 3 5"),
        ("हिन्दी समाचार", "हिन्दी समाचार"),  # vowel signs are marks, and belong to the word
        ("普京：战争", "普京 战争"),
        ("Kadyrov´s men", "kadyrov s men"),  # NFKC writes ´ as a space and a mark without a letter
        ("I ❤️ Vessmark", "i vessmark"),  # the heart ends in a variation selector, which is a mark
    ],
)
def test_title_key_keeps_letters_marks_and_digits(title: str, key: str) -> None:
    assert title_key(title) == key


@pytest.mark.parametrize("title", [None, "", "   ", "— … !", "\u00a0\u200b", "❤️", "___"])
def test_a_title_without_letters_has_no_key(title: str | None) -> None:
    assert title_key(title) is None


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "´", "`", "＇"])
def test_every_apostrophe_gives_the_same_key(apostrophe: str) -> None:
    assert title_key(f"Kadyrov{apostrophe}s men") == "kadyrov s men"


def test_every_mark_of_unicode_stays_with_its_letter_whatever_else_stands_in_the_title() -> None:
    marks = [char for code in range(0x110000) if unicodedata.category(char := chr(code))[0] == "M"]
    torn = [f"U+{ord(mark):04X}" for mark in marks if " " in (title_key(f"и{mark}x") or " ")]
    assert torn == []


@examples(300)
@given(st.text())
def test_title_key_is_idempotent(title: str) -> None:
    key = title_key(title)
    assert title_key(key) == key


@examples(300)
@given(st.lists(st.text("abcXYZéßжЖΩω09日", min_size=1), min_size=1), st.data())
def test_title_key_ignores_case_width_punctuation_and_white_space(words: list[str], data: st.DataObject) -> None:
    joints = data.draw(st.lists(st.text(" \t\u00a0-–—:;,.!?'’“”_/", min_size=1), min_size=len(words)))
    decorated = "".join(joint + word for joint, word in zip(joints, words, strict=False))
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in decorated)
    key = title_key(" ".join(words))
    assert key is not None
    assert title_key(decorated) == key
    assert title_key(decorated.swapcase()) == key
    assert title_key(unicodedata.normalize("NFD", decorated)) == key
    assert title_key(wide) == key


@pytest.mark.parametrize(
    "line",
    [
        TITLE,
        TITLE.upper(),
        "“Ferry strike ends: crews of Port Tarnwick accept new rota.”",  # ends a sentence, and yet the title
        "Ferry strike ends — crews of Port Tarnwick accept new rota!",
    ],
)
@pytest.mark.parametrize("before", [0, 3, 4, 30])
def test_a_line_with_the_titles_key_is_an_echo_wherever_it_stands(line: str, before: int) -> None:
    text = [f"Paragraph {number} of the story ends here." for number in range(before)]
    assert split_echoes(KEY, [*text, line, "The end."]) == ([*text, "The end."], [line])


@pytest.mark.parametrize(
    "line",
    [
        "Ferry strike ends",  # stands in the title
        "accept new rota",
        "ferry strike ends, crews of Port Tarnwick accept better new rota tonight",  # 10 of 12 words
        "Port Tarnwick: new rota ends ferry strike after one",  # 7 of 9 words
        "a b c new rota ends ferry strike crews of",  # 7 of 10 words: 70 % exactly
    ],
)
def test_a_headline_like_line_among_the_first_four_is_an_echo(line: str) -> None:
    text = ["A kicker", "", "By Ann Lee", "Monday"]
    assert split_echoes(KEY, [*text, "", line, "The end."]) == ([*text, "", "The end."], [line])


def test_the_fifth_filled_line_is_no_echo_unless_it_is_the_title() -> None:
    lines = ["A kicker", "By Ann Lee", "", "Monday", "Harbour news", "Ferry strike ends"]
    assert split_echoes(KEY, lines) == (lines, [])


def test_a_heading_below_the_first_sentence_is_no_echo_unless_it_is_the_title() -> None:
    lines = ["A kicker", "The ferries sail again.", "", "Ferry strike ends", "The end."]
    assert split_echoes(KEY, lines) == (lines, [])
    assert split_echoes(KEY, [*lines, TITLE]) == (lines, [TITLE])


def test_echoes_count_among_the_first_four_lines() -> None:
    lines = ["Ferry strike ends", "accept new rota", "crews of Port Tarnwick", "new rota", "strike ends"]
    assert split_echoes(KEY, lines) == (["strike ends"], lines[:4])


@pytest.mark.parametrize("end", [".", "!", "?", "…", ".”", "?’", ".)", "。", "؟", ":", ";"])
def test_a_lead_that_ends_a_sentence_stays(end: str) -> None:
    lines = [f"Ferry strike ends{end}", "The end."]
    assert split_echoes(KEY, lines) == (lines, [])


@pytest.mark.parametrize(
    "line",
    [
        "Hardliners put pressure on the port",  # 2 of 6 words
        "a b c d new rota ends ferry strike crews of Port Tarnwick",  # 9 of 13 words: 69 %
        "erry strike end",  # not whole words
        "* * *",
    ],
)
def test_a_line_with_other_words_is_no_echo(line: str) -> None:
    assert split_echoes(KEY, [line, "The end."]) == ([line, "The end."], [])


def test_without_a_title_nothing_is_an_echo() -> None:
    lines = ["Ferry strike ends", "", "* * *"]
    assert split_echoes(None, lines) == (lines, [])


LINES = st.lists(st.sampled_from(["", TITLE, "Ferry strike ends", "new rota", "One is said.", "Rota.", "x" * 500]))


@examples(200)
@given(LINES)
def test_no_line_is_lost_and_a_second_look_at_the_title_finds_none(lines: list[str]) -> None:
    kept, echoes = split_echoes(KEY, lines)
    assert sorted(kept + echoes) == sorted(lines)
    assert all(title_key(line) != KEY for line in kept)
    rest = iter(lines)
    assert all(line in rest for line in kept), "kept lines are out of order"
