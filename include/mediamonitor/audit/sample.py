"""Drawing places for coding by hand: counted, not counted, and sentences in which a mention may have been missed.

A stratum is a kind of place that is likely to be right or wrong as a whole: one alias, one reason why it does not
count, one word of a name. In each a simple random sample is drawn, so that the strata can be weighted by their size.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mediamonitor.publish.snippets import sentence_bounds
from mediamonitor.watchlist.folding import fold, visible

Group = Literal["counted", "not counted", "not found"]
SHARES: dict[Group, float] = {"counted": 0.5, "not counted": 0.25, "not found": 0.25}
"""How the sentences are shared out; what a group has too few of goes to the others."""
LEAST_IN_STRATUM = 2
"""One place tells nothing of how much a stratum varies."""
SHORTEST_WORD = 4
"""Letters of a word whose beginning is looked for; shorter ones begin too many other words."""
OTHERS = "others"
"""The stratum of a group that takes those too small for one of their own."""
_LETTERS = re.compile(r"[^\W\d_]+")


class Place(NamedTuple):
    """Where something stands: offsets are code points into the column that `zone` names."""

    article_id: str
    zone: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stratum:
    """Places of one kind: how many there are, and those drawn of them."""

    group: Group
    kind: str
    size: int
    drawn: tuple[Place, ...]

    @property
    def name(self) -> str:
        """As it stands in the sheet."""
        return f"{self.group}: {self.kind}"


class Drawing:
    """Draws at most `most` of the places of each stratum, whatever the order in which they come; bounded in memory."""

    def __init__(self, seed: int, most: int) -> None:
        self._seed, self._most = seed, most
        self._sizes: Counter[tuple[Group, str]] = Counter()
        self._held: dict[tuple[Group, str], list[tuple[int, Place]]] = defaultdict(list)

    def add(self, group: Group, kind: str, place: Place) -> None:
        """One more place of this stratum."""
        key = group, kind
        self._sizes[key] += 1
        entry = (-lot(str(self._seed), place), place)
        if len(self._held[key]) < self._most:
            heapq.heappush(self._held[key], entry)
        else:
            heapq.heappushpop(self._held[key], entry)

    def strata(self, total: int) -> list[Stratum]:
        """About `total` places, shared out over the groups, and in each over its strata by their size."""
        sizes: dict[Group, dict[str, int]] = {group: {} for group in SHARES}
        for (group, kind), size in self._sizes.items():
            sizes[group][kind] = size
        wanted = _shared_out(total, sizes)
        return [
            stratum
            for group, of in sizes.items()
            if of and wanted[group]
            for stratum in self._of(group, of, wanted[group])
        ]

    def _of(self, group: Group, sizes: dict[str, int], wanted: int) -> Iterator[Stratum]:
        """The strata of a group. Those that would get fewer than LEAST_IN_STRATUM are drawn from together."""
        of_all = sum(sizes.values())
        kinds: dict[str, list[str]] = defaultdict(list)
        for kind, size in sizes.items():
            kinds[kind if size * wanted >= LEAST_IN_STRATUM * of_all else OTHERS].append(kind)
        joined = {kind: sum(sizes[one] for one in of) for kind, of in kinds.items()}
        for kind, number in _by_size(wanted, joined).items():
            held = sorted((entry for one in kinds[kind] for entry in self._held[group, one]), reverse=True)
            yield Stratum(group, kind, joined[kind], tuple(place for _, place in held[:number]))


def lot(seed: str, place: Place) -> int:
    """A number by chance, the same whenever it is asked for."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{place}".encode()).digest()[:8], "big")


def _shared_out(total: int, sizes: dict[Group, dict[str, int]]) -> dict[Group, int]:
    """How many places each group gives: its share, or all that it has, while others take what that leaves."""
    there = {group: sum(of.values()) for group, of in sizes.items()}
    wanted = dict.fromkeys(there, 0)
    while (left := total - sum(wanted.values())) > 0:
        open_groups = {group: SHARES[group] for group in there if wanted[group] < there[group]}
        if not open_groups:
            break
        for group, share in open_groups.items():
            more = max(1, int(left * share / sum(open_groups.values())))
            wanted[group] += min(more, there[group] - wanted[group], total - sum(wanted.values()))
    return wanted


def _by_size(total: int, sizes: dict[str, int]) -> dict[str, int]:
    """`total` shared out by size: LEAST_IN_STRATUM each where there are so many, the rest by largest remainder."""
    least = {kind: min(size, LEAST_IN_STRATUM) for kind, size in sizes.items()}
    total = max(total, sum(least.values()))
    exact = {kind: total * size / sum(sizes.values()) for kind, size in sizes.items()}
    given = {kind: max(least[kind], int(share)) for kind, share in exact.items()}
    for kind in sorted(sizes, key=lambda kind: (given[kind] - exact[kind], kind)):
        if sum(given.values()) < total and given[kind] < sizes[kind]:
            given[kind] += 1
    return given


def stems_of(names: Iterable[str]) -> dict[str, str]:
    """Beginnings of the words of these names, folded, each with the word: what any form of a name may begin with.

    Of names with capitals only words with one: of `Minister for transport` the first.
    """
    stems: dict[str, str] = {}
    for name in names:
        for word in _LETTERS.findall(visible(name)):
            if len(word) >= SHORTEST_WORD and (word[0].isupper() or name == name.lower()):
                stems.setdefault(fold(word)[: max(SHORTEST_WORD, len(word) - 2)], word)
    return stems


def near_misses(
    article_id: str, columns: Iterable[tuple[str, str, list[tuple[int, int]]]], stems: dict[str, str]
) -> Iterator[tuple[str, Place]]:
    """Sentences that hold a word with one of these beginnings and no hit: the word of the name, and the place.

    `columns` are zone, text, and where hits stand in it.
    """
    for zone, text, hits in columns:
        end_before = 0
        for word in _LETTERS.finditer(text):
            seen = fold(word.group())
            stem = next((stem for stem in stems if seen.startswith(stem)), None)
            if stem is None or word.start() < end_before:
                continue
            left, right = sentence_bounds(text, *word.span())
            if not any(start < right and left < end for start, end in hits):
                end_before = right
                yield stems[stem], Place(article_id, zone, *word.span())
