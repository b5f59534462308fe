from __future__ import annotations

import gzip
import io
import tarfile
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.parsing.formats import SNIFF_BYTES, tell

KINDS = {"text", "gzip", "zstd", "tar", "json", "html"}


def tar(format: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "text")
    return out.getvalue()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n...", "not_text:pdf"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "not_text:jpeg"),
        (b"\x89PNG\r\n\x1a\n", "not_text:png"),
        (b"GIF89a", "not_text:gif"),
        (zipped(), "not_text:zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "not_text:ole"),
        (b"{\\rtf1\\ansi", "not_text:rtf"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "not_text:riff"),
        (b"7z\xbc\xaf\x27\x1c", "not_text:7z"),
        (b"BZh91AY&SY", "not_text:bzip2"),
        (b"\xfd7zXZ\0", "not_text:xz"),
        (gzip.compress(b"text"), "gzip"),
        (b"\x28\xb5\x2f\xfd\x04", "zstd"),
        (tar(tarfile.USTAR_FORMAT), "tar"),
        (tar(tarfile.GNU_FORMAT), "tar"),
        (tar(tarfile.PAX_FORMAT), "tar"),
        (b"<!DOCTYPE html><html>", "html"),
        (b"\xef\xbb\xbf\n <html lang=en>", "html"),
        (b"<?xml version='1.0'?>\n<!-- a --> <!-- b -->\n<HTML>", "html"),
        (b'{"title": "A", "body": "B"}\n', "json"),
        (b'\xef\xbb\xbf\n\n {"title": "A"}\n', "json"),
        (b'{broken\n{"title": "A"}\n', "json"),
    ],
)
def test_b11_b13_b14_a_format_is_told_by_content_whatever_the_name(head: bytes, kind: str) -> None:
    assert tell(head, "2026/03/02/article.txt") == kind


@pytest.mark.parametrize("key", ["a.json", "a.jsonl", "a.NDJSON", "a.jsonl.gz", "x/a.json.zst"])
def test_json_is_told_by_name_too(key: str) -> None:
    assert tell(b"[1,\n2]", key) == "json"


@pytest.mark.parametrize("key", ["a.txt.gz", "a.html", "a.tar", "a.pdf", "json", "a.json.txt"])
def test_other_names_tell_nothing(key: str) -> None:
    assert tell(b"Ferry strike ends\n\nIt is over.", key) == "text"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{Draft} Ferry strike ends\n\nIt is over.",
        b"[Update] Ferry strike ends",
        b"<b>Ferry strike ends</b>",
        b"Ferry strike ends\n<html>",
        b"<htmlish>",
        b"<!-- a note --> Ferry strike ends",
        b"RIFFAT HASSAN OPENS SCHOOL\n\nIt is open.",
        b"a" * 256 + b"mustard is sold out",  # `ustar` stands at offset 257
        b"a" * 255 + b" custard is sold out",
    ],
)
def test_text_that_looks_a_little_like_something_else_is_text(head: bytes) -> None:
    assert tell(head, "a.txt") == "text"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-be", "utf-32-le"])
def test_wide_html_is_told_by_its_mark(encoding: str) -> None:
    mark = "" if encoding in {"utf-16", "utf-32"} else "\ufeff"
    page = f"{mark}\n<!-- É --><!DOCTYPE html><html><p>Мост открыт</p></html>"
    assert tell(page.encode(encoding), "a.txt") == "html"
    assert tell((page * 3_000).encode(encoding)[:SNIFF_BYTES], "a.txt") == "html"
    assert tell(f"{mark}Ferry strike ends\n<html>".encode(encoding), "a.html") == "text"


@pytest.mark.parametrize(
    "before", [b"<!--" + b" licence " * 5_000 + b"-->\n", b"<!-- a -->\n" * 3_000, b" \n" * 20_000]
)
def test_html_behind_long_comments_is_html(before: bytes) -> None:
    assert tell(before + b"<!DOCTYPE html><html>", "a.txt") == "html"


def test_b15_deep_json_is_no_crash() -> None:
    assert tell(b"{" + b'"a":[' * 10_000, "a.txt") == "text"
    assert tell(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "a.txt") == "text"


def test_many_comments_are_no_bomb() -> None:
    # With backtracking into the comments this took twice as long with each: 40 of them would not end this year.
    assert tell(b"<!---->" * 500 + b"Ferry strike ends", "a.txt") == "text"
    assert tell(b"<!-- " * 800 + b"Ferry strike ends", "a.txt") == "text"
    began = time.perf_counter()
    for piece in (b"<!-- ", b"<!---->", b"<!-- --> ", b"<?xml ?> ", b"<!--\n", b"<", b"<!-- -->" + b" " * 300):
        assert tell((b"<?xml ?>" + piece * SNIFF_BYTES)[:SNIFF_BYTES], "a.txt") == "text"
    assert time.perf_counter() - began < 2


@examples(300)
@given(st.binary(max_size=400) | st.binary(max_size=40).map(lambda tail: b"{" + tail), st.text(max_size=20))
def test_any_bytes_have_one_format(head: bytes, key: str) -> None:
    kind = tell(head[:SNIFF_BYTES], key)
    assert kind in KINDS or kind.startswith("not_text:")
