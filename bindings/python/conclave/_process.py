"""What becomes of gateways when the process forks or ends.

A forked child has none of the engine's threads, and its ports share their descriptors with the
parent. So the child forgets what the parent used, on purpose without closing it.
"""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from typing import TYPE_CHECKING

from . import _native

if TYPE_CHECKING:
    from typing import Protocol

    class Closable(Protocol):
        def close_at_exit(self) -> None: ...


class State:
    generation = 0
    """How many forks lie between this process and the one that imported the package."""
    lock = threading.RLock()
    """For the first call after a fork. A child has a new one: nobody is left to release the old."""
    exiting = False
    exit_thread = 0


state = State()
_open: weakref.WeakSet[Closable] = weakref.WeakSet()


def close_at_exit(gateway: Closable) -> None:
    _open.add(gateway)


def _end() -> None:
    # By now only daemon threads are left besides this one; they stay in their waits.
    state.exit_thread = threading.get_ident()
    state.exiting = True
    _native.park()
    for gateway in list(_open):
        gateway.close_at_exit()


def _forget_the_parent() -> None:
    state.generation += 1
    state.lock = threading.RLock()


atexit.register(_end)
os.register_at_fork(after_in_child=_forget_the_parent)
