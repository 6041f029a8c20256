"""One line for each check."""

from __future__ import annotations

from typing import Any

from .document import SAMPLES, differs


class State:
    section = ""
    failures = 0


def check(what: str, held: Any, evidence: Any = "") -> None:
    print(f"{'ok  ' if held else 'FAIL'} {State.section}: {what}", flush=True)
    if not held:
        State.failures += 1
        print(f"     {str(evidence)[:2000]}", flush=True)


def check_equal(what: str, value: Any, expected: Any) -> None:
    check(what, value == expected, f"{value!r} instead of {expected!r}")


def check_shape(what: str, sample: str, value: Any) -> None:
    problem = differs(SAMPLES[sample], value)
    check(f"{what}: the document's names, order and types", not problem, problem)
