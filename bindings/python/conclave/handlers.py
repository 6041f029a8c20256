"""The types of handlers: functions of the host that the engine asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from .inputs import ProviderAnswerInput
from .records import ProviderRequest

__all__ = ["ProviderAnswer", "ProviderHandler", "ToolHandler"]

ProviderAnswer = str | ProviderAnswerInput
"""What a callback provider answers: a text, or a document with the text and more."""

ProviderHandler = Callable[
    [ProviderRequest],
    ProviderAnswer
    | Awaitable[ProviderAnswer]
    | Iterator[ProviderAnswer]
    | AsyncIterator[ProviderAnswer],
]
"""A callback provider, plain or async. A generator shows its text piece by piece; a document among
the pieces is the rest of the answer.
"""

ToolHandler = Callable[[dict[str, Any]], Any]
"""A tool, plain or async. It gets its arguments and gives a text, or what becomes JSON; a dict of
`content` and `sources` alone names where it has the content from, for the reply.
"""
