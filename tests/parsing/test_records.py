"""What stands inside an object: formats, layers, limits; a record that fails costs only itself."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import tarfile
import time
import tracemalloc
from datetime import date
from typing import IO, Any, cast

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from factories import examples, read_all, read_article, read_rejection
from mediamonitor.article import Article, Rejection, article_id
from mediamonitor.errors import InfrastructureError
from mediamonitor.parsing import archives, records
from mediamonitor.parsing.json_stream import array_elements
from mediamonitor.parsing.records import Limits, Record, records_in, records_of

TEXT = "Ferry strike ends\n\nThe crews went back to work."
PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Ferry strike ends - Post</title>
<link rel="canonical" href="https://post.example/ferry">{meta}</head><body><nav>Home News Sport</nav><article>
<h1>Ferry strike ends</h1><p>The crews of the Vessmark ferries went back to work on Monday, the union said.</p>
<p>Nobody was hurt while the boats lay in the harbour for nine days and the island ran short of bread.</p></article>
<footer>All rights reserved</footer></body></html>"""


def jsonl(*records: Any) -> bytes:
    texts = [one if isinstance(one, str) else json.dumps(one) for one in records]
    return "".join(text + "\n" for text in texts).encode()


def record(number: int) -> dict[str, str]:
    return {"title": f"Title {number}", "body": f"The body of article {number}."}


def tar(members: dict[str, bytes] | list[tuple[str, bytes]], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=cast(Any, mode)) as archive:
        for name, body in members.items() if isinstance(members, dict) else members:
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


def outcomes(content: bytes, **told: Any) -> list[tuple[str, int, str]]:
    """Member, number and title (or reason) of each record."""
    return [
        (one.member, one.record_no, one.reason_code if isinstance(one, Rejection) else str(one.title))
        for one in read_all(content, **told)
    ]


def test_a_record_of_json_lines_says_all_it_can() -> None:
    told = record(1) | {"url": "https://a.example/1", "domain": "post", "date": "2026-03-01T23:30:00+01:00"}
    article = read_article(jsonl(told), key="feed.jsonl", bucket="b")
    assert (article.title, article.body, article.url) == (told["title"], told["body"], told["url"])
    assert (article.source, article.source_from) == ("post", "record")
    assert (article.dating.published_on, article.dating.date_from) == (date(2026, 3, 1), "record")
    assert article.article_id == article_id("b", "feed.jsonl", "", 1)


@pytest.mark.parametrize("name", ["body", "text", "content"])
def test_b4_a_record_without_a_title_has_none(name: str) -> None:
    article = read_article(jsonl({name: "Only a body."}))
    assert (article.title, article.body) == (None, "Only a body.")


def test_what_a_record_says_goes_before_metadata_and_key() -> None:
    facts = {"metadata": {"source": "meta", "published-at": "2026-02-01"}, "key": "key/2026/01/01/a.jsonl"}
    article = read_article(jsonl(record(1) | {"source": "own", "published_at": "2026-03-01"}), **facts)
    assert (article.source, article.dating.published_on) == ("own", date(2026, 3, 1))
    article = read_article(jsonl(record(1) | {"source": None, "published_at": "soon"}), **facts)
    assert (article.source, article.dating.published_on) == ("meta", date(2026, 2, 1))


@pytest.mark.parametrize(
    "stamp",
    ["2026-03-01", "2026-03-01T12:00:00Z", "Sun, 01 Mar 2026 12:00:00 GMT", 1772366400, 1772366400000, "1772366400"],
)
def test_dates_as_feeds_write_them(stamp: Any) -> None:
    assert read_article(jsonl(record(1) | {"published_at": stamp})).dating.published_on == date(2026, 3, 1)


