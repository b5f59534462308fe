from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import ARRIVED, examples, make_source
from mediamonitor.article import Dating
from mediamonitor.errors import ConfigurationError
from mediamonitor.parsing.dates import UNDATED, DateOutOfRange, KeyFacts, KeyPatterns, date_article
from mediamonitor.sources import Source

DEFAULT = "{source}/{yyyy}/{mm}/{dd}/,{yyyy}/{mm}/{dd}/"


def date_told(arrived: datetime, metadata: str | None, key_day: date | None, source: Source) -> Dating:
    return date_article(arrived, [("metadata", metadata), ("key", key_day)], source)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(timezone.utc)


@pytest.mark.parametrize(
    ("published", "zone", "day", "moment"),
    [
        # case 9: around midnight, each by its own clock and by another
        ("2026-01-14T23:30:00-05:00", "America/New_York", "2026-01-14", "2026-01-15T04:30+00:00"),
        ("2026-01-14T23:30:00-05:00", "UTC", "2026-01-15", "2026-01-15T04:30+00:00"),
        ("2026-01-15T00:30:00+09:00", "Asia/Tokyo", "2026-01-15", "2026-01-14T15:30+00:00"),
        ("2026-01-15T00:30:00+09:00", "UTC", "2026-01-14", "2026-01-14T15:30+00:00"),
        ("2026-01-15T00:30:00+09:00", "America/New_York", "2026-01-14", "2026-01-14T15:30+00:00"),
        # F33: the last and the first second of a day
        ("2026-01-14T22:59:59Z", "Europe/Berlin", "2026-01-14", "2026-01-14T22:59:59+00:00"),
        ("2026-01-14T23:00:00Z", "Europe/Berlin", "2026-01-15", "2026-01-14T23:00+00:00"),
        # F33: the day on which summer time begins (23 hours) and the day on which it ends (25 hours)
        ("2025-03-29T23:00:00Z", "Europe/Berlin", "2025-03-30", "2025-03-29T23:00+00:00"),
        ("2025-03-30T21:59:59Z", "Europe/Berlin", "2025-03-30", "2025-03-30T21:59:59+00:00"),
        ("2025-03-30T22:00:00Z", "Europe/Berlin", "2025-03-31", "2025-03-30T22:00+00:00"),
        ("2025-10-25T22:00:00Z", "Europe/Berlin", "2025-10-26", "2025-10-25T22:00+00:00"),
        ("2025-10-26T22:59:59Z", "Europe/Berlin", "2025-10-26", "2025-10-26T22:59:59+00:00"),
        ("2025-10-26T23:00:00Z", "Europe/Berlin", "2025-10-27", "2025-10-26T23:00+00:00"),
        ("2025-11-02T03:59:59Z", "America/New_York", "2025-11-01", "2025-11-02T03:59:59+00:00"),
        ("2025-11-03T04:59:59Z", "America/New_York", "2025-11-02", "2025-11-03T04:59:59+00:00"),
        # a time without an offset is the source's own
        ("2025-07-01T00:30:00", "Europe/Berlin", "2025-07-01", "2025-06-30T22:30+00:00"),
        ("2026-01-01 00:30", "Asia/Tokyo", "2026-01-01", "2025-12-31T15:30+00:00"),
        ("20260114T233000Z", "UTC", "2026-01-14", "2026-01-14T23:30+00:00"),
        ("  2026-01-14T23:30:00.5+00:00 ", "UTC", "2026-01-14", "2026-01-14T23:30:00.500+00:00"),
    ],
)
def test_f33_case_9_a_time_belongs_to_the_day_of_its_source(published: str, zone: str, day: str, moment: str) -> None:
    dating = date_told(ARRIVED, published, date(2020, 1, 1), make_source(timezone=zone))
    assert dating.published_on == date.fromisoformat(day)
    assert dating.published_at == at(moment)
    assert dating.published_at.utcoffset() == timedelta(0)
    assert (dating.date_from, dating.date_precision) == ("metadata", "time")


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"])
@pytest.mark.parametrize("published", ["2026-01-14", " 2026-01-14\n", "20260114"])
def test_a_date_without_a_time_is_that_date_in_every_zone(published: str, zone: str) -> None:
    dating = date_told(ARRIVED, published, date(2020, 1, 1), make_source(timezone=zone))
    assert (dating.published_on, dating.published_at) == (date(2026, 1, 14), None)
    assert (dating.date_from, dating.date_precision) == ("metadata", "day")


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize(
    "published",
    [
        None,
        "",
        "yesterday",
        "14.01.2026",
        "2026-02-30",
        "2026-13-01T00:00:00Z",
        "Jan 15, 2026 11:30 PM",
        "15 Jan 2026 11:30 p.m.",
    ],
)
def test_the_day_of_the_key_comes_next_and_is_that_day_in_every_zone(published: str | None, zone: str) -> None:
    dating = date_told(ARRIVED, published, date(2026, 1, 14), make_source(timezone=zone))
    assert (dating.published_on, dating.published_at) == (date(2026, 1, 14), None)
    assert (dating.date_from, dating.date_precision) == ("key", "day")


