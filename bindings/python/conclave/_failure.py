"""From failures of the extension to exceptions."""

from __future__ import annotations

from . import _native
from ._codec import read_json
from ._errors import Error


def error_of(failure: _native.Failure) -> Error:
    """The exception of a failed call into the engine."""
    return error_of_document(failure.args[0])


def error_of_document(document: str) -> Error:
    return Error.from_document(read_json(document))
