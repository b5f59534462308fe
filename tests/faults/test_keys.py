"""Keys as hostile as S3 allows: data, never paths, and never changed on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.folders import folder_flow
from faults.s3_server import FaultyS3
from flow.harness import Flow, article
from mediamonitor.errors import ConfigurationError
from mediamonitor.landing.folder import Folder

DAY = "post/2026/03/02"
B16 = ["../../up.txt", "/leading.txt", "a\\..\\b.txt", "a/../up.txt", "./here.txt", "a/./here.txt"]
B17 = ["a b.txt", "a+b.txt", "a%2Fb.txt", "%41.txt", "x?versionId=1.txt", "#1.txt", "n#1", "\u00e9.txt", "e\u0301.txt"]
B17 += ["&amp;.txt", "<b>.txt", '"q".txt', "日本.txt", "\U0001f4f0.txt", "a=b&c;d.txt", "*~'().txt", "\u202etxt.a"]
B18 = ["new\nline.txt", "return\r.txt", "tab\t.txt", "\x01.txt", "\x7f.txt", "\x85.txt", "bell\x07\n\r.txt"]
B19 = ["a//b.txt", "a///b.txt", "slash-and-text/", " ", " leading and trailing "]


def longest(prefix: str) -> str:
    """A name that makes a key of 1,024 bytes, in letters of two bytes."""
    return "é" * ((1024 - len(f"{prefix}{DAY}/")) // 2 - 4) + "x" * (len(f"{prefix}{DAY}/") % 2) + "long.txt"


def test_b16_b17_b18_b19_hostile_keys_are_loaded_as_they_are(flow: Flow, faulty: FaultyS3, tmp_path: Path) -> None:
    prefix = flow.landing.store.prefix
    names = [f"{DAY}/{name}" for name in [*B16, *B17, *B18, *B19, longest(prefix)]]
    assert max(len(f"{prefix}{name}".encode()) for name in names) == 1024
    for number, name in enumerate(names):
        faulty.put(prefix + name, article(f"Title {number}"))
    faulty.put(f"{prefix}{DAY}/marker/", b"")
    faulty.page_size = 7
    flow.run()
    assert flow.states() == {**dict.fromkeys(names, "loaded"), f"{DAY}/marker/": "ignored:folder_marker"}
    read = dict(flow.rows("SELECT key, title FROM articles"))
    assert read == {prefix + name: f"Title {number}" for number, name in enumerate(names)}
    assert flow.reconcile().holds
    local = {path.name for path in tmp_path.rglob("*")} - {"watchlist.yaml"}
    assert not [name for name in local if name.endswith(".txt")], "a key is never a path"
    faulty.put(f"{prefix}{DAY}/../../up.txt", article("Corrected"))
    faulty.delete(f"{prefix}{DAY}/new\nline.txt")
    found = flow.ingest()
    assert (found["changed"], found["gone"], found["articles"]) == (1, 1, 1)


def test_b17_nfc_and_nfd_are_two_objects(flow: Flow, faulty: FaultyS3) -> None:
    for name in ("\u00e9.txt", "e\u0301.txt"):
        faulty.put(f"{flow.landing.store.prefix}{DAY}/{name}", article(name.encode().hex()))
    flow.ingest()
    assert flow.rows("SELECT count(*), count(DISTINCT article_id) FROM articles") == [(2, 2)]


def test_b17_b18_hostile_file_names_in_a_folder(tmp_path: Path) -> None:
    flow = folder_flow(tmp_path)
    folder = tmp_path / "landing" / DAY
    folder.mkdir(parents=True)
    names = [name for name in [*B17, *B18, "a\\..\\b.txt", " ", "x" * 251 + ".txt"] if "/" not in name]
    for number, name in enumerate(names):
        (folder / name).write_bytes(article(f"Title {number}"))
    flow.run()
    assert flow.states() == {f"{DAY}/{name}": "loaded" for name in names}
    assert flow.reconcile().holds


def test_b18_file_name_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    Path(f"{tmp_path}/landing/caf\udce9.txt").write_bytes(article())
    with pytest.raises(ConfigurationError, match=r"caf\\xe9.txt'; rename it"):
        Folder(tmp_path / "landing").listing()


def test_folder_follows_links_and_ends_where_they_go_round(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.txt").write_bytes(b"x")
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    assert Folder(tmp_path).listing()["key"].to_pylist() == ["a/1.txt", "b/1.txt"]
