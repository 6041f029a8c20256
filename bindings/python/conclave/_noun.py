"""What the nouns of a blocking gateway share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import _native
from ._codec import read_json
from ._encoding import refused
from ._engine import HOST, Caller, Engine, encode_for
from ._sync_port import SyncPort
from .records import Reply, StreamEvent

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")

STREAM_WINDOW = 64
"""Events that may be under way to a stream: enough to keep it busy, few enough to hold."""


class Noun:
    """Operations of one subject. For any thread; a call blocks its thread, without the lock of the
    interpreter, and raises a subclass of `conclave.Error`.
    """

    def __init__(self, engine: Engine, caller: Caller = HOST) -> None:
        self._engine = engine
        self._caller = caller

    def _call(
        self,
        operation: str,
        arguments: Mapping[str, object],
        decode: Callable[[Mapping[str, Any]], T],
    ) -> T:
        document = self._engine.call(operation, encode_for(self._caller, arguments), self._caller)
        return decode(read_json(document))

    def _register(
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
            return self._call(operation, arguments, decode)
        except BaseException:
            undo()
            raise

    def _stream(self, operation: str, arguments: Mapping[str, object]) -> Stream:
        return Stream(self._engine, operation, encode_for(self._caller, arguments), self._caller)


class Stream:
    """The events of a send as they happen: an iterator that ends after `done` or `error`.

    It begins at once. Not for two threads at the same time, but for one after the other. Closing
    or dropping it early ends the wait, not the send: the same idempotency key gives its reply.
    Since 0.1.
    """

    def __init__(self, engine: Engine, operation: str, document: bytes, caller: Caller) -> None:
        self.last_event_id: str | None = None
        """Of the last event given out; a new stream may resume after it."""
        self.reply: Reply | None = None
        """The reply, once `done` has come."""
        self._engine = engine
        self._port = SyncPort(engine.handlers)
        self._credit = 0
        self._open = False
        self._request = engine.submit(self._port, operation, document, caller)
        self._open = True

    def __iter__(self) -> Iterator[StreamEvent]:
        return self

    def __next__(self) -> StreamEvent:
        if not self._open:
            raise StopIteration
        if self._credit <= STREAM_WINDOW // 2:
            _native.stream_pull(self._engine.handle, self._request, STREAM_WINDOW - self._credit)
            self._credit = STREAM_WINDOW
        try:
            document = self._port.wait_for_stream(self._request)
        except BaseException:
            self.close()
            raise
        if document is None:
            self.close()
            raise StopIteration
        self._credit -= 1
        event = StreamEvent.from_document(read_json(document))
        self.last_event_id = event.id
        if event.type in ("done", "error"):
            self.reply = event.reply
            self.close()
        return event

    def close(self) -> None:
        """Ends the wait. Never blocks; again, nothing happens."""
        if self._open:
            self._open = False
            _native.cancel(self._engine.handle, self._request)
            self._port.free()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_open", False):
            self.close()


def check_handler(arguments: Mapping[str, object], handler: object) -> None:
    wanted = arguments.get("kind", "callback") == "callback"
    if wanted and not callable(handler):
        raise refused("handler", "must be a function")
    if not wanted and handler is not None:
        raise refused("handler", "belongs to the kind callback")
