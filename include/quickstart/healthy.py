"""A container's health check: `python -m quickstart.healthy URL [PART]`.

Exits 0 when URL answers 200 and, with PART, when the JSON there calls that part healthy. `airflow jobs check` asks the
same but imports Airflow, five seconds of CPU each time; this takes a tenth of a second.
"""

import json
import sys
import urllib.request


def main(url: str, part: str = "") -> int:
    """The exit code: 0 healthy, 1 not."""
    try:
        with urllib.request.urlopen(url, timeout=8) as answer:
            body = answer.read()
    except OSError as error:
        print(f"{url}: {error}")
        return 1
    if not part:
        return 0
    status = json.loads(body).get(part, {}).get("status")
    print(f"{part}: {status}")
    return 0 if status == "healthy" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
