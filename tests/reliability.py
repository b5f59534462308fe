"""What is promised about faults (F) and bad input (B), number by number, and the page that says which tests hold it.

`make reliability` runs these tests and writes docs/reliability.md; test_reliability.py holds the page to the suite.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "reliability.md"
NUMBER = re.compile(r"(?<=_)[fb]\d+(?=_)")

PROMISES = {
    "F1": "Any process killed at any moment: the next run loses nothing, doubles nothing, and `reconcile` holds.",
    "F2": "The disk is full, even when a commit raises and is durable: one clear line; the retry adds nothing twice.",
    "F3": "Death between any two acts, load and publish included: the next run ends in the same result.",
    "F4": "Two attempts of one task run at once: the batch is loaded once.",
    "F5": "Several loaders at once wait for each other, and the one that waits too long names the holder.",
    "F6": "Readers of the published database disturb nobody and never see half a run.",
    "F7": "The live database is opened and copied in one module only, under its lock, through DuckDB itself.",
    "F8": "A link to the warehouse leads to the same lock.",
    "F9": "A damaged log or database is said plainly; `restore` and `rebuild` give the same counts.",
    "F10": "A load that would not fit on the disk is refused before it begins.",
    "F11": "An object with an older time than the last run is loaded like any other, and its day is published again.",
    "F12": "Any order of keys and times, in any number of runs, ends as one run over the final bucket.",
    "F13": "A correction replaces the article in one transaction; the old version stays as history.",
    "F14": "A correction that is worse keeps the last good version live, record by record, and stands in quarantine.",
    "F15": "A deleted object stays with `source_deleted_at` (`keep`); under `retract` its duplicate takes over.",
    "F16": "Deleted between listing and reading: `vanished`, seen in the counts of the run.",
    "F17": "Overwritten between listing and reading: the new content is read in the same run (three looks).",
    "F18": "A file that grows is read whole, or again when it has grown further.",
    "F19": "A body that breaks off is read again; one that never comes whole is deferred, never quarantined.",
    "F20": "503, timeouts and hangs are tried again with jitter; a store that is down stops the run, the next goes on.",
    "F21": "Credentials that expire stop the run as infrastructure: nothing is quarantined, nothing is lost.",
    "F22": "A listing that fails on any page changes nothing: nobody is taken for deleted.",
    "F23": "A listing is never an old one.",
    "F24": "A thousand new objects among very many known ones, in bounded memory.",
    "F25": "Tasks hand each other names and counts, never keys.",
    "F26": "Batches are bounded in number, objects and bytes; no task is mapped over keys.",
    "F27": "A run with nothing new is green and says so.",
    "F28": "A day published again gives the same bytes.",
    "F29": "The same article twice counts once; the earliest is the original, whenever it came.",
    "F30": "A key that a listing names twice is taken once.",
    "F31": "No reader of strangers' files that skips bad rows: DuckDB parses none of them.",
    "F32": "Implausible days are refused by name, undated articles count in no day; neither becomes today.",
    "F33": "The day is that of the source's time zone.",
    "F34": "Every count carries the watchlist it was made with; a changed one counts the whole history again.",
    "F35": "Expectations that saw none of the rows are a failure, never a pass.",
    "F36": "One bad file among a thousand costs only itself; a source that fails too much stops, others load.",
    "F37": "Quarantine is listed, shown, retried and ignored, and retried by itself when rules or sources change.",
    "F38": "A new machine needs the warehouse and the buckets, nothing else.",
    "F39": "An older warehouse is migrated, a newer one is refused.",
    "F40": "A forked child neither uses nor releases the lock of its parent.",
    "B1": "Zero bytes: `empty_file`.",
    "B2": "Nothing that can be seen: `empty_after_trim`.",
    "B3": "A title and nothing else: `no_body`.",
    "B4": "A body without a title is loaded with none.",
    "B5": "A byte order mark changes neither text nor hash.",
    "B6": "UTF-16 and UTF-32 are read by their mark; without one, unless it is declared, they are refused.",
    "B7": "Bytes that are not UTF-8 are read in the charset that source or page declares, else `encoding_invalid`.",
    "B8": "Overlong and half characters are refused with their byte offset; nothing is replaced in silence.",
    "B9": "Mojibake is flagged and loaded as it is; correct text is not flagged.",
    "B10": "NUL bytes are `binary_content`; other control characters go.",
    "B11": "PDF, pictures and the like under a text name are told by content and refused by name.",
    "B12": "Too large an object, line or record is refused in bounded memory, and costs only itself.",
    "B13": "Archives: bombs, nesting, cut and damaged files are refused by name; what came before the damage loads.",
    "B14": "A bad line costs only itself and is named with line number and byte offset; the object is `partial`.",
    "B15": "Deep nesting, huge numbers, duplicate keys and NaN in JSON are refused by name and crash nothing.",
    "B16": "Keys with `..` or slashes at either end are data, never paths.",
    "B17": "Keys with spaces, `%`, `#`, `?` and any Unicode form go from listing to page unchanged.",
    "B18": "Keys with line breaks and control characters are listed and read.",
    "B19": "Keys of 1,024 bytes are kept whole; folder markers are `ignored`.",
    "B20": "Temporary names are `ignored`, each by a named rule.",
    "B21": "Archived objects are deferred until they are restored.",
    "B22": "One denied object is deferred; when all are denied, the run stops.",
    "B23": "Titles that a spreadsheet would run are kept as they are and made harmless in CSV.",
    "B24": "Markup, escapes and direction marks in titles are shown, never obeyed.",
    "B25": "SQL in a title is text.",
    "B26": "An alias is letters, never a pattern.",
    "B27": "Ten thousand names are no trouble; blank ones are refused.",
    "B28": "Configuration that bites (alias bombs, tags, size, depth) is refused with its line.",
    "B29": "Letters that change their length when folded move no offset.",
    "B30": "A line that recurs across a source's articles is kept and counts in none of them.",
}  # fmt: skip


def numbered_tests() -> dict[str, list[str]]:
    """The tests of each number, as file::name, in the order of the files."""
    found: dict[str, list[str]] = {number: [] for number in PROMISES}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in NUMBER.findall(node.name):
                    found.setdefault(number.upper(), []).append(f"{path.relative_to(TESTS)}::{node.name}")
    return found


def page(results: dict[str, Counter[str]], when: str) -> str:
    """The page, with what each test (file::name) came to."""
    rows = [
        f"| {number} | {PROMISES[number]} | {'<br>'.join(f'`{test}`' for test in tests)} | {_result(tests, results)} |"
        for number, tests in numbered_tests().items()
    ]
    return "\n".join(
        [
            "# What holds when something goes wrong",
            "",
            "Faults (F) and bad input (B), the promise about each, and the tests that hold it (in `tests/`). Written",
            f"by `make reliability`; this run: {when}. Tests marked *soak* are long and run by `make soak`.",
            "",
            "| number | what is promised | tests | result |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _result(tests: list[str], results: dict[str, Counter[str]]) -> str:
    total = sum((results.get(test, Counter({"soak": 1})) for test in tests), Counter[str]())
    return ", ".join(f"{count:,} {what}" for what, count in sorted(total.items()))


def results_of(report: Path) -> dict[str, Counter[str]]:
    """What a JUnit report says of each test (file::name), its cases counted."""
    results: dict[str, Counter[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        file = case.get("classname", "").removeprefix("tests.").replace(".", "/") + ".py"
        bad = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
        what = {"failure": "FAILED", "error": "FAILED", "skipped": "skipped"}[bad[0]] if bad else "passed"
        results.setdefault(f"{file}::{case.get('name', '').split('[')[0]}", Counter())[what] += 1
    return results


def main() -> None:
    """Run the numbered tests and write the page; with a path, read that JUnit report instead."""
    with TemporaryDirectory() as folder:
        report = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "report.xml"
        if len(sys.argv) == 1:
            names = sorted({test.split("::")[0] for tests in numbered_tests().values() for test in tests})
            picked = " or ".join(f"{kind}{digit}" for kind in "fb" for digit in range(1, 10))
            command = [sys.executable, "-m", "pytest", "-m", "not soak and not compose", "-k", picked]
            subprocess.run([*command, f"--junitxml={report}", *(f"tests/{name}" for name in names)], check=False)
        python = ".".join(map(str, sys.version_info[:3]))
        PAGE.write_text(page(results_of(report), f"{datetime.now(timezone.utc):%d %B %Y}, Python {python}"))


if __name__ == "__main__":
    main()
