"""The secrets of docker-compose.yaml: one command makes them, another refuses bad ones.

    python3 include/quickstart/stack_secrets.py .env     fill what is empty in .env (made if missing), keep the rest
    python3 -m quickstart.stack_secrets --check          judge the environment; the stack's first container runs this

Standard library only, and any Python 3: it runs on the host before anything is installed. The file shares its name
with a module of the standard library, so it must not import that one, nor anything that does.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

# What tutorials and images use, in lower case, as it is compared.
DEFAULTS = {
    *("admin", "airflow", "airflow_jwt_secret", "airflow_secret_key", "changeme", "change_me", "change-me", "default"),
    *("example", "mediamonitor", "media-monitor", "minioadmin", "password", "postgres", "root", "s3", "seaweedfs"),
    *("secret", "temporary_key", "test", "your_secret_key"),
    # Fernet keys printed in well-known compose files.
    "46BKJoQYlPPOexq0OhDZnIlNepKFf87WFwLbfzqDDho=".lower(),
    "81HqDtbqAywKSOumSha3BhWNOdQ26slT6K0YaZeZyPs=".lower(),
}
HEADER = "# docker compose: secrets made by `make compose-up`. Keep this file; never commit it.\n"


def _token(size: int) -> str:
    """`size` random bytes in the letters, digits, - and _ that are safe in a URL and in a .env file."""
    return base64.urlsafe_b64encode(os.urandom(size)).decode().rstrip("=")


def _access_key() -> str:
    return "MM" + base64.b32encode(os.urandom(11)).decode()[:18]


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


# name: (how to make it, shortest that is accepted)
SECRETS: dict[str, tuple[Callable[[], str], int]] = {
    "STACK_POSTGRES_PASSWORD": (lambda: _token(24), 16),
    "STACK_ADMIN_PASSWORD": (lambda: _token(18), 12),
    "STACK_FERNET_KEY": (_fernet_key, 44),
    "STACK_JWT_SECRET": (lambda: _token(64), 32),
    "STACK_API_SECRET_KEY": (lambda: _token(48), 32),
    "STACK_S3_ACCESS_KEY": (_access_key, 12),
    "STACK_S3_SECRET_KEY": (lambda: _token(30), 16),
}


def problem(name: str, value: str) -> str | None:
    """Why `value` cannot be used for `name`, in words that do not repeat it, or None."""
    shortest = SECRETS[name][1]
    if not value:
        return "is empty"
    if value.lower() in DEFAULTS:
        return "is a known default"
    if len(value) < shortest:
        return f"is shorter than {shortest} characters"
    if len(set(value)) < 6:
        return "repeats a few characters"
    if name == "STACK_FERNET_KEY":
        try:
            fits = len(base64.urlsafe_b64decode(value)) == 32
        except (binascii.Error, ValueError):
            fits = False
        return None if fits else "is not 32 bytes in URL-safe base64"
    # STACK_POSTGRES_PASSWORD stands inside a URL, and $ or quotes mean something else to Compose.
    if not all(c.isascii() and (c.isalnum() or c in "-_.~") for c in value):
        return "holds a character other than letters, digits and -_.~"
    return None


def problems(values: Mapping[str, str]) -> list[str]:
    """One line for each secret of the stack that is empty, a known default, too short or malformed."""
    found = [(name, problem(name, values.get(name, ""))) for name in SECRETS]
    return [f"{name} {why}" for name, why in found if why]


def _value(line: str) -> tuple[str, str] | None:
    """Name and value of one line of a .env file, or None for a comment."""
    text = line.strip()
    if text.startswith("export "):
        text = text[len("export ") :].lstrip()
    name, equals, value = text.partition("=")
    if not equals or text.startswith("#"):
        return None
    value = value.strip()
    if value[:1] in {"'", '"'} and value.find(value[0], 1) > 0:
        value = value[1 : value.find(value[0], 1)]
    else:
        value = (" " + value).split(" #")[0].strip()
    return name.strip(), value


def fill(text: str) -> tuple[str, list[str]]:
    """`text` of a .env file with every missing or empty secret filled in, and the names that were."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    last = {pair[0]: (i, pair[1]) for i, line in enumerate(lines) if (pair := _value(line))}  # the last one counts
    made = [name for name in SECRETS if not last.get(name, (0, ""))[1]]
    missing = [name for name in made if name not in last]
    for name in made:
        entry = f"{name}={SECRETS[name][0]()}\n"
        if name in missing:
            lines += ["\n" if lines else "", HEADER] * (name == missing[0]) + [entry]
        else:
            lines[last[name][0]] = entry
    return "".join(lines), made


def write(path: Path) -> list[str]:
    """Fill the file at `path`, readable by its owner only, in one step. Returns the names that were filled."""
    path = Path(os.path.realpath(path))  # a linked .env stays a link
    text, made = fill(path.read_text(encoding="utf-8") if path.exists() else "")
    if made:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".env-")  # 0600 from the start
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)
    return made


def main(arguments: list[str]) -> int:
    """The exit code: 0 when every secret will do, 2 when one will not."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    if arguments == ["--check"]:
        values: Mapping[str, str] = os.environ
    else:
        path = Path(arguments[0])
        made = write(path)
        print(f"{path}: {f'made {len(made)} secrets' if made else 'holds every secret'}", file=sys.stderr)
        lines = path.read_text(encoding="utf-8").splitlines()
        values = dict(pair for line in lines if (pair := _value(line)))
    found = problems(values)
    if found:
        advice = "Empty it in .env and run `make compose-up`."
        print(f"The stack will not start: {'; '.join(found)}. {advice}", file=sys.stderr)
    return 2 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
