"""Which keys obstore may carry: one that it would change goes through boto3 (B16 to B19)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import MemoryStore

from mediamonitor.landing.s3 import S3Bucket, obstore_keeps
from mediamonitor.landing.store import Access


@pytest.mark.parametrize("key", ["a.txt", "a/b c+%2F?x#y.txt", "é/日本.txt", ".hidden", "a/..b/c", "a...", "x" * 1024])
def test_ordinary_keys_go_through_obstore(key: str) -> None:
    assert obstore_keeps(key)


@pytest.mark.parametrize(
    "key", ["/a", "a/", "a//b", "./a", "a/./b", "../a", "a/..", "a\nb", "a\x00b", "a\x7fb", "a\x85b", ""]
)
def test_keys_that_obstore_refuses_or_changes_do_not(key: str) -> None:
    assert not obstore_keeps(key)


@given(st.text(st.sampled_from('ab/.\n é%~#\\*{}[]"<>|^`?&=+:@'), min_size=1, max_size=12))
def test_what_goes_through_obstore_comes_back_unchanged(key: str) -> None:
    if obstore_keeps(key):
        store = MemoryStore()
        store.put(key, b"x")
        assert [meta["path"] for page in store.list() for meta in page] == [key]


@pytest.fixture
def amazon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials for Amazon's own S3, and nothing else of a user's configuration."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in (("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("HOME", str(tmp_path))):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("amazon")
@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_a_bucket_of_amazon_needs_no_endpoint(region: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if region:
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    config = S3Bucket("landing", "articles", Access())._store.config
    assert config["region"] == (region or "us-east-1")
    assert "endpoint" not in config
