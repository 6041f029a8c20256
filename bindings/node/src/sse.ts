// Stream events as server-sent events.

import { printParsed } from './json'
import type { StreamEvent } from './stream-event'

/** One event as the text of a server-sent event; its id is what Last-Event-ID brings back. */
export function toSSE(event: StreamEvent): string {
  // JSON has no line breaks, and neither have ids and types.
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${printParsed(event)}\n\n`
}
