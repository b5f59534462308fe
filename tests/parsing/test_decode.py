from __future__ import annotations

import codecs
import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.parsing.decode import KNOWN_ENCODINGS, Refused, decode

TEXT = "Kadyrov’s Straße 普京 – 5 €"
BOMS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
]


def refused(raw: bytes, charset: str | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        decode(raw, charset)
    return caught.value


def test_plain_utf8() -> None:
    assert decode(TEXT.encode(), None) == (TEXT, "utf-8")


@pytest.mark.parametrize(("mark", "encoding"), BOMS)
def test_b5_b6_a_byte_order_mark_tells_the_encoding_and_leaves_the_text(mark: bytes, encoding: str) -> None:
    assert decode(mark + TEXT.encode(encoding), None) == (TEXT, encoding)
    assert encoding in KNOWN_ENCODINGS


@pytest.mark.parametrize(("mark", "encoding"), BOMS[1:])
def test_b6_half_a_character_at_the_end_is_refused(mark: bytes, encoding: str) -> None:
    assert refused(mark + TEXT.encode(encoding)[:-1]).reason_code == "encoding_invalid"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_b6_wide_text_without_a_mark_is_suspected(encoding: str) -> None:
    assert refused("Ferry strike ends".encode(encoding)).reason_code == "encoding_suspect_utf16"


@pytest.mark.parametrize(("zeros", "letters", "code"), [(1, 4, "binary_content"), (2, 7, "encoding_suspect_utf16")])
def test_b6_more_than_a_fifth_of_nul_bytes_is_the_border(zeros: int, letters: int, code: str) -> None:
    assert refused(b"a" * letters + b"\0" * zeros).reason_code == code


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-be"])
def test_b6_wide_text_without_a_mark_is_read_where_it_is_declared(encoding: str) -> None:
    assert decode("Ferry strike ends".encode(encoding), encoding) == ("Ferry strike ends", encoding)


def test_b7_cp1252_is_read_only_where_it_is_declared() -> None:
    raw = "Müller said: “no”".encode("cp1252")
    assert decode(raw, "cp1252") == ("Müller said: “no”", "cp1252")
    error = refused(raw)
    assert error.reason_code == "encoding_invalid"
    assert "byte 1 (0xFC)" in error.detail


def test_b7_utf8_goes_before_the_declared_charset() -> None:
    assert decode("Müller".encode(), "cp1252") == ("Müller", "utf-8")


def test_b7_the_byte_offset_counts_the_byte_order_mark() -> None:
    assert "byte 5 (0xFF)" in refused(codecs.BOM_UTF8 + b"ab\xff").detail


def test_b7_a_byte_that_the_declared_charset_does_not_have_is_refused() -> None:
    error = refused(b"a\xe9\x81", "cp1252")
    assert (error.reason_code, "cp1252 at byte 2 (0x81)" in error.detail) == ("encoding_invalid", True)


@pytest.mark.parametrize(
    "raw",
    [
        b"ab\xc0\xaf",  # overlong /
        b"ab\xe0\x80\xaf",
        b"ab\xed\xa0\x80",  # half of a pair
        b"ab\xf4\x90\x80\x80",  # beyond U+10FFFF
        b"ab\xe2\x82",  # cut
        b"ab\xff",
    ],
)
def test_b8_bytes_that_are_no_utf8_are_refused_with_their_offset(raw: bytes) -> None:
    error = refused(raw)
    assert (error.reason_code, "at byte 2" in error.detail) == ("encoding_invalid", True)


@pytest.mark.parametrize("raw", [b"text" * 9 + b"\0", codecs.BOM_UTF8 + b"a\0b", codecs.BOM_UTF16_LE + b"a\0\0\0"])
@pytest.mark.parametrize("charset", [None, "cp1252"])
def test_b10_nul_is_binary(raw: bytes, charset: str | None) -> None:
    assert refused(raw, charset).reason_code == "binary_content"


def test_b10_other_control_characters_go_and_tab_stays() -> None:
    controls = bytes(code for code in (*range(1, 32), 127) if code not in b"\t\n\v\f\r")
    assert decode(b"a" + controls + b"b\tc", None) == ("ab\tc", "utf-8")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\v", "\f", "\x85"])
def test_every_line_end_is_the_same(end: str) -> None:
    assert decode(f"a{end}b{end}{end}c".encode(), None)[0] == "a\nb\n\nc"


def test_text_comes_out_in_nfc() -> None:
    assert decode("Cafe\u0301".encode(), None)[0] == "Café"


def test_a_very_long_run_of_combining_marks_is_parted_in_linear_time() -> None:
    marks = "\u0315\u0300"
    text = f"Caf{'e' + marks * 15}s and e{marks * 200_000} and e{marks * 30_000}"
    began = time.perf_counter()
    read, _ = decode(text.encode(), None)
    assert unicodedata.is_normalized("NFKC", read)
    assert time.perf_counter() - began < 10  # it took minutes
    assert read.startswith(unicodedata.normalize("NFC", text[:40]))
    assert read.count("\u0315") == text.count("\u0315")
    assert max(map(len, re.findall("[\u0300\u0315]+", read))) == 30
    assert read.count("\u034f") == (400_000 - 1) // 30 + (60_000 - 1) // 30


CHARSETS = st.sampled_from([None, "utf-8", "cp1252", "latin-1", "koi8-r", "shift_jis", "utf-16-le", "utf-32"])
BYTES = st.binary() | st.builds(
    lambda mark, text, encoding: mark + text.encode(encoding, errors="ignore"),
    st.sampled_from([b"", *(mark for mark, _ in BOMS)]),
    st.text(),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252"]),
)


@examples(500)
@given(BYTES, CHARSETS)
def test_any_bytes_are_read_or_refused_by_name(raw: bytes, charset: str | None) -> None:
    try:
        text, encoding = decode(raw, charset)
    except Refused as error:
        text, encoding, code = "", charset, error.reason_code
    else:
        code = "read"
    assert code in {"read", "binary_content", "encoding_suspect_utf16", "encoding_invalid"}
    assert encoding in KNOWN_ENCODINGS | {charset}
    assert text == unicodedata.normalize("NFC", text)
    assert not any(unicodedata.category(char) == "Cc" and ord(char) < 128 and char not in "\n\t" for char in text)
    assert text.encode().decode() == text, "half characters"


@examples(200)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])), st.sampled_from(BOMS))
def test_text_survives_every_encoding(text: str, bom: tuple[bytes, str]) -> None:
    mark, encoding = bom
    assert decode(mark + text.encode(encoding), None)[0] == unicodedata.normalize("NFC", text)
