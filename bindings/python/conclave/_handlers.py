"""Handlers of the host: what they are called with, and what their results become."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _native
from ._codec import read_json
from ._contract import STATUS_NUMBERS
from ._encoding import encode_data, encode_json
from ._errors import Error
from .errors import ValidationError
from .records import ProviderRequest

if TYPE_CHECKING:
    from ._handler_threads import HandlerThreads

INTERNAL_ERROR = "INTERNAL_ERROR"


class HostCall(NamedTuple):
    """A handler that the engine asks, and the number under which it awaits the answer."""

    number: int
    kind: str
    name: str
    request: Any

    @classmethod
    def from_event(cls, number: int, document: str) -> HostCall:
        fields = read_json(document)
        return cls(number, fields["kind"], fields["name"], fields["request"])


class Run:
    """A handler at work, and how to tell it that nobody waits for its answer any more."""

    def __init__(self) -> None:
        self.is_over = False
        self._cancel: Callable[[], object] | None = None

    def end(self) -> None:
        """Cancels it if it can be cancelled; one that yields ends after its next piece."""
        self.is_over = True
        if self._cancel is not None:
            self._cancel()

    def ends_by(self, cancel: Callable[[], object]) -> None:
        self._cancel = cancel
        if self.is_over:
            cancel()


def is_async(function: object) -> bool:
    """Whether calling it surely gives something to await."""
    import inspect  # here and below: it takes as long to import as half of this package

    candidates = (function, getattr(function, "__call__", None))  # noqa: B004
    return any(
        inspect.iscoroutinefunction(candidate) or inspect.isasyncgenfunction(candidate)
        for candidate in candidates
    )


def is_awaitable(result: object) -> bool:
    from inspect import isawaitable

    return isawaitable(result)


def discard(rest: Any) -> None:
    """Drops what a plain handler gave to await; a coroutine would complain on stderr."""
    import inspect

    if inspect.iscoroutine(rest):
        rest.close()


class Handlers:
    """The handlers of one gateway, and the way back into its engine."""

    def __init__(self, gateway: int) -> None:
        self.gateway = gateway
        self._functions: dict[tuple[str, str], Callable[[Any], Any]] = {}
        self.begin_process()

    def begin_process(self) -> None:
        """Threads of this process; those of a parent are left to it."""
        self._threads: HandlerThreads | None = None
        self._lock = threading.Lock()

    @property
    def threads(self) -> HandlerThreads:
        if self._threads is None:
            from ._handler_threads import HandlerThreads

            with self._lock:
                if self._threads is None:
                    self._threads = HandlerThreads()
        return self._threads

    def close(self) -> None:
        """Lets the threads end."""
        if self._threads is not None:
            self._threads.close()

    def __len__(self) -> int:
        return len(self._functions)

    def set(
        self, kind: str, name: str, function: Callable[[Any], Any] | None
    ) -> Callable[[Any], Any] | None:
        """Adds, replaces or, with None, removes one. The one it replaced."""
        before = self._functions.get((kind, name))
        if function is not None:
            self._functions[kind, name] = function  # in one step: calls may be under way
        elif before is not None:
            del self._functions[kind, name]
        return before

    def is_async(self, call: HostCall) -> bool:
        """Whether the handler belongs in an event loop, as far as can be told before it runs."""
        return is_async(self._functions.get((call.kind, call.name)))

    def run(self, call: HostCall, run: Run) -> Any:
        """Runs a plain handler on this thread and answers. One that gives something to await has
        not answered yet: that comes back, for `settle`. Otherwise None.
        """
        with self._telling(call):
            result = self._invoke(call)
            if is_awaitable(result) or isinstance(result, AsyncIterator):
                return result
            if call.kind == "provider" and isinstance(result, Iterator):
                result = self._exhaust(call, result, run)
            self._answer(call, result)
        return None

    async def run_async(self, call: HostCall) -> None:
        """Runs an async handler to its end and answers."""
        with self._telling(call):
            await self._settle(call, self._invoke(call))

    async def settle(self, call: HostCall, result: Any) -> None:
        """Awaits what a plain handler gave, and answers."""
        with self._telling(call):
            await self._settle(call, result)

    def fail(self, call: HostCall, error: BaseException) -> None:
        """Tells the engine why there is no answer. An Error keeps its code, but not its details."""
        _log(call, error)
        if isinstance(error, Error):
            failure = {"message": error.message, "retry_after_ms": error.retry_after_ms}
            failure = {key: value for key, value in failure.items() if value is not None}
            code = error.code
        else:
            failure = {"message": f"the handler raised {type(error).__name__}"}
            code = INTERNAL_ERROR
        status = STATUS_NUMBERS.get(code, STATUS_NUMBERS[INTERNAL_ERROR])
        try:
            _native.reply(self.gateway, call.number, status, encode_json(failure))
        except (Error, _native.Failure):  # the gateway was closed, or the message is no text
            self._give_up(call)

    def _invoke(self, call: HostCall) -> Any:
        function = self._functions.get((call.kind, call.name))
        if function is None:
            raise LookupError(f"no handler of {call.kind} {call.name!r} here")
        if call.kind == "provider":
            return function(ProviderRequest.from_document(call.request))
        return function(call.request["arguments"])

    @contextlib.contextmanager
    def _telling(self, call: HostCall) -> Iterator[None]:
        """Tells the engine what goes wrong inside. What would end a program goes on from here."""
        try:
            yield
        except Exception as error:
            self.fail(call, error)
        except BaseException as error:
            self.fail(call, error)
            raise

    async def _settle(self, call: HostCall, result: Any) -> None:
        if is_awaitable(result):
            result = await result
        if call.kind == "provider" and isinstance(result, AsyncIterator):
            result = await self._exhaust_async(call, result)
        self._answer(call, result)

    def _exhaust(self, call: HostCall, pieces: Iterator[Any], run: Run) -> Any:
        final: Any = None
        while not run.is_over:
            try:
                piece = next(pieces)
            except StopIteration as end:
                return end.value if end.value is not None else final or {}
            final = self._piece(call, piece, final)
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
        return {}

    async def _exhaust_async(self, call: HostCall, pieces: AsyncIterator[Any]) -> Any:
        final: Any = None
        async for piece in pieces:
            final = self._piece(call, piece, final)
        return final or {}

    def _piece(self, call: HostCall, piece: Any, final: Any) -> Any:
        """Shows a piece of text; an object among the pieces is the rest of the answer."""
        if isinstance(piece, Mapping):
            return piece
        if not isinstance(piece, str):
            raise TypeError(f"a handler yields text, not {type(piece).__name__}")
        if not _native.reply_text(self.gateway, call.number, piece.encode()):
            raise ValueError("the engine refused a piece of text")
        return final

    def _answer(self, call: HostCall, result: Any) -> None:
        try:
            document = _answer_document(call.kind, result)
        except Error as error:
            raise _unusable(f"the result of the handler {error.message}") from error
        try:
            _native.reply(self.gateway, call.number, 0, document)
        except _native.Failure as failure:
            raise _unusable(f"the engine refused the result: {failure.args[0]!r}") from None

    def _give_up(self, call: HostCall) -> None:
        try:
            status = STATUS_NUMBERS[INTERNAL_ERROR]
            _native.reply(self.gateway, call.number, status, b"{}")
        except _native.Failure:
            pass  # nobody waits for the answer any more


def _unusable(message: str) -> Error:
    """Final: what the handler did has been done, and asked again it would give the same."""
    return ValidationError(message)


def _log(call: HostCall, error: BaseException) -> None:
    import logging  # late: most programs that come here have it already, none needs it before

    logger = logging.getLogger("conclave")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.error("the handler of %s %r failed", call.kind, call.name, exc_info=error)


def _answer_document(kind: str, result: Any) -> bytes:
    if kind == "provider":
        return encode_data({"text": result} if isinstance(result, str) else result, "result")
    sources: dict[str, Any] = {}
    if isinstance(result, dict) and result.keys() == {"content", "sources"}:
        sources = {"sources": result["sources"]}
        result = result["content"]
    content = result if isinstance(result, str) else encode_data(result, "result").decode()
    return encode_data({"content": content, **sources}, "result")
