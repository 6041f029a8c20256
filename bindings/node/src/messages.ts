// Messages of a tenant: those that are answered at once and those that come event by event.

import type { ContentPart, SendRequest, StreamRequest } from './documents'
import { captureOrigin } from './error-document'
import { MessageStream } from './message-stream'
import { MessageOperations } from './nouns'
import type { CallOptions } from './scope'

export type SendOptions = Omit<SendRequest, 'sessionId' | 'content'> & CallOptions
export type StreamOptions = Omit<StreamRequest, 'sessionId' | 'content'> & CallOptions

/** `messages.*` */
export class Messages extends MessageOperations {
  /**
   * As `send`, event by event. The stream holds at most 32 events that were not read; a reader that
   * waits holds back the engine, not the provider's bill.
   */
  stream(request: StreamRequest & CallOptions): MessageStream
  stream(
    sessionId: string,
    content: string | readonly ContentPart[],
    options: StreamOptions,
  ): MessageStream
  stream(...given: unknown[]): MessageStream {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- names the frame to leave out
    const origin = captureOrigin(this.stream)
    const prepare = () => this.scope.prepare('messages.stream', given)
    return new MessageStream(this.scope, prepare, origin)
  }
}
