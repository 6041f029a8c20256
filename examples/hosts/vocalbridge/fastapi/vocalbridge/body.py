"""Reads the JSON body of a request and refuses what it does not know."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from conclave import ValidationError

DEPTH_MAX = 64


def refuse(field: str, problem: str) -> NoReturn:
    raise ValidationError(f"{field} {problem}", details={"field": field})


class Body:
    """A JSON object. Whatever is wrong with it is a ValidationError naming the field."""

    def __init__(self, raw: bytes, *known: str) -> None:
        self._document = _parse(raw)
        for field in self._document:
            if field not in known:
                refuse(field, "is not a known field")

    def __contains__(self, field: str) -> bool:
        return field in self._document

    def is_null(self, field: str) -> bool:
        return field in self and self._document[field] is None

    def text(self, field: str) -> str:
        value = self.maybe_text(field)
        return refuse(field, "is missing") if value is None else value

    def maybe_text(self, field: str) -> str | None:
        if field in self and not isinstance(self._document[field], str):
            refuse(field, "must be a string")
        return self._document.get(field)

    def maybe_object(self, field: str) -> dict[str, Any] | None:
        if field in self and not isinstance(self._document[field], dict):
            refuse(field, "must be an object")
        return self._document.get(field)


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        document = json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        refuse("body", "must be valid JSON in UTF-8")
    if _is_deeper(document, DEPTH_MAX):
        refuse("body", f"must not be nested deeper than {DEPTH_MAX}")
    if not isinstance(document, dict):
        refuse("body", "must be a JSON object")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _is_deeper(value: Any, depth: int) -> bool:
    if isinstance(value, (dict, list)):
        inner = value.values() if isinstance(value, dict) else value
        return depth == 0 or any(_is_deeper(item, depth - 1) for item in inner)
    return False
