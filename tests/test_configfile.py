from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.configfile import MAX_BYTES, LoadedYaml, Strict, read_config_text
from mediamonitor.errors import ConfigurationError


class Inner(Strict):
    number: int


class Outer(Strict):
    name: str
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()


def refusal(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        LoadedYaml(text, "x.yaml").check(Outer)
    message = str(caught.value)
    assert "\n" not in message
    assert "Traceback" not in message
    return message


def test_a_file_becomes_a_record() -> None:
    outer = LoadedYaml("name: a\ninner: {number: 1}\nmany: [{number: 2}]\n", "x.yaml").check(Outer)
    assert outer == Outer(name="a", inner=Inner(number=1), many=(Inner(number=2),))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x [1]\nb: *x\n", 2, "aliases"),
        ("name: a\ninner:\n  <<: *x\n", 3, "aliases"),
        ("name: a\nname: b\n", 2, "'name' stands twice"),
        ("name: a\ninner:\n  number: 1\n  number: 2\n", 4, "'number' stands twice"),
        ("name: !!python/object/apply:os.system [ls]\n", 1, "python"),
        ("name: a\ninner: !!python/name:os.system\n", 2, "python"),
        ("name: a\ninner: !secret x\n", 2, "!secret"),
        ("name: a\n? [b, c]\n: d\n", 2, "plain word"),
        ("name: a\n? {b: c}\n: d\n", 2, "plain word"),
        ("name: a\ninner: 2022-13-45\n", 2, "2022-13-45"),
        ("name: !!int many\n", 1, "many"),
        ("name: !!timestamp soon\n", 1, "soon"),
        ("name: !!bool perhaps\n", 1, "perhaps"),
        ("name: a\ninner: [\n", 3, "node content"),
        ("name: a\n\tinner: b\n", 2, "character"),
        ("name: a\n---\nname: b\n", 2, "another document"),
        ("name: a\nmany:\n  - number: 1\n  - number: x\n", 4, "many.1.number"),
        ("name: a\nmany:\n  - number: 1\n  -\n    number: 1\n    odd: 1\n", 6, "unknown key 'odd'"),
        ("\n\nname: a\n\ninner:\n  {}\n", 5, "'number' is missing"),
        ("odd: 1\nname: a\n", 1, "unknown key 'odd'"),
        ("nome: a\n", 1, "name"),
    ],
)
def test_b28_what_is_wrong_is_told_with_its_line(text: str, line: int, words: str) -> None:
    message = refusal(text)
    assert message.startswith(f"x.yaml, line {line}: ")
    assert words in message


def test_b28_a_billion_laughs_are_refused_at_the_first() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert "line 2: YAML aliases (*name) are not allowed" in refusal(bomb)


@pytest.mark.parametrize("text", ["[" * 5_000, "{a: " * 5_000, "- " * 5_000])
def test_b28_deep_nesting_is_refused(text: str) -> None:
    assert "nested too deeply" in refusal(text)


def test_b28_a_file_that_is_too_large_is_refused_unread() -> None:
    assert "larger than 1,000,000 bytes" in refusal("#" * (MAX_BYTES + 1))
    assert "larger than 1,000,000 bytes" in refusal("ü" * (MAX_BYTES // 2 + 1))
    LoadedYaml("name: a\n" + "#" * (MAX_BYTES - 8), "x.yaml").check(Outer)


@pytest.mark.parametrize("text", ["a: \x00", "a: \x1b[31m"])
def test_control_characters_are_refused(text: str) -> None:
    assert "not readable as YAML" in refusal(text)


@pytest.mark.parametrize(
    ("text", "found"), [("", "NoneType"), ("# only\n", "NoneType"), ("- a\n", "list"), ("a", "str")]
)
def test_something_else_than_keys_is_refused(text: str, found: str) -> None:
    assert refusal(text) == f"x.yaml, line 1: expected keys such as 'version:', found {found}"


@examples(300)
@given(st.text(max_size=60) | st.text("abn1:-?!&*#{}[],'\"|> \n\t<%@`~", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        LoadedYaml(text, "x.yaml").check(Outer)
    except ConfigurationError as error:
        message = str(error)
    else:
        message = "x.yaml"
    assert message.startswith("x.yaml")


def test_a_later_check_names_the_line_of_what_it_is_about() -> None:
    loaded = LoadedYaml("name: a\nmany:\n  - number: 1\n  - number: 2\n", "x.yaml")
    assert str(loaded.error(("many", 1, "number"), "no")) == "x.yaml, line 4: no"
    assert str(loaded.error(("many", 7), "no")) == "x.yaml, line 2: no"
    assert str(loaded.error(("absent",), "no")) == "x.yaml, line 1: no"


class TestReadingTheFile:
    def test_utf8_with_and_without_a_mark(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes("name: ü".encode())
        (tmp_path / "b").write_bytes("name: ü".encode("utf-8-sig"))
        assert read_config_text(str(tmp_path / "a"), "watchlist") == read_config_text(str(tmp_path / "b"), "watchlist")

    @pytest.mark.parametrize("raw", [b"name: \xff", "name: ü".encode("utf-16")])
    def test_another_encoding_is_refused(self, tmp_path: Path, raw: bytes) -> None:
        (tmp_path / "a").write_bytes(raw)
        with pytest.raises(ConfigurationError, match=r"not UTF-8 at byte \d"):
            read_config_text(str(tmp_path / "a"), "watchlist")

    def test_no_file_and_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match=r"watchlist not found: .*absent; create it"):
            read_config_text(str(tmp_path / "absent"), "watchlist")
        with pytest.raises(ConfigurationError, match="cannot be read"):
            read_config_text(str(tmp_path), "watchlist")

    def test_no_more_is_read_than_the_check_needs(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"#" * (MAX_BYTES + 500))
        assert len(read_config_text(str(tmp_path / "a"), "watchlist")) == MAX_BYTES + 1
