"""The rules of the house: where things stand, who may know whom, what nobody does. Held by reading the sources."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mediamonitor.reconcile import CHECKS
from mediamonitor.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
INCLUDE = ROOT / "include"
LIBRARY = INCLUDE / "mediamonitor"
SQL = LIBRARY / "warehouse" / "sql"
ROOMS = {"landing", "parsing", "watchlist", "stories", "quality", "warehouse", "publish", "workers"}

WORDS = {"article", "errors", "settings", "configfile", "sources", "reasons", "processes", "disk"}
"""The words and files that everyone uses; every room may know them."""
KNOWN_TO_WORDS = {
    "settings": {"errors"},
    "configfile": {"errors"},
    "sources": {"configfile"},
    "reasons": {"errors"},
    "disk": {"errors"},
}
BETWEEN_ROOMS = {
    ("landing.ledger", "warehouse.connection"): "the ledger is tables of the warehouse",
    ("landing.staged", "parsing.trailer_rules"): "the staged tail is as wide as a trailer line",
    ("landing.staged", "parsing.trailer"): "the staged tail is as long as the lines in which trailers are looked for",
    ("watchlist.matcher", "parsing.language"): "an example tells its language itself",
    ("watchlist.matcher", "parsing.words"): "one rule for what a word is",
    ("watchlist.inflection", "parsing.words"): "one rule for what a word is",
    ("watchlist.places", "parsing.words"): "one rule for what a word is",
    ("watchlist.judge", "parsing.words"): "one rule for what a word is",
    ("watchlist.lint", "parsing.words"): "one rule for what a word is",
    ("quality.expectations", "parsing.dates"): "the bounds of a plausible day",
    ("quality.expectations", "parsing.trailer"): "no known trailer may remain",
    ("publish.months", "warehouse.connection"): "clippings are read by SQL",
    ("publish.files", "landing.store"): "published files lie in a store",
    ("publish.files", "quality.pages"): "quality/index.html is published",
    ("publish.files", "warehouse.connection"): "publish reads what the warehouse offers",
    ("publish.recurring", "warehouse.connection"): "recurring lines are found in the warehouse",
    ("publish.tables", "stories.clusters"): "how many days a story spans",
    ("publish.spikes", "warehouse.connection"): "spikes are found in the warehouse",
    ("publish.tables", "warehouse.connection"): "publish reads what the warehouse offers",
    ("publish.recount", "warehouse.connection"): "a changed watchlist matches stored text again",
    ("publish.recount", "watchlist.changes"): "only articles that a change can touch are matched again",
    ("publish.recount", "watchlist.matcher"): "a changed watchlist matches stored text again",
    ("publish.recount", "watchlist.model"): "a changed watchlist matches stored text again",
    ("stories.linking", "warehouse.connection"): "stories are made in the warehouse",
    ("stories.similarity", "parsing.words"): "one rule for scripts without spaces",
    ("workers.__main__", "landing.staged"): "a worker answers with staged rows",
    ("workers.__main__", "parsing.dates"): "a worker reads",
    ("workers.__main__", "parsing.reader"): "a worker reads",
    ("workers.__main__", "watchlist.matcher"): "a worker matches",
    ("workers.__main__", "watchlist.parse"): "a worker matches",
    ("workers.chunk", "parsing.records"): "what a worker reads",
    ("workers.chunk", "parsing.samples"): "what is shown of a record that kills its worker",
    ("workers.pool", "landing.staged"): "the rows that workers answer with",
}
"""Every import from one room into another, and why it is there."""
ABOVE_THE_ROOMS = {
    "context": {"landing", "parsing", "watchlist"},
    "extraction": {"context", "landing", "parsing", "watchlist", "workers"},
    "pipeline": {"context", "extraction", *(ROOMS - {"workers"})},
    "reconcile": {"context", "landing", "publish", "stories", "warehouse"},
    "quarantine": {"warehouse"},
    "maintain": {"context", "landing", "publish", "warehouse"},
    "rebuild": {"context", "pipeline", "warehouse"},
    "evaluation": {"evaluation", "parsing", "stories", "warehouse", "watchlist"},
    "explain": {"parsing"},
    "why": {"publish", "warehouse"},
    "audit": {"audit", "publish", "warehouse", "watchlist"},
    "alerts": {"context", "warehouse"},
    "commands": {
        "alerts",
        "audit",
        "context",
        "evaluation",
        "explain",
        "pipeline",
        "quarantine",
        "rebuild",
        "reconcile",
        "warehouse",
        "watchlist",
        "why",
    },
    "cli": {"commands"},
    "airflow_bridge": {"alerts", "context", "landing"},
    "__main__": {"cli"},
    "dags": {"airflow_bridge", "alerts", "maintain", "pipeline", "reconcile", "errors"},
    "plugins": set(),
    "quickstart": {"landing"},
}
"""What stands above the rooms, and what it knows besides the words."""

ONLY_IN = {
    "airflow": {"airflow_bridge"},
    "boto3": {"landing.s3"},
    "botocore": {"landing.s3"},
    "obstore": {"landing.s3"},
    "duckdb": {"warehouse.connection"},
    "great_expectations": {"quality.suite", "quality.expectations"},
    "pandas": {"quality.expectations"},
    "quickstart": set(),
}
"""Which modules of the library may import what."""

CLOCK_AND_ENVIRONMENT = {
    "airflow_bridge": {"datetime.now", "os.environ"},
    "cli": {"os.environ"},
    "commands": {"datetime.now"},
    "quality.expectations": {"os.environ"},  # switches the telemetry of Great Expectations off before importing it
    "processes": {"os.environ"},  # a process of ours inherits it
    "warehouse.lock": {"time.monotonic"},  # how long to wait for the lock
}
"""Who may ask for the time or the environment; a stage is told both. (quickstart/ starts processes and may.)"""
ASKING = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "os.environ", "os.getenv", "time.time",
    "time.time_ns", "time.monotonic", "time.perf_counter", "time.localtime", "time.gmtime", "time.strftime",
}  # fmt: skip
LONGEST_MODULE = 300


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def library() -> dict[str, Path]:
    """The modules of the library by their name, such as `landing.store`."""
    found = {".".join(path.relative_to(LIBRARY).with_suffix("").parts): path for path in LIBRARY.rglob("*.py")}
    return {name: path for name, path in sorted(found.items()) if not name.endswith("__init__")}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path: Path) -> set[str]:
    """The modules of the library that a file imports, by name."""
    names = {name.removeprefix("mediamonitor.") for name in imports(path) if name.startswith("mediamonitor.")}
    return names & set(library())


def unit(name: str) -> str:
    """The room of a module, or the module where it stands in none."""
    return name.partition(".")[0]


def files_of_the_repository() -> list[Path]:
    """What is or would be committed."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so there is no list of its files")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())


