"""The cases of cases/*.json: loading, texts that stand for values, patterns. See README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).resolve().parent

PLACEHOLDERS = {
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "usd": re.compile(r"-?\d+(\.\d+)?"),
    "text": re.compile(r".*", re.DOTALL),
}
ID = re.compile(r"<id:([a-z]{3})>")
ID_DIGITS = "[0-9abcdefghjkmnpqrstvwxyz]{26}"
INSERT = re.compile(r"\$\{(\w+)\}")


class Case(NamedTuple):
    file: str
    name: str
    open: dict[str, Any]
    files: dict[str, str]
    handlers: dict[str, Any]
    steps: list[dict[str, Any]]


class Mismatch(Exception):
    """What a case saw instead of what it says."""


def load_cases(folder: Path = FOLDER / "cases") -> Iterator[Case]:
    """All cases, the steps that a file puts before each of its own already in place."""
    for path in sorted(folder.glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        for case in file["cases"]:
            yield Case(
                path.stem,
                f"{path.stem}: {case['name']}",
                {"store": ":memory:", **file.get("open", {}), **case.get("open", {})},
                case.get("files", {}),
                case.get("handlers", {}),
                [*case.get("before", file.get("before", [])), *case["steps"]],
            )


def fill_in(value: Any, values: Mapping[str, Any]) -> Any:
    """The value with "$name", "${name}" and {"$repeat": [text, count]} replaced."""
    if isinstance(value, str):
        if value.startswith("$") and value[1:].isidentifier():
            return values[value[1:]]
        return INSERT.sub(lambda found: str(values[found[1]]), value)
    if isinstance(value, list):
        return [fill_in(item, values) for item in value]
    if isinstance(value, dict):
        if list(value) == ["$repeat"]:
            text, count = value["$repeat"]
            return text * count
        return {key: fill_in(item, values) for key, item in value.items()}
    return value


def find(value: Any, pointer: str) -> Any:
    """What a JSON pointer leads to."""
    for step in pointer.split("/")[1:]:
        try:
            value = value[int(step) if isinstance(value, list) else step]
        except (LookupError, ValueError, TypeError):
            raise Mismatch(f"there is nothing at {pointer}") from None
    return value


def match(pattern: Any, value: Any, where: str = "") -> None:
    """Raises Mismatch unless the value is what the pattern says."""
    if isinstance(pattern, dict):
        if list(pattern) == ["<each>"]:
            expect(isinstance(value, list), pattern, value, where)
            for index, item in enumerate(value):
                match(pattern["<each>"], item, f"{where}/{index}")
            return
        expect(isinstance(value, dict), pattern, value, where)
        for key in pattern.keys() | value.keys():
            if key not in value:
                raise Mismatch(f"{where}/{key} is missing")
            if key not in pattern:
                raise Mismatch(f"{where}/{key} was not expected: {brief(value[key])}")
            match(pattern[key], value[key], f"{where}/{key}")
    elif isinstance(pattern, list):
        expect(isinstance(value, list), pattern, value, where)
        if len(pattern) != len(value):
            raise Mismatch(f"{where} has {len(value)} items, not {len(pattern)}: {brief(value)}")
        for index, (wanted, item) in enumerate(zip(pattern, value, strict=True)):
            match(wanted, item, f"{where}/{index}")
    elif isinstance(pattern, str) and pattern.startswith("<"):
        expect(fits(pattern, value), pattern, value, where)
    else:
        same = pattern == value and isinstance(pattern, bool) == isinstance(value, bool)
        expect(same, pattern, value, where)


def fits(placeholder: str, value: Any) -> bool:
    if placeholder == "<any>":
        return True
    if placeholder == "<int>":
        return isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if found := ID.fullmatch(placeholder):
        return re.fullmatch(f"{found[1]}_{ID_DIGITS}", value) is not None
    expression = PLACEHOLDERS.get(placeholder[1:-1])
    return expression.fullmatch(value) is not None if expression else placeholder == value


def match_error(pattern: Mapping[str, Any], error: Mapping[str, Any]) -> None:
    """As match, of the members that the pattern names; `field` is the one of the details."""
    for key, wanted in pattern.items():
        if key == "field":
            match(wanted, error["details"].get("field"), "error.details/field")
        else:
            match(wanted, error.get(key), f"error/{key}")


def joined(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Deltas that follow each other as one: how a text is cut depends on who reads it when."""
    whole: list[dict[str, Any]] = []
    for event in events:
        if whole and event["type"] == whole[-1]["type"] == "delta":
            event = {**event, "text": whole.pop()["text"] + event["text"]}
        whole.append(event)
    return whole


def expect(truth: bool, pattern: Any, value: Any, where: str) -> None:
    if not truth:
        raise Mismatch(f"{where or '/'} is {brief(value)}, not {brief(pattern)}")


def brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + "..."
