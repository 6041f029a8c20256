"""The VocalBridge document: its commands and what they answer."""

from __future__ import annotations

import json
import pathlib
import re
from decimal import Decimal
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[3]
HOSTS = ROOT / "examples" / "hosts" / "vocalbridge"


def read_document() -> tuple[dict[str, str], dict[str, Any]]:
    """The commands of the hosts' README.md, and what they answer, by heading."""
    text = (HOSTS / "README.md").read_text("utf-8")
    block = r"^### ([^\n]+)\n+```bash\n(.+?)\n```\n+```json\n(.+?)```"
    found = re.findall(block, text, re.MULTILINE | re.DOTALL)
    return {name: bash for name, bash, _ in found}, {name: parse(text) for name, _, text in found}


def parse(text: str) -> Any:
    """Decimals stay exact, objects keep the order of their keys."""
    return json.loads(text, parse_float=Decimal)


COMMANDS, SAMPLES = read_document()
SAMPLES["Agent"] = {"agent": SAMPLES["Agents"]["agents"][0]}

OPEN_OBJECTS = {"metadata.channel", "details.agentId"}  # their keys are the user's or the code's
MAY_BE_NULL = {"fallbackAttempted", "fallbackProvider", "httpStatus", "customerId"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ID = re.compile(r"[0-9a-z]{20,40}")


def differs(sample: Any, value: Any, where: str = "") -> str:
    """Where `value` does not have the names, order and types of the sample; empty if nowhere."""
    name = where.rsplit(".", 1)[-1]
    if isinstance(sample, dict):
        if not isinstance(value, dict):
            return f"{where} is not an object"
        if any(f"{name}.{key}" in OPEN_OBJECTS for key in sample):
            return ""
        if list(sample) != list(value):
            return f"{where} has {list(value)}, not {list(sample)}"
        found = (differs(sample[key], value[key], f"{where}.{key}") for key in sample)
    elif isinstance(sample, list):
        if not isinstance(value, list):
            return f"{where} is not a list"
        found = (differs(sample[0], item, f"{where}[]") for item in value)
    else:
        return "" if fits(sample, value, name) else f"{where} is {value!r}"
    return next(filter(None, found), "")


def fits(sample: Any, value: Any, name: str) -> bool:
    if sample is None or (value is None and name in MAY_BE_NULL):
        return value is None or isinstance(value, str)
    if isinstance(sample, bool) or isinstance(value, bool):
        return isinstance(sample, bool) and isinstance(value, bool)
    if isinstance(sample, (int, Decimal)):
        return isinstance(value, (int, type(sample)))
    if not isinstance(value, str):
        return False
    if sample.endswith("_..."):
        return value.startswith(sample[:4]) and bool(ID.fullmatch(value[4:]))
    return bool(TIME.fullmatch(value)) if TIME.fullmatch(sample) else True
