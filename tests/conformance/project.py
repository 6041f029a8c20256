"""The files of the project that are compared, and what is found to be missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from suite import FOLDER

ERROR_ROW = re.compile(r"CONCLAVE_ERROR\((\d+), (\w+), (\d+), (true|false),")


class Report:
    """What is missing."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def complain(self, problem: str) -> None:
        self.problems.append(problem)

    def same(self, what: str, wanted: Iterable[str], found: Iterable[str]) -> None:
        """Both ways: nothing missing, nothing too much."""
        wanted, found = set(wanted), set(found)
        for one in sorted(wanted - found):
            self.complain(f"{what}: {one} is missing")
        for one in sorted(found - wanted):
            self.complain(f"{what}: {one} is too much")

    def all_of(self, what: str, wanted: Iterable[str], found: Iterable[str]) -> None:
        for one in sorted(set(wanted) - set(found)):
            self.complain(f"{what}: {one} is missing")


class Project:
    """The files that are compared."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.contract = json.loads(self.text("capi/contract/contract.json"))
        self.operations = self.contract["operations"]
        self.unreachable = json.loads((FOLDER / "unreachable.json").read_text(encoding="utf-8"))
        self.errors = {
            name: {"number": int(number), "http_status": int(http), "retryable": retry == "true"}
            for number, name, http, retry in ERROR_ROW.findall(self.text("src/base/errors.def"))
        }

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def documents(self, *keys: str) -> list[str]:
        """The names of the documents that operations take or give."""
        schemas = [op[key] for op in self.operations.values() for key in keys if key in op]
        return [schema["$ref"].rsplit("/", 1)[-1] for schema in schemas]