def test_b14_a_bad_line_costs_only_itself() -> None:
    bad = ("", '{"title": "cut', "[1]", record(5), {"title": "No body"}, '{"title": 7, "body": "b"}')
    content = jsonl(record(1), *bad)
    assert outcomes(content, key="a.jsonl") == [
        ("", 1, "Title 1"),
        ("", 3, "json_invalid"),  # the blank line is counted
        ("", 4, "json_invalid"),
        ("", 5, "Title 5"),
        ("", 6, "no_body"),
        ("", 7, "json_invalid"),
    ]
    cut = read_all(content, key="a.jsonl")[1]
    assert isinstance(cut, Rejection)
    assert cut.detail.startswith(f"record 3 at byte {content.index(b'{', 10)}: Unterminated string")
    assert cut.sample == '{"title": "cut'


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("[" * 100_000, "json_invalid"),
        ('{"title": "a", "body": ' + '{"a":' * 100_000, "json_invalid"),
        ('{"title": "a", "body": "b", "n": NaN}', "json_invalid"),
        ('{"title": "a", "body": "b", "n": -Infinity}', "json_invalid"),
        ('{"title": "a", "body": "b", "published_at": 1e999}', "json_invalid"),
        ('{"title": "a", "body": "b", "n": ' + "9" * 5_000 + "}", "json_invalid"),
        ('{"title": "a", "body": "b", "title": "c"}', "json_duplicate_key"),
        ('{"title": "a", "body": "b", "more": {"x": 1, "x": 2}}', "json_duplicate_key"),
        ('{"title": "a", "body": "\\ud800"}', "encoding_invalid"),
        ('{"title": "a", "body": "b\\u0000"}', "binary_content"),
        ('{"title": {"text": "a"}, "body": "b"}', "json_invalid"),
    ],
)
def test_b15_json_that_bites(line: str, code: str) -> None:
    assert outcomes(jsonl(record(1), line, record(3)), key="a.jsonl")[1:] == [("", 2, code), ("", 3, "Title 3")]


def test_a_key_that_stands_twice_among_very_many_is_found_soon() -> None:
    names = [f"k{number}" for number in range(200_000)]
    line = "{" + ", ".join(f'"{name}": 1' for name in [*names, "z", "z"]) + "}"
    began = time.perf_counter()
    rejection = read_rejection(jsonl(line), key="a.json")
    assert rejection.reason_code == "json_duplicate_key"
    assert "'z'" in rejection.detail
    assert time.perf_counter() - began < 10  # it took minutes


def test_b8_a_line_that_is_not_utf_8() -> None:
    content = jsonl(record(1)) + '{"title": "café", "body": "b"}\n'.encode("cp1252") + jsonl(record(3))
    assert outcomes(content) == [("", 1, "Title 1"), ("", 2, "encoding_invalid"), ("", 3, "Title 3")]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_single_object_and_an_array_are_read_like_lines(indent: int | None) -> None:
    assert outcomes(json.dumps(record(1), indent=indent).encode(), key="a.json") == [("", 1, "Title 1")]
    array = json.dumps([record(1), record(2), 3, record(4)], indent=indent).encode()
    assert outcomes(array) == [("", 1, "Title 1"), ("", 2, "Title 2"), ("", 3, "json_invalid"), ("", 4, "Title 4")]


OLDER = {"title": "An older story", "text": "It was told.", "date": "2019-05-01"}
NESTED = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.just(OLDER),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def with_lines_of_their_own(article: dict[str, Any]) -> str:
    """JSON whose innermost objects stand on one line each, as formatters like it."""
    whole = json.dumps(article, indent=1)
    return re.sub(r"\{[^{}]*\}", lambda inner: " ".join(inner[0].split("\n")), whole)


@examples(300)
@given(
    st.lists(NESTED, max_size=3),
    st.sampled_from([None, 0, 1, 4, "inner objects on one line"]),
    st.sampled_from(["a.json", "a.json.gz", "a.txt"]),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\n \r\n"]),
    st.booleans(),
)
def test_a_single_object_is_one_record_however_it_is_written(
    related: list[Any], indent: Any, key: str, before: bytes, dos: bool
) -> None:
    article = {**record(1), "related": related}
    text = with_lines_of_their_own(article) if isinstance(indent, str) else json.dumps(article, indent=indent)
    body = before + (text.replace("\n", "\r\n") if dos else text).encode()
    (only,) = records_of(body, key, 20_000_000)
    assert isinstance(only, Record)
    assert only.kind == "json"
    assert json.loads(only.body.removeprefix(b"\xef\xbb\xbf")) == json.loads(text)


