"""Archives whose headers lie, or would cost more than their length: refused, and what is good around them is read."""

from __future__ import annotations

import tarfile
from typing import Any

import pytest

from factories import read_all
from mediamonitor.article import Article, Rejection
from parsing.test_records import TEXT, outcomes, tar


def test_a_member_with_a_giant_header_is_refused() -> None:
    info = tarfile.TarInfo("a.txt")
    info.type, info.size = tarfile.XHDTYPE, 5_000_000
    content = info.tobuf(tarfile.PAX_FORMAT) + b"0" * 5_000_000
    assert outcomes(content) == [("", 1, "tar_corrupt")]


def test_a_long_chain_of_extended_headers_is_refused() -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 4
    link = info.tobuf(tarfile.GNU_FORMAT) + b"abc\0".ljust(512, b"\0")
    content = tar({"a.txt": TEXT.encode()})[:1024] + link * 3_000 + tar({"b.txt": TEXT.encode()})
    found = read_all(content)
    assert isinstance(found[0], Article)
    assert isinstance(found[1], Rejection)
    assert (found[1].reason_code, found[1].rest) == ("tar_corrupt", True)


def sparse(declared: int) -> bytes:
    """The header and content of a sparse file in GNU's old format: 512 bytes, at the end of so many."""
    info = tarfile.TarInfo("sparse.jsonl")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 512
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:398] = tar_number(declared - 512)
    header[398:410] = tar_number(512)
    header[482] = 0
    header[483:495] = tar_number(declared)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + b"x" * 512


def tar_number(value: int) -> bytes:
    """As a tar header holds it in 12 bytes."""
    return bytes(tarfile.itn(value, 12, tarfile.GNU_FORMAT))  # type: ignore[attr-defined]


def test_a_sparse_file_in_an_archive_is_no_file_whatever_size_it_declares() -> None:
    content = sparse(1 << 56) + tar({"b.txt": TEXT.encode()})
    assert outcomes(content) == [("sparse.jsonl", 1, "not_text:link"), ("b.txt", 1, "Ferry strike ends")]
    whole = bytearray(sparse(1 << 56))
    whole[482] = 1  # more of its map follows, and does not
    whole[148:156] = b" " * 8
    whole[148:156] = b"%06o\0 " % sum(whole[:512])
    assert [code for _, _, code in outcomes(bytes(whole[:512]))] == ["tar_corrupt"]


def extended(kind: bytes, content: bytes) -> bytes:
    """An extended header that says this."""
    info = tarfile.TarInfo("extended")
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.USTAR_FORMAT) + content + b"\0" * (-len(content) % 512)


def says(name: str, value: object) -> bytes:
    """One record of an extended header."""
    rest = f" {name}={value}\n".encode()
    length = len(rest)
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def test_a_sparse_file_of_the_new_format_is_no_file_and_its_map_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"GNU.sparse.major": 1, "GNU.sparse.minor": 0, "GNU.sparse.name": "s.txt", "GNU.sparse.realsize": 10}
    pax = b"".join(says(name, value) for name, value in told.items())
    map_of_the_file = b"1\n" * 100_000
    content = extended(tarfile.XHDTYPE, pax) + tar({"x": map_of_the_file})[:-10_240].rstrip(b"\0").ljust(200_704, b"\0")
    monkeypatch.setattr(tarfile.TarInfo, "_proc_gnusparse_10", None)
    assert outcomes(content + tar({"b.txt": TEXT.encode()})) == [
        ("s.txt", 1, "not_text:link"),
        ("b.txt", 1, "Ferry strike ends"),
    ]


@pytest.mark.parametrize("told", [{"GNU.sparse.map": "0,1," * 2_000 + "1,0"}, {"GNU.sparse.size": 9}])
@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_no_map_of_a_sparse_file_in_a_header_is_read(
    kind: bytes, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_proc_gnusparse_00", "_proc_gnusparse_01"):
        monkeypatch.setattr(tarfile.TarInfo, name, None)
    content = extended(kind, b"".join(says(*one) for one in told.items())) + tar({"a.txt": TEXT.encode()})[:1024]
    assert outcomes(content + tar({"b.txt": TEXT.encode()}))[0] == ("a.txt", 1, "not_text:link")


def test_the_rest_of_the_map_of_a_sparse_file_is_passed_over() -> None:
    whole = bytearray(sparse(1 << 56))
    whole[482] = 1
    whole[148:156] = b" " * 8
    whole[148:156] = b"%06o\0 " % sum(whole[:512])
    goes_on, ends = b"1" * 504 + b"\1" + b"\0" * 7, b"1" * 504 + b"\0" * 8
    content = bytes(whole[:512]) + goes_on * 50 + ends + bytes(whole[512:])
    assert outcomes(content + tar({"b.txt": TEXT.encode()})) == [
        ("sparse.jsonl", 1, "not_text:link"),
        ("b.txt", 1, "Ferry strike ends"),
    ]


@pytest.mark.parametrize(
    "header",
    [b"1" * 999_000, says("path", "1" * 300), b"2 " * 400_000 + b"=", b"9" * 300 + b" a=b\n", b"0 a=b\n", b"9 a b c\n"],
    ids=["digits", "digits in a name", "one sign for many", "a long number", "no length", "no sign"],
)
def test_an_extended_header_that_would_take_time_by_its_square_is_refused(
    header: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tarfile.TarInfo, "_proc_pax", None)  # it is not asked
    content = tar({"a.txt": TEXT.encode()})[:1024] + extended(tarfile.XHDTYPE, header) + tar({"b.txt": TEXT.encode()})
    assert outcomes(content) == [("a.txt", 1, "Ferry strike ends"), ("a.txt", 2, "tar_corrupt")]


def test_headers_for_all_members_are_bounded_together() -> None:
    few, many = (
        b"".join(extended(tarfile.XGLTYPE, says(f"key-{number}", "x" * 900)) for number in range(most))
        for most in (10, 12)
    )
    rest = extended(tarfile.XHDTYPE, says("path", "long/" * 40 + "b.txt")) + tar({"b.txt": TEXT.encode()})
    assert outcomes(few + rest) == [("long/" * 40 + "b.txt", 1, "Ferry strike ends")]
    assert outcomes(few + rest) == outcomes(few + rest), "each archive begins anew"
    assert outcomes(many + rest) == [("", 1, "tar_corrupt")]


@pytest.mark.parametrize(("kind", "body"), [(tarfile.REGTYPE, b"%PDF-1.7"), (b"Z", b"")])
def test_a_member_that_declares_more_than_there_is_ends_with_its_archive(kind: bytes, body: bytes) -> None:
    info = tarfile.TarInfo("a")
    info.type, info.size = kind, 1 << 56
    found = read_all(info.tobuf(tarfile.GNU_FORMAT) + body)
    assert isinstance(found[-1], Rejection)
    assert (found[-1].reason_code, found[-1].rest) == ("tar_corrupt", True)
