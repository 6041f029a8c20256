#!/usr/bin/env python3
"""Proves the house rules by reading the sources; the rows are in layers.txt beside this file.

usage: layers.py [root of the repository]
"""

import fnmatch
import pathlib
import re
import sys
from typing import Iterator, NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
CODE_ROOTS = ("src", "include", "capi", "bindings")
TEXT_ROOTS = CODE_ROOTS + ("examples", "tests", "docs", "script", ".ci")
SKIPPED_FOLDERS = {
    "node_modules", "__pycache__", "build", "dist", "prebuilds",
    ".ruff_cache", ".mypy_cache", ".pytest_cache",
}
CODE_SUFFIXES = {".hpp", ".cpp", ".h", ".def"}
TEXT_SUFFIXES = CODE_SUFFIXES | {
    ".py", ".js", ".mjs", ".ts", ".json", ".md", ".txt", ".cmake", ".in", "",
}
LINE_LENGTH_MAX = 100
FILE_LINES_MAX = 600

# Ports wake threads of the host by its own means, and the C API meets its forks.
DRIVERS = (
    "src/runtime", "src/net", "src/store/sqlite",
    "capi/src/port.cpp", "capi/src/forks.cpp", "bindings",
)


class Touch(NamedTuple):
    """Something of the outside world, and the only places that may touch it."""

    what: str
    places: tuple[str, ...]
    headers: tuple[str, ...]
    code: str


TOUCHES = (
    Touch(
        "a clock", DRIVERS, ("time.h", "sys/time.h"),
        r"_clock::now\b|\b(?:gettimeofday|clock_gettime|timespec_get|localtime(?:_r)?)\b"
        r"|\bstd::time\(|(?<![\w.>])time\((?:nullptr|NULL|0)\)|\bstd::clock\b",
    ),
    Touch(
        "a random device", DRIVERS + ("src/crypto",), ("sys/random.h",),
        r"\brandom_device\b|\bRAND_(?:priv_)?bytes\b|\bgetrandom\b|\bgetentropy\b|\bs?rand\(",
    ),
    Touch(
        "a socket", DRIVERS,
        ("sys/socket.h", "netinet/*", "arpa/*", "netdb.h", "poll.h", "sys/epoll.h", "sys/un.h"),
        r"::(?:socket|connect|recv|sendto|getaddrinfo)\(",
    ),
    Touch(
        "a thread", DRIVERS, ("thread", "future", "pthread.h", "stop_token"),
        r"\bstd::j?thread\b|\bstd::async\b|\bthis_thread\b|\bpthread_|\bwait_(?:for|until)\(",
    ),
    Touch(
        # A child of fork has other random bytes and other handles than its parent.
        "a file or the process", (*DRIVERS, "src/base/process.cpp"),
        ("fstream", "filesystem", "unistd.h", "fcntl.h", "sys/*", "dirent.h"),
        r"\bfopen\b|\b[io]?fstream\b|\bstd::filesystem\b|\bgetpid\b|\bstd::FILE\b",
    ),
    Touch("the environment", (), (), r"\b(?:secure_)?getenv\b|\b(?:un)?setenv\b|\bputenv\b"),
    Touch(
        "standard input or output", (), ("iostream", "print"),
        r"\bstd::c(?:out|err|log|in)\b|(?<!\w)(?:printf|puts|putchar)\(|\bstd(?:out|err)\b",
    ),
    Touch(
        "signals or exit handlers", (), ("csignal", "signal.h"),
        r"\bsigaction\b|\bstd::signal\(|\bat(?:_quick_)?exit\(",
    ),
)

MARKS = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b")
# Paths of somebody's machine and addresses of package registries stay out of the repository.
PRIVATE = re.compile(
    r"(?<![\w.$}])/(?:work|root|home)/\w|https?://[^/\s\"']*(?:registry|mirror|artifactory)"
)
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*(?:<([^>\n]+)>|\"([^\"\n]+)\")", re.MULTILINE)
# Strings are matched too, so that a comment mark inside one is not taken for a comment.
TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<raw>R\"(?P<end>[^(\s]*)\(.*?\)(?P=end)\")"
    r"|(?P<text>\"(?:\\.|[^\"\\\n])*\"|(?<!\w)'(?:\\.|[^'\\\n])+')",
    re.DOTALL,
)


class House:
    """The table layers.txt."""

    def __init__(self, table: str):
        self.row_of: dict[str, int] = {}
        self.only: dict[str, set[int]] = {}
        self.folder_of_header: dict[str, str] = {}
        self.homes: list[tuple[str, list[str]]] = []
        for line in table.splitlines():
            words = line.split("#")[0].split()
            if not words:
                continue
            kind, subject, rest = words[0], words[1], words[2:]
            if kind == "row":
                self.row_of.update({folder: int(subject) for folder in rest})
            elif kind == "only":
                self.only[subject] = {int(row) for row in rest}
            elif kind == "header":
                for name in rest:
                    if name in self.folder_of_header:
                        raise ValueError(f"layers.txt: {name} stands twice")
                    self.folder_of_header[name] = subject
            elif kind == "home":
                self.homes.append((subject, rest))
            else:
                raise ValueError(f"layers.txt: unknown word {kind}")

    def may_use(self, user: str, used: str) -> bool:
        if user == used:
            return True
        row = self.row_of[used]
        allowed = self.only.get(user)
        return row in allowed if allowed else row < self.row_of[user]

    def home_of(self, include: str) -> list[str] | None:
        for pattern, places in self.homes:
            if fnmatch.fnmatchcase(include, pattern):
                return places
        return None