@pytest.mark.parametrize("end", ["]\n}", ",]\n}", "]", ""], ids=["whole", "a comma too much", "cut", "cut before"])
def test_an_older_story_within_a_broken_article_is_no_article(end: str) -> None:
    content = f'{{\n "title": "A",\n "body": "B {"x " * 40_000}",\n "related": [\n  {json.dumps(OLDER)}\n ' + end
    for body in (content, content.replace("x ", "")):
        assert len(outcomes(body.encode(), key="post/2026/03/02/a.json")) == 1


FLAT = st.dictionaries(st.text(max_size=4), st.none() | st.booleans() | st.integers() | st.text(max_size=9), max_size=4)


@examples(300)
@given(
    st.lists(FLAT, min_size=1, max_size=12),
    st.sampled_from(["a.json", "a.json.gz", "a.jsonl", "a.txt"]),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\n \r\n"]),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
    st.booleans(),
)
def test_objects_on_lines_of_their_own_are_one_record_each(
    objects: list[dict[str, Any]], key: str, before: bytes, end: str, is_long: bool
) -> None:
    told = objects + [record(1)] * 1_500 * is_long  # longer than what is looked at
    text = end.join(json.dumps(one, ensure_ascii=False) for one in told)
    found = list(records_of(before + text.encode(), key, 20_000_000))
    assert [json.loads(one.body) for one in found if isinstance(one, Record)] == told
    assert len(found) == len(told)


@pytest.mark.parametrize("key", ["post/2026/03/02/a.json", "post/2026/03/02/a.json.gz", "post/2026/03/02/a.txt"])
@pytest.mark.parametrize("many", [2, 2_000], ids=["all is looked at", "it is cut"])
@pytest.mark.parametrize(
    "first",
    [
        '{"title": "x", "bo',
        '{"title": "x",',
        '{"title": "x", "body":',
        '{"related": [',
        '{"related": [{',
        '{"n": 1',
        "{",
        '{"title": "x",\n"body": "broken in two"}',
    ],
)
def test_a_first_line_that_breaks_off_is_no_article_around_the_others(first: str, many: int, key: str) -> None:
    broken = range(1, first.count("\n") + 2)
    good = range(len(broken) + 1, len(broken) + many + 1)
    told = [("", number, "json_invalid") for number in broken] + [("", number, f"Title {number}") for number in good]
    assert outcomes(jsonl(first, *map(record, good)), key=key) == told


@pytest.mark.parametrize("first", ['["title", "body"]', "[]", '[{"title": "Title 9", "body": "Of another feed."}]'])
@pytest.mark.parametrize(("key", "pack"), [("a.jsonl", bytes), ("a.ndjson.gz", gzip.compress), ("a.jsonl.gz", bytes)])
def test_a_first_line_that_is_an_array_costs_only_itself(first: str, key: str, pack: Any) -> None:
    content = pack(jsonl(first, record(2), record(3)))
    assert outcomes(content, key=key) == [("", 1, "json_invalid"), ("", 2, "Title 2"), ("", 3, "Title 3")]


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_in_a_file_named_as_lines_is_read_as_an_array(indent: int | None) -> None:
    content = json.dumps([record(1), record(2)], indent=indent).encode() + b"\n\n"
    assert outcomes(content, key="a.jsonl") == [("", 1, "Title 1"), ("", 2, "Title 2")]