def test_rooms_know_each_other_only_where_it_is_written_down() -> None:
    edges = {
        (name, other)
        for name, path in library().items()
        for other in own_imports(path)
        if {unit(name), unit(other)} <= ROOMS and unit(name) != unit(other)
    }
    assert edges - set(BETWEEN_ROOMS) == set(), "new edges; is there a way without?"
    assert set(BETWEEN_ROOMS) - edges == set(), "gone; take them off the list"


def test_rooms_know_nothing_that_stands_above_them() -> None:
    for name, path in library().items():
        others = {unit(other) for other in own_imports(path)}
        if unit(name) in ROOMS:
            assert others <= ROOMS | WORDS, name
        if name in WORDS:
            assert others == KNOWN_TO_WORDS.get(name, set()), name


@pytest.mark.parametrize("name", ABOVE_THE_ROOMS)
def test_what_stands_above_the_rooms_knows_what_it_needs_and_no_more(name: str) -> None:
    folders = {
        "dags": ROOT / "dags",
        "plugins": ROOT / "plugins",
        "quickstart": INCLUDE / "quickstart",
        "evaluation": LIBRARY / "evaluation",
        "audit": LIBRARY / "audit",
    }
    paths = sorted(folders[name].rglob("*.py")) if name in folders else [LIBRARY / f"{name}.py"]
    known = {unit(other) for path in paths for other in own_imports(path)}
    assert known - WORDS == ABOVE_THE_ROOMS[name] - WORDS


def test_every_module_stands_in_a_room_or_on_a_list() -> None:
    assert {unit(name) for name in library()} == ROOMS | WORDS | (
        set(ABOVE_THE_ROOMS) - {"dags", "plugins", "quickstart"}
    )


