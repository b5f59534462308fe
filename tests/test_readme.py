"""What README.md and docs/sql.md show is true: their queries over the samples, links, make targets.

`PYTHONPATH=include python tests/test_readme.py` writes the outputs anew.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import duckdb
import pytest

from flow.harness import Flow, article

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
QUESTIONS = ROOT / "docs/sql.md"
QUERY = re.compile(r"```sql\n(.*?)```\n```text\n(.*?)```", re.DOTALL)
SHOWN = {README: 5, QUESTIONS: 23}
"""How many queries each page shows."""


def publish_samples(folder: Path) -> Path:
    """Both rounds of the samples through the command line, one after the other; the published database."""
    landing = folder / "landing"
    command = [
        sys.executable,
        "-m",
        "mediamonitor",
        "run",
        "--landing",
        landing,
        "--warehouse",
        f"duckdb://{folder}/w.duckdb",
    ]
    command += ["--published", folder / "published", "--watchlist", ROOT / "include/watchlist.yaml"]
    command += ["--sources", ROOT / "include/sources.yaml"]
    environment = {"PYTHONPATH": str(ROOT / "include"), "PATH": "/usr/bin"}
    for part in ("1-first", "2-later"):
        shutil.copytree(ROOT / "include/samples" / part, landing, dirs_exist_ok=True)
        subprocess.run(command, env=environment, check=True, capture_output=True)
    return folder / "published" / "media.duckdb"


def answer(database: Path, query: str) -> str:
    """The result as the duckdb shell shows it that is started beside `published`."""
    config = {"file_search_path": str(database.parents[1])}
    with duckdb.connect(database, read_only=True, config=config) as connection:
        return str(connection.sql(query)).rstrip() + "\n"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_samples(tmp_path_factory.mktemp("readme"))


@pytest.mark.parametrize(("page", "number"), [(page, number) for page in SHOWN for number in range(SHOWN[page])])
def test_query_gives_what_is_shown(database: Path, page: Path, number: int) -> None:
    query, shown = QUERY.findall(page.read_text())[number]
    assert answer(database, query) == shown


def asked(question: str) -> str:
    """The query of docs/sql.md below the question that begins so."""
    return str(QUERY.findall(QUESTIONS.read_text().split(f"**{question}")[1])[0][0])


def test_share_of_voice_is_of_one_week(flow: Flow) -> None:
    flow.landing.put("post/2026/02/24/a.txt", article("Before"))
    flow.landing.put("post/2026/03/03/a.txt", article("Within"))
    flow.run()
    assert flow.published(asked("Share of voice"))[0][:2] == ("Mara Lindqvist", 1)


def test_week_on_week_compares_with_the_week_before_or_with_nothing(flow: Flow) -> None:
    for day in ("02/03", "02/24", "03/03"):
        flow.landing.put(f"post/2026/{day}/a.txt", article(f"Title of {day}"))
    flow.landing.put("post/2026/03/03/b.txt", article("Fog", "No name at all here."))
    flow.run()
    rows = flow.published(asked("Week on week").replace("'mara-lindqvist', 'jonah-verrall'", "'lindqvist'"))
    assert [(str(week), change) for week, *_, change in rows] == [
        ("2026-02-02", None),
        ("2026-02-23", None),
        ("2026-03-02", -0.5),
    ]


def test_a_day_that_closed_is_not_told_anew(flow: Flow) -> None:
    flow.now = datetime(2026, 3, 3, 9, 0, tzinfo=timezone.utc)
    for name in ("a", "b"):
        flow.landing.put(f"post/2026/03/03/{name}.txt", article(f"Title of {name}"))
        flow.run()
    flow.now = datetime(2026, 3, 4, 13, 0, tzinfo=timezone.utc)
    flow.publish()
    assert flow.published(asked("Which closed days")) == []
    flow.landing.put("post/2026/03/03/late.txt", article("Late"))
    flow.run()
    assert [causes for _, causes in flow.published(asked("Which closed days"))] == [["closed", "late"]]


def test_what_we_say_now_tells_changed_shares_and_source_days_that_appeared(flow: Flow) -> None:
    flow.landing.put("post/2026/03/03/a.txt", article("A ferry"))
    flow.run()
    flow.landing.put("post/2026/03/03/b.txt", article("Fog", "No name at all here."))
    flow.landing.put("herald/2026/03/03/c.txt", article("Winter"))
    flow.run()
    rows = flow.published(asked("What did we publish"))
    assert rows == [
        ("herald", "lindqvist", None, 1, None, 1.0),
        ("herald", "vessmark", None, 1, None, 1.0),
        ("post", "lindqvist", 1, 1, 1.0, 0.5),
        ("post", "vessmark", 1, 1, 1.0, 0.5),
    ]


@pytest.mark.parametrize("page", SHOWN)
def test_every_query_is_run(page: Path) -> None:
    assert page.read_text().count("```sql\n") == len(QUERY.findall(page.read_text())) == SHOWN[page]


def test_links_lead_somewhere() -> None:
    for page in (README, *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in (README, ROOT / "CONTRIBUTING.md"):
        assert set(re.findall(r"`make ([a-z-]+)`", page.read_text())) <= targets


def write_outputs() -> None:
    with tempfile.TemporaryDirectory() as name:
        database = publish_samples(Path(name))
        for page in SHOWN:
            text = page.read_text()
            fresh = QUERY.sub(lambda match: f"```sql\n{match[1]}```\n```text\n{answer(database, match[1])}```", text)
            page.write_text(fresh)


if __name__ == "__main__":
    write_outputs()
