#!/usr/bin/env python3
"""Proves that nothing of the contract is missing from the cases or from a language.

usage: coverage.py [ROOT]

Every operation succeeds in some case, every field of its documents is set and seen, every error
comes up; what cannot is in unreachable.json with the reason, and nothing else is. Documents of the
cases fit their schemas. C++, C, Python and Node.js have every operation, field and error.
"""

from __future__ import annotations

import sys
from pathlib import Path

from coverage_of_cases import check_cases
from coverage_of_languages import check_native, check_node, check_python
from project import Project, Report
from suite import FOLDER


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER.parents[1]
    project, report = Project(root), Report()
    for check in (check_cases, check_native, check_python, check_node):
        check(project, report)
    for problem in report.problems:
        print(problem)
    print(
        f"coverage: {len(project.operations)} operations, {len(project.errors)} errors, "
        f"{len(report.problems)} problems"
    )
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
