from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples, make_watchlist
from mediamonitor.article import Hit
from mediamonitor.parsing.words import end_of_word
from mediamonitor.watchlist.matcher import Matcher, Texts
from mediamonitor.watchlist.model import Watchlist
from mediamonitor.watchlist.places import Finder, Found
from mediamonitor.watchlist.spellings import spellings_of

DAY = date(2026, 3, 2)
KADYROV = {"name": "Ramzan Kadyrov", "aliases": ["Kadyrov"]}
PUTIN = {"name": "Vladimir Putin", "aliases": ["Putin"]}
USA = {"name": "United States", "kind": "place", "aliases": ["US", "USA"]}


def match(
    *entities: dict[str, Any],
    body: str = "",
    day: date | None = DAY,
    dateline: tuple[int, int] | None = None,
    **columns: str | None,
) -> list[Hit]:
    aside = (columns.get("trailer"), columns.get("headline_echo"), columns.get("byline"))
    texts = Texts(columns.get("title"), body, *aside, dateline)
    return Matcher(make_watchlist(*entities)).match(texts, day)


def written(text: str, *entities: dict[str, Any]) -> list[str]:
    """What is counted in a body, as it is written there."""
    return [text[hit.start_char : hit.end_char] for hit in match(*entities, body=text) if hit.is_counted]


@pytest.mark.parametrize(
    "text",
    [
        "Putin",
        "Putin.",
        "anti-Putin protest",
        "Putin-friendly",
        "anti‑Putin protest",  # a hyphen that does not break
        "Putin’s men",
        "Putin's men",
        "Putin´s men",
        "“Putin”",
        "(Putin)",
        "Putin,Xi",
        "#Putin",
        "_Putin_",
        "Biden/Putin",
        "Putin…",
        "Putin\u00a0said",
        "—Putin—",
        "普京Putin说",  # a script without spaces has no border to cross
    ],
)
def test_a_name_stands_between_borders(text: str) -> None:
    assert written(text, PUTIN) == ["Putin"]


@pytest.mark.parametrize("alias", ["(a+)+$", "a.*", "[Putin]", "Putin|Xi", "\\w+", "A(?=b)"])
def test_b26_a_pattern_is_taken_for_the_letters_it_is_written_with(alias: str) -> None:
    entity = {"name": "Pattern", "aliases": [alias], "match": {"case": "sensitive", "word": "substring"}}
    assert written(f"Putin and {alias} aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", entity) == [alias]


@pytest.mark.parametrize("text", ["Putins", "Putin2", "2Putin", "Rasputin", "XPutin", "Putinë", "ÄPutin", "Путинputin"])
def test_a_name_inside_a_word_is_none(text: str) -> None:
    assert match(PUTIN, body=text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ramzan Kadyrov",
        "Ramzan\nKadyrov",
        "Ramzan\u00a0Kadyrov",
        "Ramzan\u202fKadyrov",
        "Ramzan\tKadyrov",
        "Ramzan\u3000Kadyrov",
    ],
)
def test_a_name_may_hold_any_one_white_space(text: str) -> None:
    assert written(f"So {text} said.", {"name": "Ramzan Kadyrov"}) == [text]


def test_a_name_does_not_reach_over_an_empty_line() -> None:
    assert written("Ramzan\n\nKadyrov", {"name": "Ramzan Kadyrov"}) == []


@pytest.mark.parametrize("alias", ["O'Neil", "O’Neil", "O´Neil", "O`Neil"])
@pytest.mark.parametrize("text", ["O'Neil", "O’Neil", "O‘Neil", "O`Neil", "O´Neil", "two\nO`Neil"])
def test_one_apostrophe_is_as_good_as_another(alias: str, text: str) -> None:
    assert written(text, {"name": alias}) == [text.split("\n")[-1]]


def test_quotes_and_hyphens_inside_a_name_likewise() -> None:
    entity = {"name": 'The "Big" Rolls-Royce'}
    for text in ("The “Big” Rolls-Royce", "The «Big» Rolls–Royce", "The „Big“ Rolls‐Royce"):
        assert written(text, entity) == [text]


