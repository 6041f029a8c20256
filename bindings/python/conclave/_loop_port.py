"""The port of an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Coroutine
from typing import Any, Protocol

from . import _native
from ._failure import error_of_document
from ._handler_threads import retrieve
from ._handlers import Handlers, HostCall, Run, discard
from ._port import Port
from ._process import state

MAX_EVENTS_AT_ONCE = 32
"""Then other callbacks of the loop have their turn."""


class Call(Protocol):
    """A request under way, and the context of the caller for the handlers that it needs."""

    context: contextvars.Context

    def complete(self, status: int, document: str) -> None: ...
    def stream_event(self, document: str) -> None: ...


class Wait:
    """A request that somebody awaits."""

    __slots__ = ("context", "future")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.context = contextvars.copy_context()
        self.future: asyncio.Future[tuple[int, str]] = loop.create_future()

    def complete(self, status: int, document: str) -> None:
        if not self.future.done():
            self.future.set_result((status, document))

    def stream_event(self, document: str) -> None:
        """Has none."""


class LoopPort(Port):
    """Completes futures of the loop and runs handlers as its tasks, plain ones in threads.

    The loop holds the port by its reader; when the loop is closed and gone, so is the port. The
    table of requests is cleared by completions, never by the coroutines that wait: a cancelled one
    would leave its entry behind.
    """

    def __init__(self, handlers: Handlers, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(handlers)
        self._calls: dict[int, Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        loop.add_reader(_native.port_fd(self.number), self._drain)

    def expect(self, request: int, call: Call) -> None:
        self._calls[request] = call

    async def wait(self, request: int, loop: asyncio.AbstractEventLoop) -> str:
        """The document with which the request completes. Raises its error."""
        wait = Wait(loop)
        self.expect(request, wait)
        try:
            status, document = await wait.future
        except BaseException:
            _native.cancel(self.handlers.gateway, request)
            raise
        if status:
            raise error_of_document(document)
        return document

    def on_completion(self, request: int, status: int, document: str) -> None:
        call = self._calls.pop(request, None)
        if call is not None:
            call.complete(status, document)

    def on_stream_event(self, request: int, document: str) -> None:
        call = self._calls.get(request)
        if call is not None:
            call.stream_event(document)

    def on_host_call(self, request: int, call: HostCall) -> None:
        cause = self._calls.get(request)
        context = cause.context.copy() if cause is not None else contextvars.Context()
        run = self._runs[call.number] = Run()
        loop = asyncio.get_running_loop()
        if self.handlers.is_async(call):
            context.run(self._start, loop, call, run, self.handlers.run_async(call))
            return
        try:
            self.handlers.threads.run(context, lambda: self._run(loop, call, run))
        except RuntimeError as error:  # no thread can be had
            self._runs.pop(call.number, None)
            self.handlers.fail(call, error)

    def _run(self, loop: asyncio.AbstractEventLoop, call: HostCall, run: Run) -> None:
        """Runs a plain handler, on a thread of its own. What it gives to await goes to the loop."""
        rest = None
        with contextlib.suppress(BaseException):  # told already, and nobody is here to see it
            rest = self.handlers.run(call, run)
        if rest is None:
            self._runs.pop(call.number, None)
            return
        coroutine = self.handlers.settle(call, rest)
        context = contextvars.copy_context()
        try:
            loop.call_soon_threadsafe(self._start, loop, call, run, coroutine, context=context)
        except RuntimeError as error:  # the loop was closed
            coroutine.close()
            discard(rest)
            self._runs.pop(call.number, None)
            self.handlers.fail(call, error)

    def _start(
        self,
        loop: asyncio.AbstractEventLoop,
        call: HostCall,
        run: Run,
        coroutine: Coroutine[Any, Any, None],
    ) -> None:
        task = loop.create_task(coroutine)
        self._tasks.add(task)
        run.ends_by(task.cancel)
        task.add_done_callback(lambda task: self._end(call, task))

    def _end(self, call: HostCall, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._runs.pop(call.number, None)
        retrieve(task)

    def _drain(self) -> None:
        if state.exiting:
            return
        for _ in range(MAX_EVENTS_AT_ONCE):
            event = _native.port_next(self.number, 0)
            if event is None:
                return
            self.dispatch(event)
