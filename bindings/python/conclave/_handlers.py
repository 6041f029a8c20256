"""Handlers of the host: what they are called with, and what their results become."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple

from . import _native
from ._codec import read_json
from ._contract import STATUS_NUMBERS
from ._encoding import encode_data, encode_json
from ._errors import Error
from .records import ProviderRequest

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


class Handlers:
    """The handlers of one gateway, and the way back into its engine."""

    def __init__(self, gateway: int) -> None:
        self.gateway = gateway
        self._functions: dict[tuple[str, str], Callable[[Any], Any]] = {}

    def __len__(self) -> int:
        return len(self._functions)

    def set(
        self, kind: str, name: str, function: Callable[[Any], Any] | None
    ) -> Callable[[Any], Any] | None:
        """Adds, replaces or, with None, removes one. The one it replaced."""
        before = self._functions.pop((kind, name), None)
        if function is not None:
            self._functions[kind, name] = function
        return before

    def is_async(self, call: HostCall) -> bool:
        function = self._functions.get((call.kind, call.name))
        candidates = (function, getattr(function, "__call__", None))  # noqa: B004
        return any(
            inspect.iscoroutinefunction(candidate) or inspect.isasyncgenfunction(candidate)
            for candidate in candidates
        )

    def steps(self, call: HostCall) -> Generator[None, None, None]:
        """Runs a plain handler and answers; stops after each piece of text that it yields."""
        try:
            result = self._invoke(call)
            if inspect.isgenerator(result):
                result = yield from self._exhaust(call, result)
            self._answer(call, result)
        except GeneratorExit:
            raise  # nobody waits for the answer any more
        except Exception as error:
            self.fail(call, error)
        except BaseException as error:
            self.fail(call, error)
            raise

    def run(self, call: HostCall) -> None:
        """Runs a plain handler to its end and answers."""
        for _ in self.steps(call):
            pass

    async def run_async(self, call: HostCall) -> None:
        """Runs an async handler to its end and answers."""
        try:
            result = self._invoke(call)
            if inspect.isasyncgen(result):
                result = await self._exhaust_async(call, result)
            else:
                result = await result
            self._answer(call, result)
        except Exception as error:
            self.fail(call, error)
        except BaseException as error:
            self.fail(call, error)
            raise

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

    def _exhaust(self, call: HostCall, pieces: Any) -> Generator[None, None, Any]:
        final: Any = None
        while True:
            try:
                piece = next(pieces)
            except StopIteration as end:
                return end.value if end.value is not None else final or {}
            final = self._piece(call, piece, final)
            yield

    async def _exhaust_async(self, call: HostCall, pieces: Any) -> Any:
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
            raise TypeError(f"the result of the handler {error.message}") from error
        try:
            _native.reply(self.gateway, call.number, 0, document)
        except _native.Failure as failure:
            raise TypeError(f"the engine refused the result: {failure.args[0]!r}") from None

    def _give_up(self, call: HostCall) -> None:
        try:
            status = STATUS_NUMBERS[INTERNAL_ERROR]
            _native.reply(self.gateway, call.number, status, b"{}")
        except _native.Failure:
            pass  # nobody waits for the answer any more


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