@pytest.mark.parametrize(
    ("entities", "text", "hits"),
    [
        # case 7: one place is counted once, for the longest
        ([{"name": "Severus Snape", "aliases": ["Snape"]}], "Severus Snape met Snape", ["Severus Snape", "Snape"]),
        (
            [{"name": "Trump", "aliases": ["President Trump"]}],
            "President Trump and Trump",
            ["President Trump", "Trump"],
        ),
        # over all entities: Tarnwick is not counted inside Port Tarnwick
        ([{"name": "Port Tarnwick"}, {"name": "Tarnwick"}], "Port Tarnwick, Tarnwick", ["Port Tarnwick", "Tarnwick"]),
        # leftmost goes before longest
        ([{"name": "New York"}, {"name": "York Minster Choir"}], "New York Minster Choir", ["New York"]),
        ([{"name": "Aa Bb"}, {"name": "Bb Cc"}, {"name": "Cc Dd"}], "Aa Bb Cc Dd", ["Aa Bb", "Cc Dd"]),
        # two that touch are two
        ([PUTIN], "Putin Putin, Putin-Putin", ["Putin"] * 4),
        # what fails its border hides nothing
        ([{"name": "Port Tarn"}, {"name": "Tarnwick"}], "Port Tarnwick", ["Tarnwick"]),
    ],
)
def test_case_7_leftmost_then_longest_over_all_entities(
    entities: list[dict[str, Any]], text: str, hits: list[str]
) -> None:
    assert written(text, *entities) == hits


def test_case_7_a_hit_that_is_not_counted_frees_nothing() -> None:
    gone = {"name": "Severus Snape", "active": {"to": "2020-01-01"}}
    hits = match(gone, {"name": "Snape"}, body="Severus Snape")
    assert [(hit.entity_id, hit.why_not) for hit in hits] == [("severus-snape", "inactive")]


@pytest.mark.parametrize(
    ("entity", "text", "hits"),
    [
        (USA, "He told us of the US and of Us and US.", ["US", "US"]),
        ({"name": "Frost"}, "Frost and frost and FROST", ["Frost"]),  # names heed case
        (
            {"name": "gas price", "kind": "topic"},
            "Gas price, GAS PRICE, gas price",
            ["Gas price", "GAS PRICE", "gas price"],
        ),
        ({"name": "Zephra", "kind": "brand", "match": {"case": "insensitive"}}, "ZEPHRA zephra", ["ZEPHRA", "zephra"]),
        ({"name": "Gas", "kind": "topic", "match": {"case": "sensitive"}}, "Gas gas", ["Gas"]),
        ({"name": "Παύλος", "match": {"case": "insensitive"}}, "ΠΑΎΛΟΣ’Σ Παύλος", ["ΠΑΎΛΟΣ", "Παύλος"]),
    ],
)
def test_case_counts_for_names_and_not_for_topics(entity: dict[str, Any], text: str, hits: list[str]) -> None:
    assert written(text, entity) == hits


@pytest.mark.parametrize(
    ("body", "counted", "why_not"),
    [
        ("KADYROV CALLS FOR CALM", 0, ["capitals"]),
        ("KADYROV CALLS FOR CALM\nRamzan Kadyrov said so.", 2, []),  # the full name stands in the article
        ("RAMZAN KADYROV CALLS FOR CALM", 1, []),
        ("RAMZAN KADYROV IS BACK\nKADYROV IS BACK", 2, []),
        ("KADYROV CALLS FOR CALM\nKadyrov said so.", 1, ["capitals"]),  # not the full name
        ("KADYROV’S MEN, 2026", 0, ["capitals"]),
        ("Then KADYROV spoke.", 0, []),  # no line in capitals: another spelling
        ("Then Kadyrov spoke.", 1, []),
    ],
)
def test_in_a_line_of_capitals_a_one_word_alias_needs_the_full_name(
    body: str, counted: int, why_not: list[str]
) -> None:
    hits = match(KADYROV, body=body)
    assert sum(hit.is_counted for hit in hits) == counted
    assert [hit.why_not for hit in hits if not hit.is_counted] == why_not


