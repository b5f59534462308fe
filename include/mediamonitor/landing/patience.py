"""Trying again when the store is busy."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from mediamonitor.errors import InfrastructureError
from mediamonitor.landing.store import StoreRefuses

TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
T = TypeVar("T")


def patiently(act: Callable[[], T]) -> T:
    """`act()`, tried again after growing random pauses while it raises InfrastructureError.

    The last error is raised. StoreRefuses is raised at once.
    """
    for tried in range(TRIES - 1):
        try:
            return act()
        except StoreRefuses:
            raise
        except InfrastructureError:
            pause = min(FIRST_PAUSE * 2**tried, LONGEST_PAUSE)
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311  random, so that threads do not come all at once
    return act()
