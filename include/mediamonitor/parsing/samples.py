"""A harmless look at what was refused."""

from __future__ import annotations

import re

SAMPLE_CHARS = 200
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def sample(body: bytes) -> str:
    """The first characters: no control characters, no bidi overrides."""
    return _UNSAFE.sub(" ", body[: 4 * SAMPLE_CHARS].decode("utf-8", errors="backslashreplace"))[:SAMPLE_CHARS]
