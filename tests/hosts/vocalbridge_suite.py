#!/usr/bin/env python3
"""Black-box suite of the VocalBridge system: the same checks for its host in every language.

It starts the vendor simulator and the host as processes, talks HTTP to both, and prints one line
per check. Standard library and curl only. Exit code: 0 all held, 1 something did not, 77 skipped
because the host's interpreter or packages are not there.

usage: vocalbridge_suite.py --host cpp|fastapi|fastify [--build FOLDER] [--python FILE]
                            [--only SECTION] [--keep]
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time
import traceback

from suite.document import HOSTS, ROOT
from suite.refusals import bad_requests, broken_clients, broken_stores
from suite.report import State, check
from suite.sending import curl_session, duplicates, killed, stopped
from suite.tenants import agents, isolation, metadata, roll_up
from suite.vendors import both_down, failing_vendor, hanging_vendor, limiting_vendors
from suite.world import Commands, World

SKIPPED = 77
SECTIONS = [
    curl_session,
    duplicates,
    killed,
    stopped,
    failing_vendor,
    hanging_vendor,
    limiting_vendors,
    both_down,
    isolation,
    agents,
    roll_up,
    metadata,
    bad_requests,
    broken_stores,
    broken_clients,
]


def newest(pattern: str, build: str) -> pathlib.Path | None:
    folders = [pathlib.Path(build)] if build else sorted(ROOT.glob("build/*"))
    found = [path for folder in folders for path in folder.glob(pattern) if path.is_file()]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def runs(*words: str, folder: pathlib.Path) -> bool:
    try:
        quiet = subprocess.DEVNULL
        return subprocess.run(words, cwd=folder, stdout=quiet, stderr=quiet).returncode == 0
    except OSError:
        return False


def commands_of(host: str, build: str, python: str) -> Commands | None:
    """How the host is started, or nothing when this machine has not what it needs."""
    folder = HOSTS / host
    if host == "cpp":
        program = newest("examples/hosts/vocalbridge/cpp/vocalbridge_host", build)
        return program and Commands([str(program)], [str(program), "seed"], folder)
    if host == "fastapi":
        interpreter = os.path.abspath(shutil.which(python) or python)
        serve = [interpreter, "-B", "-m", "vocalbridge"]
        there = runs(interpreter, "-c", "import conclave, fastapi, uvicorn", folder=folder)
        return Commands(serve, [*serve, "seed"], folder) if there else None
    there = runs("node", "-e", "require('conclave'); require('fastify')", folder=folder)
    seed = ["npm", "--silent", "run", "seed"]
    return Commands(["node", "server.js"], seed, folder) if there else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--host", choices=("cpp", "fastapi", "fastify"), required=True)
    parser.add_argument("--build", default="", help="build folder; the newest in build/ otherwise")
    parser.add_argument("--python", default=sys.executable, help="one with conclave and uvicorn")
    parser.add_argument("--only", help="one section", choices=[s.__name__ for s in SECTIONS])
    parser.add_argument("--keep", action="store_true", help="keep stores and logs, and say where")
    chosen = parser.parse_args()
    simulator = newest("tests/simulator/vendor_simulator", chosen.build)
    commands = commands_of(chosen.host, chosen.build, chosen.python)
    if not simulator or not commands or not shutil.which("curl"):
        what = "the vendor simulator" if not simulator else "curl" if commands else "its packages"
        print(f"skipped: the host {chosen.host} or {what} is not built or installed")
        return SKIPPED
    began = time.monotonic()
    for run in SECTIONS:
        State.section = run.__name__
        if chosen.only not in (None, State.section):
            continue
        try:
            with World(simulator, commands, chosen.keep) as world:
                run(world)
        except Exception:
            check("runs to its end", False, traceback.format_exc())
    told = f"{State.failures} checks failed" if State.failures else "all checks held"
    print(f"{chosen.host}: {told} after {time.monotonic() - began:.1f} s")
    return 1 if State.failures else 0


if __name__ == "__main__":
    sys.exit(main())
