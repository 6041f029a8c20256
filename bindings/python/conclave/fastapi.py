"""conclave in FastAPI: authentication, errors, idempotency keys, event streams. Nothing more.

gw = conclave.open_async("app.db")
app = FastAPI()
install_error_handlers(app)
authenticated = conclave_auth(gw)

@app.post("/sessions/{session_id}/messages")
async def send(
    session_id: str,
    content: Annotated[str, Body()],
    tenant: Annotated[AsyncTenantScope, Depends(authenticated)],
    key: Annotated[str | None, Depends(idempotency_key)],
):
    reply = await tenant.messages.send(session_id, content, idempotency_key=key)
    return reply.to_dict()
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, overload

from fastapi import FastAPI, Request
from fastapi.concurrency import iterate_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from ._async_gateway import AsyncGateway, AsyncTenantScope
from ._async_noun import AsyncStream
from ._errors import Error
from ._gateway import Gateway, TenantScope
from ._noun import Stream
from ._sse import sse

__all__ = ["conclave_auth", "idempotency_key", "install_error_handlers", "sse_response"]


@overload
def conclave_auth(
    gateway: AsyncGateway, header: str = ...
) -> Callable[[Request], Awaitable[AsyncTenantScope]]: ...
@overload
def conclave_auth(gateway: Gateway, header: str = ...) -> Callable[[Request], TenantScope]: ...
def conclave_auth(
    gateway: AsyncGateway | Gateway, header: str = "X-API-Key"
) -> Callable[[Request], Any]:
    """A dependency that gives the scope of the tenant whose API key stands in the header. Its calls
    carry the X-Request-Id of the request into replies, errors and logs.

    Raises UnauthorizedError and its kin, also when there is no header. With a blocking gateway
    FastAPI runs it in a thread. Since 0.1.
    """
    if isinstance(gateway, AsyncGateway):
        opened = gateway

        async def authenticate_async(request: Request) -> AsyncTenantScope:
            key = request.headers.get(header, "")
            return await opened.authenticate(key, request_id=_request_id(request))

        return authenticate_async

    blocking = gateway

    def authenticate(request: Request) -> TenantScope:
        key = request.headers.get(header, "")
        return blocking.authenticate(key, request_id=_request_id(request))

    return authenticate


def idempotency_key(request: Request) -> str | None:
    """A dependency that reads the Idempotency-Key header. Without one a send raises
    IdempotencyKeyRequiredError. Since 0.1.
    """
    return request.headers.get("Idempotency-Key")


def install_error_handlers(app: FastAPI) -> None:
    """Answers `conclave.Error` with its HTTP status and {"error": its document}; `X-Request-Id`,
    and `Retry-After` where waiting helps. Since 0.1.
    """

    @app.exception_handler(Error)
    async def answer(request: Request, error: Error) -> JSONResponse:
        request_id = error.request_id or _request_id(request) or ""
        headers = {}
        if request_id and request_id.isascii():  # others do not fit into a header
            headers["X-Request-Id"] = request_id
        if error.retry_after_ms is not None:
            headers["Retry-After"] = str(-(-error.retry_after_ms // 1000))
        document = {**error.to_dict(), "request_id": request_id}
        return JSONResponse({"error": document}, error.http_status, headers)


def sse_response(stream: AsyncStream | Stream) -> StreamingResponse:
    """The stream as server-sent events. An error ahead of them is answered as any other, with its
    own status. A client that goes away ends the stream, not the send; with the key and its
    Last-Event-ID it may resume. Since 0.1.
    """
    return _EventStreamResponse(_texts(stream))


class _EventStreamResponse(StreamingResponse):
    """Begins its answer when the first event is there, so that an error has a status of its own."""

    def __init__(self, texts: AsyncGenerator[str, None]) -> None:
        super().__init__(
            texts, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._texts) as texts:
            first = await anext(texts, "")
            self.body_iterator = _chained(first, texts)
            await super().__call__(scope, receive, send)


def _request_id(request: Request) -> str | None:
    return request.headers.get("X-Request-Id") or None


async def _texts(stream: AsyncStream | Stream) -> AsyncGenerator[str, None]:
    events = stream if isinstance(stream, AsyncStream) else iterate_in_threadpool(stream)
    begun = False
    try:
        async for event in events:
            if event.error is not None and not begun:
                raise event.error
            begun = True
            yield sse(event)
    finally:
        closing = stream.close()
        if closing is not None:
            await closing


async def _chained(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for text in rest:
        yield text
