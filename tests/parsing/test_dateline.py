from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediamonitor.parsing.dateline import (
    LONGEST_PLACE,
    Dateline,
    find_dateline,
    rule_of,
    rules,
)
from mediamonitor.parsing.dates import AHEAD_DAYS, OLDEST_DAYS, nearest_date

HITS = [(rule.id, line) for rule in rules().rules for line in rule.examples.hit]
MISSES = [(rule.id, line) for rule in rules().rules for line in rule.examples.miss]
MOMENTS = st.datetimes(datetime(1990, 1, 3), datetime(2100, 1, 1), timezones=st.just(timezone.utc))
NOON = datetime(2026, 3, 5, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(("rule_id", "line"), HITS)
def test_each_hit_example_is_taken_by_its_rule(rule_id: str, line: str) -> None:
    assert rule_of(line) == rule_id
    assert rule_of(f"\n \n    {line}\n\nThe next line.") == rule_id


@pytest.mark.parametrize(("rule_id", "line"), MISSES)
def test_no_rule_takes_a_miss_example(rule_id: str, line: str) -> None:
    assert rule_of(line) is None, f"miss of {rule_id}"
    assert find_dateline(line) is None


def test_the_rules_are_data_with_an_id_of_their_own_each() -> None:
    ids = [rule.id for rule in rules().rules]
    assert len(ids) == len(set(ids)) >= 10
    assert sorted(entry.month for entry in rules().months) == list(range(1, 13))


def test_no_name_of_a_month_stands_for_two_months_within_a_language() -> None:
    for language in {language for entry in rules().months for language in entry.names}:
        names = [name for entry in rules().months for name in set(entry.names.get(language, ()))]
        assert len(names) == len(set(names)), language


@pytest.mark.parametrize(
    ("dateline", "agency", "day"),
    [
        ("OAK MILL, March 13 (Reuters) - ", "Reuters", (None, 3, 13)),
        ("    OAK MILL, N.Y., MARch 9 -\n", None, (None, 3, 9)),
        ("Ciudad, 12 de marzo de 2024 (EFE).- ", "EFE", (2024, 3, 12)),
        ("OAK MILL 1996-08-22\n\n", None, (1996, 8, 22)),
        ("Warszawa, 12.03.2021 (PAP) - ", "PAP", (2021, 3, 12)),
        ("МОСКВА, 5 мар — РИА Новости. ", "RIA Novosti", (None, 3, 5)),
        ("القاهرة 12 كانون الثاني (رويترز) - ", "Reuters", (None, 1, 12)),
        ("PARIS (AFP/Reuters) – ", "AFP", (None, None, None)),
        ("(CNN)", "CNN", (None, None, None)),
        ("PARIS — ", None, (None, None, None)),
    ],
)
def test_a_dateline_tells_its_zone_agency_and_day(
    dateline: str, agency: str | None, day: tuple[int | None, int | None, int | None]
) -> None:
    found = find_dateline(f"{dateline}The ferry sails again.")
    assert found is not None
    assert (found.start_char, found.end_char) == (0, len(dateline))
    assert (found.agency, (found.year, found.month, found.day)) == (agency, day)


def test_a_dateline_after_the_lead_has_a_zone_of_its_own() -> None:
    body = "\nDer Rat hat lange getagt. Wien/Graz – Die Fähre fährt wieder."
    found = find_dateline(body)
    assert found is not None
    assert body[found.start_char : found.end_char] == "Wien/Graz – "


def test_the_zone_counts_code_points() -> None:
    body = "ŁÓDŹ 𝔛 (PAP) - Prom"
    found = find_dateline(body)
    assert found is not None and body[found.end_char :] == "Prom"


@pytest.mark.parametrize(
    "body", ["", "\n", "The ferry sails again.", "OAK MILL", "- ", "(", "( ) -", "A, B 99 (AP) - C"]
)
def test_other_text_has_none(body: str) -> None:
    assert find_dateline(body) is None


def test_a_place_is_short() -> None:
    assert find_dateline("OAK " * (LONGEST_PLACE // 4) + "(AP) - The ferry sails.") is not None
    assert find_dateline("OAK " * (LONGEST_PLACE // 4 + 2) + "(AP) - The ferry sails.") is None


def test_only_the_first_filled_line_is_read() -> None:
    assert find_dateline("The ferry sails again.\nPARIS (AP) - The council met.") is None


@pytest.mark.parametrize(
    ("month", "day", "year", "expected"),
    [
        (3, 4, None, date(2026, 3, 4)),
        (3, 7, None, date(2026, 3, 7)),  # two days ahead
        (3, 8, None, None),  # three days ahead; the year before is 362 days away
        (12, 31, None, date(2025, 12, 31)),
        (4, 9, None, date(2025, 4, 9)),  # 330 days before
        (4, 8, None, None),
        (2, 30, None, None),
        (2, 29, None, None),  # neither 2025 nor 2026 has one
        (8, 22, 1996, date(1996, 8, 22)),
        (2, 29, 2025, None),
        (None, None, None, None),
    ],
)
def test_the_year_is_the_nearest_that_is_allowed(
    month: int | None, day: int | None, year: int | None, expected: date | None
) -> None:
    assert nearest_date(Dateline(0, month=month, day=day, year=year), NOON) == expected


def test_a_leap_day_is_found_in_the_year_that_has_it() -> None:
    leap_day = Dateline(0, month=2, day=29)
    assert nearest_date(leap_day, datetime(2025, 1, 10, tzinfo=timezone.utc)) == date(2024, 2, 29)
    assert nearest_date(leap_day, datetime(2024, 2, 28, tzinfo=timezone.utc)) == date(2024, 2, 29)


def test_the_new_year_is_crossed_both_ways() -> None:
    assert nearest_date(Dateline(0, month=1, day=1), datetime(2025, 12, 31, tzinfo=timezone.utc)) == date(2026, 1, 1)
    assert nearest_date(Dateline(0, month=12, day=31), datetime(2026, 1, 1, tzinfo=timezone.utc)) == date(2025, 12, 31)


def test_the_day_of_last_modified_is_its_utc_day() -> None:
    evening = datetime(2026, 3, 4, 22, tzinfo=timezone(timedelta(hours=-8)))  # 6 o'clock of 5 March in UTC
    assert nearest_date(Dateline(0, month=3, day=7), evening) == date(2026, 3, 7)


@given(MOMENTS, st.integers(1, 12), st.integers(1, 31))
def test_the_answer_is_never_out_of_its_window(moment: datetime, month: int, day: int) -> None:
    found = nearest_date(Dateline(0, month=month, day=day), moment)
    if found is not None:
        assert (found.month, found.day) == (month, day)
        assert -OLDEST_DAYS <= (found - moment.date()).days <= AHEAD_DAYS


@given(MOMENTS, st.integers(-OLDEST_DAYS, AHEAD_DAYS))
def test_every_day_of_the_window_comes_back(moment: datetime, days: int) -> None:
    day = moment.date() + timedelta(days=days)
    found = find_dateline(f"OAK MILL, {day:%B} {day.day} (Reuters) - The ferry sails.")
    assert found is not None
    assert nearest_date(found, moment) == day


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_is_read(text: str) -> None:
    for body in (text, f"OAK MILL, {text}", f"({text}) - The", f"Der Rat tagte. Wien{text} – Die"):
        found = find_dateline(body)
        if found is not None:
            assert 0 <= found.start_char < found.end_char <= len(body)


@given(st.sampled_from(HITS), st.text(max_size=50))
def test_what_follows_the_line_changes_nothing(hit: tuple[str, str], after: str) -> None:
    alone, followed = find_dateline(hit[1]), find_dateline(f"{hit[1]}\nA{after}")
    assert alone is not None and followed is not None
    assert (alone.agency, alone.month, alone.day) == (followed.agency, followed.month, followed.day)


@pytest.mark.parametrize("piece", ["A ", "A, ", "Oak/", "A. ", "(", "March 1 ", "1 ", " - ", "ب ", ". A – "])
def test_long_text_is_not_read_beyond_its_head(piece: str) -> None:
    assert find_dateline(piece * 500) == find_dateline(piece * 100_000)