@pytest.mark.parametrize(("zone", "day"), [("UTC", 2), ("Pacific/Kiritimati", 3), ("Pacific/Pago_Pago", 2)])
def test_an_undated_article_takes_the_day_of_its_arrival(zone: str, day: int) -> None:
    dating = date_told(ARRIVED, "no date", None, make_source(timezone=zone))
    assert (dating.published_on, dating.published_at) == (date(2026, 3, day), ARRIVED)
    assert (dating.date_from, dating.date_precision) == ("last_modified", "arrival")


def test_case_10_an_undated_article_of_a_source_that_says_so_has_no_day() -> None:
    assert date_told(ARRIVED, None, None, make_source(undated="none")) == UNDATED
    assert (UNDATED.published_on, UNDATED.published_at, UNDATED.date_from) == (None, None, None)


def test_a_source_without_a_policy_for_undated_articles_still_takes_the_dates_there_are() -> None:
    source = make_source(undated="none")
    assert date_told(ARRIVED, None, date(2026, 1, 14), source).date_from == "key"
    assert date_told(ARRIVED, "2026-01-13", date(2026, 1, 14), source).published_on == date(2026, 1, 13)


@pytest.mark.parametrize(
    ("published", "zone"),
    [
        ("2026-03-04T00:00:00Z", "UTC"),  # 36 hours after noon of 2 March
        ("2026-03-04", "UTC"),
        ("2026-03-04T09:00:00+09:00", "UTC"),
        ("2026-03-04", "Asia/Tokyo"),  # begins nine hours earlier
        ("2026-03-04T02:00:00", "Europe/Kyiv"),
        ("1990-01-01T00:00:00Z", "UTC"),
        ("1990-01-01", "UTC"),
        ("1989-12-31T23:00:00Z", "Europe/Berlin"),  # the first of January there
    ],
)
def test_f32_dates_at_the_edge_are_in_range(published: str, zone: str) -> None:
    assert date_told(ARRIVED, published, None, make_source(timezone=zone)).date_from == "metadata"


