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

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, overload

from fastapi import FastAPI, Request
from fastapi.concurrency import iterate_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse

from ._async_gateway import AsyncGateway, AsyncTenantScope
from ._async_noun import AsyncStream
from ._errors import Error
from ._gateway import Gateway, TenantScope
from ._noun import Stream
from ._sse import sse
from .errors import UnauthorizedError

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
    """A dependency that gives the scope of the tenant whose API key stands in the header.

    Raises UnauthorizedError and its kin, also when there is no header. With a blocking gateway
    FastAPI runs it in a thread. Since 0.1.
    """
    if isinstance(gateway, AsyncGateway):
        opened = gateway

        async def authenticate_async(request: Request) -> AsyncTenantScope:
            return await opened.authenticate(_api_key(request, header))

        return authenticate_async

    blocking = gateway

    def authenticate(request: Request) -> TenantScope:
        return blocking.authenticate(_api_key(request, header))

    return authenticate


def idempotency_key(request: Request) -> str | None:
    """A dependency that reads the Idempotency-Key header. Without one a send raises
    IdempotencyKeyRequiredError. Since 0.1.
    """
    return request.headers.get("Idempotency-Key")


def install_error_handlers(app: FastAPI) -> None:
    """Answers `conclave.Error` with its HTTP status and {"error": its document}; `Retry-After`
    where waiting helps. Since 0.1.
    """

    @app.exception_handler(Error)
    async def answer(request: Request, error: Error) -> JSONResponse:
        headers = {}
        if error.retry_after_ms is not None:
            headers["Retry-After"] = str(-(-error.retry_after_ms // 1000))
        return JSONResponse({"error": error.to_dict()}, error.http_status, headers)


def sse_response(stream: AsyncStream | Stream) -> StreamingResponse:
    """The stream as server-sent events. A client that goes away ends the stream, not the send;
    with the key and its Last-Event-ID it may resume. Since 0.1.
    """
    events = (
        _texts(stream)
        if isinstance(stream, AsyncStream)
        else iterate_in_threadpool(_blocking_texts(stream))
    )
    return StreamingResponse(
        events, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


def _api_key(request: Request, header: str) -> str:
    key = request.headers.get(header)
    if key is None:
        raise UnauthorizedError(f"the header {header} is missing")
    return key


async def _texts(stream: AsyncStream) -> AsyncIterator[str]:
    async with stream:
        async for event in stream:
            yield sse(event)


def _blocking_texts(stream: Stream) -> Iterator[str]:
    with stream:
        for event in stream:
            yield sse(event)
