"""Where handlers run that must not run on a thread which waits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Coroutine
from contextvars import Context
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # imported late: gateways without async handlers need no event loop
    import asyncio

MAX_IDLE_THREADS = 32
"""Threads kept for the next handlers; further ones end with theirs."""

Job = tuple[Context, Callable[[], object]]


class HandlerThreads:
    """Plain handlers run each on a thread of its own, async ones together in an event loop on one
    more. All are daemons, so a handler that never returns holds up neither its caller nor the end
    of the process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[SimpleQueue[Job | None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def run(self, context: Context, work: Callable[[], object]) -> None:
        """Runs `work`, which may block and does not raise. RuntimeError: no thread can be had."""
        with self._lock:
            jobs = self._idle.pop() if self._idle else None
        if jobs is None:
            jobs = SimpleQueue()
            _start_thread(self._work, jobs)
        jobs.put((context, work))

    def start(
        self, context: Context, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> Callable[[], None]:
        """Runs a coroutine in the event loop. Gives what cancels it, from any thread. RuntimeError:
        the gateway was closed, or no thread can be had.
        """
        if threading.get_ident() == self._loop_thread:  # blocked by a call inside a handler
            from asyncio import run

            self.run(context, lambda: run(work()))
            return lambda: None
        loop = self._running_loop()
        tasks: list[asyncio.Task[None]] = []

        def begin() -> None:
            task = loop.create_task(work())
            tasks.append(task)
            self._tasks.add(task)
            task.add_done_callback(self._end)

        def cancel() -> None:
            for task in tasks:
                task.cancel()

        def cancel_from_anywhere() -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(cancel)

        loop.call_soon_threadsafe(begin, context=context)
        return cancel_from_anywhere

    def close(self) -> None:
        """Lets idle threads end, and cancels async handlers. Does not wait for them."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for jobs in idle:
            jobs.put(None)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # closed before
                self._loop.call_soon_threadsafe(self._loop.stop)

    def _work(self, jobs: SimpleQueue[Job | None]) -> None:
        while (job := jobs.get()) is not None:
            job[0].run(job[1])
            job = None  # what it holds belongs to its caller
            with self._lock:
                if self._closed or len(self._idle) == MAX_IDLE_THREADS:
                    return
                self._idle.append(jobs)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise RuntimeError("the gateway is closed")
            if self._loop is None:
                from asyncio import new_event_loop

                loop = new_event_loop()
                _start_thread(self._serve, loop)
                self._loop = loop
            return self._loop

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        from asyncio import wait

        self._loop_thread = threading.get_ident()
        while not self._closed:
            with contextlib.suppress(SystemExit, KeyboardInterrupt):  # of a handler's callback
                loop.run_forever()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            loop.run_until_complete(wait(self._tasks))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        retrieve(task)


def retrieve(task: asyncio.Task[None]) -> None:
    """What an ended handler raised was told already; asyncio would report it once more."""
    if not task.cancelled():
        task.exception()


def _start_thread(target: Callable[[Any], None], argument: object) -> None:
    threading.Thread(target=target, args=(argument,), name="conclave", daemon=True).start()
