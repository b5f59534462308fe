"""docs/reliability.md says what the suite holds: every number, its tests, and nothing that failed."""

from __future__ import annotations

import re

from reliability import PAGE, PROMISES, numbered_tests

TESTS_OF = numbered_tests()


def test_every_number_has_a_promise_and_a_test() -> None:
    numbers = {f"F{number}" for number in range(1, 41)} | {f"B{number}" for number in range(1, 31)}
    assert set(PROMISES) == numbers
    assert set(TESTS_OF) == set(PROMISES)
    assert [number for number, tests in TESTS_OF.items() if not tests] == []


def test_the_page_names_the_tests_that_there_are_and_none_that_failed() -> None:
    rows = re.findall(r"^\| ([FB]\d+) \| (.+?) \| (.*?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    shown = {number: (promise, re.findall(r"`([^`]+)`", tests)) for number, promise, tests, _ in rows}
    there = {number: (PROMISES[number], tests) for number, tests in TESTS_OF.items()}
    assert shown == there, "call: make reliability"
    assert [number for number, _, _, result in rows if "FAILED" in result] == []
