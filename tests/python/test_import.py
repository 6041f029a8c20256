"""What an import costs: no thread, no descriptor, few modules. Its time is in the benchmarks."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from typing import Any

import pytest

REPORT = """
import json, os, sys

def descriptors():
    return len(os.listdir("/proc/self/fd"))

before = set(sys.modules), descriptors()
import conclave
{more}
print(json.dumps({{
    "modules": sorted(set(sys.modules) - before[0]),
    "new_descriptors": descriptors() - before[1],
    "threads": len(os.listdir("/proc/self/task")),
    "files": os.listdir(),
}}))
"""

OPENING = """
gw = conclave.open("app.db")
gw.tenant("tnt_x")
"""

MAX_MODULES = 30
"""Of the package itself."""


def report(path: pathlib.Path, more: str = "") -> dict[str, Any]:
    command = [sys.executable, "-c", REPORT.format(more=more)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=path)
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("more", ["", OPENING])
def test_an_import_begins_nothing_nor_does_opening(tmp_path: pathlib.Path, more: str) -> None:
    found = report(tmp_path, more)
    assert (found["threads"], found["new_descriptors"], found["files"]) == (1, 0, [])


def test_an_import_is_small(tmp_path: pathlib.Path) -> None:
    found = report(tmp_path)
    packages = {name.partition(".")[0] for name in found["modules"]}
    assert packages - set(sys.stdlib_module_names) == {"conclave"}
    assert len([name for name in found["modules"] if name.startswith("conclave")]) <= MAX_MODULES
    slow = {"asyncio", "logging", "socket", "ssl", "concurrent", "queue", "multiprocessing"}
    slow |= {"dataclasses", "inspect"}
    assert not packages & slow
