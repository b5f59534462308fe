"""Reading alone, on one core: articles a second, and whether twice the line takes twice the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone

from benchmarks.made import article
from mediamonitor.article import ObjectRef, Rejection
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.reader import Reader
from mediamonitor.parsing.records import records_of
from mediamonitor.sources import Sources

ARRIVED = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
ROUNDS = 5
ONE_LINE, MANY_LINES = 19_000_000, 4_000_000
"""Bytes; the longest article has 20 MB."""
LINES = {
    "words": "the bridge is open again ",
    "sentences": "The bridge is open. ",
    "agencies in a row": "(Reuters). ",
    "credits in a row": "Reporting by Ann Lee; Editing by Bo Day. ",
    "dots": ". ",
    "brackets": "(",
    "quotes": '"',
    "capitals": "LONDON ",
    "dashes": "A - ",
    "no words": "_ ",
    "addresses": "http://a.b/",
    "photo credits": "Getty Images / ",
    "subscriptions": "subscribe to our newsletter ",
    "Cyrillic": "Мост открыт ",
    "Chinese": "普京说",
    "lines: trailers": "source site-34\n",
    "lines: bylines": "By Ann Lee\n",
    "lines: openers": "Related stories\n",
    "lines: links": "Ferry strike ends\n",
    "lines: teasers": "Ferry ...\n",
    "lines: photo credits and text": "Photo: Ann Lee\nThe bridge is open again said he.\n",
}
"""What one line, or many, is made of; each is what some rule looks at."""


def measure(count: int, size: int) -> None:
    """Print articles a second of `count` made articles of about `size` bytes, then the ratios of LINES."""
    reader = Reader(Sources(version=1), KeyPatterns("{source}/{yyyy}/{mm}/{dd}/"), "")
    made = [article(number, size) for number in range(count)]
    _read_all(reader, made[:50])  # loads rules and model
    seconds = min(_timed(lambda: _read_all(reader, made)) for _ in range(ROUNDS))
    mean = sum(map(len, made)) / count
    each = seconds / count
    print(f"read: {count:,} articles of {mean:,.0f} bytes, {each * 1e6:.0f} us each, {1 / each:,.0f}/s")
    worst, of = max(_growth(reader, name) for name in LINES)
    print(f"read: twice as much of {of} takes {worst:.2f} times as long, the worst of {len(LINES)}")


def _growth(reader: Reader, name: str) -> tuple[float, str]:
    """How much longer twice as much of it takes."""
    unit = LINES[name]
    size = MANY_LINES if "\n" in unit else ONE_LINE
    short, long = (f"A title\n{unit * (size // part // len(unit.encode()))}".encode() for part in (2, 1))
    ratio = _fastest(reader, long) / _fastest(reader, short)
    return ratio, name


def _fastest(reader: Reader, raw: bytes) -> float:
    return min(_timed(lambda: _read_all(reader, [raw])) for _ in range(3))


def _timed(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _read_all(reader: Reader, made: list[bytes]) -> None:
    for raw in made:
        ref = ObjectRef("b", "post/2026/03/02/a.txt", 1, "e", len(raw), ARRIVED)
        for record in records_of(raw, ref.key, 20_000_000):
            if isinstance(record, Rejection):
                raise SystemExit(f"a made article was refused: {record}")
            reader.read(ref, {}, record)