def test_the_full_name_may_stand_in_another_column_but_not_in_one_that_is_not_counted() -> None:
    title = "KADYROV CALLS FOR CALM"
    assert all(hit.is_counted for hit in match(KADYROV, title=title, body="So Ramzan Kadyrov said."))
    for column in ("trailer", "headline_echo"):
        hits = match(KADYROV, title=title, body="So he said.", **{column: "So Ramzan Kadyrov said."})
        assert {hit.zone: hit.why_not for hit in hits} == {"title": "capitals", column: "zone"}


@pytest.mark.parametrize("text", ["US TROOPS LEAVE", "THE UNITED STATES AND US", "IT IS US"])
def test_in_a_line_of_capitals_an_alias_of_three_capitals_never_counts(text: str) -> None:
    hits = match(USA, body=f"{text}\nThe United States said so.")
    assert [hit.why_not for hit in hits if hit.alias == "US"] == ["capitals"]


def test_a_short_name_that_is_not_written_in_capitals_is_a_one_word_alias_like_others() -> None:
    ali = {"name": "Muhammad Ali", "aliases": ["Ali"]}
    assert [hit.why_not for hit in match(ali, body="ALI WINS AGAIN")] == ["capitals"]
    assert [hit.why_not for hit in match(ali, body="ALI WINS AGAIN\nMuhammad Ali won.")] == [None, None]


def test_a_name_of_one_word_in_capitals_is_not_its_own_full_name() -> None:
    assert [hit.why_not for hit in match({"name": "Putin"}, body="PUTIN WINS AGAIN")] == ["capitals"]
    assert [hit.why_not for hit in match({"name": "Putin"}, body="PUTIN WINS AGAIN\nPutin won.")] == [None, None]


def test_a_name_that_is_an_acronym_is_its_own_full_name() -> None:
    assert written("NATO TALKS FAIL", {"name": "NATO", "kind": "organisation"}) == ["NATO"]


class TestCase8:
    """An alias that several entities own."""

    ENERGY: ClassVar = {"id": "energy", "name": "Tarnwick Energy", "kind": "organisation", "aliases": ["Tarnwick"]}
    PORT: ClassVar = {"id": "port", "name": "Port Tarnwick", "kind": "place", "aliases": ["Tarnwick"]}

    def verdicts(self, body: str, day: date = DAY, **more: Any) -> list[tuple[str, str, str | None]]:
        hits = match({**self.ENERGY, **more}, self.PORT, body=body, day=day)
        return [(body[hit.start_char : hit.end_char], hit.entity_id, hit.why_not) for hit in hits]

    def test_without_context_it_is_ambiguous_for_each_owner(self) -> None:
        assert self.verdicts("Tarnwick grew.") == [
            ("Tarnwick", "energy", "ambiguous"),
            ("Tarnwick", "port", "ambiguous"),
        ]

    def test_it_goes_to_the_owner_that_has_another_unambiguous_hit(self) -> None:
        assert self.verdicts("Tarnwick grew. Port Tarnwick did.") == [
            ("Tarnwick", "port", None),
            ("Port Tarnwick", "port", None),
        ]

    def test_where_both_have_one_it_is_ambiguous_again(self) -> None:
        assert self.verdicts("Tarnwick. Port Tarnwick. Tarnwick Energy.") == [
            ("Tarnwick", "energy", "ambiguous"),
            ("Tarnwick", "port", "ambiguous"),
            ("Port Tarnwick", "port", None),
            ("Tarnwick Energy", "energy", None),
        ]

    def test_of_three_owners_two_with_one_settle_nothing_and_the_inactive_stays_inactive(self) -> None:
        third = {"id": "third", "name": "Tarnwick Town", "kind": "place", "aliases": ["Tarnwick"]}
        gone = {"id": "gone", "name": "Tarnwick Mill", "aliases": ["Tarnwick"], "active": {"to": "2020-01-01"}}
        body = "Tarnwick. Port Tarnwick. Tarnwick Energy."
        hits = match(self.ENERGY, self.PORT, third, gone, body=body)
        assert [(hit.entity_id, hit.why_not) for hit in hits if hit.start_char == 0] == [
            ("energy", "ambiguous"),
            ("gone", "inactive"),
            ("port", "ambiguous"),
            ("third", "ambiguous"),
        ]

    def test_a_hit_that_is_not_counted_settles_nothing(self) -> None:
        hits = match(self.ENERGY, self.PORT, body="Tarnwick grew.", trailer="Port Tarnwick")
        assert [hit.why_not for hit in hits] == ["ambiguous", "ambiguous", "zone"]

    def test_nor_does_one_in_capitals(self) -> None:
        assert self.verdicts("TARNWICK GROWS\nTarnwick grew. Tarnwick Energy did.") == [
            ("TARNWICK", "energy", None),
            ("TARNWICK", "port", "capitals"),
            ("Tarnwick", "energy", None),
            ("Tarnwick Energy", "energy", None),
        ]

    def test_an_owner_that_is_not_active_is_no_rival(self) -> None:
        assert self.verdicts("Tarnwick grew.", active={"to": "2026-03-01"}) == [
            ("Tarnwick", "energy", "inactive"),
            ("Tarnwick", "port", None),
        ]

    def test_an_owner_whose_case_does_not_fit_is_no_owner(self) -> None:
        us = {"name": "we", "kind": "topic", "aliases": ["us"], "match": {"case": "sensitive"}}
        assert [hit.entity_id for hit in match(USA, us, body="The US left.")] == ["united-states"]


