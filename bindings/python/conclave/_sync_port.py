"""The port of a thread that waits."""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from . import _native
from ._failure import error_of, error_of_document
from ._handlers import Handlers, HostCall, Run, discard
from ._port import COMPLETION, Port
from ._process import state


class SyncPort(Port):
    """Waits for completions on the calling thread, and starts handlers meanwhile, on other threads:
    one that never returns must not hold its caller beyond the timeouts that were set.

    The main thread heeds signals while it waits, so that Ctrl-C ends the wait at once; other
    threads get none.
    """

    def __init__(self, handlers: Handlers) -> None:
        super().__init__(handlers)
        self._expected: set[int] = set()
        self._completions: dict[int, tuple[int, str]] = {}
        self._stream_events: deque[str] = deque()
        self._interrupts: dict[int, BaseException] = {}
        """What handlers raised that ends a program, by the request that needed them."""

    def finish(self, request: int, event: _native.Event) -> str:
        """As `wait`, when the port's next event has come. Nearly always that is the last one."""
        kind, completed, _, status, document = event
        if kind != COMPLETION or completed != request:
            return self.wait(request, event)
        if status:
            raise error_of_document(document)
        return document

    def wait(self, request: int, first: _native.Event | None = None) -> str:
        """The document with which the request completes. Raises its error."""
        self._expected.add(request)
        try:
            if first is not None:
                self.dispatch(first)
            while request not in self._completions:
                self.dispatch(self._next())
            return self._document_of(request)
        except BaseException:
            _native.cancel(self.handlers.gateway, request)
            raise
        finally:
            self._expected.discard(request)
            self._completions.pop(request, None)
            self._interrupts.pop(request, None)

    def wait_for_stream(self, request: int) -> str | None:
        """The next event of the one stream that uses this port; None when it has completed."""
        self._expected.add(request)
        while not self._stream_events and request not in self._completions:
            self.dispatch(self._next())
        if self._stream_events:
            return self._stream_events.popleft()
        self._document_of(request)
        return None

    def serve(self) -> None:
        """Starts handlers until the port is freed."""
        while True:
            self.dispatch(self._next())

    def on_completion(self, request: int, status: int, document: str) -> None:
        if request in self._expected:  # else its caller left
            self._completions[request] = (status, document)

    def on_stream_event(self, request: int, document: str) -> None:
        if request in self._expected:
            self._stream_events.append(document)

    def on_host_call(self, request: int, call: HostCall) -> None:
        context = contextvars.copy_context()
        run = self._runs[call.number] = Run()
        try:
            if self.handlers.is_async(call):
                self._start(request, call, run, context, lambda: self.handlers.run_async(call))
            else:
                self.handlers.threads.run(context, lambda: self._run(request, call, run))
        except RuntimeError as error:
            self._refuse(call, error)

    def _run(self, request: int, call: HostCall, run: Run) -> None:
        """Runs a plain handler, on a thread of its own."""
        try:
            rest = self.handlers.run(call, run)
        except BaseException as error:
            rest = None
            self._interrupt(request, error)
        if rest is None:
            self._runs.pop(call.number, None)
            return
        context = contextvars.copy_context()
        try:
            self._start(request, call, run, context, lambda: self.handlers.settle(call, rest))
        except RuntimeError as error:
            discard(rest)
            self._refuse(call, error)

    def _start(
        self,
        request: int,
        call: HostCall,
        run: Run,
        context: contextvars.Context,
        work: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """Runs an async handler in the event loop of the gateway. RuntimeError: it has none."""

        async def guarded() -> None:
            try:
                await work()
            except (KeyboardInterrupt, SystemExit) as error:
                self._interrupt(request, error)
            finally:
                self._runs.pop(call.number, None)

        run.ends_by(self.handlers.threads.start(context, guarded))

    def _refuse(self, call: HostCall, error: RuntimeError) -> None:
        self._runs.pop(call.number, None)
        self.handlers.fail(call, error)

    def _interrupt(self, request: int, error: BaseException) -> None:
        """What ends a program is raised by the call that needed the handler, not in our threads."""
        if request in self._expected:
            self._interrupts[request] = error
            _native.cancel(self.handlers.gateway, request)

    def _document_of(self, request: int) -> str:
        status, document = self._completions[request]
        interrupt = self._interrupts.pop(request, None)
        if interrupt is not None:
            raise interrupt
        if status:
            raise error_of_document(document)
        return document

    def _next(self) -> _native.Event:
        try:
            if state.exiting:
                self._stay()
            return _native.port_wait(self.number, heeds_signals())
        except _native.Failure as failure:
            raise error_of(failure) from None

    def _stay(self) -> None:
        """A daemon thread ends with the process, in its wait, without a word."""
        if threading.get_ident() != state.exit_thread:
            _native.port_next(self.number, -1)  # never returns any more


def heeds_signals() -> bool:
    """Whether signals are handled on this thread."""
    return threading.current_thread() is threading.main_thread()
