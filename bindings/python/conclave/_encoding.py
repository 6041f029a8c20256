"""Arguments to documents: exactly, or not at all.

A value that JSON cannot carry unchanged is refused with a ValidationError that names its field:
lone surrogates, NaN, integers beyond 64 bits, keys that are no text, naive datetimes, floats for
money. What JSON can carry goes to the engine, which knows the limits of each field. One exception:
times have milliseconds, and what is finer is rounded down.
"""

from __future__ import annotations

import enum
import json
import math
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring as quote
from typing import Any

from ._codec import encode_instant, encode_usd
from ._contract import DATA_FIELDS
from ._record import Record
from .errors import ValidationError

SMALLEST_INTEGER = -(2**63)
LARGEST_INTEGER = 2**64 - 1


class Absent(enum.Enum):
    """Stands for an argument that was not given, where None says something of its own."""

    ABSENT = "absent"


class Null(enum.Enum):
    """Stands for a null that the document shall have."""

    NULL = "null"


ABSENT = Absent.ABSENT


def null_or_absent(value: object) -> object:
    """The argument of a field that may be null, as `encode_document` takes it."""
    if value is None:
        return Null.NULL
    return None if value is ABSENT else value


def encode_document(arguments: Mapping[str, object]) -> bytes:
    """The document of the arguments; those that are None are left out."""
    # Most fields are texts; printing those one by one takes a third of the time.
    members = [
        f"{quote(name)}:{quote(value) if type(value) is str else _print_field(name, value)}"
        for name, value in arguments.items()
        if value is not None
    ]
    try:
        return f"{{{','.join(members)}}}".encode()
    except UnicodeEncodeError:
        found = (_surrogate(_plain_field(name, value), name) for name, value in arguments.items())
        raise refused(next(filter(None, found), ""), "holds a lone surrogate") from None


def _print_field(name: str, value: object) -> str:
    return _print(_plain_field(name, value))


def _plain_field(name: str, value: object) -> Any:
    return encode_value(value, name, data=name in DATA_FIELDS)


def encode_data(value: object, name: str) -> bytes:
    """The JSON text of a value that a handler of the host returned."""
    return encode_json(encode_value(value, name, data=True))


def encode_value(value: object, field: str, *, data: bool) -> Any:
    """The value in the types of JSON. `data` of the user holds nothing but those already."""
    try:
        return _plain(value, field, data=data)
    except RecursionError:
        raise refused(field, "is nested too deeply") from None


def encode_json(document: object) -> bytes:
    try:
        return _print(document).encode()
    except UnicodeEncodeError:
        raise refused(_surrogate(document, ""), "holds a lone surrogate") from None


def refused(field: str, problem: str) -> ValidationError:
    return ValidationError(f"{field} {problem}".strip(), details={"field": field})


def _plain(value: object, field: str, *, data: bool) -> Any:
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, (bool, int)):
        if SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
            return value
        raise refused(field, "does not fit into 64 bits")
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise refused(field, "is not a finite number")
    if not data:
        if isinstance(value, Record):
            value = value.to_dict()
        elif isinstance(value, (Decimal, date, os.PathLike)):
            return _text(value, field)
        elif value is Null.NULL:
            return None
    if isinstance(value, Mapping):
        return _plain_object(value, field, data=data)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [
            item if type(item) is str else _plain(item, f"{field}[{index}]", data=data)
            for index, item in enumerate(value)
        ]
    raise refused(field, f"cannot hold a value of type {type(value).__name__}")


def _plain_object(value: Mapping[Any, object], field: str, *, data: bool) -> dict[str, Any]:
    plain = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise refused(field, f"has a key of type {type(key).__name__}")
        inner = data or key in DATA_FIELDS
        plain[key] = item if type(item) is str else _plain(item, f"{field}.{key}", data=inner)
    return plain


def _text(value: Decimal | date | os.PathLike[Any], field: str) -> str:
    if isinstance(value, Decimal):
        if value.is_finite():
            return encode_usd(value)
        raise refused(field, "is not a finite amount")
    if isinstance(value, datetime):
        if value.tzinfo is not None and value.utcoffset() is not None:
            return encode_instant(value)
        raise refused(field, "is a datetime without a time zone")
    if isinstance(value, date):
        return value.isoformat()
    return os.fsdecode(value)


def _surrogate(value: object, field: str) -> str:
    """Where the first text stands that is not UTF-8."""
    if isinstance(value, str):
        return field if not value.isascii() and _is_broken(value) else ""
    inner: list[tuple[str, object]] = []
    if isinstance(value, dict):
        for key, item in value.items():
            if _is_broken(key):
                return field
            inner.append((f"{field}.{key}" if field else key, item))
    elif isinstance(value, list):
        inner = [(f"{field}[{index}]", item) for index, item in enumerate(value)]
    return next(filter(None, (_surrogate(item, name) for name, item in inner)), "")


def _is_broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


_print = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
