"""Which of the names found in an article count, and why the others do not (contract §5)."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from mediamonitor.article import Hit, WhyNot
from mediamonitor.parsing.words import words_in
from mediamonitor.watchlist.folding import visible
from mediamonitor.watchlist.model import Query
from mediamonitor.watchlist.places import Place, Spans, in_capitals
from mediamonitor.watchlist.spellings import Role, Spelling
from mediamonitor.watchlist.surnames import BEFORE, has_title, is_of_another

SHORT_CAPITALS = 3
"""In a line of capitals an alias of at most this many capitals never counts: `US` there may be `us`."""

Named = tuple[Hit, Spelling]
"""A hit, and the spelling that it is one of."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The texts that count, and the words in them that decide about names. Dateline and recurring lines are not in."""

    title: str
    body: str
    title_words: list[Place]
    body_words: list[Place]

    def text(self, hit: Hit) -> str:
        """The column in which the hit stands."""
        return self.title if hit.zone == "title" else self.body

    def written(self, hit: Hit) -> str:
        """What stands at the hit."""
        return visible(self.text(hit)[hit.start_char : hit.end_char])

    def deciding(self, role: Role) -> Iterable[tuple[bool, Place, Spelling]]:
        """The words of this role: whether in the title, where, and whose."""
        if not self.title_words and not self.body_words:  # as in most articles
            return ()
        return [
            (in_title, place, spelling)
            for in_title, places in ((True, self.title_words), (False, self.body_words))
            for place in places
            for spelling in place.spellings
            if spelling.role == role
        ]


def judged(found: list[Named], day: date | None, columns: Columns) -> list[Named]:
    """Each hit, with the reason why it does not count if it does not.

    A hit of an alias whose other owner is named elsewhere in the article is left out: it is the other one's.
    """
    if not found:
        return []
    rules = _Rules(found, day, columns)
    hits = [
        (hit._replace(why_not=why), spelling) if (why := rules.why_not(hit, spelling)) else (hit, spelling)
        for hit, spelling in found
    ]
    return _owned(hits, rules.required)


