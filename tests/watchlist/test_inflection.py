"""What `inflection.py` promises: each rule by its own examples, and what holds for every alias and every text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediamonitor.watchlist.folding import fold, one_kind, visible
from mediamonitor.watchlist.inflection import (
    OTHER,
    SHORTEST_STEM,
    EndingRule,
    Inflection,
    inflection_rules,
    is_cased_like,
)

RULES = (*inflection_rules().endings, *inflection_rules().stems)
SLAVIC = (*inflection_rules().cyrillic, *inflection_rules().latin)
LANGUAGES = [*SLAVIC, *inflection_rules().like, "en", "de", "zh", None]
CYRILLIC = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
LATIN = "abcdefghijklmnoprstuvwxyzáéíýčďěňřšťůžąćęłńóśźżđü"

languages = st.sampled_from(LANGUAGES)
names = st.one_of(st.text(CYRILLIC, min_size=1, max_size=9), st.text(LATIN, min_size=1, max_size=9)).map(str.title)
aliases = st.lists(names, min_size=1, max_size=3).map(" ".join)
anything = st.text(st.one_of(st.sampled_from("'’ -.«»1_Aaя習ſß"), st.characters(codec="utf-8")), min_size=1)


def is_form(form: str, alias: str, language: str | None) -> bool:
    """Whether the whole of `form` is a form of the alias, capitals included."""
    is_cased = is_cased_like(one_kind(alias), one_kind(form))
    return is_cased and Inflection(alias).end(fold(form), 0, language) == len(form)


def article_languages(rule: EndingRule) -> list[str]:
    return ["en" if language == OTHER else language for language in rule.languages]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_gives_what_its_examples_say(rule: EndingRule) -> None:
    for language in article_languages(rule):
        for alias, forms in rule.examples.hit.items():
            assert any(list(rule.changes(word)) for word in fold(alias).split()), f"the rule does not know {alias}"
            assert [form for form in forms if not is_form(form, alias, language)] == []
        for alias, forms in rule.examples.miss.items():
            assert [form for form in forms if is_form(form, alias, language)] == []


def test_the_file_names_each_rule_once_and_each_language() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert {language for rule in RULES for language in rule.languages} == {*SLAVIC, OTHER}
    assert set(inflection_rules().like.values()) <= set(SLAVIC)
    assert not set(inflection_rules().like) & set(SLAVIC)


@pytest.mark.parametrize("language", ["ru", "uk", "bg", None, "be", "pl"])
@pytest.mark.parametrize("other", ["Иванов", "Иванова", "Иванович", "Иванка", "Ивановский", "Иванко"])
def test_another_name_made_of_the_name_is_never_a_form(other: str, language: str | None) -> None:
    assert not is_form(other, "Иван", language)


@pytest.mark.parametrize(
    ("alias", "other"),
    [("Путин", "Путинка"), ("Путин", "Путинский"), ("Ли", "Лица"), ("Мэй", "Мэйл"), ("Mai", "Main"), ("Mai", "Mais")],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_another_word_with_the_same_beginning_is_never_a_form(alias: str, other: str, language: str | None) -> None:
    assert not is_form(other, alias, language)


@pytest.mark.parametrize("form", ["Angeli Merkel", "Trumpa", "Donaldem Trumpem", "Putinovega"])
def test_case_endings_stand_only_in_slavic_articles(form: str) -> None:
    alias = {"Angeli Merkel": "Angela Merkel", "Putinovega": "Putin"}.get(form, "Trump")
    alias = "Donald Trump" if " T" in form else alias
    assert any(is_form(form, alias, language) for language in ("pl", "cs", "sl"))
    assert not any(is_form(form, alias, language) for language in ("en", "de", "fr", "ru", None))


@pytest.mark.parametrize("language", [None, "en", "be", "kk"])
def test_a_cyrillic_name_is_inflected_in_an_article_of_any_language(language: str | None) -> None:
    assert is_form("Владимиром Путиным", "Владимир Путин", language)


@pytest.mark.parametrize(("language", "form"), [("sk", "Trumpovi"), ("hr", "Trumpom"), ("mk", "Кремълът")])
def test_a_neighbour_borrows_endings(language: str, form: str) -> None:
    assert is_form(form, "Кремъл" if language == "mk" else "Trump", language)


def test_the_longest_form_is_taken_and_nothing_behind_it() -> None:
    text = fold("Wizyta Marka Rutte’ego i Trumpa’s")
    assert Inflection("Mark Rutte").end(text, 7, "pl") == 22
    assert Inflection("Trump").end(text, 25, "pl") == 31
    assert Inflection("Kadyrov").end(fold("Kadyrov’s men"), 0, "en") == 7
    assert Inflection("Yahoo!").end(fold("Yahoo! said"), 0, "en") == 6
    assert Inflection("習近平").end("習近平主席", 0, "zh") == 3
    assert Inflection("Obama").end("obama總統", 0, "zh") == 5


def test_the_words_of_a_name_are_parted_as_the_alias_has_it() -> None:
    assert is_form("Анны-Марии Петровой", "Анна-Мария Петрова", "ru")
    assert not is_form("Анны Марии Петровой", "Анна-Мария Петрова", "ru")
    assert not is_form("Trump's Tower", "Trump Tower", "en")


@pytest.mark.parametrize(
    ("alias", "form", "is_like"),
    [
        ("МИД", "МИДа", True),
        ("МИД", "МИДА", False),
        ("US", "us", False),
        ("CEO", "CEOs", True),
        ("Karel Gott", "Karla Gotta", True),
        ("wind farm", "Wind farms", False),
        ("McDonald", "McDonaldem", True),
        ("McDonald", "Mcdonaldem", False),
    ],
)
def test_a_form_has_the_capitals_of_the_alias(alias: str, form: str, is_like: bool) -> None:
    assert is_cased_like(alias, form) is is_like


@pytest.mark.parametrize(("alias", "needle"), [("Praha", "pra"), ("Донец", "дон"), ("de Kessel", "de kess")])
def test_the_needle_is_as_long_as_it_can_be(alias: str, needle: str) -> None:
    assert Inflection(alias).needle == needle


@given(aliases, languages)
def test_the_alias_itself_is_always_a_form(alias: str, language: str | None) -> None:
    assert is_form(alias, alias, language)


@given(anything, languages)
def test_any_alias_is_found_as_it_is(alias: str, language: str | None) -> None:
    written = one_kind(visible(alias))
    assert Inflection(alias).end(fold(written), 0, language) is not None


@given(aliases, st.data(), languages)
def test_every_form_begins_with_the_needle_and_ends_at_a_border(
    alias: str, data: st.DataObject, language: str | None
) -> None:
    inflection = Inflection(alias)
    endings = {one for rule in RULES for by in rule.endings.values() for one in by}
    tried = []
    for word in fold(alias).split():
        kept = data.draw(st.integers(max(1, len(word) - 3), len(word)))
        tried.append(word[:kept] + data.draw(st.sampled_from(sorted(endings))))
    text = " ".join(tried) + data.draw(st.sampled_from(["", " ", ".", "x", "'s"]))
    end = inflection.end(text, 0, language)
    if end is not None:
        assert text.startswith(inflection.needle)
        assert end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum())


@given(aliases)
def test_the_needle_begins_the_alias_and_keeps_enough_to_search_for(alias: str) -> None:
    inflection = Inflection(alias)
    assert fold(alias).startswith(inflection.needle)
    assert len(inflection.needle) >= min(SHORTEST_STEM, len(alias.split()[0]))
    assert inflection.varies or inflection.needle == fold(alias)


@given(
    st.text(CYRILLIC + LATIN, min_size=1, max_size=2).map(str.title), languages, st.text(CYRILLIC + LATIN, min_size=1)
)
def test_a_name_of_two_letters_never_takes_an_ending(name: str, language: str | None, ending: str) -> None:
    assert Inflection(name).end(fold(name + ending), 0, language) is None


@given(aliases, languages, anything)
def test_no_text_is_too_odd(alias: str, language: str | None, text: str) -> None:
    end = Inflection(alias).end(fold(text), 0, language)
    assert end is None or 0 < end <= len(text)
