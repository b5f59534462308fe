"""docs/reason-codes.md, the table in reasons.py and the codes that the code gives are the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from mediamonitor.quality.gate import EXPLAINED
from mediamonitor.reasons import REASONS

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "include" / "mediamonitor"
REFUSALS = {"Rejection": 1, "Refused": 0, "Unreadable": 0, "refusal": 0, "refused": 0}
"""What makes a refusal, and which of its arguments is the reason."""


def table() -> str:
    lines = ["| code | state | means | what to do |", "|---|---|---|---|"]
    lines += [f"| `{code}` | {one.state} | {one.means} | {one.advice} |" for code, one in REASONS.items()]
    return "\n".join(lines)


def given_by_the_code() -> set[str]:
    codes = set(EXPLAINED)
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if called in REFUSALS and isinstance(node, ast.Call):
                place = REFUSALS[called]
                given = node.args[place] if len(node.args) > place else None
                if isinstance(given, ast.Constant):
                    codes.add(str(given.value).partition(":")[0])
    listing = LIBRARY / "warehouse" / "sql" / "ledger" / "observe_listing.sql"
    codes |= set(re.findall(r"THEN '(\w+)'\n", listing.read_text()))
    return codes - {"waiting", "ignored"}


def test_the_page_has_every_reason_with_what_to_do() -> None:
    page = (ROOT / "docs" / "reason-codes.md").read_text()
    assert page.endswith(f"\n{table()}\n"), f"the table must be\n{table()}"


def test_every_reason_that_the_code_gives_is_told_and_the_reverse() -> None:
    told = set(REASONS)
    assert given_by_the_code() - told == set()
    texts = "\n".join(path.read_text() for path in LIBRARY.rglob("*") if path.suffix in {".py", ".sql"})
    texts = texts.replace((LIBRARY / "reasons.py").read_text(), "")
    assert {code for code in told if not re.search(rf"""["']{code}["':]""", texts)} == set()


def test_the_scan_sees_the_codes() -> None:
    assert {"empty_file", "vanished", "binary_content", "job_marker", "expect_body_not_empty"} <= given_by_the_code()
