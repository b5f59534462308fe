"""`evaluate` where it judges copies: each measure can be met and missed, and what is made is as told."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from mediamonitor.evaluation import copies
from mediamonitor.evaluation.evaluate import evaluate
from mediamonitor.evaluation.made import copied, paragraphs, small_words, with_other_names, with_other_numbers

FERRY = """The ferry to Brennholm will sail every hour from the first of May, the Northern Line said on Monday.

A second boat, the Kestrel, has been bought for 14 million from a yard in Tarmouth and carries 230 people.

“We have waited nine years for this,” said the mayor of Brennholm, Ada Quist, who came to the quay with a brass band.

Tickets will cost what they cost now, 4.20 one way, until the end of the year, said the company’s head, Olaf Brisk.
"""
BRIDGE = """Engineers will close the old bridge over the Sorle for eleven weeks to put in new bearings, the county said.

Traffic will be sent through Aldhaven, whose people have asked for lower speed limits and were promised 30 an hour.

The bearings were made in 1931 and, according to the county’s engineer, Petra Lund, owe nobody anything.
"""


def a_set(folder: Path, files: dict[str, str], gold: list[dict[str, str]] | None = None) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    if gold:
        (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, gold)), encoding="utf-8")
    return folder


def counts(folder: Path) -> dict[str, tuple[int, int, bool]]:
    return {one.name: (one.part, one.whole, one.met) for one in evaluate(folder).measures}


def test_near_dup_gold_by_label(tmp_path: Path) -> None:
    files = {"articles/1.txt": f"Ferry\n\n{FERRY}", "articles/2.txt": f"Boat\n\n{FERRY}", "articles/3.txt": BRIDGE}
    pair, other = ({"a": "articles/1.txt", "b": f"articles/{number}.txt"} for number in (2, 3))
    folder = a_set(tmp_path / "near_dup_gold", files, [pair | {"label": "dup"}, *[other | {"label": "distinct"}] * 2])
    found = counts(folder)
    assert (found[copies.DUPLICATES], found[copies.DISTINCT]) == ((1, 1, True), (2, 2, True))
    a_set(folder, {"articles/4.txt": "Bare title"}, [pair | {"label": "distinct"}, other | {"label": "dup"}])
    found = counts(folder)
    assert (found[copies.DUPLICATES], found[copies.DISTINCT]) == ((0, 1, False), (0, 1, False))
    refused = {"a": "articles/1.txt", "b": "articles/4.txt"}
    a_set(
        folder,
        {},
        [refused | {"label": label} for label in ("dup", "distinct", "overlap")] + [pair | {"label": "overlap"}],
    )
    found = counts(folder)
    assert (found[copies.DUPLICATES], found[copies.DISTINCT]) == ((0, 1, False), (0, 1, False))


def test_bbc_news_reprints_and_made_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "articles/a/1.txt": f"Ferry\n\n{FERRY}",
        "articles/b/1.txt": f"Boat\n\n{FERRY}",
        "articles/a/2.txt": f"Bridge\n\n{BRIDGE}",
    }
    folder = a_set(tmp_path / "bbc_news", files)
    found = counts(folder)
    assert found[copies.REPRINTS] == (1, 1, True)
    assert found[copies.COPIES] == found[copies.NUMBERS] == found[copies.NAMES] == (3, 3, True)
    monkeypatch.setattr(copies, "MADE", 2)
    assert counts(folder)[copies.NAMES] == (2, 2, True)
    monkeypatch.setattr(copies, "_merged", lambda articles: set())
    found = counts(folder)
    assert found[copies.REPRINTS] == (0, 1, False)
    assert found[copies.COPIES] == (0, 2, False)
    everything = {(one, other) for one in files for other in files}  # of which the names of made ones are no part
    monkeypatch.setattr(copies, "_merged", lambda articles: {(a, b) for a in articles for b in articles} | everything)
    found = counts(folder)
    assert found[copies.COPIES] == (2, 2, True)
    assert found[copies.NUMBERS] == found[copies.NAMES] == (0, 2, False)


@pytest.mark.parametrize("name", ["reuters21578", "ant_arabic"])
def test_of_one_title_only_those_with_other_text_are_judged(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "articles/1.txt": f"Today\n\n{FERRY}",
        "articles/2.txt": f"Today\n\n{FERRY}",
        "articles/3.txt": f"Today\n\n{BRIDGE}",
    }
    gold = [{"doc": doc, "date": "3-MAR-1987 12:00:01.02", "dateline": ""} for doc in files]
    folder = a_set(tmp_path / name, files, gold)
    assert counts(folder)[copies.SAME_TITLE] == (2, 2, True)
    monkeypatch.setattr(copies, "_merged", lambda articles: {(a, b) for a in articles for b in articles})
    assert counts(folder)[copies.SAME_TITLE] == (0, 2, False)


def test_a_paragraph_begins_after_an_empty_line_or_where_a_sentence_has_ended() -> None:
    wire = [
        "    LONDON, March 3 - The mill",
        "was sold.",
        "    It was old.",
        "    Shr 3 cts",
        "    Net 4 mln",
        " Reuter",
    ]
    assert paragraphs(wire) == [wire[:2], wire[2:3], wire[3:]]
    assert paragraphs(["one", "two.", "", " ", "three"]) == [["one", "two."], ["three"]]


def test_a_made_copy_has_another_headline_fewer_paragraphs_and_a_trailer() -> None:
    made = copied(f"Ferry to sail every hour\n\n{FERRY}", random.Random(1))
    assert made is not None
    lines, old = made.split("\n\n"), FERRY.strip().split("\n\n")
    assert lines[0] != "Ferry to sail every hour"
    assert lines[1] == old[0]
    assert len(lines) == 5 and set(lines[1:-1]) < set(old)
    assert copied("Ferry\n\nOne.\n\nTwo.", random.Random(1)) is None


def test_every_number_is_another_and_the_same_one_the_same() -> None:
    title, body = with_other_numbers("Up 14", "It was 14, then 1,931 and 14.", random.Random(1)) or ("", "")
    other = title.removeprefix("Up ")
    assert other != "14"
    assert body.startswith(f"It was {other}, then ") and body.endswith(f" and {other}.")
    assert "1,931" not in body
    assert with_other_numbers("Up 14", "No number.", random.Random(1)) is None


def test_every_name_is_another_wherever_it_stands() -> None:
    text = (
        "Brisk said on Monday that the U.S. envoy Quist had gone. Then Brisk left. The mayor, Mr Brisk’s man, stayed."
    )
    small = small_words([text, "then"])
    title, body = with_other_names("BRISK GOES", text, random.Random(1), small) or ("", "")
    made = body.split()[0]
    assert title == f"{made.upper()} GOES"
    assert body.count(made) == 3
    assert not any(name in body for name in ("Brisk", "Quist", "U.S"))
    assert all(word in body for word in ("Monday", "Then", "The mayor"))
    assert with_other_names("Rain", "It rained on Monday. It was wet.", random.Random(1), small) is None
    row = with_other_names("MILL CORP <MLC> NET", "Shr 3 cts\nNet 4 mln", random.Random(1), frozenset({"net"}))
    assert row is None