@pytest.mark.parametrize(
    ("active", "day", "why_not"),
    [
        ({"from": "2026-03-02"}, date(2026, 3, 1), "inactive"),
        ({"from": "2026-03-02"}, date(2026, 3, 2), None),
        ({"to": "2026-03-02"}, date(2026, 3, 2), None),
        ({"to": "2026-03-02"}, date(2026, 3, 3), "inactive"),
        ({"from": "2026-03-02", "to": "2026-03-02"}, date(2026, 3, 2), None),
        ({}, date(1990, 1, 1), None),
    ],
)
def test_activity_includes_both_days(active: dict[str, str], day: date, why_not: str | None) -> None:
    assert [hit.why_not for hit in match({**PUTIN, "active": active}, body="Putin", day=day)] == [why_not]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/Putin/a",
        "HTTP://Putin.example/?q=1",
        "(see www.Putin-news.example)",
        "Putin@kremlin.example",
        "press.Putin@kremlin.example",
        "a@Putin.example.org",
        "@Putin",
        "(@Putin)",
        "@user@Putin.example",
        "info@Putin",
        "Putin.com",
        "news.Putin.de/a",
        "example.org/Putin",
        "请联系Putin@kremlin.example谢谢",
        "看https://example.org/Putin",
    ],
)
def test_nothing_inside_an_address_counts(text: str) -> None:
    assert written(f"So {text} it is.", PUTIN) == []


@pytest.mark.parametrize(
    "text",
    [
        "#Putin",
        "Putin https://example.org/a",
        "https://example.org/a Putin",
        "Putin @kremlin",
        "Putin.It was so",
        "said Putin. Com",
        "Putin/Xi",
        "Putin...",
        "5@3 Putin",
        "https://example.org/a，Putin说",  # Chinese writes on without a space
        "邮件a@b.example。Putin说",
        "Putin说：邮件a@b.example",
    ],
)
def test_beside_an_address_it_does(text: str) -> None:
    assert written(f"So {text}", PUTIN) == ["Putin"]


def test_a_name_that_is_a_host_name_counts_where_it_stands_alone() -> None:
    booking = {"name": "Booking.com", "kind": "brand"}
    assert written("Booking.com, said Booking.com.", booking) == ["Booking.com"] * 2
    assert written("https://Booking.com/a a@Booking.com x.Booking.com Booking.com/a", booking) == []