@pytest.mark.parametrize(
    "more", ["x" * 3_000_000, 'a, {"]}\\\\ "' * 200_000, [[{"a": "]"}, 1.5, None]] * 200_000, "y" * 3_000]
)
def test_an_element_that_is_too_large_costs_only_itself(more: Any) -> None:
    elements = [record(1), record(2) | {"more": more}, record(3), 5, record(5)]
    content = json.dumps(elements).encode()
    assert [code for _, _, code in outcomes(content, max_article_bytes=2_000)] == [
        "Title 1",
        "too_large",
        "Title 3",
        "json_invalid",
        "Title 5",
    ]
    first, cut = read_all(content[: len(content) // 2], max_article_bytes=2_000)[:2]
    assert isinstance(first, Article)
    assert isinstance(cut, Rejection)
    assert cut.detail.startswith(f"record 2 at byte {content.index(b'{', 2)}")


@pytest.mark.parametrize(
    ("element", "why"),
    [
        ('{"n": ' + "1" * 5_000 + "}", "a number is too long"),
        ("1" * 5_000, "a number is too long"),
        ('{"n": ' + "1" * 1_100_000 + "}", "a number is too long"),
        ("[" * 100_000 + "]" * 100_000, "it is nested too deeply"),
    ],
)
def test_an_element_that_bites_costs_only_itself(element: str, why: str) -> None:
    content = f"[{json.dumps(record(1))}, {element} , {json.dumps(record(3))}]".encode()
    first, second, third = read_all(content)
    assert isinstance(first, Article)
    assert isinstance(second, Rejection)
    assert isinstance(third, Article)
    assert (second.record_no, second.reason_code, third.record_no) == (2, "json_invalid", 3)
    assert second.detail == f"record 2 at byte {content.index(element.encode())}: {why}"


def test_the_elements_before_one_that_is_not_utf_8_are_read() -> None:
    content = b"[" + b",".join(json.dumps(record(number)).encode() for number in (1, 2)) + b',{"title": "caf\xe9"}]'
    assert [code for _, _, code in outcomes(content)] == ["Title 1", "Title 2", "encoding_invalid"]
    last = read_all(b"\xef\xbb\xbf" + content)[-1]
    assert isinstance(last, Rejection)
    assert (last.detail, last.rest) == (
        f"not UTF-8 at byte {content.index(0xE9) + 3:,}: invalid continuation byte",
        True,
    )


def test_an_array_that_comes_byte_by_byte_is_read_the_same() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1)

    strings = ["caf\u00e9 \U0001f6a2", 'a "b" \\ \n', ""]
    values = [record(1), [-1.5e-7, 12, True, None, []], -12, 1e300, "x", {"a": {"b": strings}}, float("-inf"), 0]
    for indent, ascii_only in ((None, True), (30, False)):
        content = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode()
        whole = list(array_elements(io.BytesIO(content), 1_000))
        assert list(array_elements(Slow(content), 1_000)) == whole
        assert [json.loads(body or b"") for _, _, body in whole] == values
        assert all(content.startswith(body or b"", offset) for _, offset, body in whole)


def test_a_line_that_is_too_large_is_told_with_its_byte() -> None:
    lines = [record(1), {"title": "t", "body": "x" * 3_000_000}, record(3), {"body": "x" * 3_000}, "bad"]
    content = jsonl(*lines)
    starts = [0] + [at + 1 for at, byte in enumerate(content) if byte == 10]
    details = [one.detail for one in read_all(content, max_article_bytes=2_000) if isinstance(one, Rejection)]
    assert [detail.partition(" has ")[0] for detail in details[:2]] == [
        f"record 2 at byte {starts[1]:,}",
        f"record 4 at byte {starts[3]:,}",
    ]
    assert details[2].startswith(f"record 5 at byte {starts[4]:,}: ")


def test_an_array_that_breaks_off_refuses_the_rest() -> None:
    array = json.dumps([record(1), record(2), record(3)]).encode()
    found = read_all(array[: array.index(b"Title 3")])
    assert [one.record_no for one in found] == [1, 2, 3]
    assert isinstance(found[2], Rejection)
    assert (found[2].reason_code, found[2].rest) == ("json_invalid", True)


@pytest.mark.parametrize("content", [b"[]", b"[ ]\n", b"\n \n"])
def test_an_object_without_a_record_is_accounted_for(content: bytes) -> None:
    assert outcomes(content, key="a.jsonl") == [("", 1, "no_records")]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, lambda body: body])
def test_b13_compression_is_told_by_content_not_by_name(pack: Any) -> None:
    assert read_article(pack(TEXT.encode()), key="a.txt").title == "Ferry strike ends"
    assert outcomes(pack(jsonl(record(1), record(2))), key="a.gz")[1] == ("", 2, "Title 2")
    assert outcomes(pack(PAGE.encode()), key="b") == [("", 1, "Ferry strike ends")]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_b13_several_streams_in_one_file_are_read_on(pack: Any) -> None:
    assert len(read_all(pack(jsonl(record(1))) + pack(jsonl(record(2))) + pack(jsonl(record(3))))) == 3


