"""What test_compose.py needs of the machine: a Docker Engine, Compose v2, and images to build on.

Where one of them is missing and cannot be had, the tests skip with one line that says which. Images stay between runs
(`docker image ls 'mediamonitor-standin-*'`); the first run makes them from Debian's packages in about five minutes.
With STACK_TEST_IMAGES=registry the images that docker-compose.yaml names are used instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = "mediamonitor-standin-debian:bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
COMPOSE_SUITE = "trixie"  # its docker-compose is v2 and runs on bookworm as well


def run(
    command: Sequence[str], timeout: float, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `command` from the repository's root, with a limit; whether it succeeded is the caller's to ask."""
    return subprocess.run(
        command, cwd=ROOT, env=environment, timeout=timeout, text=True, capture_output=True, check=False
    )


def _must(command: Sequence[str], timeout: float, environment: Mapping[str, str] | None = None) -> str:
    done = run(command, timeout, environment)
    if done.returncode:
        pytest.fail(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def _debian_mirror() -> str:
    """The mirror that this machine's own apt uses, or nothing."""
    if not shutil.which("apt-get") or not KEYRING.exists():
        return ""
    targets = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(COMPONENT)", "Created-By: Packages"]
    rows = [line.split() for line in run(targets, 30).stdout.splitlines()]
    return next((row[0] for row in rows if row[1:] == ["Debian", "main"] and "security" not in row[0]), "")


def _compose_plugin(folder: Path) -> Path | None:
    """Compose v2 from Debian's package, unpacked under `folder`; the machine's own apt sources stay as they are."""
    mirror = _debian_mirror()
    if not mirror:
        return None
    for name in ("lists/partial", "cache/archives/partial", "plugin"):
        (folder / name).mkdir(parents=True)
    (folder / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {COMPOSE_SUITE} main\n")
    (folder / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{folder}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n'
        f'Dir::State::lists "{folder}/lists";\nDir::State::status "/dev/null";\nDir::Cache "{folder}/cache";\n'
        'APT::Sandbox::User "root";\nAcquire::Languages "none";\n'
    )
    apt = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}
    _must(["apt-get", "-qq", "update"], 180, apt)
    fetched = subprocess.run(
        ["apt-get", "-qq", "download", "docker-compose"], cwd=folder, env=apt, timeout=180, check=False
    )
    packages = list(folder.glob("docker-compose_*.deb"))
    if fetched.returncode or not packages:
        return None
    _must(["dpkg-deb", "-x", str(packages[0]), str(folder / "plugin")], 60)
    return next((folder / "plugin").rglob("cli-plugins/docker-compose"), None)


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which `docker compose` works: without the caller's STACK_* and COMPOSE_* settings."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("STACK_", "COMPOSE_", "MEDIAMONITOR_"))}
    if not shutil.which("docker") or run(["docker", "info"], 30).returncode:
        pytest.skip("the Compose test was skipped: no Docker Engine answers here")
    if run(["docker", "compose", "version"], 30).stdout.startswith("Docker Compose version"):
        return environment
    folder = tmp_path_factory.mktemp("compose-v2")
    plugin = _compose_plugin(folder)
    if plugin is None:
        pytest.skip("the Compose test was skipped: no `docker compose` (v2) here, and none to be had from Debian")
    # A configuration folder of our own hides the user's contexts, so the engine in use is named.
    host = run(["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], 30).stdout.strip()
    (folder / "config" / "cli-plugins").mkdir(parents=True)
    (folder / "config" / "cli-plugins" / "docker-compose").symlink_to(plugin)
    return {**environment, "DOCKER_CONFIG": str(folder / "config"), **({"DOCKER_HOST": host} if host else {})}


def _make_base(folder: Path) -> None:
    """Debian bookworm with Python, as an image: what both stand-ins and an image registry would start from."""
    if run(["docker", "image", "inspect", BASE], 30).returncode == 0:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("the Compose test was skipped: making stand-ins for the base images takes root on Debian; "
                    "where an image registry answers, set STACK_TEST_IMAGES=registry")  # fmt: skip
    if not shutil.which("debootstrap"):
        _must(["apt-get", "-qq", "update"], 180)
        _must(["apt-get", "-qq", "install", "-y", "--no-install-recommends", "debootstrap"], 180)
    packages = "--include=ca-certificates,python3,python3-venv"
    mirror = [_debian_mirror()] if _debian_mirror() else []
    _must(["debootstrap", "--variant=minbase", packages, "bookworm", str(folder / "root"), *mirror], 600)
    _must(["tar", "-C", str(folder / "root"), "-cf", str(folder / "root.tar"), "."], 120)
    _must(["docker", "import", "-c", "ENV LANG=C.UTF-8", str(folder / "root.tar"), BASE], 120)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def images(docker: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings that put this machine's images in place of those that docker-compose.yaml names."""
    bundle = os.environ.get("SSL_CERT_FILE", "")
    settings = {"STACK_IMAGE": "mediamonitor-standin-airflow", "STACK_CA_BUNDLE": bundle or "/dev/null"}
    if os.environ.get("STACK_TEST_IMAGES") == "registry":
        return settings
    _make_base(tmp_path_factory.mktemp("debian"))
    standins = ["docker", "compose", "-f", "tests/compose/standins.yaml", "build", "--quiet"]
    _must(standins, 600, {**docker, **settings})
    names = {"PYTHON": "python", "POSTGRES": "postgres", "SEAWEEDFS": "seaweedfs"}
    return settings | {f"STACK_{name}_IMAGE": f"mediamonitor-standin-{image}" for name, image in names.items()}
