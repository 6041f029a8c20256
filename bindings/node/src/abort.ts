// One listener for each signal, however many calls share it: Node warns of more than ten.

type Callback = (signal: AbortSignal) => void

interface Waiters {
  readonly callbacks: Set<Callback>
  readonly listener: () => void
}

const waiting = new WeakMap<AbortSignal, Waiters>()

function listenTo(signal: AbortSignal): Waiters {
  const callbacks = new Set<Callback>()
  const listener = (): void => {
    for (const callback of [...callbacks]) callback(signal)
  }
  const waiters = { callbacks, listener }
  waiting.set(signal, waiters)
  signal.addEventListener('abort', listener)
  return waiters
}

/** Calls back when the signal aborts; gives what undoes it. */
export function onAbort(signal: AbortSignal, callback: Callback): () => void {
  const { callbacks, listener } = waiting.get(signal) ?? listenTo(signal)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size > 0 || waiting.get(signal)?.callbacks !== callbacks) return
    waiting.delete(signal)
    signal.removeEventListener('abort', listener)
  }
}
