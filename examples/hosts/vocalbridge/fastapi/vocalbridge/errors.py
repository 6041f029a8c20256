"""Errors in the words and shape of this system."""

from __future__ import annotations

import re

import conclave

from .exact_json import ExactJSON

# Fields whose name here differs by more than its case.
RENAMED = {
    "primary": "primaryProvider",
    "fallbacks": "fallbackProvider",
    "instructions": "systemPrompt",
    "idempotency_key": "Idempotency-Key",
}


def error_answer(error: conclave.Error, request_id: str) -> ExactJSON:
    """{"error": {code, message, details, requestId}} with the status of its code."""
    document = {
        "code": error.code,
        "message": _message(error),
        "details": {_camel_case(name): _detail(name, v) for name, v in error.details.items()},
        "requestId": request_id,
    }
    return ExactJSON({"error": document}, error.http_status)


def unknown_route() -> conclave.ResourceNotFoundError:
    return conclave.ResourceNotFoundError("There is no such route")


def _message(error: conclave.Error) -> str:
    details, field = error.details, error.details.get("field")
    absent = "not found or does not belong to this tenant"
    if isinstance(error, conclave.AgentNotFoundError) and "agent_id" in details:
        return f"Agent with id '{details['agent_id']}' {absent}"
    if isinstance(error, conclave.ResourceNotFoundError) and "session_id" in details:
        return f"Session with id '{details['session_id']}' {absent}"
    if field and error.message.startswith(field):
        return _field(field) + error.message[len(field) :]
    return error.message


def _detail(name: str, value: object) -> object:
    return _field(value) if name == "field" and isinstance(value, str) else value


def _field(name: str) -> str:
    return RENAMED.get(name.partition("[")[0]) or _camel_case(name)


def _camel_case(name: str) -> str:
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)
