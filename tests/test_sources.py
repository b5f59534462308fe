from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mediamonitor.errors import ConfigurationError
from mediamonitor.sources import Source, parse_sources


def refusal(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse_sources(text)
    return str(caught.value)


def test_a_sources_file_is_read() -> None:
    facts = "source: post, timezone: Europe/Berlin, charset: Windows-1252, undated: none, reach: 5"
    post = parse_sources(f"version: 1\nsources:\n  - {{{facts}}}\n").get("post")
    assert (post.zone, post.charset, post.undated, post.reach) == (ZoneInfo("Europe/Berlin"), "cp1252", "none", 5)


def test_a_source_that_is_not_listed_has_the_defaults() -> None:
    assert parse_sources("version: 1\n").get("post") == Source(source="post")
    assert parse_sources("").get("post") == Source(source="post")
    post = Source(source="post")
    assert (post.timezone, post.charset, post.undated) == ("UTC", None, "last_modified")


def test_names_are_compared_as_they_are() -> None:
    sources = parse_sources("version: 1\nsources: [{source: Post, timezone: Asia/Tokyo}]\n")
    assert sources.get("post").timezone == "UTC"
    assert sources.get("Post").timezone == "Asia/Tokyo"


@pytest.mark.parametrize(
    "charset", ["utf-8", "UTF8", "latin-1", "windows-1251", "koi8-r", "shift_jis", "gb18030", "utf-16-le"]
)
def test_a_charset_of_text_is_known(charset: str) -> None:
    name = parse_sources(f"version: 1\nsources: [{{source: a, charset: {charset}}}]\n").get("a").charset
    assert name is not None
    assert "ab".encode(name).decode(name) == "ab"


@pytest.mark.parametrize(
    "charset",
    [
        "klingon",
        "''",
        "hex",
        "base64",
        "zip",
        "rot13",
        "undefined",
        "idna",
        "punycode",
        "unicode_escape",
        "utf-7",
        "'a\\0b'",
        '"\\0"',
        "ü",
    ],
)
def test_what_is_no_charset_of_text_is_refused_before_it_stops_a_run(charset: str) -> None:
    message = refusal(f"version: 1\nsources:\n  - source: a\n    charset: {charset}\n")
    assert message.startswith("sources.yaml, line 4: ")
    assert "is not a charset" in message


@pytest.mark.parametrize(
    "zone",
    ["Berlin", "Europe", "''", "../../etc/passwd", "/etc/localtime", "'Europe/Berlin '", "'+01:00'", "5", '"\\0"'],
)
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    message = refusal(f"version: 1\nsources:\n  - source: a\n    timezone: {zone}\n")
    assert message.startswith("sources.yaml, line 4: ")
    assert "timezone" in message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("version: 1\nsources:\n  - source: a\n  - source: b\n  - source: a\n", 5, "'a' stands twice"),
        ("version: 1\nsources:\n  - name: A\n", 3, "'source' is missing"),
        ("version: 1\nsources:\n  - source: ''\n", 3, "source"),
        ("version: 1\nsources:\n  - source: a\n    reach: -1\n", 4, "reach"),
        ("version: 1\nsources:\n  - source: a\n    undated: today\n", 4, "'last_modified' or 'none'"),
        ("version: 1\nsources:\n  - source: a\n    color: red\n", 4, "unknown key 'color'"),
        ("version: 2\n", 1, "version"),
        ("sources: []\n", 1, "'version' is missing"),
        ("# nothing yet\n", 1, "expected keys"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, words: str) -> None:
    message = refusal(text)
    assert message.startswith(f"sources.yaml, line {line}: ")
    assert words in message


def test_the_file_that_ships_is_good() -> None:
    shipped = Path(__file__).resolve().parents[1] / "include" / "sources.yaml"
    assert len(parse_sources(shipped.read_text(encoding="utf-8")).sources) == 4
