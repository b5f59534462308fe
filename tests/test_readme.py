"""What README.md and docs/sql.md show is true: their queries over the samples, links, make targets.

`python tests/test_readme.py` writes the outputs anew.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pytest

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
