from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.parsing.words import count_words, end_of_word, one_spaced

COUNTS = [
    ("", 0),
    (" \n\t\u00a0", 0),
    ("one", 1),
    ("one two\nthree\u00a0four\u3000five", 5),
    ("it’s a well-known 3.5 % rise", 5),  # % holds no letter or digit
    ("— * … ... ___ 👍 (!)", 0),
    ("a — b * c _ d", 4),
    ("_a_ -b- “c”", 3),
    ("½ ² ٣", 3),
    ("Москва не верит", 3),
    ("한국어 뉴스", 2),
    ("普京", 1),
    ("普京说", 2),
    ("普京说。战争", 3),
    ("普 京", 2),
    ("iPhone用户", 2),
    ("日本語 – 日本", 3),
    ("・ 日本", 1),  # a bullet is no word
    ("。 、 「」", 0),
    ("ประเทศไทย", 5),
]


@pytest.mark.parametrize(("text", "words"), COUNTS)
def test_counting(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "number", "end"),
    [
        ("one two three", 1, 3),
        ("one two three", 2, 7),
        ("one two three", 4, 13),
        ("— one — two", 1, 5),
        ("普京说战争", 1, 2),
        ("普京说战争", 2, 4),
        ("普京说战争", 3, 5),
        ("「普京」说 x", 1, 4),
        ("普京 one", 2, 6),
        ("", 1, 0),
    ],
)
def test_where_a_word_ends(text: str, number: int, end: int) -> None:
    assert end_of_word(text, number) == end


@pytest.mark.parametrize(
    "text", ["word " * 150, "word — " * 150, "普京说" * 150, "w " * 99 + "普京说战争" * 9, "_ x " * 150, "w " * 100]
)
def test_the_hundredth_word(text: str) -> None:
    lead = text[: end_of_word(text, 100)]
    assert count_words(lead) == 100
    assert count_words(text[: len(lead) + 12]) > 100 or len(lead) >= len(text.rstrip())


TEXTS = st.text(st.sampled_from("ab9_-—.’ \n\u00a0普京说。・ไทйё한👍½"), max_size=60) | st.text(max_size=40)


@examples(500)
@given(TEXTS, st.integers(1, 30))
def test_the_end_of_a_word_agrees_with_the_count(text: str, number: int) -> None:
    end = end_of_word(text, number)
    assert 0 <= end <= len(text)
    assert count_words(text[:end]) == min(number, count_words(text))


@examples(300)
@given(TEXTS)
def test_counting_is_what_the_contract_says_for_scripts_with_spaces(text: str) -> None:
    if not any(char in "普京说ไท" or ord(char) > 0xE00 for char in text):
        assert count_words(text) == sum(any(char.isalnum() for char in run) for run in text.split())


@examples(200)
@given(TEXTS, TEXTS)
def test_texts_that_white_space_parts_add_up(one: str, other: str) -> None:
    assert count_words(f"{one} {other}") == count_words(one) + count_words(other)


@given(st.text(alphabet="ab \n\t\u00a0\u2009\u3000\x1c\x85普–_é", max_size=60))
def test_one_space_between_runs_whatever_stood_there(text: str) -> None:
    assert one_spaced(text) == " ".join(text.split())


def test_every_kind_of_white_space_is_folded() -> None:
    for number in range(sys.maxunicode + 1):
        if chr(number).isspace():
            assert one_spaced(f"a{chr(number)}b") == "a b", hex(number)