def inside(path: str, places) -> bool:
    return any(path == place or path.startswith(place + "/") for place in places)


def without_comments(text: str) -> str:
    return TOKEN.sub(lambda m: "\n" * m[0].count("\n") if m["comment"] else m[0], text)


def without_strings(text: str) -> str:
    return TOKEN.sub(lambda m: '""' + "\n" * m[0].count("\n"), text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def files_below(root: pathlib.Path, folders) -> Iterator[pathlib.Path]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and not SKIPPED_FOLDERS.intersection(relative.parts):
                yield path


class Checker:
    """Reads one repository and collects what breaks a rule, as lines 'file:line: problem'."""

    def __init__(self, root: pathlib.Path, house: House):
        self.root = root
        self.house = house
        self.problems: list[str] = []

    def run(self) -> list[str]:
        self.check_header_table()
        for path in files_below(self.root, CODE_ROOTS):
            if path.suffix in CODE_SUFFIXES:
                self.check_code(path.relative_to(self.root).as_posix(), path.read_text("utf-8"))
        for path in self.text_files():
            self.check_text(path.relative_to(self.root).as_posix(), path.read_text("utf-8"))
        return self.problems

    def text_files(self) -> Iterator[pathlib.Path]:
        # In a linked worktree `.git` is a file.
        top = sorted(p for p in self.root.glob("*") if p.is_file() and p.name != ".git")
        yield from (path for path in top if path.suffix in TEXT_SUFFIXES)
        for path in files_below(self.root, TEXT_ROOTS):
            if path.suffix in TEXT_SUFFIXES:
                yield path

    def report(self, path: str, line: int, problem: str) -> None:
        self.problems.append(f"{path}:{line}: {problem}")

    def check_header_table(self) -> None:
        base = self.root / "include" / "conclave"
        present = {p.relative_to(base).as_posix() for p in base.rglob("*.hpp")}
        listed = set(self.house.folder_of_header)
        for name in sorted(present - listed):
            self.report(f"include/conclave/{name}", 1, "has no row in layers.txt")
        for name in sorted(listed - present):
            self.report("tests/unit/house/layers.txt", 1, f"lists {name}, which does not exist")

    def folder_of(self, path: str) -> str | None:
        """The folder of the house a file belongs to; None when it has no row."""
        parts = path.split("/")
        if path.startswith("include/conclave/"):
            return self.house.folder_of_header.get(path.removeprefix("include/conclave/"))
        folder = parts[1] if parts[0] == "src" and len(parts) > 2 else parts[0]
        return folder if folder in self.house.row_of else None

    def check_code(self, path: str, text: str) -> None:
        folder = self.folder_of(path)
        if folder is None:
            if not path.startswith("include/"):  # a header without a row was reported already
                self.report(path, 1, "is in no folder that has a row in layers.txt")
            return
        code = without_comments(text)
        for match in INCLUDE.finditer(code):
            self.check_include(path, folder, line_of(code, match.start()), match)
        self.check_touches(path, without_strings(code))

    def check_include(self, path: str, folder: str, line: int, match: re.Match) -> None:
        include = match[1] or match[2]
        if match[2]:
            used = include.split("/")[0]
            if path.startswith("include/"):
                self.report(path, line, f"a public header includes the internal {include}")
                return
            if "/" not in include or used not in self.house.row_of:
                self.report(path, line, f"{include} is not named from src/ with its folder")
                return
        elif include.startswith("conclave/"):
            used = self.house.folder_of_header.get(include.removeprefix("conclave/"))
            if used is None:
                self.report(path, line, f"{include} has no row in layers.txt")
                return
        else:
            self.check_home(path, line, include)
            return
        if not self.house.may_use(folder, used):
            self.report(path, line, f"{folder} must not include {include} of {used}")

    def check_home(self, path: str, line: int, include: str) -> None:
        places = self.house.home_of(include)
        if places is not None and not inside(path, places):
            self.report(path, line, f"<{include}> may be included in {', '.join(places)} only")
        for touch in TOUCHES:
            named = any(fnmatch.fnmatchcase(include, pattern) for pattern in touch.headers)
            if named and not inside(path, touch.places):
                self.report(path, line, f"<{include}> touches {touch.what}")
                return

    def check_touches(self, path: str, code: str) -> None:
        for touch in TOUCHES:
            if inside(path, touch.places):
                continue
            for match in re.finditer(touch.code, code):
                line = line_of(code, match.start())
                self.report(path, line, f"'{match[0]}' touches {touch.what}")

    def check_text(self, path: str, text: str) -> None:
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if mark := MARKS.search(line):
                self.report(path, number, f"holds the mark {mark[0]}")
            if PRIVATE.search(line):
                self.report(path, number, "names a path or registry of somebody's machine")
        if pathlib.PurePosixPath(path).suffix not in CODE_SUFFIXES:
            return
        if not text.startswith(("//", "/*")):
            self.report(path, 1, "does not start with a comment that says what the file is")
        if path.endswith(".hpp") and "\n#pragma once\n" not in text:
            self.report(path, 1, "lacks #pragma once")
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_LENGTH_MAX:
                self.report(path, number, f"is longer than {LINE_LENGTH_MAX} columns")
        if len(lines) - 1 > FILE_LINES_MAX:
            self.report(path, len(lines) - 1, f"is longer than {FILE_LINES_MAX} lines")


def main(arguments: list[str]) -> int:
    root = pathlib.Path(arguments[0]) if arguments else HERE.parent.parent.parent
    house = House((HERE / "layers.txt").read_text("utf-8"))
    problems = Checker(root.resolve(), house).run()
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems" if problems else "the house is in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
