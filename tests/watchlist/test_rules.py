"""Which hits count: surname, require, exclude, query, and whose a shared alias is (contract §5; cases 7 and 8)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples, make_watchlist
from mediamonitor.article import Hit
from mediamonitor.watchlist.matcher import Matcher, Texts
from mediamonitor.watchlist.surnames import is_of_another, surname_of

KADYROV = {"name": "Ramzan Kadyrov"}


def hits(body: str, *entities: dict[str, Any], title: str | None = None, **texts: Any) -> list[Hit]:
    return Matcher(make_watchlist(*entities)).match(Texts(title, body, **texts), None)


def told(body: str, *entities: dict[str, Any], title: str | None = None, **texts: Any) -> list[tuple[str, str | None]]:
    """What stands at each hit of title and body, and why it does not count."""
    return [
        (((title or "") if hit.zone == "title" else body)[hit.start_char : hit.end_char], hit.why_not)
        for hit in hits(body, *entities, title=title, **texts)
    ]


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("Ramzan Kadyrov", "Kadyrov"),
        ("Ursula von der Leyen", "von der Leyen"),
        ("Vincent van Gogh", "van Gogh"),
        ("Martin Luther King Jr.", "King"),
        ("Sammy Davis, Jr.", "Davis"),
        ("William Gates III", "Gates"),
        ("Charles de Gaulle", "de Gaulle"),
        ("Рамзан Кадыров", "Кадыров"),
        ("Pelé", None),
        ("De Niro", "Niro"),
    ],
)
def test_the_surname_is_the_last_word_with_its_particles(name: str, surname: str | None) -> None:
    assert surname_of(name) == surname


def test_a_surname_counts_where_the_full_name_stands_in_the_article_before_or_after_it() -> None:
    assert told("Kadyrov spoke. Ramzan Kadyrov left.", KADYROV) == [("Kadyrov", None), ("Ramzan Kadyrov", None)]
    assert told("Kadyrov spoke.", KADYROV, title="Ramzan Kadyrov leaves")[1] == ("Kadyrov", None)
    assert told("Kadyrov spoke.", KADYROV) == [("Kadyrov", "surname")]


@pytest.mark.parametrize("aside", ["trailer", "byline", "headline_echo"])
def test_a_full_name_that_does_not_count_vouches_for_no_surname(aside: str) -> None:
    texts = {aside: "Ramzan Kadyrov"}
    assert told("Kadyrov spoke.", KADYROV, **texts)[0] == ("Kadyrov", "surname")
    masked = "Ramzan Kadyrov\nKadyrov spoke."
    found = [(hit.zone, hit.why_not) for hit in hits(masked, KADYROV, boilerplate=((0, 14),))]
    assert found == [("lead", "surname"), ("boilerplate", "zone")]


@pytest.mark.parametrize(
    "text",
    [
        "President Kadyrov spoke.",
        "said Mr. Kadyrov",
        "Herr Kadyrov",
        "M. Kadyrov",
        "президент Kadyrov",
        "Prime\nMinister Kadyrov",
    ],
)
def test_a_surname_counts_after_a_title_of_address_or_office(text: str) -> None:
    assert told(text, KADYROV) == [("Kadyrov", None)]


def test_a_surname_after_another_first_name_is_another_persons() -> None:
    body = "Ramzan Kadyrov left. His son Adam Kadyrov stayed, and then Kadyrov spoke. But Kadyrov smiled."
    assert [why for _, why in told(body, KADYROV)] == [None, "surname", None, None]


@pytest.mark.parametrize("before", ["", "anti-", "and ", "But ", "Yesterday ", '"', "said, ", "Mr ", "J. ", "Adam\n"])
def test_what_stands_before_a_surname_alone(before: str) -> None:
    assert not is_of_another(before)


@pytest.mark.parametrize(
    ("rule", "why"),
    [("always", None), ("after_full_name", "surname"), ({"is": "Kadyrov"}, "surname")],
)
def test_the_rule_for_the_surname_may_be_told(rule: Any, why: str | None) -> None:
    assert told("Kadyrov spoke.", {**KADYROV, "surname": rule}) == [("Kadyrov", why)]


def test_never_means_that_the_surname_alone_is_no_hit_at_all() -> None:
    assert told("Kadyrov spoke. Ramzan Kadyrov left.", {**KADYROV, "surname": "never"}) == [("Ramzan Kadyrov", None)]


def test_the_surname_of_a_name_may_be_another_word() -> None:
    entity = {"name": "Park Geun-hye", "surname": {"is": "Park"}}
    assert told("Park Geun-hye left. Then Park spoke.", entity) == [("Park Geun-hye", None), ("Park", None)]


def test_an_alias_counts_whatever_the_surname_rule_says() -> None:
    assert told("Kadyrov spoke.", {**KADYROV, "aliases": ["Kadyrov"]}) == [("Kadyrov", None)]


def test_a_particle_may_be_capitalised_at_the_head_of_a_sentence() -> None:
    entity = {"name": "Ursula von der Leyen"}
    assert told("Ursula von der Leyen came. Von der Leyen spoke.", entity)[1] == ("Von der Leyen", None)


def test_only_a_person_has_a_surname_by_default() -> None:
    assert told("Motors rose. General Motors fell.", {"name": "General Motors", "kind": "organisation"}) == [
        ("General Motors", None)
    ]


def test_require_asks_every_alias_but_the_name_for_a_word_in_title_or_counted_body() -> None:
    entity = {"name": "Mercury Motors", "kind": "brand", "aliases": ["Mercury"], "require": ["car", "engine plant"]}
    assert told("Mercury rose.", entity) == [("Mercury", "require")]
    assert told("Mercury rose.", entity, title="The CAR maker") == [("Mercury", None)]
    assert told("Mercury rose near the engine\u00a0plant.", entity) == [("Mercury", None)]
    assert told("Mercury rose, a carpet fell.", entity) == [("Mercury", "require")]
    assert told("Mercury Motors rose.", entity) == [("Mercury Motors", None)]
    assert told("Mercury rose.", entity, trailer="car") == [("Mercury", "require")]
    assert told("car\nMercury rose.", entity, boilerplate=((0, 3),)) == [("Mercury", "require")]


def test_exclude_takes_the_hits_that_it_overlaps_and_no_others() -> None:
    entity = {**KADYROV, "aliases": ["Kadyrov"], "exclude": ["Kadyrov Street"]}
    assert told("On Kadyrov Street Kadyrov spoke.", entity) == [("Kadyrov", "excluded"), ("Kadyrov", None)]
    assert told("KADYROV STREET SHUT", {**entity, "exclude": ["kadyrov street"]})[0][1] == "excluded"
    full = {"name": "Ramzan Kadyrov", "exclude": ["Ramzan Kadyrov Avenue"]}
    assert told("Ramzan Kadyrov Avenue is shut. Kadyrov spoke.", full) == [
        ("Ramzan Kadyrov", "excluded"),
        ("Kadyrov", "surname"),
    ]


def test_case_7_an_alias_inside_a_longer_one_and_two_ways_to_write_one_entity() -> None:
    assert told("Severus Snape left.", {"name": "Severus Snape", "aliases": ["Snape"]}) == [("Severus Snape", None)]
    trump = {"name": "Donald Trump", "aliases": ["Trump", "President Trump"]}
    assert told("Trump came. President Trump spoke.", trump) == [("Trump", None), ("President Trump", None)]


JOE, HUNTER = {"name": "Joe Biden"}, {"name": "Hunter Biden"}


def test_case_8_a_surname_of_two_entities_belongs_to_the_one_whose_full_name_stands() -> None:
    one = hits("Joe Biden came. Then Biden spoke.", JOE, HUNTER)
    assert [hit.entity_id for hit in one if hit.is_counted] == ["joe-biden", "joe-biden"]
    both = hits("Joe Biden and Hunter Biden came. Then Biden spoke.", JOE, HUNTER)
    assert {(hit.entity_id, hit.why_not) for hit in both[2:]} == {
        ("hunter-biden", "ambiguous"),
        ("joe-biden", "ambiguous"),
    }


def test_case_8_an_alias_of_two_entities_goes_to_the_one_whose_required_word_is_there() -> None:
    car = {"name": "Mercury Motors", "kind": "brand", "aliases": ["Mercury"], "require": ["engine"]}
    star = {"name": "Planet Mercury", "kind": "topic", "aliases": ["Mercury"]}
    found = [(hit.entity_id, hit.why_not) for hit in hits("Mercury has a new engine.", car, star)]
    assert found == [("mercury-motors", None)]
    found = [(hit.entity_id, hit.why_not) for hit in hits("Mercury rose.", car, star)]
    assert found == [("mercury-motors", "require"), ("planet-mercury", None)]


GAS = {"id": "gas", "kind": "topic"}


def topic(**query: Any) -> dict[str, Any]:
    return {**GAS, "query": query}


NEAR = {"words": ["gas", "price"], "within": 3}


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ({"all": ["gas"]}, "Gas is dear.", [("Gas", None)]),
        ({"all": ["gas"], "any": ["price", "toll"]}, "Gas at a price.", [("Gas", None), ("price", None)]),
        ({"all": ["gas"], "any": ["price", "toll"]}, "Gas is dear.", [("Gas", "require")]),
        ({"all": ["gas", "oil"]}, "Gas is dear.", [("Gas", "require")]),
        ({"any": ["gas", "oil"]}, "Gas is dear.", [("Gas", None)]),
        ({"all": ["gas"], "none": ["gas station"]}, "At a gas station.", [("gas", "excluded")]),
        ({"all": ["gas"], "near": NEAR}, "The price of gas rose.", [("gas", None)]),
        ({"all": ["gas"], "near": NEAR}, "Gas is in the price.", [("Gas", "require")]),
    ],
)
def test_a_topic_counts_in_the_articles_that_satisfy_its_query(
    query: dict[str, Any], body: str, expected: list[tuple[str, str | None]]
) -> None:
    assert told(body, topic(**query)) == expected


def test_words_of_a_query_are_looked_for_in_title_and_body_but_near_ones_in_one_of_them() -> None:
    assert told("Gas is dear.", topic(all=["gas", "price"]), title="The price") == [("price", None), ("Gas", None)]
    near = topic(all=["gas"], near={"words": ["gas", "price"], "within": 5})
    assert told("Gas is dear.", near, title="The price") == [("Gas", "require")]


WORDS = ["Ramzan Kadyrov", "Kadyrov", "Adam Kadyrov", "gas", "price", "Street", "and", "spoke.", "\n", "President"]


@examples(300)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join), st.permutations(range(4)))
def test_an_unrelated_entity_and_the_order_of_the_watchlist_change_nothing(body: str, order: list[int]) -> None:
    entities = [
        {**KADYROV, "exclude": ["Kadyrov Street"]},
        {"name": "Adam Kadyrov", "require": ["gas"]},
        topic(all=["gas"], any=["price"]),
        {"name": "Nobody Else", "aliases": ["nothing here"]},
    ]
    alone = hits(body, *entities[:3])
    assert hits(body, *(entities[number] for number in order)) == alone
    counted = sorted((hit.start_char, hit.end_char) for hit in alone if hit.is_counted)
    assert all(end <= start for (_, end), (start, _) in pairwise(counted))