@pytest.mark.parametrize("package", ONLY_IN)
def test_who_imports_what(package: str) -> None:
    users = {name for name, path in library().items() if package in {one.partition(".")[0] for one in imports(path)}}
    assert users == ONLY_IN[package]


def test_the_pipeline_imports_neither_great_expectations_nor_airflow() -> None:
    code = "import sys, mediamonitor.pipeline; print(*{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(INCLUDE)}, check=True, capture_output=True, text=True, timeout=60
    )
    assert {"great_expectations", "pandas", "airflow"} & set(done.stdout.split()) == set()


def test_only_few_ask_for_the_time_or_the_environment() -> None:
    asking: dict[str, set[str]] = {}
    for name, path in library().items():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
                what = f"{ast.unparse(node.value).rpartition('.')[2]}.{node.attr}"
                if what in ASKING:
                    asking.setdefault(name, set()).add(what)
            elif isinstance(node, ast.ImportFrom) and node.module in {"os", "time"}:
                assert not {f"{node.module}.{alias.name}" for alias in node.names} & ASKING, name
    assert asking == CLOCK_AND_ENVIRONMENT


def test_sql_asks_for_neither_the_time_nor_chance() -> None:
    asking = re.compile(
        r"(?<![$\w])(now|today|get_current_timestamp|random|gen_random_uuid|uuid)\s*\(|\bcurrent_(date|time|timestamp)\b",
        re.I,
    )
    found = {path.name: match[0] for path in SQL.rglob("*.sql") if (match := asking.search(without_comments(path)))}
    assert found == {"record_migration.sql": "now("}  # when this installation was migrated; nothing is computed from it


def without_comments(path: Path) -> str:
    return re.sub(r"--.*", "", path.read_text(encoding="utf-8"))


