"""From failures of the extension to exceptions."""

from __future__ import annotations

import json

from . import _native
from ._errors import Error


def error_of(failure: _native.Failure) -> Error:
    """The exception of a failed call into the engine."""
    content = failure.args[0]
    if isinstance(content, str):
        return Error.from_document({"code": content, "message": "the gateway was closed"})
    return error_of_document(content)


def error_of_document(document: bytes) -> Error:
    return Error.from_document(json.loads(document))
