"""The port of a thread that waits."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import select
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Final

from . import _native
from ._failure import error_of, error_of_document
from ._handlers import Handlers, HostCall
from ._port import Port
from ._process import state

if TYPE_CHECKING:  # which takes longer to import than all of this package
    import asyncio


Steps = Generator[None, None, None]

ENDED: Final = object()


class SyncPort(Port):
    """Waits for completions on the calling thread, and runs handlers there meanwhile.

    The main thread waits for the descriptor, so that a signal such as Ctrl-C is seen at once; other
    threads get no signals and wait in the engine. Async handlers run in an event loop of this
    thread's own, which runs until the port has something.
    """

    def __init__(self, handlers: Handlers) -> None:
        super().__init__(handlers)
        self._poller: select.poll | None = None
        self._expected: set[int] = set()
        self._completions: dict[int, tuple[int, str]] = {}
        self._stream_events: deque[str] = deque()
        self._steps: deque[tuple[HostCall, contextvars.Context, Steps]] = deque()
        """Plain handlers between two pieces of text; they go on when nothing else is to do."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def wait(self, request: int) -> str:
        """The document with which the request completes. Raises its error."""
        self._expected.add(request)
        try:
            while request not in self._completions:
                self.dispatch(self._next())
            status, document = self._completions.pop(request)
        except BaseException:
            _native.cancel(self.handlers.gateway, request)
            raise
        finally:
            self._forget(request)
        if status:
            raise error_of_document(document)
        return document

    def wait_for_stream(self, request: int) -> str | None:
        """The next event of the one stream that uses this port; None when it has completed."""
        self._expected.add(request)
        while not self._stream_events and request not in self._completions:
            self.dispatch(self._next())
        if self._stream_events:
            return self._stream_events.popleft()
        status, document = self._completions[request]
        if status:
            raise error_of_document(document)
        return None

    def serve(self) -> None:
        """Runs handlers until the port is freed."""
        while True:
            with contextlib.suppress(SystemExit, KeyboardInterrupt):  # of a handler, not ours
                self.dispatch(self._next())

    def on_completion(self, request: int, status: int, document: str) -> None:
        if request in self._expected:  # else its caller left
            self._completions[request] = (status, document)

    def on_stream_event(self, request: int, document: str) -> None:
        if request in self._expected:
            self._stream_events.append(document)

    def on_host_call(self, request: int, call: HostCall) -> None:
        context = contextvars.copy_context()
        if not self.handlers.is_async(call):
            steps = self.handlers.steps(call)
            self._host_calls[call.number] = steps.close
            self._step(call, context, steps)
        elif _in_running_loop():
            start_thread(context, lambda: _run_apart(self.handlers, call))
        else:
            self._start(call, context)

    def _next(self) -> _native.Event:
        try:
            while True:
                if state.exiting:
                    self._stay()
                event = _native.port_next(self.number, 0)
                if event is None:
                    event = self._wait_for_event()
                if event is not None:
                    return event
        except _native.Failure as failure:
            raise error_of(failure) from None

    def _wait_for_event(self) -> _native.Event | None:
        if self._steps:
            self._step(*self._steps.popleft())
            return None
        if self._tasks and self._loop is not None and not _in_running_loop():
            self._loop.run_forever()  # until the descriptor is readable
            return None
        if threading.current_thread() is threading.main_thread():
            self._poll()
            return None
        return _native.port_next(self.number, -1)

    def _step(self, call: HostCall, context: contextvars.Context, steps: Steps) -> None:
        """Runs a plain handler until it shows a piece of text or ends."""
        if context.run(next, steps, ENDED) is ENDED:
            self._host_calls.pop(call.number, None)
        else:
            self._steps.append((call, context, steps))

    def _poll(self) -> None:
        if self._poller is None:
            self._poller = select.poll()
            self._poller.register(_native.port_fd(self.number), select.POLLIN)
        self._poller.poll()

    def _stay(self) -> None:
        """A daemon thread ends with the process, in its wait, without a word."""
        if threading.get_ident() != state.exit_thread:
            _native.port_next(self.number, -1)  # never returns any more

    def _start(self, call: HostCall, context: contextvars.Context) -> None:
        import asyncio

        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.new_event_loop()
            loop.add_reader(_native.port_fd(self.number), loop.stop)
        task = context.run(loop.create_task, self.handlers.run_async(call))
        self._tasks.add(task)
        self._host_calls[call.number] = lambda: _cancel_from_anywhere(loop, task)
        task.add_done_callback(lambda task: self._end(call, task))

    def _end(self, call: HostCall, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._host_calls.pop(call.number, None)
        retrieve(task)

    def _forget(self, request: int) -> None:
        self._expected.discard(request)
        self._completions.pop(request, None)
        if not self._expected:
            self.hand_over()

    def hand_over(self) -> None:
        """The caller goes before its handlers have ended: their answers still count."""
        while self._steps:
            call, context, steps = self._steps.popleft()
            self._host_calls.pop(call.number, None)
            start_thread(context, functools.partial(deque, steps))
        if self._tasks and self._loop is not None:
            loop, self._loop = self._loop, None
            loop.remove_reader(_native.port_fd(self.number))
            start_thread(contextvars.Context(), lambda: _finish(loop, set(self._tasks)))

    def free(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_running():
            loop.close()
        super().free()


def start_thread(context: contextvars.Context, work: Callable[[], object]) -> None:
    """Runs handlers apart. Such a thread never holds up the end of the process."""
    threading.Thread(target=context.run, args=(work,), name="conclave", daemon=True).start()


def retrieve(task: asyncio.Task[None]) -> None:
    """What an ended handler raised was told already; asyncio would report it once more."""
    if not task.cancelled():
        task.exception()


def _in_running_loop() -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


def _run_apart(handlers: Handlers, call: HostCall) -> None:
    import asyncio

    asyncio.run(handlers.run_async(call))


def _cancel_from_anywhere(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(task.cancel)


def _finish(loop: asyncio.AbstractEventLoop, tasks: set[asyncio.Task[None]]) -> None:
    import asyncio

    if tasks:
        loop.run_until_complete(asyncio.wait(tasks))
    loop.close()
