"""How a block becomes a program that runs, and what it prints."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
from typing import NamedTuple

TIMEOUT_S = 120

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


class Failure(Exception):
    """A program that could not be built, failed, or said something on standard error."""


class Skipped(Exception):
    """What it needs was not given."""


class Tools(NamedTuple):
    root: pathlib.Path
    build: pathlib.Path
    cc: str
    cxx: str
    python: str | None
    node: str
    node_modules: pathlib.Path | None

    def need(self, language: str) -> None:
        if language == "python" and self.python is None:
            raise Skipped("no --python was given")
        if language == "js" and self.node_modules is None:
            raise Skipped("no --node-modules were given")


def run_program(tools: Tools, language: str, text: str, folder: pathlib.Path) -> str:
    """What the program prints. It must end well and say nothing on standard error."""
    tools.need(language)
    return finish(COMMANDS[language](tools, text, folder), folder, dict(os.environ), quiet=True)


def cpp_program(tools: Tools, text: str, folder: pathlib.Path) -> list[str]:
    (folder / "program.cpp").write_text(text, "utf-8")
    libraries = subprocess.run(
        ["pkg-config", "--libs", "openssl", "sqlite3"], check=True, capture_output=True, text=True
    ).stdout.split()
    build = [tools.cxx, "-std=c++20", *WARNINGS, f"-I{tools.root / 'include'}", "program.cpp"]
    archive = tools.build / "src" / "libconclave.a"
    finish([*build, "-o", "program", str(archive), *libraries, "-lhttp_parser", "-pthread"], folder)
    return ["./program"]


def c_program(tools: Tools, text: str, folder: pathlib.Path) -> list[str]:
    (folder / "program.c").write_text(text, "utf-8")
    include, library = tools.root / "capi" / "include", tools.build / "capi"
    build = [tools.cc, "-std=c99", *WARNINGS, f"-I{include}", "program.c"]
    finish([*build, "-o", "program", f"-L{library}", "-lconclave_c", f"-Wl,-rpath,{library}"],
           folder)
    return ["./program"]


def python_program(tools: Tools, text: str, folder: pathlib.Path) -> list[str]:
    assert tools.python is not None
    (folder / "program.py").write_text(text, "utf-8")
    return [tools.python, "-B", "program.py"]


def js_program(tools: Tools, text: str, folder: pathlib.Path) -> list[str]:
    name = "program.mjs" if re.search(r"^import ", text, re.MULTILINE) else "program.cjs"
    (folder / name).write_text(text, "utf-8")
    link_modules(tools, folder)
    return [tools.node, name]


COMMANDS = {"cpp": cpp_program, "c": c_program, "python": python_program, "js": js_program}


def link_modules(tools: Tools, folder: pathlib.Path) -> None:
    link = folder / "node_modules"
    if tools.node_modules is not None and not link.exists():
        link.symlink_to(tools.node_modules)


def run_shell(tools: Tools, text: str, folder: pathlib.Path) -> str:
    """What a shell block prints, with the given Python and Node.js first in the path. What it left
    running is ended with it."""
    link_modules(tools, folder)
    bins = [str(pathlib.Path(tool).parent) for tool in (tools.python, tools.node) if tool]
    environment = {**os.environ, "PATH": os.pathsep.join([*bins, os.environ["PATH"]]),
                   "PYTHONDONTWRITEBYTECODE": "1"}
    return finish(["bash", "-euo", "pipefail", "-c", text], folder, environment)


def finish(
    command: list[str],
    folder: pathlib.Path,
    environment: dict[str, str] | None = None,
    quiet: bool = False,
) -> str:
    """Runs a command in a group of its own to its end. `quiet`: standard error must stay empty."""
    with (folder / ".stdout").open("w+") as out, (folder / ".stderr").open("w+") as err:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            env=environment, start_new_session=True,
        )
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(TIMEOUT_S)
        finally:
            end_group(process)
        out.seek(0)
        err.seek(0)
        printed, said = out.read(), err.read()
    if process.returncode or (quiet and said):
        raise Failure(f"{command[0]} ended with {process.returncode}\n{printed}{said}")
    return printed


def end_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
