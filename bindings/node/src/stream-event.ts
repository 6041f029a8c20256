// The events of a stream, told apart by their type.

import type {
  CouncilEvent,
  ErrorDocument,
  Reply,
  ReplyUsage,
  ToolCall,
  ToolOutcome,
} from './documents'

/** What every event has: `id` is what `lastEventId` resumes after. */
interface Numbered {
  id: string
}

/** The call was taken up, or an answer that is there already is given again. */
export interface StartedEvent extends Numbered {
  type: 'started'
  requestId: string
  replayed: boolean
}

/** A provider is asked. */
export interface AttemptEvent extends Numbered {
  type: 'attempt'
  provider: string
  model: string
  /** From 1. */
  number: number
}

/** A piece of the model's thinking, or of the answer. */
export interface TextEvent extends Numbered {
  type: 'thinking' | 'delta'
  text: string
}

export interface ToolCallEvent extends Numbered {
  type: 'tool_call'
  toolCall: ToolCall
}

export interface ToolResultEvent extends Numbered {
  type: 'tool_result'
  toolResult: ToolOutcome
}

/** A step of a council. After a reset all of them come again, with the same `seq`. */
export interface CouncilStepEvent extends Numbered {
  type: 'council'
  council: CouncilEvent
}

export interface UsageReportEvent extends Numbered {
  type: 'usage'
  usage: ReplyUsage
}

/** The text so far does not count any more: the answer begins again. */
export interface ResetEvent extends Numbered {
  type: 'reset'
}

/** The last event of an answer. */
export interface DoneEvent extends Numbered {
  type: 'done'
  reply: Reply
}

/** The last event of a call that failed. */
export interface StreamErrorEvent extends Numbered {
  type: 'error'
  error: ErrorDocument
}

/** One event of `messages.stream`. */
export type StreamEvent =
  | StartedEvent
  | AttemptEvent
  | TextEvent
  | ToolCallEvent
  | ToolResultEvent
  | CouncilStepEvent
  | UsageReportEvent
  | ResetEvent
  | DoneEvent
  | StreamErrorEvent