def test_title_lead_and_body_count_and_the_lead_is_the_first_hundred_words() -> None:
    body = "Putin " + "word " * 98 + "Putin Putin"
    hits = match(PUTIN, title="Putin", body=body)
    assert [(hit.zone, hit.is_counted) for hit in hits] == [
        ("title", True),
        ("lead", True),
        ("lead", True),
        ("body", True),
    ]
    assert [hit.start_char for hit in hits] == [0, 0, end_of_word(body, 99) + 1, end_of_word(body, 100) + 1]


def test_a_hit_belongs_to_the_zone_where_it_starts() -> None:
    hits = match({"name": "Vladimir Putin"}, body="word " * 99 + "Vladimir Putin")
    assert [hit.zone for hit in hits] == ["lead"]


@pytest.mark.parametrize("zone", ["trailer", "headline_echo"])
def test_trailer_and_echo_are_kept_and_not_counted(zone: str) -> None:
    hits = match(PUTIN, body="Nothing.", **{zone: "Says Putin"})
    assert [(hit.zone, hit.start_char, hit.end_char, hit.why_not) for hit in hits] == [(zone, 5, 10, "zone")]


def test_scripts_without_spaces_need_no_border() -> None:
    assert written("俄罗斯总统普京表示", {"name": "普京"}) == ["普京"]
    assert written("นายปูตินกล่าว", {"name": "ปูติน"}) == ["ปูติน"]
    assert written("プーチン大統領", {"name": "プーチン"}) == ["プーチン"]
    assert written("𠮷野家の𠮷野", {"name": "𠮷野"}) == ["𠮷野", "𠮷野"]  # beyond the first plane


def test_scripts_with_spaces_need_one() -> None:
    assert written("Путина Путин", {"name": "Путин"}) == ["Путин"]
    assert written("푸틴은 푸틴", {"name": "푸틴"}) == ["푸틴"]


@pytest.mark.parametrize("before", ["İİİ", "ß", "ﬁ", "👍🏽", "𝐏", "ΣΑΣ", "e\u0301", "ẞŉǰ"])
def test_b29_letters_that_change_their_length_move_no_offset(before: str) -> None:
    for entity in ({"name": "Putin"}, {"name": "Putin", "match": {"case": "insensitive"}}):
        hits = match(entity, title=f"{before} Putin", body=f"{before} Putin")
        assert [(hit.start_char, hit.end_char) for hit in hits] == [(len(before) + 1, len(before) + 6)] * 2


def test_b29_a_name_may_hold_such_letters() -> None:
    assert written("İstanbul and Weißenfels", {"name": "İstanbul"}, {"name": "Weißenfels"}) == [
        "İstanbul",
        "Weißenfels",
    ]


MARKS = ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\u200e", "\u202a", "\u2069", "\u061c"]


@pytest.mark.parametrize("mark", MARKS)
def test_b29_marks_that_cannot_be_seen_are_looked_through_and_move_no_offset(mark: str) -> None:
    body = f"{mark}So Mara {mark}Lind{mark}qvist{mark}, {mark}{mark}Ramzan{mark} Kadyrov said."
    names = {"name": "Mara Lindqvist"}, {"name": f"Ramzan Kady{mark}rov"}
    assert written(body, *names) == [f"Mara {mark}Lind{mark}qvist", f"Ramzan{mark} Kadyrov"]
    assert written(f"Mara Lindqvist{mark}son", *names) == []
    assert written(f"See a.org/Mara{mark}Lindqvist/Lind{mark}qvist", {"name": "Lindqvist"}) == []
    assert written(f"MARA LIND{mark}QVIST SPOKE", *names) == [f"MARA LIND{mark}QVIST"]


def test_word_substring_finds_a_name_inside_words() -> None:
    entity = {"name": "wind farm", "kind": "topic", "aliases": ["windfarm"], "match": {"word": "substring"}}
    assert written("Windfarms, wind farms, offshorewindfarm", entity) == ["Windfarm", "wind farm", "windfarm"]


def test_an_alias_may_begin_or_end_with_a_sign() -> None:
    assert written("Yahoo! and .NET, C++.", {"name": "Yahoo!"}, {"name": ".NET"}, {"name": "C++"}) == [
        "Yahoo!",
        ".NET",
        "C++",
    ]


