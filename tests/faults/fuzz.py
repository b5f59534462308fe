"""A process of its own that reads `count` spoilt objects from `seed` on, and says which one it is at.

Every input is one of the formats of landing with something done to it: bytes changed, cut out, doubled, taken from
another input, wrapped once more. It must come to rows, one at least, none of them a fault of ours, and the process
lives.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import sys
from collections.abc import Callable

import zstandard

from factories import make_ref
from flow.harness import WATCHLIST, article
from mediamonitor.landing.staged import Rows
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.reader import Reader
from mediamonitor.parsing.records import records_of
from mediamonitor.sources import Sources
from mediamonitor.watchlist.matcher import Matcher
from mediamonitor.watchlist.parse import parse_watchlist
from mediamonitor.workers.__main__ import read_item
from mediamonitor.workers.chunk import Item
from parsing.test_records import PAGE, TEXT, jsonl, tar
from parsing.test_records import record as json_record

MEMORY_BYTES = 1_000_000_000
MOST_BYTES = 1_000_000
NAMES = ["a.txt", "a.jsonl", "a.html", "a.json.gz", "a.zst", "post/2026/03/02/a", "x.tar"]
RECORDS = jsonl(*(json_record(number) for number in range(20)))
WHOLE = [
    article("Title", "Vessmark said so.\n\n" * 20),
    TEXT.encode("utf-16"),
    "Grüße aus Köln\n\nÄrger über die Fähre.".encode("cp1252"),
    PAGE.encode(),
    RECORDS,
    json.dumps([json_record(number) for number in range(20)]).encode(),
    json.dumps({"title": "T", "body": "B" * 500, "deep": [[[[{"a": [1e3, -0.5, None, True]}]]]]}).encode(),
    tar({"a.txt": TEXT.encode(), "b.jsonl": RECORDS, "c.html": PAGE.encode()}),
]
WRAPS: list[Callable[[bytes], bytes]] = [
    gzip.compress,
    zstandard.compress,
    lambda body: tar({"inner": body}),
    lambda body: tar({"inner": body, "more.txt": body[: len(body) // 2]}, "w:gz"),
]
BITES = [
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"ustar", b"\n", b'"', b"{",
    b"[" * 3_000, b"\\ud800", b"1e999", b"9" * 400, b"\xed\xa0\x80", "\u202e".encode(), b"<", b"</", b"<!--", b"]]>",
    b"&#x0;",
]  # fmt: skip


def spoilt(seed: int) -> bytes:
    """The input of this number."""
    rng = random.Random(seed)
    body = rng.choice(WHOLE)
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        body = rng.choice(WRAPS)(body)
    for _ in range(rng.randint(1, 6)):
        at, end = sorted((rng.randint(0, len(body)), rng.randint(0, len(body))))
        end = min(end, at + rng.choice([1, 4, 64, 10_000]))
        with_what = rng.randrange(6)
        if with_what == 0:
            body = body[:at] + bytes(byte ^ 1 << rng.randrange(8) for byte in body[at:end]) + body[end:]
        elif with_what == 1:
            body = body[:at] + body[end:]
        elif with_what == 2:
            body = body[:end] + body[at:end] * rng.choice([1, 2, 100]) + body[end:]
        elif with_what == 3:
            body = body[:at] + rng.choice(BITES) * rng.choice([1, 1, 3]) + body[at:]
        elif with_what == 4:
            body = body[:at]
        else:
            other = rng.choice(WHOLE)
            body = body[:at] + other[rng.randint(0, len(other)) :]
    return rng.choice(WRAPS)(body) if rng.random() < 0.2 else body


def main(seed: int, count: int) -> None:
    """Read them, each announced before."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    reader = Reader(Sources(version=1, sources=[]), KeyPatterns("{source}/{yyyy}/{mm}/{dd}/"), "")
    matcher = Matcher(parse_watchlist(WATCHLIST, ""))
    for number in range(seed, seed + count):
        print(number, flush=True)
        body, rows = spoilt(number), Rows("", "")
        ref = make_ref(NAMES[number % len(NAMES)], size_bytes=len(body))
        for record in records_of(body, ref.key, MOST_BYTES):
            read_item(Item(ref, {}, record), reader, matcher, rows)
        batch = rows.batch()
        batch.validate(full=True)
        assert batch.num_rows, "came to nothing"
        assert "crashes_parser" not in batch["reason_code"].to_pylist(), batch["detail"].to_pylist()
    print("done", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