class _Rules:
    """What the whole article says about the names in it."""

    def __init__(self, found: list[Named], day: date | None, columns: Columns) -> None:
        self._found, self._day, self._columns = found, day, columns
        excluded: dict[tuple[str, bool], list[tuple[int, int]]] = defaultdict(list)
        for in_title, place, spelling in columns.deciding("exclude"):
            excluded[spelling.entity.id, in_title].append((place.start, place.end))
        self._excluded = {of: Spans(sorted(spans)) for of, spans in excluded.items()}
        self.required = {spelling.entity.id for _, _, spelling in columns.deciding("require")}
        self._unmet: dict[str, WhyNot] = {}
        for entity in {
            spelling.entity.id: spelling.entity for _, spelling in found if spelling.role == "word"
        }.values():
            if entity.query and (why := self._why_unmet(entity.id, entity.query)):
                self._unmet[entity.id] = why

    @cached_property
    def _full_names(self) -> set[str]:
        """Entities whose full name stands in the article."""
        return {
            hit.entity_id
            for hit, spelling in self._found
            if spelling.role == "name"
            and _is_full_name(spelling, self._columns.written(hit))
            and not self._is_excluded(hit)
        }

    @cached_property
    def _introduced(self) -> set[str]:
        """Entities of which a surname alone may tell: the full name, or once a title before the surname."""
        return self._full_names | {
            hit.entity_id
            for hit, spelling in self._found
            if spelling.role == "surname"
            and hit.entity_id not in self._full_names
            and has_title(self._before(hit))
            and not self._is_excluded(hit)
        }

    def why_not(self, hit: Hit, spelling: Spelling) -> WhyNot | None:
        """The first reason for which this hit does not count, before it is asked who else owns its alias."""
        entity = spelling.entity
        if not entity.is_active(self._day):
            return "inactive"
        if self._is_excluded(hit):
            return "excluded"
        if self._capitals_forbid(hit, spelling):
            return "capitals"
        if spelling.role == "surname" and not self._is_bearer(hit):
            return "surname"
        if entity.require and spelling.role != "name" and entity.id not in self.required:
            return "require"
        return self._unmet.get(entity.id)

    def _is_excluded(self, hit: Hit) -> bool:
        if not self._excluded:
            return False
        spans = self._excluded.get((hit.entity_id, hit.zone == "title"))
        return spans is not None and spans.meet(hit.start_char, hit.end_char)

    def _is_bearer(self, hit: Hit) -> bool:
        """Whether a surname alone means the entity: the full name, or a title before the surname, introduces it."""
        return hit.entity_id in self._introduced and not is_of_another(self._before(hit))

    def _before(self, hit: Hit) -> str:
        return self._columns.text(hit)[max(0, hit.start_char - BEFORE) : hit.start_char]

    def _capitals_forbid(self, hit: Hit, spelling: Spelling) -> bool:
        """The contract's rule for lines in capitals: a one-word alias needs the full name, a short one never counts."""
        if not spelling.is_case_sensitive:
            return False
        text = self._columns.text(hit)
        if not text[hit.start_char : hit.end_char].isupper() or not in_capitals(text, hit.start_char, hit.end_char):
            return False
        written = self._columns.written(hit)
        if len(written) <= SHORT_CAPITALS and spelling.alias.isupper():
            return True
        return len(written.split()) == 1 and hit.entity_id not in self._full_names

    def _why_unmet(self, entity: str, query: Query) -> WhyNot | None:
        """Why the article does not satisfy the query of a topic, if it does not."""

        def there(role: Role) -> set[int]:
            return {spelling.number for _, _, spelling in self._columns.deciding(role) if spelling.entity.id == entity}

        if there("none"):
            return "excluded"
        if len(there("all")) < len(query.all) or (query.any and not there("any")):
            return "require"
        if query.near and not self._are_near(entity, len(query.near.words), query.near.within):
            return "require"
        return None

    def _are_near(self, entity: str, count: int, within: int) -> bool:
        """Whether all words of a `near` stand in title or body with at most `within` words from first to last."""
        for wanted, text in ((True, self._columns.title), (False, self._columns.body)):
            places = [
                (place.start, spelling.number)
                for in_title, place, spelling in self._columns.deciding("near")
                if in_title == wanted and spelling.entity.id == entity
            ]
            if len({number for _, number in places}) == count and _stand_close(text, sorted(places), count, within):
                return True
        return False


def _stand_close(text: str, places: list[tuple[int, int]], count: int, within: int) -> bool:
    """Whether `count` different numbers stand within so many words; `places` are (offset, number), in order."""
    held: deque[tuple[int, int]] = deque()
    numbers: Counter[int] = Counter()
    words = begin = 0
    for start, number in places:
        words += sum(map(words_in, text[begin:start].split()))
        begin = start
        held.append((words, number))
        numbers[number] += 1
        while words - held[0][0] > within:
            numbers[held.popleft()[1]] -= 1
        if sum(count > 0 for count in numbers.values()) == count:
            return True
    return False


def _is_full_name(spelling: Spelling, written: str) -> bool:
    return " " in spelling.alias or not written.isupper() or written == spelling.alias


def _owned(hits: list[Named], required: set[str]) -> list[Named]:
    """Whose a shared alias is: of the owner who is named unambiguously elsewhere, or whose required word is there."""
    if len({(hit.zone == "title", hit.start_char) for hit, _ in hits}) == len(hits):
        return hits
    owners: dict[tuple[bool, int], set[str]] = defaultdict(set)
    for hit, _ in hits:
        if hit.is_counted:
            owners[hit.zone == "title", hit.start_char].add(hit.entity_id)
    if all(len(of) == 1 for of in owners.values()):
        return hits
    named = {next(iter(of)) for of in owners.values() if len(of) == 1} | required
    result: list[Named] = []
    for hit, spelling in hits:
        of = owners.get((hit.zone == "title", hit.start_char), set())
        if hit.is_counted and len(of) > 1:
            rightful = of & named
            if len(rightful) == 1 and hit.entity_id not in rightful:
                continue  # the alias belongs to the other one here
            if len(rightful) != 1:
                hit = hit._replace(why_not="ambiguous")
        result.append((hit, spelling))
    return result