def test_hits_come_in_the_order_of_columns_and_places() -> None:
    hits = match(KADYROV, PUTIN, title="Putin", body="Kadyrov, Putin", trailer="Putin", headline_echo="Kadyrov")
    order = [(hit.zone, hit.start_char) for hit in hits]
    assert order == [("title", 0), ("lead", 0), ("lead", 9), ("trailer", 0), ("headline_echo", 0)]


def test_a_paragraph_of_any_length_without_white_space_is_searched_in_one_pass() -> None:
    # A search for addresses that begins anew at each character would take a quarter of an hour here.
    text = "俄罗斯总统普京表示，" * 50_000 + "a.b@c"
    assert len(match({"name": "普京"}, body=text)) == 50_000
    assert written("-" * 500_000 + "@Putin." + "." * 500_000, PUTIN) == []


NAMES = ["Ann Lee", "Lee", "Lee Port", "Port", "Port Lee Ann", "US", "us", "普京", "O'Neil", "Straße", "İzmir", "Ann"]
WORDS = [
    "Ann",
    "Lee",
    "Port",
    "US",
    "us",
    "LEE",
    "普京",
    "O’Neil",
    "Straße",
    "İzmir",
    "Zebra",
    "x",
    "İ",
    "ANN LEE",
    "@Lee",
    "a.com",
]
TEXTS = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", " ", "\n", "-", "’s ", ". ", "", "\u00a0"]))
).map(lambda parts: "".join(word + joint for word, joint in parts))
ENTITIES = st.lists(
    st.builds(
        lambda names, case, word, active: {
            "name": names[0],
            "kind": "topic",
            "aliases": names[1:],
            "match": {"case": case, "word": word},
            "active": active,
        },
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
        st.sampled_from(["sensitive", "insensitive"]),
        st.sampled_from(["whole", "substring"]),
        st.sampled_from([{}, {}, {"to": "2020-01-01"}]),
    ),
    min_size=1,
    max_size=5,
).map(lambda entities: [{**entity, "id": f"e{number}"} for number, entity in enumerate(entities)])
COLUMNS = st.builds(Texts, st.none() | TEXTS, TEXTS, st.none() | TEXTS, st.none() | TEXTS)


def column(texts: Texts, hit: Hit) -> str:
    name = "body" if hit.zone == "lead" else hit.zone
    text = getattr(texts, name)
    assert isinstance(text, str)
    return text


