"""What is done around every request: its id, the limit of its body, its line in the log."""

from __future__ import annotations

import logging
import secrets
import time

import conclave
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import error_answer
from .log import log, logger

BODY_BYTES_MAX = 1536 * 1024
UNREAD_BYTES_MAX = 16 * BODY_BYTES_MAX
"""A client that sends more than it may can still read the answer, up to here."""


class Requests:
    """The outermost layer of the application. Its id reaches conclave by a context variable, and so
    stands in replies and errors.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0
        request_id = f"req_{secrets.token_hex(16)}"
        conclave.request_id.set(request_id)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, limited(receive), send_with_id)
        except Exception:
            logger.exception("unexpected")
            if status == 0:
                unexpected = conclave.errors.InternalError("Unexpected error")
                await error_answer(unexpected, request_id)(scope, receive, send_with_id)
        log(
            logging.ERROR if status >= 500 else logging.INFO,
            method=scope["method"],
            path=scope["path"],
            status=status,
            latencyMs=round((time.monotonic() - began) * 1000),
        )


def limited(receive: Receive) -> Receive:
    """Refuses a body that is too large, once it has passed by."""
    total = 0

    async def receive_limited() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total <= BODY_BYTES_MAX:
            return message
        while message.get("more_body") and total <= UNREAD_BYTES_MAX:
            message = await receive()
            total += len(message.get("body", b""))
        raise conclave.PayloadTooLargeError(
            "The body is too large", details={"max_bytes": BODY_BYTES_MAX}
        )

    return receive_limited
