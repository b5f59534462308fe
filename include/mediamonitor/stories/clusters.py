"""Who is a duplicate of whom, and which story an article belongs to: a function of the set of articles (contract §3).

Articles are looked at in one order, the earliest first, so the order of arrival, batches and reruns change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

WINDOW_DAYS = 7
"""Days between an original and its duplicate, and between the origin of a story and an article that joins it."""


class Member(NamedTuple):
    """A current article with a day. `published_at` is None where only the day is known."""

    number: int
    article_id: str
    source: str
    title_key: str | None
    content_sha256: str
    published_on: date
    published_at: datetime | None


class Place(NamedTuple):
    """Where an article belongs. The story of a duplicate is that of its original, and it is no origin."""

    duplicate_of: str | None
    story_id: str
    is_origin: bool


def places(members: Iterable[Member], alike: Mapping[int, Iterable[tuple[int, bool]]]) -> dict[int, Place]:
    """The place of each member by its number.

    `alike` names for a number those that have the same text or are similar to it, and whether they are similar. A
    duplicate has the source and title key of an earlier counted article at most WINDOW_DAYS before. A counted article
    joins the earliest origin within WINDOW_DAYS to which it is itself similar, so stories do not grow in chains.
    """
    ordered = sorted(members, key=order)
    rank = {member.number: place for place, member in enumerate(ordered)}
    found: dict[int, Place] = {}
    for mine, member in enumerate(ordered):
        earlier = sorted(
            (rank[number], is_similar)
            for number, is_similar in alike.get(member.number, ())
            if number in rank and rank[number] < mine
        )
        near = [
            (ordered[place], is_similar)
            for place, is_similar in earlier
            if (member.published_on - ordered[place].published_on).days <= WINDOW_DAYS
        ]
        original = next((one for one, _ in near if _is_original(one, member, found)), None)
        origin = next((one for one, is_similar in near if is_similar and found[one.number].is_origin), None)
        if original:
            place = Place(original.article_id, found[original.number].story_id, False)
        elif origin:
            place = Place(None, origin.article_id, False)
        else:
            place = Place(None, member.article_id, True)
        found[member.number] = place
    return found


def order(member: Member) -> tuple[date, bool, datetime, str]:
    """What "earlier" means: by day, then by time, where none is known last, then by id."""
    time = member.published_at
    return member.published_on, time is None, time or datetime.min, member.article_id


def _is_original(one: Member, member: Member, found: Mapping[int, Place]) -> bool:
    return (
        one.source == member.source
        and one.title_key is not None
        and one.title_key == member.title_key
        and found[one.number].duplicate_of is None
    )
