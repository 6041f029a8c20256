"""About the process that tests."""

from __future__ import annotations

import os
import pathlib


def times(*, ci: int, deep: int) -> int:
    """How often a long test repeats itself: CONCLAVE_DEEP=1 asks for the deep runs."""
    return deep if os.environ.get("CONCLAVE_DEEP") == "1" else ci


def open_descriptors() -> int:
    return len(list(pathlib.Path("/proc/self/fd").iterdir()))
