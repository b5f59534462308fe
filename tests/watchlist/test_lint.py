"""What is allowed in a watchlist and yet often a mistake, and a watchlist from a table."""

from __future__ import annotations

import pytest

from factories import make_watchlist
from mediamonitor.errors import ConfigurationError
from mediamonitor.watchlist.lint import lint
from mediamonitor.watchlist.parse import parse_watchlist
from mediamonitor.watchlist.table import yaml_of_csv

EXAMPLES = {"hit": ["x"]}


def remarks(*entities: dict[str, object]) -> list[str]:
    return lint(make_watchlist(*({"examples": EXAMPLES, **entity} for entity in entities)))


def test_a_sound_list_has_no_remarks() -> None:
    assert remarks({"name": "Mara Lindqvist"}, {"name": "Vessmark", "kind": "place"}) == []


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"name": "Vessmark", "aliases": ["VESSMARK"]}, "'VESSMARK' stands twice"),
        ({"name": "Vessmark", "aliases": ["Port", "port"]}, "'port' stands twice"),
        ({"name": "X", "kind": "brand"}, "'X' is a single letter"),
        ({"name": "Vessmark", "examples": {}}, "no examples"),
    ],
)
def test_remarks_about_one_entity(entity: dict[str, object], words: str) -> None:
    (remark,) = remarks(entity)
    assert words in remark


def test_remarks_about_two_entities() -> None:
    shared = remarks({"name": "Joe Biden"}, {"name": "Hunter Biden"})
    assert [remark.partition(";")[0] for remark in shared] == [
        "joe-biden: 'Biden' belongs to hunter-biden too",
        "hunter-biden: 'Biden' belongs to joe-biden too",
    ]
    inside = remarks({"name": "Kadyrov", "kind": "place"}, {"name": "Kadyrov Street", "kind": "place"})
    assert inside == [
        "kadyrov: 'Kadyrov' stands in 'Kadyrov Street' of kadyrov-street; there only the longer one is found"
    ]


def test_ten_thousand_names_are_remarked_upon_at_once() -> None:
    """Comparing each name with each would be a hundred million comparisons."""
    names = [{"id": f"n{number}", "name": f"Name{number} Place", "kind": "place"} for number in range(10_000)]
    found = lint(make_watchlist(*names, {"name": "Place", "kind": "place"}))
    assert sum("stands in" in remark for remark in found) == 10_000


TABLE = """id;name;kind;aliases;exclude;active_from
lindqvist;Mara Lindqvist;person;Lindqvist | the minister;Lindqvist Street;2026-03-01
;;;;;
vessmark;Vessmark;place;;;
"""


@pytest.mark.parametrize("text", [TABLE, TABLE.replace(";", ","), TABLE.replace("\n", "\r\n")])
def test_a_table_becomes_a_watchlist(text: str) -> None:
    watchlist = parse_watchlist(yaml_of_csv(text, "names.csv"))
    lindqvist, vessmark = watchlist.entities
    assert lindqvist.aliases == ("Lindqvist", "the minister")
    assert lindqvist.exclude == ("Lindqvist Street",)
    assert str(lindqvist.active.from_) == "2026-03-01"
    assert (vessmark.id, vessmark.kind, vessmark.aliases) == ("vessmark", "place", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,name\na,A\n", "line 1: the column 'kind' is missing"),
        ("id,name,kind,colour\n", "line 1: unknown column 'colour'"),
        ("id,name,kind\na,Anna,person\nb,Bea,persona\n", "line 3: entities.0.kind"),
        ("id,name,kind\na,Anna,person,more\n", "line 2: more cells"),
        ("id,name,kind\na,Anna,person\na,Bea,person\n", "the id 'a' stands twice"),
        ("id,name,kind\n", "no entity"),
        ("", "the column 'id' is missing"),
    ],
)
def test_a_mistake_in_a_table_is_told(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        yaml_of_csv(text, "names.csv")
    assert message in str(refusal.value)
    assert str(refusal.value).startswith("names.csv")
