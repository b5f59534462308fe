"""What can go wrong, named by what to do next.

    MediaMonitorError
    ├── ConfigurationError     change a setting, a file or a credential, then start again   exit 2, never retried
    ├── InfrastructureError    a server, a disk or a lock failed; the same run may pass     exit 3, retried
    └── CheckFailed            the data did not pass a check; look at it                    exit 1, never retried

A file that cannot be used raises none of these: it becomes a `Rejection` (article.py), is kept in `quarantine` with its
reason, and stops nobody else. Messages are one line and say what to do; they reach the user as they are.
"""

from __future__ import annotations


class MediaMonitorError(Exception):
    """Base of every error that a user can cause or cure."""

    exit_code = 1


class ConfigurationError(MediaMonitorError):
    """A setting must be changed first."""

    exit_code = 2


class InfrastructureError(MediaMonitorError):
    """Something outside failed; try again."""

    exit_code = 3


class CheckFailed(MediaMonitorError):
    """The data did not pass."""

    exit_code = 1


def shown(text: str) -> str:
    """Text that came from outside, safe for a terminal: control characters as escapes."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