@pytest.mark.parametrize(
    ("published", "zone", "why"),
    [
        ("2026-03-04T00:00:01Z", "UTC", "36 hours after"),
        ("2026-03-05", "UTC", "36 hours after"),
        ("2026-03-04", "America/New_York", "36 hours after"),  # begins five hours later
        ("1989-12-31", "UTC", "before 1990"),
        ("1989-12-31T23:59:59Z", "UTC", "before 1990"),
        ("1990-01-01T00:00:00Z", "America/New_York", "before 1990"),  # still the old year there
        ("1970-01-01T00:00:00Z", "UTC", "before 1990"),
        ("9999-12-31", "UTC", "36 hours after"),
        ("9999-12-31T23:59:59-12:00", "UTC", "calendar"),
        ("0001-01-01T00:00:00+14:00", "UTC", "calendar"),
        ("0001-01-01T00:00:00", "America/New_York", "before 1990"),
        ("0001-01-01T00:00:00Z", "America/New_York", "calendar"),
    ],
)
def test_f32_dates_beyond_the_edge_are_refused(published: str, zone: str, why: str) -> None:
    with pytest.raises(DateOutOfRange, match=why):
        date_told(ARRIVED, published, None, make_source(timezone=zone))


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2026, 3, 5)])
def test_f32_the_day_of_a_key_is_held_to_the_same_range(day: date) -> None:
    with pytest.raises(DateOutOfRange, match="from key"):
        date_told(ARRIVED, None, day, make_source())


def test_f32_so_is_the_day_of_arrival() -> None:
    with pytest.raises(DateOutOfRange, match="from last_modified"):
        date_told(datetime(1970, 1, 1, tzinfo=timezone.utc), None, None, make_source())


@pytest.mark.parametrize("offset", ["+99999999999999999999", "-9999999999", "+9999"])
def test_a_date_with_an_offset_beyond_all_zones_counts_as_none(offset: str) -> None:
    assert date_told(ARRIVED, f"Mon, 02 Mar 2026 10:00:00 {offset}", None, make_source()).date_from == "last_modified"


@examples(300)
@given(st.text(max_size=30) | st.datetimes(timezones=st.timezones()).map(str) | st.dates().map(str), st.timezones())
def test_any_text_and_zone_gives_a_date_or_is_out_of_range(published: str, zone: object) -> None:
    try:
        dating = date_told(ARRIVED, published, None, make_source(timezone=str(zone)))
    except DateOutOfRange:
        return
    assert dating.published_on is not None
    assert (dating.published_at is None) == (dating.date_precision == "day")


@pytest.mark.parametrize(
    ("patterns", "key", "facts"),
    [
        (DEFAULT, "post/2026/03/02/a.txt", KeyFacts("post", date(2026, 3, 2))),
        (DEFAULT, "2026/03/02/a.txt", KeyFacts(None, date(2026, 3, 2))),
        (DEFAULT, "Post & Söhne/2026/03/02/x/a.txt", KeyFacts("Post & Söhne", date(2026, 3, 2))),
        (DEFAULT, "post/2026/02/30/a.txt", KeyFacts()),  # no such day
        (DEFAULT, "post/2026/3/2/a.txt", KeyFacts()),
        (DEFAULT, "post/20260302/a.txt", KeyFacts()),
        (DEFAULT, "a/post/2026/03/02/a.txt", KeyFacts()),  # a pattern begins at the prefix
        (DEFAULT, "", KeyFacts()),
        ("{source}/", "post/a.txt", KeyFacts("post")),
        ("{source}/{yyyy}-{mm}-{dd}_", "post/2026-03-02_a.txt", KeyFacts("post", date(2026, 3, 2))),
        ("*/{source}.{yyyy}{mm}{dd}", "any/post.20260302.txt", KeyFacts("post", date(2026, 3, 2))),
        ("a.b/{source}/", "aXb/post/", KeyFacts()),  # a dot is a dot
        (" {source}/{yyyy}/{mm}/{dd}/ , {source}/ ", "post/2026/99/02/a.txt", KeyFacts("post")),  # the next that fits
        ("", "post/2026/03/02/a.txt", KeyFacts()),
    ],
)
def test_key_patterns(patterns: str, key: str, facts: KeyFacts) -> None:
    assert KeyPatterns(patterns).read(key) == facts


@pytest.mark.parametrize("pattern", ["{year}/", "{source}/{source}/", "{yyyy}/{mm}/{dd}/{mm}/", "{}/{Source}/"])
def test_a_key_pattern_that_cannot_be_meant_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigurationError, match="MEDIAMONITOR_KEY_PATTERNS"):
        KeyPatterns(pattern)
