"""Events of a stream as server-sent events."""

from __future__ import annotations

import json

from .records import StreamEvent


def sse(event: StreamEvent) -> str:
    """The event as the text of one server-sent event: its id, its type and, as JSON, its document.

    A browser sends the id back as Last-Event-ID; `messages.stream(last_event_id=...)` resumes
    there. Since 0.1.
    """
    data = json.dumps(event.to_dict(), ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.id}\nevent: {event.type}\ndata: {data}\n\n"
