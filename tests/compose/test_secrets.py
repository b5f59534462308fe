"""include/quickstart/stack_secrets.py: what it makes, keeps and refuses. Needs no Docker."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "include" / "quickstart" / "stack_secrets.py"


@pytest.fixture(scope="module")
def secrets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("quickstart_secrets", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _values(secrets: ModuleType, text: str) -> dict[str, str]:
    return dict(pair for line in text.splitlines() if (pair := secrets._value(line)))


def test_it_makes_every_secret_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    for said in ("made 7 secrets", "holds every secret"):
        done = subprocess.run([sys.executable, SCRIPT, file], text=True, capture_output=True, timeout=30, check=True)
        assert said in done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    assert not any(line.partition("=")[2] in done.stdout + done.stderr for line in file.read_text().splitlines()[1:])
    assert list(tmp_path.iterdir()) == [file]


def test_each_call_makes_others_and_all_pass_the_check(secrets: ModuleType) -> None:
    first, second = (_values(secrets, secrets.fill("")[0]) for _ in range(2))
    assert not set(first.values()) & set(second.values())
    assert secrets.problems(first) == []


def test_it_keeps_what_is_there_and_fills_what_is_empty(secrets: ModuleType) -> None:
    kept = "# mine\nSTACK_UI_PORT=9000\nSTACK_ADMIN_PASSWORD='my own long password'\nSTACK_JWT_SECRET="
    before = kept + "  # empty\nOTHER=x"
    after, made = secrets.fill(before)
    values = _values(secrets, after)
    assert after.startswith(kept)
    assert values["OTHER"] == "x" and len(values["STACK_JWT_SECRET"]) > 60
    assert "STACK_ADMIN_PASSWORD" not in made and len(made) == 6
    assert secrets.fill(after) == (after, [])


def test_of_a_name_given_twice_the_last_counts(secrets: ModuleType) -> None:
    after, made = secrets.fill("STACK_JWT_SECRET=" + "abcdefgh" * 8 + "\nSTACK_JWT_SECRET=\n")
    assert "STACK_JWT_SECRET" in made
    assert len(_values(secrets, after)["STACK_JWT_SECRET"]) > 64


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("STACK_POSTGRES_PASSWORD", "", "is empty"),
        ("STACK_POSTGRES_PASSWORD", "airflow", "known default"),
        ("STACK_ADMIN_PASSWORD", "Admin", "known default"),
        ("STACK_ADMIN_PASSWORD", "changeme", "known default"),
        ("STACK_JWT_SECRET", "airflow_jwt_secret", "known default"),
        ("STACK_API_SECRET_KEY", "tooshort1234", "shorter than 32"),
        ("STACK_S3_SECRET_KEY", "a" * 40, "repeats"),
        ("STACK_POSTGRES_PASSWORD", "p@ss:word/with#signs", "character other than"),
        ("STACK_FERNET_KEY", "46BKJoQYlPPOexq0OhDZnIlNepKFf87WFwLbfzqDDho=", "known default"),
        ("STACK_FERNET_KEY", "not base64 of thirty-two bytes, but quite long", "32 bytes"),
    ],
)
def test_it_refuses_without_repeating_the_value(secrets: ModuleType, name: str, value: str, why: str) -> None:
    good = _values(secrets, secrets.fill("")[0])
    done = subprocess.run(
        [sys.executable, SCRIPT, "--check"],
        env={**os.environ, **good, name: value},
        text=True, capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert name in done.stderr and why in done.stderr and len(done.stderr.splitlines()) == 1
    assert not value or value not in done.stderr


def test_a_default_in_the_file_stops_before_docker_starts(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("STACK_ADMIN_PASSWORD=airflow\n")
    done = subprocess.run([sys.executable, SCRIPT, file], text=True, capture_output=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "STACK_ADMIN_PASSWORD is a known default" in done.stderr
