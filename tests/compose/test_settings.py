"""Every setting of the library reaches the containers: fixed in docker-compose.yaml, or handed on from .env."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import yaml

from mediamonitor.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]


def test_docker_compose_knows_every_setting_and_no_other() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
    named = {name for name in compose["x-airflow"]["environment"] if name.startswith(PREFIX)}
    assert named == {PREFIX + field.name.upper() for field in fields(Settings)}