@pytest.mark.parametrize("gap", [0, 3_000, 100_000])
@pytest.mark.parametrize(("pack", "code"), [(gzip.compress, "gzip_corrupt"), (zstandard.compress, "zstd_corrupt")])
def test_b13_a_hole_of_zeros_between_two_streams_is_no_end(pack: Any, code: str, gap: int) -> None:
    first, hole = pack(jsonl(record(1))), b"\0" * gap
    assert len(read_all(first + hole + pack(jsonl(record(2))) + hole)) == 2
    assert [outcome for _, _, outcome in outcomes(first + hole + b"neither of them")] == ["Title 1", code]


@pytest.mark.parametrize(("pack", "code"), [(gzip.compress, "gzip_corrupt"), (zstandard.compress, "zstd_corrupt")])
def test_b13_a_file_that_is_cut_keeps_what_came_before(pack: Any, code: str) -> None:
    whole = pack(jsonl(*map(record, range(1, 2_000))))
    first = pack(jsonl(record(1), record(2))) + whole[: len(whole) - 9]
    found = read_all(first, key="a.jsonl")
    assert [one.record_no for one in found] == list(range(1, len(found) + 1))
    assert [isinstance(one, Article) for one in found[:2]] == [True, True]
    assert isinstance(found[-1], Rejection)
    assert (found[-1].reason_code, found[-1].rest) == (code, True)
    assert read_rejection(pack(TEXT.encode())[:-9]).reason_code == code


