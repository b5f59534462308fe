"""Bringing stories up to the articles: signatures, candidates, the pair test, and each article's place.

All of it in the warehouse, after recurring lines are masked and before days are counted; very many fresh articles in
several transactions. What comes out is a function of the articles: the order of arrival, batches and reruns change
nothing.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from mediamonitor.stories.clusters import WINDOW_DAYS, Member, places
from mediamonitor.stories.comparing import Pair, compared, write_pairs
from mediamonitor.stories.signatures import SIGNED, exact_number, rules, signatures
from mediamonitor.stories.similarity import LEAST_WORDS, Text
from mediamonitor.warehouse.connection import Warehouse

LINKED_AT_ONCE = 400_000
"""Fresh articles in one transaction, the earliest first. DuckDB holds in memory what an UPDATE writes until it ends; of
1.6 million that does not fit into 300 MB."""
SIGNED_AT_ONCE = 5_000
"""Articles whose signatures are made in one go: about 15 MB of text."""
FRESH_AT_ONCE = 200_000
"""Fresh articles whose candidates are looked for in one go ..."""
NUMBERS_AT_ONCE = 2_000_000
"""... and how many numbers of their signatures DuckDB joins in one go within 300 MB."""
PART_ARTICLES = 20_000
"""Candidates whose texts are held at once: about 60 MB."""
FEW_WORDS = 2 * LEAST_WORDS
"""Of articles with fewer words, by DuckDB's count, it is asked whether they are too short for the pair test."""
NUMBERS_EACH = 48
"""Numbers in a signature, about."""

_WANTED = pa.schema([("number", pa.int64()), ("part", pa.int64())])
_PLACED = pa.schema(
    [
        ("number", pa.int64()),
        ("duplicate_of", pa.string()),
        ("story_id", pa.string()),
        ("is_origin", pa.bool_()),
    ]
)


def link(warehouse: Warehouse, now: datetime) -> int:
    """Give every article with a day its story and its duplicate mark; returns for how many that is another than before.

    Marks the days of articles whose place has changed as dirty. `now` (UTC) is written beside replaced story ids.
    """
    moved, fresh = 0, LINKED_AT_ONCE
    while fresh == LINKED_AT_ONCE:
        with warehouse.transaction():
            fresh, gone, first_number = warehouse.row("stories/changes", rules=rules(), most=LINKED_AT_ONCE)
            if not fresh and not gone:
                break
            days = warehouse.rows("stories/fresh_days")
            _sign(warehouse, days, first_number)
            for first, last, articles in _day_groups(days):
                _pair(warehouse, first, last, articles)
            warehouse.run("stories/affected")
            with warehouse.given(placed=_places(warehouse)):
                moved += warehouse.row("stories/apply", now=now)[0]
    return moved


def placed_afresh(warehouse: Warehouse) -> pa.Table:
    """The place of every article that is tied to another, from the pairs that are kept (`reconcile` compares them)."""
    warehouse.run("stories/all_affected")
    return _places(warehouse)


def _sign(warehouse: Warehouse, days: Iterable[tuple[date, int]], first_number: int) -> None:
    """Signatures for the fresh articles, which are numbered day by day."""

    def add(day: date, signed: pa.Table) -> None:
        with warehouse.given(signed=signed):
            warehouse.run("stories/add_signatures", day=day)

    making: deque[tuple[date, Future[pa.Table]]] = deque()
    with ThreadPoolExecutor(1) as beside:  # DuckDB reads the next words meanwhile
        for day, numbers in _numbers(days, first_number):
            with _wanted(warehouse, dict.fromkeys(numbers, 0)):
                told = warehouse.table("stories/words", first=day, last=day, few=FEW_WORDS)
            making.append((day, beside.submit(_signed, told.combine_chunks())))
            if len(making) > 1:
                ready, signed = making.popleft()
                add(ready, signed.result())
        for ready, signed in making:
            add(ready, signed.result())


@contextmanager
def _wanted(warehouse: Warehouse, part_of: dict[int, int]) -> Iterator[None]:
    """Let `stories/words` and `stories/texts` give the texts of these numbers, each with its part."""
    with warehouse.given(wanted=pa.table([list(part_of), list(part_of.values())], _WANTED)):
        warehouse.run("stories/compared_texts")
        yield


