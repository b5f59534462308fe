"""The command line: the same stages, one plain line for every mistake, the right exit code, nothing changed."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flow.harness import SAMPLES, WATCHLIST, Landing, article
from mediamonitor import commands
from mediamonitor.cli import main
from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.urls import open_store
from mediamonitor.settings import Settings
from mediamonitor.warehouse import lock
from mediamonitor.warehouse.connection import open_warehouse
from quickstart.seaweedfs import S3Server

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST)
    (tmp_path / "landing" / "post" / "2026" / "03" / "02").mkdir(parents=True)
    (tmp_path / "landing" / "post" / "2026" / "03" / "02" / "a.txt").write_bytes(article())
    return tmp_path


def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MEDIAMONITOR_"))}
    return subprocess.run(
        [sys.executable, "-m", "mediamonitor", *map(str, arguments)],
        env={**kept, "PYTHONPATH": str(ROOT / "include"), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run(place: Path, **flags: str | Path) -> list[str]:
    """The arguments of `run` over `place`, with some of them replaced."""
    values = {
        "landing": place / "landing",
        "warehouse": f"duckdb://{place}/w/w.duckdb",
        "published": place / "published",
    }
    values |= {"watchlist": place / "watchlist.yaml", **flags}
    return ["run", *(part for name, value in values.items() for part in (f"--{name}", str(value)))]


def test_run_reconcile_and_quarantine(place: Path) -> None:
    (place / "landing" / "empty.txt").write_bytes(b"")
    first = call(*run(place), "--json")
    assert first.returncode == 0, first.stderr
    summary = json.loads(first.stdout)
    assert (summary["ingest"]["articles"], summary["ingest"]["quarantined"], summary["publish"]["days"]) == (1, 1, 1)
    assert "Traceback" not in first.stderr
    second = call(*run(place))
    assert second.stdout.splitlines() == [
        "Nothing new: 2 objects listed.",
        "Nothing changed since the last publication.",
    ]

    places = ["--landing", place / "landing", "--warehouse", f"duckdb://{place}/w/w.duckdb"]
    proof = call("reconcile", *places, "--published", place / "published")
    assert proof.returncode == 0
    assert proof.stdout.splitlines()[-1] == "Everything is accounted for."

    warehouse = places[2:]
    assert call("quarantine", "list", *warehouse).stdout.split() == ["open", "empty_file", "empty.txt"]
    assert "zero bytes" in call("quarantine", "show", "empty.txt", *warehouse).stdout
    assert call("quarantine", "ignore", "empty.txt", *warehouse).returncode == 0
    assert call("quarantine", "list", *warehouse).stdout.split()[0] == "ignored"
    assert call("quarantine", "show", "nothing.txt", *warehouse).returncode == 2


def test_what_takes_much_memory_to_import_stays_out_of_the_process_that_loads(place: Path) -> None:
    main_module = "import atexit, runpy, sys; atexit.register(lambda: print(*sys.modules)); " + (
        "runpy.run_module('mediamonitor', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", main_module, *run(place)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "include")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 articles" in done.stdout
    imported = set(done.stdout.split())
    assert "duckdb" in imported
    assert not {"pandas", "great_expectations"} & imported


def test_reconcile_exits_1_on_a_difference(place: Path) -> None:
    call(*run(place))
    (place / "published" / "csv" / "clippings_2026-03.csv").write_text("spoiled")
    done = call(
        "reconcile",
        "--landing",
        place / "landing",
        "--warehouse",
        f"duckdb://{place}/w/w.duckdb",
        "--published",
        place / "published",
    )
    assert done.returncode == 1
    assert "csv/clippings_2026-03.csv differs from the manifest" in done.stdout
    assert done.stdout.splitlines()[-1] == "There are differences; nothing was changed."


def test_settings_come_from_the_environment_and_flags_win(place: Path) -> None:
    environment = {
        "MEDIAMONITOR_LANDING": str(place / "nowhere"),
        "MEDIAMONITOR_WAREHOUSE": f"duckdb://{place}/w.duckdb",
        "MEDIAMONITOR_PUBLISHED": str(place / "published"),
        "MEDIAMONITOR_WATCHLIST": str(place / "watchlist.yaml"),
    }
    assert call("run", **environment).returncode == 2
    assert call("run", "--landing", str(place / "landing"), **environment).returncode == 0


def test_publish_a_range(place: Path) -> None:
    call(*run(place))
    arguments = [
        "publish",
        "--warehouse",
        f"duckdb://{place}/w/w.duckdb",
        "--published",
        place / "published",
        "--watchlist",
        place / "watchlist.yaml",
    ]
    assert call(*arguments).stdout.strip() == "Nothing changed since the last publication."
    assert call(*arguments, "--from-day", "2026-03-02", "--to-day", "2026-03-02").stdout.startswith(
        "Publication 2: 1 days"
    )
    assert call(*arguments, "--from-day", "yesterday").returncode == 2
    assert "exchange them" in call(*arguments, "--from-day", "2026-03-03", "--to-day", "2026-03-02").stderr


def test_watchlist_check() -> None:
    done = call("watchlist", "check", SAMPLES.parent / "watchlist.yaml")
    assert done.returncode == 0
    assert "all examples hold" in done.stdout


def mistakes(place: Path) -> dict[str, tuple[list[str], int, str]]:
    """What is wrong → the arguments, the exit code, and words of the line that is printed."""
    (place / "unfit.yaml").write_text(WATCHLIST.replace("kind: place", "kind: place, surname: always"))
    (place / "misspelt.yaml").write_text(WATCHLIST.replace("kind: place", "knid: place"))
    (place / "file").write_text("a file, not a folder")
    (place / "other.duckdb").write_text("this is no database, it only has the name of one" * 100)
    inside = place / "landing" / "inside"
    return {
        "no landing folder": (run(place, landing=place / "nowhere"), 2, "nowhere does not exist; create it"),
        "no watchlist": (run(place, watchlist=place / "nowhere.yaml"), 2, "watchlist not found"),
        "keys that do not fit": (run(place, watchlist=place / "unfit.yaml"), 2, "line 5: "),
        "unknown watchlist field": (run(place, watchlist=place / "misspelt.yaml"), 2, "line 5: "),
        "staging inside landing": ([*run(place), "--staging", str(inside)], 2, "staging ("),
        "published inside landing": (run(place, published=inside), 2, "published ("),
        "warehouse inside landing": (run(place, warehouse=f"duckdb://{inside}/w.duckdb"), 2, "warehouse ("),
        "unwritable warehouse": (
            run(place, warehouse=f"duckdb://{place}/file/w.duckdb"),
            2,
            "choose a folder that this user may write to",
        ),
        "not a database": (run(place, warehouse=f"duckdb://{place}/other.duckdb"), 2, "is not a DuckDB database"),
        "other warehouse": (run(place, warehouse="ducklake:postgres:x"), 2, "not supported by this version"),
        "other store": (run(place, landing="ftp://x/y"), 2, "s3://bucket/prefix and folders"),
        "no warehouse yet": (
            ["reconcile", "--landing", str(place / "landing"), "--warehouse", f"duckdb://{place}/w/no.duckdb"],
            2,
            "run ingest first",
        ),
        "landing is a file": (run(place, landing=place / "file"), 2, "is a file; name the folder"),
        "landing in a file": (run(place, landing=place / "file" / "x"), 2, "cannot look into"),
        "endless landing": (run(place, landing="/" + "x" * 5_000), 2, "has over 4,000 characters"),
        "landing with a long name": (run(place, landing=place / ("x" * 300)), 2, "(File name too long)"),
        "no name of a bucket": (run(place, landing="s3://bad bucket/x"), 2, "'bad bucket' is not a valid bucket name"),
        "restore of a folder": (
            ["restore", str(place), "--warehouse", f"duckdb://{place}/w/w.duckdb"],
            2,
            "is a folder; name a file that `backup` wrote",
        ),
        "no landing given": (["ingest", "--warehouse", f"duckdb://{place}/w/w.duckdb"], 2, "--landing"),
    }


@pytest.mark.parametrize("what", [
    "no landing folder", "no watchlist", "keys that do not fit", "unknown watchlist field", "staging inside landing",
    "published inside landing", "warehouse inside landing", "unwritable warehouse", "not a database", "other warehouse",
    "other store", "no warehouse yet", "no landing given", "landing is a file", "landing in a file", "endless landing",
    "landing with a long name", "no name of a bucket", "restore of a folder",
])  # fmt: skip
def test_mistake_is_one_clear_line(place: Path, what: str) -> None:
    arguments, code, words = mistakes(place)[what]
    before = sorted(path for path in place.rglob("*"))
    done = call(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
    after = [path for path in place.rglob("*") if not path.name.endswith(".lock") and path.name != "w"]
    assert [path for path in after if path not in before] == []


@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("missing bucket", 2, "the bucket does not exist; create it or correct the URL"),
        ("wrong secret", 2, "the secret key does not fit the access key"),
        ("unknown key", 2, "the access key is not known there"),
        ("no credentials", 2, "no credentials for s3://landing"),
        ("no server", 3, "nothing was changed, try again"),
        ("bad endpoint", 2, "check the endpoint"),
    ],
)
def test_bucket_that_cannot_be_read_is_one_clear_line(
    place: Path, s3_server: S3Server, landing: Landing, what: str, code: int, words: str
) -> None:
    environment = {**s3_server.environment(), "HOME": str(place)}
    bucket = "missing" if what == "missing bucket" else "landing"
    if what == "wrong secret":
        environment["AWS_SECRET_ACCESS_KEY"] = "wrong"
    if what == "unknown key":
        environment["AWS_ACCESS_KEY_ID"] = "unknown"
    if what == "no credentials":
        environment = {
            "HOME": str(place),
            "AWS_ENDPOINT_URL": s3_server.endpoint_url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    if what == "no server":
        environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    if what == "bad endpoint":
        environment["AWS_ENDPOINT_URL"] = "not a url"
    done = call(*run(place, landing=f"s3://{bucket}/articles"), **environment)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (place / "w").exists()


@pytest.mark.parametrize("what", ["unknown profile", "broken configuration", "impossible port"])
def test_wrong_aws_configuration_is_one_clear_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    (place / "config").write_text("[[[" if what == "broken configuration" else "")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(place / "config"))
    if what == "unknown profile":
        monkeypatch.setenv("AWS_PROFILE", "nope")
    if what == "impossible port":
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:99999")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert main(run(place, landing="s3://landing/articles")) == 2
    said = capsys.readouterr().err
    assert "cannot reach s3://landing/articles: " in said
    assert len(said.splitlines()) == 1


def test_more_memory_than_there_can_be_is_one_clear_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MEDIAMONITOR_MEMORY_LIMIT", "99999999999999999999GB")
    assert main(run(place)) == 2
    assert "must look like 400MB or 2GB" in capsys.readouterr().err


@pytest.mark.parametrize("call", ["pwrite", "open"])
def test_lock_file_on_a_full_disk_is_one_clear_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], call: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lock.os, call, full)
    assert main(["reconcile", "--landing", str(place / "landing"), "--warehouse", f"{place}/watchlist.yaml"]) == 3
    said = capsys.readouterr().err
    assert "make room and run again" in said
    assert len(said.splitlines()) == 1


def test_folder_that_a_full_disk_does_not_take_is_no_mistake_of_the_user(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(InfrastructureError, match=r"no room is left for .*published; make room"):
        open_store(str(place / "published")).put("a.txt", b"")


def test_error_of_the_system_that_nobody_foresaw_is_one_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "part")

    monkeypatch.setattr(commands, "_context", full)
    assert main(run(place)) == 3
    assert capsys.readouterr().err == (
        "mediamonitor: no room is left on a disk ([Errno 28] No space left on device: 'part'); "
        "make room and run again\n"
    )


def test_rebuild_backup_and_restore(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str | Path, code: int = 0) -> str:
        capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == code
        return capsys.readouterr().out

    assert main(run(place)) == 0
    warehouse = ["--warehouse", f"duckdb://{place}/w/w.duckdb"]
    assert "compared with the original" in told("backup", place / "copy.duckdb", *warehouse)
    (place / "landing" / "post" / "2026" / "03" / "02" / "a.txt").unlink()
    (place / "landing" / "new.txt").write_bytes(article("New"))
    rebuild = ["rebuild", "--landing", place / "landing", *warehouse, "--watchlist", place / "watchlist.yaml"]
    asked = told(*rebuild, code=1)
    assert "1  articles whose file is no longer in landing" in asked
    assert asked.splitlines()[-1] == "Nothing was changed; rebuild --yes does it."
    done = json.loads(told(*rebuild, "--yes", "--json"))
    assert (done["articles"], done["articles_before"]) == (1, 1)
    assert Path(done["kept"]).exists()
    assert "is kept as" in told("restore", place / "copy.duckdb", *warehouse)
    assert main(["restore", f"{place}/nothing.duckdb", *warehouse]) == 2


def test_f37_quarantine_is_a_tool(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(["quarantine", *arguments, "--warehouse", f"duckdb://{place}/w/w.duckdb"]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    (place / "landing" / "post" / "empty.txt").write_bytes(b"")
    (place / "landing" / "post" / "\u202egnp.txt").write_bytes(b"%PDF-1.7")
    assert main(run(place)) == 0
    listed = refused("list").splitlines()
    assert [line.split()[1] for line in listed] == ["empty_file", "not_text:pdf"]
    assert "\u202e" not in "".join(listed)
    assert len(refused("list", "--reason", "not_text").splitlines()) == 1
    assert refused("list", "--source", "nobody") == "Nothing in quarantine has source nobody.\n"
    told = refused("show", "post/empty.txt")
    for words in ("empty_file", "zero bytes", "parse", "open", "quarantined", "ask the producer"):
        assert words in told

    refused("ignore", "--reason", "not_text")
    done = refused("retry", "--source", "unknown")  # the ignored one is not meant
    assert done == "1 object(s) with source unknown are taken again by the next ingest.\n"
    assert refused("retry", "post/empty.txt").startswith("1 object(s)")  # it waits already
    assert main(run(place)) == 0
    (shown,) = json.loads(refused("list", "post/empty.txt", "--json"))["quarantine"]
    assert (shown["attempts"], shown["state"]) == (2, "open")
    history = json.loads(refused("show", "post/empty.txt", "--json"))["quarantine"]
    assert [(one["seq"], one["state"]) for one in history] == [(2, "open"), (1, "superseded")]

    pdf = "post/\u202egnp.txt"
    refused("retry", pdf)  # named by its key: no longer ignored
    (place / "landing" / "post" / "empty.txt").unlink()
    assert main(run(place)) == 0
    assert json.loads(refused("list", pdf, "--json"))["quarantine"][0]["state"] == "open"
    assert "is deleted from landing" in refused("retry", "post/empty.txt", code=2)


def test_quarantine_takes_a_record_as_it_lists_it(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str) -> list[list[str]]:
        capsys.readouterr()
        assert main(["quarantine", *arguments, "--warehouse", f"{place}/w/w.duckdb"]) == 0
        return [line.split() for line in capsys.readouterr().out.splitlines() if line]

    (place / "landing" / "x.jsonl").write_bytes(b'{"title": "Fine", "body": "Words enough."}\n' + b"{bad\n" * 2)
    (place / "landing" / "a:b:1").write_bytes(b"")
    assert main(run(place)) == 0
    names = [line[2] for line in told("list")]
    assert names == ["a:b:1", "x.jsonl::2", "x.jsonl::3"]
    for name in names:
        assert [line[1] for line in told("show", name) if line[0] == "reason_code"] == [
            "empty_file" if name == "a:b:1" else "json_invalid"
        ]
    told("ignore", "x.jsonl::3")
    assert [line[0] for line in told("list")] == ["open", "open", "ignored"]
    told("retry", "x.jsonl::3")
    assert {line[0] for line in told("list")} == {"open"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show"], "needs a key"),
        (["retry"], "needs a key, --reason or --source"),
        (["ignore"], "needs a key, --reason or --source"),
        (["list", "--reason", "empty"], "there is no reason 'empty'"),
        (["show", "nothing.txt"], "nothing in quarantine has key nothing.txt"),
        (["retry", "--source", "nobody"], "nothing in quarantine has source nobody"),
        (["ignore", "no\nthing.txt"], r"nothing in quarantine has key no\nthing.txt"),
    ],
)
def test_mistake_with_the_quarantine_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with open_warehouse(Settings(warehouse=f"{tmp_path}/w.duckdb")):
        pass
    assert main(["quarantine", *arguments, "--warehouse", f"{tmp_path}/w.duckdb"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert len(said.splitlines()) == 1
