"""One open gateway: its handle, its ports and its handlers."""

from __future__ import annotations

import contextlib
import contextvars
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import _native
from ._encoding import encode_document
from ._failure import error_of
from ._handlers import Handlers
from ._process import close_at_exit, state
from ._sync_port import SyncPort, heeds_signals
from .errors import HandleClosedError, ValidationError

if TYPE_CHECKING:  # which takes longer to import than all of this package
    import asyncio

    from ._loop_port import LoopPort

request_id: contextvars.ContextVar[str | None] = contextvars.ContextVar(
    "conclave.request_id", default=None
)
"""Set it, and calls in this context carry it into replies, errors and logs. Since 0.1."""

REGISTRATIONS = frozenset({"providers.register", "tools.register"})
"""Not a first use: the gateway can still be taken into a forked child."""

EXIT_WAIT_MS = 10_000
"""How long the end of the process waits for the last writes."""


class Caller(NamedTuple):
    """On whose behalf an operation is called."""

    tenant_id: str | None = None
    request_id: str | None = None
    """In place of the one of the context."""

    def own_request_id(self) -> str | None:
        return request_id.get() if self.request_id is None else self.request_id


HOST: Final = Caller()


def encode_for(caller: Caller, arguments: Mapping[str, object]) -> bytes:
    """The document of the arguments. What is refused here carries the caller's request id too."""
    try:
        return encode_document(arguments)
    except ValidationError as error:
        own = caller.own_request_id()
        error.request_id = own if isinstance(own, str) else ""
        raise


