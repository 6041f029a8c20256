"""JSON whose decimals are written digit by digit: they never become binary floating point."""

from __future__ import annotations

import json
from decimal import Decimal

from fastapi import Response


def dumps(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{dumps(k)}:{dumps(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


class ExactJSON(Response):
    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return dumps(content).encode()
