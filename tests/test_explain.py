"""`explain FILE`: what became of each line, and by which rule."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from mediamonitor.cli import main

TEXT = """The bridge is open again

The bridge is open
By Ann Lee

HARBOUR CITY, March 3 (Reuters) - The bridge is open again, the council said on Monday.

Nobody was hurt. (Reporting by Bo Day; Editing by Cy Roe)

Related stories
Ferry strike ends
source site-34
"""


def test_explain_shows_each_line_and_its_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bridge.txt"
    path.write_text(TEXT, encoding="utf-8")
    assert main(["explain", str(path)]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert "source site-34 (from trailer)" in head
    assert "(from dateline)" in head
    assert "agency Reuters; reporters Bo Day; editors Cy Roe" in head
    assert [" ".join(line.split()) for line in lines] == [
        "title The bridge is open again",
        "echo stands_in_title The bridge is open",
        "byline by_en By Ann Lee",
        "dateline place_date_agency HARBOUR CITY, March 3 (Reuters) -",
        "body The bridge is open again, the council said on Monday.",
        "body Nobody was hurt.",
        "trailer reporting_by (Reporting by Bo Day; Editing by Cy Roe)",
        "trailer related_opens Related stories",
        "trailer links Ferry strike ends",
        "trailer source_site source site-34",
    ]


def test_explain_tells_why_a_record_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text('{"title": "A", "body": "The bridge is open."}\n{"title": "B"}\n', encoding="utf-8")
    assert main(["explain", "--json", str(path)]) == 0
    first, second = json.loads(capsys.readouterr().out)["records"]
    assert [part["became"] for part in first["parts"]] == ["title", "body"]
    assert (second["record_no"], second["reason_code"]) == (2, "no_body")


def test_explain_names_the_member_of_an_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.tar"
    with tarfile.open(path, "w") as archive:
        for name, text in (("bridge.txt", TEXT.encode()), ("bad.txt", b"A title\n\nA bridge \xe9.")):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    assert main(["explain", str(path)]) == 0
    heads = [line for line in capsys.readouterr().out.splitlines() if line and not line.startswith(" ")]
    assert [head.partition(";")[0].partition(":")[0] for head in heads] == ["bridge.txt, record 1", "bad.txt, record 1"]


def test_explain_of_a_file_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(tmp_path / "none.txt")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_explain_into_a_reader_that_has_enough_ends_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("A title\n" + "The bridge is open again.\n" * 20_000, encoding="utf-8")
    explain = f"{sys.executable} -m mediamonitor explain {path} | head -1"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "include")}
    done = subprocess.run(explain, shell=True, env=environment, capture_output=True, text=True, check=False)
    assert (done.stderr, len(done.stdout.splitlines())) == ("", 1)
