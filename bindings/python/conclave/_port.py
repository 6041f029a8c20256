"""A port of the engine: where completions, events of streams and host calls arrive."""

from __future__ import annotations

from . import _native
from ._failure import error_of
from ._handlers import Handlers, HostCall, Run
from ._process import state

COMPLETION = 1
STREAM = 2
HOST_CALL = 3
HOST_CALL_ENDED = 4


class Port:
    """Owns a port of one gateway. Not shared between threads or loops."""

    def __init__(self, handlers: Handlers) -> None:
        self.handlers = handlers
        self.generation = state.generation
        try:
            self.number = _native.port_new()
        except _native.Failure as failure:
            raise error_of(failure) from None
        self._runs: dict[int, Run] = {}
        """Handlers at work, by the number of the call."""

    def dispatch(self, event: _native.Event) -> None:
        kind, request, call, status, document = event
        if kind == COMPLETION:
            self.on_completion(request, status, document)
        elif kind == STREAM:
            self.on_stream_event(request, document)
        elif kind == HOST_CALL:
            self.on_host_call(request, HostCall.from_event(call, document))
        elif kind == HOST_CALL_ENDED:
            run = self._runs.pop(call, None)
            if run is not None:
                run.end()

    def on_completion(self, request: int, status: int, document: str) -> None:
        raise NotImplementedError

    def on_stream_event(self, request: int, document: str) -> None:
        raise NotImplementedError

    def on_host_call(self, request: int, call: HostCall) -> None:
        raise NotImplementedError

    def free(self) -> None:
        """Gives the port back; again or in a forked child, nothing happens."""
        number, self.number = self.number, 0
        if number and self.generation == state.generation and not state.exiting:
            _native.port_free(number)

    def __del__(self) -> None:
        if getattr(self, "number", 0):
            self.free()