def test_b13_a_changed_byte_in_a_gzip_is_seen() -> None:
    changed = bytearray(gzip.compress(jsonl(*map(record, range(1, 2_000)))))
    changed[len(changed) // 2] ^= 255
    assert any(isinstance(one, Rejection) and one.rest for one in read_all(bytes(changed), key="a.jsonl"))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_b13_a_bomb_is_refused_in_bounded_memory(pack: Any) -> None:
    bomb = pack(b"a" * 300_000_000)
    tracemalloc.start()
    rejection = read_rejection(bomb, max_article_bytes=10**12)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (rejection.reason_code, rejection.rest) == ("decompression_bomb", True)
    assert peak < 150_000_000 + 3 * 200 * len(bomb)


def test_b13_nested_layers() -> None:
    inner = tar({"a.txt": TEXT.encode()})
    assert outcomes(gzip.compress(inner)) == [("a.txt", 1, "Ferry strike ends")]
    assert outcomes(gzip.compress(gzip.compress(TEXT.encode()))) == [("", 1, "Ferry strike ends")]
    assert outcomes(tar({"a.txt.gz": gzip.compress(TEXT.encode())})) == [("a.txt.gz", 1, "Ferry strike ends")]
    assert outcomes(gzip.compress(tar({"a.gz": gzip.compress(TEXT.encode())}))) == [("a.gz", 1, "nested_too_deep")]


def test_members_of_a_tar_are_told_by_content_too() -> None:
    content = tar(
        [
            ("2026/03/01/a.txt", TEXT.encode()),
            ("b.jsonl", jsonl(record(1), "{", record(3))),
            ("c.html", PAGE.encode()),
            ("d.pdf", b"%PDF-1.7"),
            ("e.txt", b""),
            ("b.jsonl", jsonl(record(1))),
        ]
    )
    assert outcomes(content) == [
        ("2026/03/01/a.txt", 1, "Ferry strike ends"),
        ("b.jsonl", 1, "Title 1"),
        ("b.jsonl", 2, "json_invalid"),
        ("b.jsonl", 3, "Title 3"),
        ("c.html", 1, "Ferry strike ends"),
        ("d.pdf", 1, "not_text:pdf"),
        ("e.txt", 1, "empty_file"),
        ("b.jsonl#2", 1, "Title 1"),
    ]
    first = read_all(content)[0]
    assert isinstance(first, Article)
    assert first.dating.published_on == date(2026, 3, 1)  # the name in the archive, as the key says nothing


def test_a_broken_member_costs_only_itself() -> None:
    packed = gzip.compress(TEXT.encode())
    content = tar([("a.gz", packed), ("b.gz", packed[:-9]), ("c.gz", packed)])
    assert [code for _, _, code in outcomes(content)] == ["Ferry strike ends", "gzip_corrupt", "Ferry strike ends"]


@pytest.mark.parametrize("cut", [100, 512 + 20, 1024 + 300, 2048, 2048 + 512])
def test_b13_an_archive_that_breaks_off_says_so(cut: int) -> None:
    """Python's tarfile takes most of these for a whole, shorter archive."""
    content = tar([("a.txt", TEXT.encode()), ("b.txt", TEXT.encode()), ("c.txt", TEXT.encode())])[:cut]
    if cut == 100:
        assert not content.startswith(b"ustar", 257)
        return
    last = read_all(content)[-1]
    assert isinstance(last, Rejection)
    assert (last.reason_code, last.rest) == ("tar_corrupt", True)


def test_links_and_folders_in_an_archive() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind, name in ((tarfile.DIRTYPE, "folder"), (tarfile.SYMTYPE, "link"), (tarfile.CHRTYPE, "device")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert outcomes(out.getvalue()) == [("link", 1, "not_text:link"), ("device", 1, "not_text:link")]


def test_a_fault_of_ours_costs_only_its_object(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*told: Any) -> None:
        raise AttributeError("of our own making")

    content = tar({"a.txt": TEXT.encode(), "b.jsonl": jsonl(record(1), record(2))})
    monkeypatch.setattr(records, "lines", broken)
    first, last = read_all(content)
    assert isinstance(first, Article)
    assert isinstance(last, Rejection)
    assert (last.member, last.reason_code, last.rest) == ("b.jsonl", "crashes_parser", True)
    assert last.detail == "AttributeError: of our own making (a fault of Media Monitor; report it)"


@pytest.mark.parametrize("error", [MemoryError(), InfrastructureError("the store is away"), OSError("so is the disk")])
def test_errors_of_the_reading_itself_pass(error: Exception) -> None:
    class Failing(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            raise error

    with pytest.raises(type(error)):
        list(records_in(cast(IO[bytes], Failing()), "a.jsonl", Limits(1_000, 1_000)))


def test_each_member_of_an_archive_has_a_name_of_its_own() -> None:
    members = ["a", "a", "a#2", "b#2", "b", "b", "b"]
    found = outcomes(tar([(name, TEXT.encode()) for name in members]))
    assert [member for member, _, _ in found] == ["a", "a#2", "a#2#2", "b#2", "b", "b#3", "b#4"]


@pytest.mark.parametrize("content", [TEXT.encode(), b"", b"%PDF-1.7", gzip.compress(TEXT.encode())[:-9]])
def test_an_archive_that_breaks_off_behind_a_member_gives_no_record_two_outcomes(content: bytes) -> None:
    first, last = read_all(tar({"a.txt": content})[: 512 + -(-len(content) // 512) * 512])
    assert (first.member, first.record_no) == ("a.txt", 1)
    assert isinstance(last, Rejection)
    assert (last.member, last.record_no, last.reason_code, last.rest) == ("a.txt", 2, "tar_corrupt", True)


def test_b12_a_record_that_is_too_large_costs_only_itself() -> None:
    content = jsonl(record(1), {"title": "t", "body": "x" * 3_000_000}, record(3))
    assert outcomes(content, max_article_bytes=2_000) == [("", 1, "Title 1"), ("", 2, "too_large"), ("", 3, "Title 3")]
    members = tar([("a.txt", TEXT.encode()), ("b.txt", TEXT.encode() * 1_000), ("c.txt", TEXT.encode())])
    assert [code for _, _, code in outcomes(members, max_article_bytes=2_000)][1] == "too_large"
    assert read_rejection(gzip.compress(TEXT.encode() * 100), max_article_bytes=2_000).reason_code == "too_large"


class Endless(io.RawIOBase):
    """So many lines of JSON, made as they are read."""

    def __init__(self, count: int) -> None:
        self._lines = (jsonl(record(number) | {"more": "x" * 2_000}) for number in range(1, count + 1))
        self._left = b""

    def read(self, size: int = -1, /) -> bytes:
        if not self._left:
            self._left = b"".join(line for _, line in zip(range(500), self._lines, strict=False))
        part, self._left = self._left[:size], self._left[size:]
        return part


def test_b12_lines_are_read_in_bounded_memory() -> None:
    tracemalloc.start()
    found = sum(1 for _ in records_in(cast(IO[bytes], Endless(60_000)), "a.jsonl", Limits(20_000_000, 10**9)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == 60_000
    assert peak < 20_000_000  # of 120 MB


LINKED = '{"@graph": [{"datePublished": "2026-03-01T09:00:00Z"}]}'


@pytest.mark.parametrize(
    ("meta", "day", "moment"),
    [
        ('<meta property="article:published_time" content="2026-03-01T10:00:00+01:00">', "2026-03-01", 9),
        (f'<script type="application/ld+json">{LINKED}</script>', "2026-03-01", 9),
        ('<meta name="date" content="2026-02-28">', "2026-02-28", None),
        ("", "2026-03-02", 12),  # its arrival
    ],
)
def test_the_article_in_a_page_of_html(meta: str, day: str, moment: int | None) -> None:
    article = read_article(PAGE.replace("{meta}", meta), key="a.html", metadata={"source": "post"})
    assert (article.title, article.url) == ("Ferry strike ends", "https://post.example/ferry")
    assert article.body.startswith("The crews of the Vessmark ferries")
    assert "rights reserved" not in article.body
    assert str(article.dating.published_on) == day
    assert (article.dating.published_at and article.dating.published_at.hour) == moment


def test_a_page_comes_after_what_its_key_says() -> None:
    page = PAGE.replace("{meta}", '<meta name="date" content="2026-02-01">')
    assert read_article(page, key="post/2026/03/01/a.html").dating.date_from == "key"


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r"])
def test_b7_a_page_is_read_in_the_charset_that_it_declares(charset: str) -> None:
    page = PAGE.replace("utf-8", charset).replace("Nobody was hurt", "Никто не пострадал").encode(charset)
    article = read_article(page, key="a.html")
    assert "Никто не пострадал" in article.body


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_page_in_wide_characters_is_read_by_its_mark(encoding: str) -> None:
    article = read_article(PAGE.encode(encoding), key="a.html")
    assert article.body.startswith("The crews of the Vessmark ferries")
    assert article.encoding.startswith(encoding)


def test_b11_a_page_without_an_article_is_refused() -> None:
    assert read_rejection("<!doctype html><html><body></body></html>").reason_code == "no_body"


PIECES = [
    jsonl(record(1)),
    gzip.compress(jsonl(record(1))),
    zstandard.compress(TEXT.encode()),
    tar({"a": TEXT.encode()}),
    *(text.encode() for text in (PAGE, TEXT, '{"title": "x", "body"', "\n", "\0", "[", "{", "ustar\0")),
    b"\xff\xfe",
]


@examples(300)
@given(
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=40), max_size=6).map(b"".join),
    st.sampled_from(["a.txt", "a.jsonl", "a.json", "a.json.gz", "a.html"]),
    st.integers(0, 600),
)
def test_whatever_an_object_holds_each_record_has_one_outcome_and_one_number(body: bytes, key: str, cut: int) -> None:
    found = read_all(body[: len(body) - cut] if cut < len(body) else body, key=key)
    assert found
    assert len({(one.member, one.record_no) for one in found}) == len(found)
    assert sum(isinstance(one, Rejection) and one.rest for one in found) <= 1 + len({one.member for one in found})


def test_a_long_line_that_hardly_compresses_is_read_piece_by_piece_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps(
        {"title": "T", "body": "".join(random.Random(1).choices("abcdefghijklmnop", k=3_000_000))}
    ).encode()
    asked: list[int] = []
    real = archives.Inflated.read

    def read(self: archives.Inflated, size: int = -1, /) -> bytes:
        part = real(self, size)
        asked.append(len(part))
        return part

    monkeypatch.setattr(archives.Inflated, "read", read)
    (record,) = records_of(gzip.compress(line, 1), "a.jsonl", 20_000_000)
    assert isinstance(record, Record)
    assert len(record.body) == len(line)
    assert len(asked) < 10
