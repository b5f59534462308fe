from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.publish.snippets import LONGEST, sentence_around


def around(text: str, name: str = "Putin") -> str:
    start = text.index(name)
    return sentence_around(text, start, start + len(name))


@pytest.mark.parametrize(
    ("text", "snippet"),
    [
        ("Putin said so.", "Putin said so."),
        ("One came. Putin said so. Two left.", "Putin said so."),
        ("One came! Did Putin say so? Two left.", "Did Putin say so?"),
        ("He left. “That is Putin.” She stayed.", "“That is Putin.”"),
        ("He said “no.” Putin said (yes.) She left.", "Putin said (yes.)"),
        ("A headline\nPutin said so\nThe end.", "Putin said so"),
        ("A paragraph.\n\nPutin said so.\n\nThe end.", "Putin said so."),
        ("At 3.5 % Putin was told example.org knew… And so on.", "At 3.5 % Putin was told example.org knew…"),
        ("Then   Putin\u00a0 said\tso.", "Then Putin said so."),
        ("Putin", "Putin"),
        ("One came.\nPutin", "Putin"),
    ],
)
def test_the_sentence_of_the_hit(text: str, snippet: str) -> None:
    assert around(text) == snippet


@pytest.mark.parametrize("before", [0, 10, 148, 300, 900])
@pytest.mark.parametrize("after", [0, 10, 148, 300, 900])
def test_a_long_sentence_is_cut_around_the_hit(before: int, after: int) -> None:
    text = "b" * before + " Putin " + "a" * after
    snippet = around(text)
    assert "Putin" in snippet
    assert len(snippet) <= LONGEST
    assert len(snippet) >= min(len(text.strip()), 150)


def test_a_cut_leaves_about_as_much_before_the_hit_as_after_it() -> None:
    snippet = around("b" * 900 + "Putin" + "a" * 900)
    assert (len(snippet), snippet.count("b"), snippet.count("a")) == (LONGEST, 147, 148)


def test_a_hit_at_the_end_of_a_cut_sentence_stays_whole() -> None:
    assert around("b" * 900 + " Putin. The end.").endswith("Putin.")


TEXTS = st.text(st.sampled_from("ab .!?…\n\"”)。'\u00a0"), max_size=500)


@examples(300)
@given(TEXTS, st.text("xyz .", min_size=1, max_size=20).filter(lambda name: name == " ".join(name.split())), TEXTS)
def test_a_snippet_holds_the_hit_and_is_not_too_long(before: str, name: str, after: str) -> None:
    snippet = sentence_around(before + name + after, len(before), len(before) + len(name))
    assert name in snippet
    assert len(snippet) <= LONGEST
    assert "\n" not in snippet
    assert snippet == snippet.strip()
    assert snippet in " ".join((before + name + after).split())