class Engine:
    """What a gateway and its scopes share. For any thread and any number of event loops."""

    def __init__(self, config: Mapping[str, object]) -> None:
        try:
            self.handle = _native.open(encode_document(config))
        except _native.Failure as failure:
            raise error_of(failure) from None
        self.handlers = Handlers(self.handle)
        self._registered: dict[tuple[str, str], tuple[str, bytes]] = {}
        self._closed = False
        self._begin_process()
        self._generation = state.generation
        close_at_exit(self)

    def _begin_process(self) -> None:
        """Ports and threads of this process; those of a parent are left to it."""
        self._lock = threading.Lock()
        self._used = False
        self._threads = threading.local()
        self._loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopPort] = (
            weakref.WeakKeyDictionary()
        )
        self._orphans: SyncPort | None = None
        self._orphans_served = False
        self.handlers.begin_process()

    def submit(
        self, port: SyncPort | LoopPort, operation: str, document: bytes, caller: Caller
    ) -> int:
        """Starts an operation and gives its number."""
        host_port = self._begin_use(operation)
        tenant_id, request_id = caller.tenant_id, caller.own_request_id()
        try:
            return _native.submit(
                self.handle, port.number, operation, document, tenant_id, request_id, host_port
            )
        except _native.Failure as failure:
            raise error_of(failure) from None

    def call(self, operation: str, document: bytes, caller: Caller) -> str:
        """Calls an operation and waits on this thread."""
        port = self.thread_port()
        host_port = self._begin_use(operation)
        tenant_id, request_id = caller.tenant_id, caller.own_request_id()
        try:
            request, event = _native.call(
                self.handle,
                port.number,
                operation,
                document,
                tenant_id,
                request_id,
                host_port,
                heeds_signals(),
            )
        except _native.Failure as failure:
            raise error_of(failure) from None
        return port.finish(request, event)

    def _begin_use(self, operation: str) -> int:
        """The number of the port that serves handlers for callers who went; 0 without handlers."""
        if operation not in REGISTRATIONS:
            self._used = True
            if self._orphans is not None and not self._orphans_served:
                self._serve_orphans(self._orphans)
        return self._orphans.number if self._orphans is not None else 0

    async def call_async(self, operation: str, document: bytes, caller: Caller) -> str:
        """Calls an operation and waits in the running loop."""
        from asyncio import get_running_loop

        loop = get_running_loop()
        port = self.loop_port(loop)
        return await port.wait(self.submit(port, operation, document, caller), loop)

    def thread_port(self) -> SyncPort:
        self._check_process()
        port: SyncPort | None = getattr(self._threads, "port", None)
        if port is None:
            port = self._threads.port = SyncPort(self.handlers)
        return port

    def loop_port(self, loop: asyncio.AbstractEventLoop) -> LoopPort:
        self._check_process()
        port = self._loops.get(loop)
        if port is None:
            from ._loop_port import LoopPort

            port = LoopPort(self.handlers, loop)
            with self._lock:
                for other in [other for other in self._loops if other.is_closed()]:
                    del self._loops[other]
                self._loops[loop] = port
        return port

    def register(
        self, kind: str, operation: str, document: Mapping[str, object], handler: Any
    ) -> Callable[[], None]:
        """Puts the handler in place, ahead of the operation that announces it. Gives the way
        back, for when that fails.
        """
        self._check_process()
        encoded = encode_for(HOST, document)
        key = (kind, str(document["name"]))
        handler_before = self.handlers.set(*key, handler)
        registered_before = self._registered.pop(key, None)
        if handler is not None:
            self._registered[key] = (operation, encoded)
            with self._lock:
                if self._orphans is None:
                    self._orphans = SyncPort(self.handlers)

        def put_back() -> None:
            self.handlers.set(*key, handler_before)
            self._registered.pop(key, None)
            if registered_before is not None:
                self._registered[key] = registered_before

        return put_back

    def close(self, drain_ms: int | None = None) -> None:
        """Drains and closes; waits on this thread. Again, nothing happens."""
        document = encode_for(HOST, {"drain_ms": drain_ms})
        if self._begin_close():
            with self._closing():
                self.call("gateway.close", document, HOST)

    async def close_async(self, drain_ms: int | None = None) -> None:
        """Drains and closes; waits in the running loop. Again, nothing happens."""
        document = encode_for(HOST, {"drain_ms": drain_ms})
        if self._begin_close():
            with self._closing():
                await self.call_async("gateway.close", document, HOST)

    def close_at_exit(self) -> None:
        """Closes without a drain: whoever waited for an answer is gone."""
        if not self._begin_close():
            return
        with contextlib.suppress(_native.Failure):  # it was never used
            port = _native.port_new()
            _native.submit(self.handle, port, "gateway.close", b'{"drain_ms":0}', None, None, 0)
            _native.port_next(port, EXIT_WAIT_MS)
            _native.port_free(port)
        self._end_close()

    def __del__(self) -> None:
        if not state.exiting and hasattr(self, "handle"):
            self.close_at_exit()

    def _serve_orphans(self, port: SyncPort) -> None:
        """Handlers also run for sends whose callers went, on a thread of this gateway's own."""
        with self._lock:
            if self._orphans_served:
                return
            self._orphans_served = True
        threading.Thread(target=_serve, args=(port,), name="conclave", daemon=True).start()

    def _check_process(self) -> None:
        """In a forked child: makes ports of its own and registers the handlers again."""
        if self._generation == state.generation or self._used:
            return
        with state.lock:
            if self._generation == state.generation:
                return  # another thread was first
            self._begin_process()
            if self._registered:
                self._orphans = SyncPort(self.handlers)
                port = SyncPort(self.handlers)
                for operation, document in list(self._registered.values()):
                    port.wait(self.submit(port, operation, document, HOST))
                port.free()
            self._generation = state.generation  # only now other threads may pass

    def _begin_close(self) -> bool:
        if self._used and self._generation != state.generation:
            return False  # it is the parent's
        with self._lock:
            if self._closed:
                return False
            self._closed = True
            return True

    @contextlib.contextmanager
    def _closing(self) -> Iterator[None]:
        try:
            yield
        except ValidationError:  # so nothing has changed
            self._closed = False
            raise
        except BaseException:
            self._end_close()
            raise
        self._end_close()

    def _end_close(self) -> None:
        _native.close(self.handle)
        if not state.exiting:  # when the process ends they sleep on, without a word
            self.handlers.close()
        if self._orphans is not None:
            self._orphans.free()


def _serve(port: SyncPort) -> None:
    with contextlib.suppress(HandleClosedError):  # the gateway was closed
        port.serve()
