"""What the nouns of an async gateway share."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import _native
from ._codec import read_json
from ._engine import HOST, Caller, Engine, encode_for
from ._failure import error_of_document
from ._noun import STREAM_WINDOW, check_handler
from .records import Reply, StreamEvent

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


class AsyncNoun:
    """Operations of one subject as coroutines, for any event loop. Cancelling one ends the wait,
    not the send. They raise subclasses of `conclave.Error`.
    """

    def __init__(self, engine: Engine, caller: Caller = HOST) -> None:
        self._engine = engine
        self._caller = caller

    async def _call(
        self,
        operation: str,
        arguments: Mapping[str, object],
        decode: Callable[[Mapping[str, Any]], T],
    ) -> T:
        encoded = encode_for(self._caller, arguments)
        document = await self._engine.call_async(operation, encoded, self._caller)
        return decode(read_json(document))

    async def _register(
        self,
        kind: str,
        operation: str,
        arguments: Mapping[str, object],
        handler: Callable[[Any], Any] | None,
        decode: Callable[[Mapping[str, Any]], T],
    ) -> T:
        check_handler(arguments, handler)
        undo = self._engine.register(kind, operation, arguments, handler)
        try:
            return await self._call(operation, arguments, decode)
        except BaseException:
            undo()
            raise

    def _stream(self, operation: str, arguments: Mapping[str, object]) -> AsyncStream:
        return AsyncStream(
            self._engine, operation, encode_for(self._caller, arguments), self._caller
        )


class AsyncStream:
    """The events of a send as they happen: an async iterator that ends after `done` or `error`.

    It begins at once and belongs to the running loop. Closing or dropping it early ends the wait,
    not the send: the same idempotency key gives its reply. Since 0.1.
    """

    def __init__(self, engine: Engine, operation: str, document: bytes, caller: Caller) -> None:
        self.last_event_id: str | None = None
        """Of the last event given out; a new stream may resume after it."""
        self.reply: Reply | None = None
        """The reply, once `done` has come."""
        self._engine = engine
        self._events = StreamedCall()
        self._credit = 0
        self._open = False
        port = engine.loop_port(asyncio.get_running_loop())
        self._request = engine.submit(port, operation, document, caller)
        port.expect(self._request, self._events)
        self._open = True

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self

    async def __anext__(self) -> StreamEvent:
        if not self._open:
            raise StopAsyncIteration
        if self._credit <= STREAM_WINDOW // 2:
            _native.stream_pull(self._engine.handle, self._request, STREAM_WINDOW - self._credit)
            self._credit = STREAM_WINDOW
        try:
            document = await self._events.next()
        except BaseException:
            await self.close()
            raise
        if document is None:
            self._open = False
            raise StopAsyncIteration
        self._credit -= 1
        event = StreamEvent.from_document(read_json(document))
        self.last_event_id = event.id
        if event.type in ("done", "error"):
            self.reply = event.reply
            self._open = False
        return event

    async def close(self) -> None:
        """Ends the wait. Never blocks; again, nothing happens."""
        self._end()

    aclose = close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def __del__(self) -> None:
        if getattr(self, "_open", False):
            self._end()

    def _end(self) -> None:
        if self._open:
            self._open = False
            _native.cancel(self._engine.handle, self._request)


class StreamedCall:
    """Events that came and nobody has taken yet; at most STREAM_WINDOW, and the completion."""

    def __init__(self) -> None:
        self.context = contextvars.copy_context()
        self._queue: asyncio.Queue[tuple[int, str] | str] = asyncio.Queue()

    def complete(self, status: int, document: str) -> None:
        self._queue.put_nowait((status, document))

    def stream_event(self, document: str) -> None:
        self._queue.put_nowait(document)

    async def next(self) -> str | None:
        """The next event; None when there are no more. Raises the error of the request."""
        item = await self._queue.get()
        if isinstance(item, str):
            return item
        status, document = item
        if status:
            raise error_of_document(document)
        return None
