from __future__ import annotations

from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from mediamonitor.errors import ConfigurationError
from mediamonitor.watchlist.model import Watchlist
from mediamonitor.watchlist.parse import parse_watchlist

GOOD = """\
version: 1
entities:
  - id: kadyrov
    name: Ramzan Kadyrov
    kind: person
    aliases: [Kadyrov]
    match: {case: sensitive, word: whole}
    active: {from: 2022-01-01, to: 2026-12-31}
    examples:
      hit: ["Kadyrov calls fleeing Russians cowards"]
      miss: ["the Kadyrovs"]
  - id: gas
    name: gas price
    kind: topic
"""


def refusal(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse_watchlist(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


def with_line(number: int, line: str) -> str:
    """GOOD with another line (from 1)."""
    lines = GOOD.split("\n")
    lines[number - 1] = line
    return "\n".join(lines)


def test_a_watchlist_is_read() -> None:
    kadyrov, gas = parse_watchlist(GOOD).entities
    assert (kadyrov.id, kadyrov.name, kadyrov.kind) == ("kadyrov", "Ramzan Kadyrov", "person")
    assert kadyrov.spellings == ("Ramzan Kadyrov", "Kadyrov")
    assert (kadyrov.active.from_, kadyrov.active.to) == (date(2022, 1, 1), date(2026, 12, 31))
    assert gas.spellings == ("gas price",)


def test_the_watchlist_that_ships_is_good() -> None:
    shipped = Path(__file__).resolve().parents[2] / "include" / "watchlist.yaml"
    assert len(parse_watchlist(shipped.read_text(encoding="utf-8")).entities) >= 5


@pytest.mark.parametrize(
    ("kind", "case", "sensitive"),
    [
        ("person", None, True),
        ("organisation", None, True),
        ("place", None, True),
        ("brand", None, True),
        ("topic", None, False),
        ("topic", "sensitive", True),
        ("person", "insensitive", False),
    ],
)
def test_case_is_as_declared_else_by_kind(kind: str, case: str | None, sensitive: bool) -> None:
    entity = {"id": "a", "name": "A", "kind": kind, "match": {"case": case}}
    watchlist = Watchlist.model_validate({"version": 1, "entities": [entity]})
    assert watchlist.entities[0].is_case_sensitive is sensitive


def test_names_are_normal_and_each_once() -> None:
    facts = "id: a, name: ' Cafe\u0301\u00a0 One ', kind: brand, aliases: [Café One, ' Café  Two']"
    watchlist = parse_watchlist(f"version: 1\nentities: [{{{facts}}}]")
    assert watchlist.entities[0].spellings == ("Café One", "Café Two")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (with_line(1, "version: 2"), 1, "version"),
        (with_line(1, "versoin: 1"), 1, "version"),
        (with_line(3, "  - id: Kadyrov"), 3, "id"),
        (with_line(3, "  - id: ''"), 3, "id"),
        (with_line(4, "    title: Ramzan Kadyrov"), 3, "'name' is missing"),  # the entity that lacks it
        (with_line(4, "    name: ''"), 4, "letter or digit"),
        (with_line(4, "    name: '* * *'"), 4, "letter or digit"),
        (with_line(4, "    name: 2022"), 4, "string"),
        (with_line(4, "    name: no"), 4, "string"),  # YAML reads it as false
        (with_line(5, "    kind: dog"), 5, "'person'"),
        (with_line(5, "    kind: person\n    colour: red"), 6, "unknown key 'colour'"),
        (with_line(6, "    aliases: Kadyrov"), 6, "aliases"),
        (with_line(6, "    aliases: [Kadyrov, '']"), 6, "letter or digit"),
        (with_line(6, "    aliases:\n      - Kadyrov\n      - R. Kadyrov\n      - '—'"), 9, "letter or digit"),
        (with_line(6, "    aliases:\n      - Kadyrov\n      - {a: b}"), 8, "string"),
        (with_line(7, "    match: {case: some}"), 7, "case"),
        (with_line(7, "    match: {fuzzy: yes}"), 7, "unknown key 'fuzzy'"),
        (with_line(7, "    match:\n      case: sensitive\n      fuzzy: yes"), 9, "unknown key 'fuzzy'"),
        (with_line(8, "    active: {from: 2026-02-02, to: 2026-02-01}"), 8, "lies after"),
        (with_line(8, "    active: {from: soon}"), 8, "date"),
        (with_line(8, "    active: {from: 2022-13-45}"), 8, "2022-13-45"),
        (with_line(8, "    active: {since: 2022-01-01}"), 8, "unknown key 'since'"),
        (with_line(12, "  - id: kadyrov"), 12, "'kadyrov' stands twice"),
        (with_line(13, "    name: gas price\n    name: oil price"), 14, "'name' stands twice"),
        (with_line(13, "    name: gas price\n    8: eight"), 14, "8"),
        (with_line(2, "entities: []\nrest:"), 3, "unknown key 'rest'"),
        ("version: 1\nentities: []\n", 2, "no entity"),
        ("# nothing\nversion: 1\n", 2, "'entities' is missing"),
        ("version: 1\nentities:\n", 2, "entities"),
        ("- a\n- b\n", 1, "expected keys"),
        ("", 1, "expected keys"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, words: str) -> None:
    message = refusal(text)
    assert message.startswith(f"watchlist.yaml, line {line}: ")
    assert words in message


@pytest.mark.parametrize(
    ("number", "line", "at", "words"),
    [
        (14, "    kind: topic\n    surname: always", 12, "only a person has a surname"),
        (6, "    surname: sometimes", 6, "surname"),
        (6, "    query: {all: [gas]}", 3, "only a topic has a query"),
        (14, "    kind: topic\n    aliases: [gas]\n    query: {all: [gas]}", 12, "a query stands alone"),
        (14, "    kind: topic\n    query: {none: [gas]}", 15, "words in all or any"),
        (14, "    kind: topic\n    query: {all: [gas], near: {words: [gas], within: 3}}", 15, "near"),
        (14, "    kind: topic\ngroups:\n  - {id: g, name: G, entities: [oil]}", 16, "no entity has the id 'oil'"),
        (14, "    kind: topic\ngroups:\n  - {id: g, name: G, entities: []}", 16, "at least 1 item"),
        (6, "    exclude: ['...']", 6, "holds no letter or digit"),
    ],
)
def test_what_does_not_fit_together_is_told_with_its_line(number: int, line: str, at: int, words: str) -> None:
    message = refusal(with_line(number, line))
    assert message.startswith(f"watchlist.yaml, line {at}: ")
    assert words in message


@pytest.mark.parametrize(
    ("number", "line", "words"),
    [
        (
            10,
            '      hit: ["Kadyrov calls", "the ruler of Chechnya calls"]',
            "'Ramzan Kadyrov' is not counted in 'the ruler",
        ),
        (11, '      miss: ["the Kadyrovs", "anti-Kadyrov"]', "'Ramzan Kadyrov' is counted in 'anti-Kadyrov'"),
        (10, "      hit: [kadyrov calls]", "is not counted"),
        (10, "      hit: ['https://example.org/Kadyrov']", "is not counted"),
    ],
)
def test_an_example_that_fails_stops_with_its_line(number: int, line: str, words: str) -> None:
    message = refusal(with_line(number, line))
    assert message.startswith(f"watchlist.yaml, line {number}: example fails: ")
    assert words in message


def test_each_example_knows_its_own_line() -> None:
    text = with_line(10, "      hit:\n        - Kadyrov calls\n        - nobody calls\n        - Kadyrov again")
    assert "line 12: example fails" in refusal(text)


def test_examples_are_tried_against_the_whole_watchlist() -> None:
    shared = GOOD + "    aliases: [Kadyrov]\n"
    assert "line 10: example fails" in refusal(shared)  # ambiguous now


@pytest.mark.parametrize("active", ["{from: 2030-01-01}", "{to: 2000-01-01}", "{from: 2001-01-01, to: 2001-01-02}"])
def test_examples_are_tried_on_a_day_on_which_the_entity_is_watched(active: str) -> None:
    parse_watchlist(with_line(8, f"    active: {active}"))


VERSION = parse_watchlist(GOOD).content_hash


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n\n" + GOOD.replace("\n", "  # why\n"),
        GOOD.replace("aliases: [Kadyrov]", "aliases:\n    - 'Kadyrov'"),
        GOOD.replace("    match: {case: sensitive, word: whole}", "    match: {word: whole, case: sensitive}"),
        GOOD.replace("name: Ramzan Kadyrov", "name: ' Ramzan  Kadyrov'"),
        GOOD.replace("fleeing Russians", "some Russians"),  # examples are tests, and change no count
        GOOD + "    aliases: []\n",
    ],
)
def test_layout_comments_and_examples_do_not_change_the_version(text: str) -> None:
    assert parse_watchlist(text).content_hash == VERSION


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: gas", "id: gases"),
        ("name: gas price", "name: oil price"),
        ("aliases: [Kadyrov]", "aliases: [Kadyrov, R. Kadyrov]"),
        ("word: whole", "word: substring"),
        ("case: sensitive", "case: insensitive"),
        ("from: 2022-01-01", "from: 2022-01-02"),
        (", to: 2026-12-31", ""),
        ("kind: topic", "kind: brand"),
    ],
)
def test_content_changes_the_version(old: str, new: str) -> None:
    assert old in GOOD
    changed = parse_watchlist(GOOD.replace(old, new).replace('      miss: ["the Kadyrovs"]\n', ""))
    assert changed.content_hash != VERSION
    assert len(VERSION) == 16


def test_b27_ten_thousand_names_are_no_trouble() -> None:
    entities = [{"id": f"e{number}", "name": f"Name {number}", "kind": "person"} for number in range(10_000)]
    assert len(Watchlist.model_validate({"version": 1, "entities": entities}).entities) == 10_000


def test_the_contract_example_reads_without_the_keys_that_are_not_built() -> None:
    text = dedent(
        """\
        version: 1
        entities:
          - id: kadyrov
            name: Ramzan Kadyrov    # always an alias
            kind: person
            aliases: [Kadyrov]
            match: {case: sensitive, word: whole}
            active: {from: 2022-01-01}
            examples: {hit: ["Kadyrov calls fleeing Russians cowards"], miss: ["the street market"]}
        """
    )
    assert parse_watchlist(text).entities[0].is_active(date(2022, 1, 1))
