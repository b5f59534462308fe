"""Large objects are read in ranges, each of the listed version and whole, or the reading ends in an error."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from faults.s3_server import Fault, FaultyS3
from mediamonitor.errors import InfrastructureError
from mediamonitor.landing import patience, ranges, s3
from mediamonitor.landing.folder import Folder
from mediamonitor.landing.s3 import S3Bucket
from mediamonitor.landing.store import ObjectArchived, ObjectChanged, ObjectDenied, ObjectGone, StoreRefuses

BODY = random.Random(1).randbytes(10_000)
PLAIN, ODD = "big.bin", "odd//big.bin"
"""One key that obstore carries, and one that goes through boto3."""


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "RANGE_BYTES", 3_000)
    monkeypatch.setattr(ranges, "RANGE_BYTES", 3_000)
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.001)


@pytest.fixture(params=[PLAIN, ODD])
def key(request: pytest.FixtureRequest, faulty: FaultyS3, bucket: S3Bucket) -> str:
    name = bucket.prefix + str(request.param)
    faulty.put(name, BODY, source="post")
    return name


def etag(faulty: FaultyS3, key: str) -> str:
    return faulty.objects[key].etag


def test_ranges_make_the_object_and_each_asks_for_the_listed_version(
    faulty: FaultyS3, bucket: S3Bucket, key: str
) -> None:
    with bucket.open(key, etag(faulty, key), len(BODY)) as file:
        assert file.metadata == {"source": "post"}
        assert file.read(5) == BODY[:5]
        assert file.read() == BODY[5:]
        assert file.read() == b""
    asked = faulty.asked_for("GET")
    assert [one.range for one in asked] == ["bytes=0-2999", "bytes=3000-5999", "bytes=6000-8999", "bytes=9000-9999"]
    assert {one.if_match for one in asked} == {etag(faulty, key)}


def test_empty_object(faulty: FaultyS3, bucket: S3Bucket) -> None:
    faulty.put("empty", b"")
    assert bucket.open("empty", etag(faulty, "empty"), 0).read() == b""


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503, code="SlowDown", times=3, skip=1),
        Fault(status=500, code="InternalError", times=1),
        Fault(dropped=True, times=2, skip=1),
        Fault(cut=700, times=2),
        Fault(cut=0, times=1, skip=2),
        Fault(share=0.3, status=503, code="SlowDown"),
    ],
    ids=repr,
)
def test_f19_f20_what_passes_is_tried_again(faulty: FaultyS3, bucket: S3Bucket, key: str, fault: Fault) -> None:
    faulty.faults = [fault := replace(fault)]
    assert bucket.open(key, etag(faulty, key), len(BODY)).read() == BODY
    assert fault.happened > 0


def test_f20_a_server_that_hangs_is_asked_again(
    faulty: FaultyS3, bucket: S3Bucket, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "READ_SECONDS", 1)
    impatient = S3Bucket(bucket.bucket, bucket.prefix.strip("/"), bucket.access)
    hangs = Fault(delay=3, times=1)
    faulty.faults = [hangs]
    assert impatient.open(key, etag(faulty, key), len(BODY)).read() == BODY
    assert hangs.happened == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=403, code="AccessDenied", skip=1), ObjectDenied),
        (Fault(status=400, code="InvalidRequest"), ObjectDenied),
        (Fault(status=403, code="InvalidObjectState"), ObjectArchived),
        (Fault(status=400, code="ExpiredToken", skip=1), StoreRefuses),
        (Fault(status=403, code="InvalidAccessKeyId"), StoreRefuses),
        (Fault(status=401, code="Unauthorized"), StoreRefuses),
    ],
    ids=repr,
)
def test_what_does_not_pass_is_named(
    faulty: FaultyS3, bucket: S3Bucket, key: str, fault: Fault, error: type[Exception]
) -> None:
    faulty.faults = [fault := replace(fault)]
    with pytest.raises(error):
        bucket.open(key, etag(faulty, key), len(BODY)).read()
    assert fault.happened == 1


def test_f19_a_body_that_never_comes_whole_is_an_error(faulty: FaultyS3, bucket: S3Bucket, key: str) -> None:
    file = bucket.open(key, etag(faulty, key), len(BODY))
    faulty.faults = [Fault(cut=0)]
    with pytest.raises(InfrastructureError):
        file.read()


@pytest.mark.parametrize("ignores_if_match", [False, True])
def test_f17_overwritten_between_two_ranges(
    faulty: FaultyS3, bucket: S3Bucket, key: str, ignores_if_match: bool
) -> None:
    """A server without If-Match is caught by the size."""
    file = bucket.open(key, etag(faulty, key), len(BODY))
    assert file.read(100) == BODY[:100]
    faulty.ignores_if_match = ignores_if_match
    faulty.put(key, b"y" * 9_500)
    with pytest.raises(ObjectChanged):
        file.read()


def test_f16_deleted_between_two_ranges(faulty: FaultyS3, bucket: S3Bucket, key: str) -> None:
    file = bucket.open(key, etag(faulty, key), len(BODY))
    faulty.delete(key)
    with pytest.raises(ObjectGone):
        file.read()


def test_f17_overwritten_before_the_first_range(faulty: FaultyS3, bucket: S3Bucket, key: str) -> None:
    with pytest.raises(ObjectChanged):
        bucket.open(key, '"another"', len(BODY))


def listed(folder: Folder) -> tuple[str, str, int]:
    (row,) = folder.listing().to_pylist()
    return row["key"], row["etag"], row["size_bytes"]


def test_folder_file_is_read_like_an_object(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(BODY)
    assert Folder(tmp_path).open(*listed(Folder(tmp_path))).read() == BODY


def test_f18_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(BODY)
    file = Folder(tmp_path).open(*listed(Folder(tmp_path)))
    assert file.read(10) == BODY[:10]
    with (tmp_path / "a.bin").open("ab") as writer:
        writer.write(b"more")
    with pytest.raises(ObjectChanged):
        file.read()


def test_folder_file_that_changed_is_gone_or_denied(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(BODY)
    was = listed(Folder(tmp_path))
    os.utime(path, ns=(1, 1))
    with pytest.raises(ObjectChanged):
        Folder(tmp_path).open(*was)
    path.unlink()
    with pytest.raises(ObjectGone):
        Folder(tmp_path).open(*was)
