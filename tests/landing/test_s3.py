"""Which keys obstore may carry: one that it would change goes through boto3 (B16 to B19)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import MemoryStore

from mediamonitor.landing.s3 import obstore_keeps


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