def test_every_sql_file_is_used_and_none_is_missing() -> None:
    nodes = [node for path in library().values() for node in ast.walk(tree(path))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    patterns = [pattern for node in nodes if isinstance(node, ast.JoinedStr) and (pattern := _as_pattern(node))]
    files = {path.relative_to(SQL).with_suffix("").as_posix() for path in SQL.rglob("*.sql")}
    used = {
        name
        for name in files
        if name in texts
        or any(match and set(match.groups()) <= texts for match in (pattern.fullmatch(name) for pattern in patterns))
    }
    unused = {name for name in files - used if not name.startswith("migrations/")}  # those are run in their order
    assert unused == set()
    named = {
        argument.value
        for node in nodes
        if isinstance(node, ast.Call) and _called(node) in {"run", "row", "rows", "table", "batches", "sql"}
        for argument in node.args[:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert named - files == set()
    assert {f"reconcile/{check}" for check in CHECKS} - files == set()
    assert all(any(pattern.fullmatch(name) for name in files) for pattern in patterns)


def _as_pattern(node: ast.JoinedStr) -> re.Pattern[str] | None:
    """An f-string that names files in a folder of sql/, such as f"reconcile/{check}"."""
    first = node.values[0]
    folders = {f"{path.name}/" for path in SQL.iterdir() if path.is_dir()}
    if not (isinstance(first, ast.Constant) and first.value in folders):
        return None
    return re.compile(
        "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"(\w+?)" for p in node.values)
    )


def _called(node: ast.Call) -> str:
    """The name behind the last dot of what is called."""
    return ast.unparse(node.func).rpartition(".")[2]


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name.partition("_")[0]) for path in (SQL / "migrations").iterdir())
    assert numbers == list(range(1, len(numbers) + 1))


def test_sql_is_never_put_together() -> None:
    """Values are bound. A path cannot be, so ATTACH in connection.py is the exception."""
    together = []
    for path in sorted(INCLUDE.rglob("*.py")):
        for node in ast.walk(tree(path)):
            if not (
                isinstance(node, ast.Call) and _called(node) in {"execute", "executemany", "query", "sql"} and node.args
            ):
                continue
            text = node.args[0]
            is_format = isinstance(text, ast.Call) and _called(text) == "format"
            if is_format or isinstance(text, (ast.JoinedStr, ast.BinOp)):
                together.append(f"{path.relative_to(LIBRARY)}: {ast.unparse(text)}")
    assert [
        one for one in together if not one.startswith("warehouse/connection.py: f'ATTACH {_quoted(path)} AS ")
    ] == []
    assert together, "the exception is gone; take it off"


MAY_OPEN = {
    "cli": {"open"},  # os.devnull, for what nobody reads
    "warehouse.connection": {"read_text"},  # the SQL files
    "warehouse.lock": {"os.open"},  # the lock file
    "warehouse.upkeep": {"os.open"},  # the folder, to make a rename durable
    "publish.files": {"path.open", "shutil.copyfile"},  # what is written and closed, and never written again
    "publish.months": {"file.open", "piece.open", "self.path.open"},  # CSV files
    "reconcile": {"store.open"},  # published files, under the lock of those who write them
}
OPENING = {
    "open",
    "fdopen",
    "read_bytes",
    "read_text",
    "write_bytes",
    "write_text",
    "copy",
    "copy2",
    "copyfile",
    "move",
}


def test_f31_duckdb_parses_no_file_of_strangers() -> None:
    """It gives an empty row for a bad line, and one bad byte stops its whole query."""
    parses = re.compile(r"\b(read_(json|ndjson|csv|text|blob)\w*|ignore_errors|sniff_csv)\b", re.IGNORECASE)
    assert [path.name for path in SQL.rglob("*.sql") if parses.search(path.read_text(encoding="utf-8"))] == []
    assert parses.search("FROM read_json_auto($landing)")


def test_f7_only_the_connection_opens_the_database() -> None:
    """An `open` of the live file in this process drops DuckDB's lock, and a second writer overwrites it in silence."""
    near = {"warehouse", "publish", "pipeline", "rebuild", "maintain", "reconcile", "quarantine", "commands", "cli"}
    opening: dict[str, set[str]] = {}
    for name, path in library().items():
        for node in ast.walk(tree(path)):
            if unit(name) in near and isinstance(node, ast.Call) and _called(node) in OPENING:
                what = ast.unparse(node.func)
                opening.setdefault(name, set()).add("read_text" if what.endswith(".read_text") else what)
    assert opening == MAY_OPEN


def test_no_module_is_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("include", "dags", "plugins")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_airflow_runs_one_file_in_plugins() -> None:
    assert [path.name for path in (ROOT / "plugins").glob("*.py")] == ["media_monitor_plugin.py"]


REGISTRIES = re.compile(
    "|".join(
        rf"\b{name}\.{end}"  # in two parts, so that this file does not write one down either
        for end, names in {
            "org": ("pypi", "pythonhosted", "npmjs", "debian", "golang", "duckdb", "anaconda"),
            "io": ("docker", "quay", "ghcr", "crates"),
        }.items()
        for name in names
    ),
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w$}).~*-])/(?:work|root|home/\w+|Users/\w+|tmp/\w)[\w./-]*")
IN_A_CONTAINER = {"Dockerfile", "tests/compose/standins.Dockerfile"}
"""Their absolute paths are paths of the image."""


def test_no_registry_and_no_path_of_a_machine_is_written_down() -> None:
    found = []
    for path in files_of_the_repository():
        name = path.relative_to(ROOT).as_posix()
        text = path.read_bytes().decode("utf-8", "replace")
        if name != "tests/test_house.py":
            found += [f"{name}: {match[0]}" for match in REGISTRIES.finditer(text)]
        if name not in {"tests/test_house.py", *IN_A_CONTAINER}:
            found += [f"{name}: {match[0]}" for match in MACHINE_PATHS.finditer(text)]
    assert found == []


def test_every_setting_stands_in_the_example_with_its_default() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    told = dict(re.findall(rf"^#?\s*({PREFIX}\w+)=(.*)$", text, re.M))
    names = {f"{PREFIX}{name.upper()}": name for name in Settings.__dataclass_fields__}
    assert set(told) == set(names)
    for variable, name in names.items():
        default = getattr(Settings(), name)
        given = getattr(Settings.from_environment({variable: told[variable]}), name)
        assert default in ("", given), f"{variable}={told[variable]} is not the default {default}"


def test_every_make_target_that_is_written_of_exists() -> None:
    pages = [ROOT / "README.md", *ROOT.glob("CONTRIBUTING.md"), *(ROOT / "docs").rglob("*.md")]
    code = re.compile(r"`make ([a-z][\w-]*)[^`]*`|^\s*(?:\$ )?make ([a-z][\w-]*)", re.M)
    named = {a or b for page in pages for a, b in code.findall(page.read_text(encoding="utf-8"))}
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert named - targets == set()
    assert {"run", "test"} <= named