def plain(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


@examples(300)
@given(ENTITIES, COLUMNS)
def test_the_text_at_a_hit_is_its_alias_and_hits_of_a_column_do_not_overlap(
    entities: list[dict[str, Any]], texts: Texts
) -> None:
    watchlist = make_watchlist(*entities)
    spellings = {entity.id: entity.spellings for entity in watchlist.entities}
    taken: dict[str, set[int]] = {}
    for hit in Matcher(watchlist).match(texts, DAY):
        text = column(texts, hit)
        assert 0 <= hit.start_char < hit.end_char <= len(text)
        assert plain(text[hit.start_char : hit.end_char]) == plain(hit.alias)
        assert hit.alias in spellings[hit.entity_id]
        if hit.is_counted:
            where = taken.setdefault("body" if hit.zone == "lead" else hit.zone, set())
            place = set(range(hit.start_char, hit.end_char))
            assert not where & place
            where |= place


@examples(200)
@given(ENTITIES, COLUMNS)
def test_a_name_that_meets_no_other_changes_no_others_hits(entities: list[dict[str, Any]], texts: Texts) -> None:
    alone = Matcher(make_watchlist(*entities)).match(texts, DAY)
    zebra = {"id": "zebra", "name": "Zebra", "kind": "topic"}
    both = Matcher(make_watchlist(zebra, *entities)).match(texts, DAY)
    assert [hit for hit in both if hit.entity_id != "zebra"] == alone


@examples(200)
@given(ENTITIES.flatmap(lambda entities: st.tuples(st.just(entities), st.permutations(entities))), COLUMNS)
def test_the_order_of_the_watchlist_changes_nothing(
    orders: tuple[list[dict[str, Any]], list[dict[str, Any]]], texts: Texts
) -> None:
    one, other = (Matcher(make_watchlist(*entities)).match(texts, DAY) for entities in orders)
    assert one == other


@examples(200)
@given(ENTITIES, COLUMNS, st.sampled_from([DAY, None]))
def test_matching_is_a_function_of_its_inputs(entities: list[dict[str, Any]], texts: Texts, day: date | None) -> None:
    matcher = Matcher(make_watchlist(*entities))
    assert (
        matcher.match(texts, day) == matcher.match(texts, day) == Matcher(make_watchlist(*entities)).match(texts, day)
    )


@examples(300)
@given(st.text(), st.text(min_size=1, max_size=6).filter(lambda name: any(map(str.isalnum, name))))
def test_any_text_and_any_name_are_searched_without_a_crash(text: str, name: str) -> None:
    watchlist = Watchlist.model_validate({"version": 1, "entities": [{"id": "e", "name": name, "kind": "topic"}]})
    alias = watchlist.entities[0].name
    body = f"{text} {alias}\n"
    hits = Matcher(watchlist).match(Texts(text, body), None)
    assert all(hit.alias == alias and hit.end_char - hit.start_char == len(alias) for hit in hits)


REUTERS = {"name": "Reuters", "kind": "organisation"}


def test_case_4_an_agency_in_the_dateline_is_no_mention_and_in_a_sentence_it_is() -> None:
    head = "LONDON (Reuters) - "
    hits = match(REUTERS, body=f"{head}Reuters will hire, it said.", dateline=(0, len(head)))
    assert [(hit.zone, hit.why_not, hit.start_char) for hit in hits] == [("lead", None, 19), ("dateline", "zone", 8)]


def test_a_byline_is_kept_and_not_counted() -> None:
    hits = match(PUTIN, body="Nobody came.", byline="By Vladimir Putin")
    assert [(hit.zone, hit.why_not) for hit in hits] == [("byline", "zone")]


def test_the_lead_begins_behind_the_dateline() -> None:
    head, words = "LONDON, March 3 (Reuters) - ", "word " * 99
    hits = match(PUTIN, body=f"{head}{words}Putin Putin", dateline=(0, len(head)))
    assert [hit.zone for hit in hits] == ["lead", "body"]


def test_a_full_name_in_the_dateline_decides_nothing() -> None:
    """It is no text, so it does not make a shared alias unambiguous."""
    other = {"name": "Sergei Putin", "id": "sergei", "aliases": ["Putin"]}
    head = "VLADIMIR PUTIN (Reuters) - "
    hits = match(PUTIN, other, body=f"{head}Putin spoke.", dateline=(0, len(head)))
    assert {hit.why_not for hit in hits if hit.zone == "lead"} == {"ambiguous"}


@examples(500)
@given(
    st.lists(st.from_regex(r"[aB ’'.-_ßé普1]{0,3}[aBßé1][aB ’'.-_ßé普1]{0,3}", fullmatch=True), min_size=1, max_size=4),
    st.text("aAbB ’'.-_ßé普1\n…€\u0301", max_size=30),
    st.booleans(),
)
def test_words_seen_by_their_borders_are_those_whose_borders_are_looked_at(
    names: list[str], text: str, inflect: bool
) -> None:
    """The automaton that sees whole words only finds what the other one finds, in any text without unspaced script."""
    entities = [
        {"id": f"e{number}", "name": name, "kind": "topic" if number % 2 else "place", "match": {"inflect": inflect}}
        for number, name in enumerate(names)
    ]
    finder = Finder(spellings_of(make_watchlist(*entities)))
    slower = Finder(spellings_of(make_watchlist(*entities)))
    slower._bordered = slower._any

    def told(found: Found) -> list[tuple[int, int, list[str]]]:
        return [(place.start, place.end, [one.entity.id for one in place.spellings]) for place in found.names]

    assert told(finder.find(text)) == told(slower.find(text))