def _numbers(days: Iterable[tuple[date, int]], first_number: int) -> Iterator[tuple[date, list[int]]]:
    """The numbers of the fresh articles, SIGNED_AT_ONCE at most of one day."""
    number = first_number
    for day, articles in days:
        for start in range(number, number + articles, SIGNED_AT_ONCE):
            yield day, list(range(start, min(start + SIGNED_AT_ONCE, number + articles)))
        number += articles


def _signed(told: pa.Table) -> pa.Table:
    """The signatures of these articles."""
    signed = signatures(told["words"].combine_chunks())
    exact = [
        None if body is None else exact_number(Text(title, body))
        for title, body in zip(told["title"].to_pylist(), told["body"].to_pylist(), strict=True)
    ]
    columns = {name: told[name] for name in ("number", "content_sha256")} | {"exact": pa.array(exact, pa.uint64())}
    return pa.table(columns | {name: signed[name] for name in SIGNED.names})


def _day_groups(days: Iterable[tuple[date, int]]) -> Iterator[tuple[date, date, int]]:
    """Days in a row (first, last, fresh articles) with at most FRESH_AT_ONCE together; one day at least."""
    held: list[tuple[date, int]] = []
    for day, articles in days:
        if held and (
            sum(count for _, count in held) + articles > FRESH_AT_ONCE or (day - held[0][0]).days > WINDOW_DAYS
        ):
            yield held[0][0], held[-1][0], sum(count for _, count in held)
            held = []
        held.append((day, articles))
    if held:
        yield held[0][0], held[-1][0], sum(count for _, count in held)


def _pair(warehouse: Warehouse, first: date, last: date, articles: int) -> None:
    """Find the candidates of these days and keep the pairs among them."""
    span = {"first": first, "last": last, "window": WINDOW_DAYS}
    warehouse.run("stories/no_candidates")
    parts = 1 + articles * NUMBERS_EACH // NUMBERS_AT_ONCE
    for part in range(parts):
        warehouse.run("stories/candidates", part=part, parts=parts, **span)
    candidates = warehouse.rows("stories/distinct_candidates")
    if not candidates:
        return
    part_of = _parts(candidates)
    order = {number: at for at, number in enumerate(part_of)}  # what is tied together is compared together
    by_part: dict[int, list[Pair]] = defaultdict(list)
    for pair in sorted(candidates, key=lambda pair: (order[pair[0]], order[pair[1]])):
        by_part[part_of[pair[0]]].append(pair)
    around = {"first": first - timedelta(WINDOW_DAYS), "last": last + timedelta(WINDOW_DAYS)}
    with warehouse.scratch() as folder:
        with _wanted(warehouse, part_of):
            _write_by_part(warehouse.batches("stories/texts", SIGNED_AT_ONCE, **around), folder)
        for part, pairs in by_part.items():
            write_pairs(folder / str(part), pairs)
        for kept in compared([folder / str(part) for part in by_part]):
            with warehouse.given(pairs=kept):
                warehouse.run("stories/add_pairs")


def _parts(pairs: Iterable[Pair]) -> dict[int, int]:
    """A part for each number, the same for all that pairs tie together, of about PART_ARTICLES; those in a row."""
    tied: dict[int, int] = {}

    def root(number: int) -> int:
        while tied.setdefault(number, number) != number:
            tied[number] = number = tied[tied[number]]
        return number

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        tied[second] = first
    groups: dict[int, list[int]] = defaultdict(list)
    for number in tied:
        groups[root(number)].append(number)
    part_of: dict[int, int] = {}
    for group in groups.values():
        part = len(part_of) // PART_ARTICLES
        part_of.update(dict.fromkeys(group, part))
    return part_of


def _write_by_part(texts: pa.RecordBatchReader, folder: Path) -> None:
    """The texts into a folder for each part, as `comparing` reads them."""
    import pyarrow.dataset as ds  # it imports pandas, which most runs can do without

    by_part = ds.partitioning(pa.schema([("part", pa.int64())]))
    ds.write_dataset(texts, folder, format="feather", partitioning=by_part, max_partitions=1_000_000)


def _places(warehouse: Warehouse) -> pa.Table:
    """The places of the `affected` articles that are tied to others."""
    alike: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for one, other, is_similar in warehouse.rows("stories/pairs"):
        alike[one].append((other, is_similar))
        alike[other].append((one, is_similar))
    found = places((Member(*row) for row in warehouse.rows("stories/members")), alike)
    columns = zip(*found.values(), strict=True) if found else ([], [], [])
    return pa.table([list(found), *map(list, columns)], _PLACED)
