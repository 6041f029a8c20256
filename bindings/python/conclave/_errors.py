"""The base of all errors and how one is made from a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class Error(Exception):
    """What conclave raises; catch a subclass to treat one code. Since 0.1.

    A handler of the host may raise one to tell the engine which: PROVIDER_REJECTED is final,
    RATE_LIMITED waits for `retry_after_ms`.
    """

    code: str = "INTERNAL_ERROR"
    """A name of the error table, docs/errors.md; a newer library may have more."""
    retryable: bool = False
    """The same call with the same idempotency key may succeed later."""
    http_status: int = 500
    """What a web backend should answer with."""

    _classes: ClassVar[dict[str, type[Error]]] = {}

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if "code" in cls.__dict__:
            Error._classes[cls.code] = cls

    def __init__(
        self,
        message: str = "",
        *,
        details: Mapping[str, Any] | None = None,
        request_id: str = "",
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        """`field` names the wrong field of a VALIDATION_ERROR."""
        self.request_id = request_id
        self.retry_after_ms = retry_after_ms

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> Error:
        """The error of a document as `to_dict` gives it."""
        code = document.get("code", "INTERNAL_ERROR")
        error = Error._classes.get(code, Error)(
            document.get("message", ""),
            details=document.get("details"),
            request_id=document.get("request_id", ""),
            retry_after_ms=document.get("retry_after_ms"),
        )
        error.code = code
        error.retryable = document.get("retryable", error.retryable)
        error.http_status = document.get("http_status", error.http_status)
        return error

    def to_dict(self) -> dict[str, Any]:
        """The document `error` of the contract. A copy."""
        from copy import deepcopy  # late, as few programs need it

        return {
            "code": self.code,
            "message": self.message,
            "details": deepcopy(self.details),
            "request_id": self.request_id,
            "retryable": self.retryable,
            "retry_after_ms": self.retry_after_ms,
            "http_status": self.http_status,
        }

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Error.from_document, (self.to_dict(),)
