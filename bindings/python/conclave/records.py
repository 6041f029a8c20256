"""The documents that conclave gives out. Written by script/generate-python."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ._codec import (
    DATA,
    DATE,
    INSTANT,
    NANO_USD,
    USD,
    VALUE_LIST,
    Items,
    list_of,
    nullable,
    record_of,
    record_or_value,
)
from ._errors import Error
from ._record import Page, Record, record

__all__ = [
    "Agent",
    "AgentTool",
    "AgentUsage",
    "ApiKey",
    "Attempt",
    "CheckReport",
    "Citation",
    "CouncilAnswer",
    "CouncilCritics",
    "CouncilDegradation",
    "CouncilDissent",
    "CouncilEvent",
    "CouncilGate",
    "CouncilMember",
    "CouncilOptions",
    "CouncilRank",
    "CouncilRanking",
    "CouncilReport",
    "CouncilScore",
    "CouncilSeat",
    "CouncilSheet",
    "CouncilSpike",
    "CouncilStraggler",
    "CouncilWarning",
    "CreatedApiKey",
    "DateRange",
    "DayUsage",
    "EmbeddingVectors",
    "Health",
    "Idempotency",
    "Invariant",
    "Items",
    "Message",
    "MessagePart",
    "ModelUsage",
    "OfferedTool",
    "Page",
    "Policy",
    "PriceTier",
    "PriceVersion",
    "Pricing",
    "Provider",
    "ProviderRequest",
    "ProviderTurn",
    "ProviderUsage",
    "Record",
    "Reply",
    "ReplyMessage",
    "ReplyMetadata",
    "ReplyUsage",
    "Resolution",
    "Session",
    "SpendAttempt",
    "SpendReport",
    "StreamEvent",
    "Tenant",
    "Tool",
    "ToolCall",
    "ToolOutcome",
    "Transcript",
    "UnknownSend",
    "UsageEvent",
    "UsageGroup",
    "UsageRollup",
    "UsageTotals",
    "UsdPerMillion",
]


@record
class Policy(Record):
    """Overrides of the resilience defaults: agent over provider over gateway. A preset's name
    alone, or these fields; times in milliseconds. Since 0.1.
    """

    preset: Literal["default", "vocalbridge", "strict"] | None = None
    connect_timeout_ms: int | None = None
    first_byte_timeout_ms: int | None = None
    attempt_timeout_ms: int | None = None
    total_timeout_ms: int | None = None
    retries: int | None = None
    base_delay_ms: int | None = None
    factor: float | None = None
    max_delay_ms: int | None = None
    jitter: Literal["none", "equal", "full"] | None = None
    max_retry_after_ms: int | None = None
    on_ambiguous: Literal["retry", "stop"] | None = None
    on_crash: Literal["recover", "report"] | None = None
    in_progress: Literal["wait", "fail"] | None = None
    on_cancel: Literal["detach", "abort"] | None = None


@record
class Provider(Record):
    """A registered provider; no secret. Since 0.1."""

    name: str
    kind: Literal[
        "openai",
        "openai_responses",
        "anthropic",
        "gemini",
        "mapped",
        "callback",
        "scripted",
    ]
    base_url: str
    state: str
    breaker: Literal["closed", "open", "half_open"]


@record
class PriceTier(Record):
    """Dollars per million tokens of a call whose prompt is longer than above_tokens: of all its
    tokens. Since 0.1.
    """

    above_tokens: int
    """Cached tokens count."""
    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    reasoning: Decimal | None = None

    _codecs = {
        "input": USD,
        "output": USD,
        "cached_input": USD,
        "cache_write": USD,
        "cache_write_1h": USD,
        "reasoning": USD,
    }


@record
class UsdPerMillion(Record):
    """Dollars per million tokens and component; request: dollars per call. Since 0.1."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    """Of what is written to be kept for an hour; as cache_write when absent."""
    reasoning: Decimal | None = None
    request: Decimal | None = None
    tiers: Items[PriceTier] | None = None
    """By length of the prompt, the shortest first."""
    service_tiers: Mapping[str, Any] | None = None
    """By what tokens cost more or less in a service tier, as the provider names it: {"flex":
    "0.5"}. With any given, an answer in another tier has no price; the ordinary one always has.
    """

    _codecs = {
        "input": USD,
        "output": USD,
        "cached_input": USD,
        "cache_write": USD,
        "cache_write_1h": USD,
        "reasoning": USD,
        "request": USD,
        "tiers": list_of(record_of(PriceTier)),
        "service_tiers": DATA,
    }


@record
class PriceVersion(Record):
    """An immutable version of a price. Since 0.1."""

    id: str
    provider: str
    model: str
    usd_per_1k_tokens: Decimal | None
    usd_per_million: UsdPerMillion | None
    effective_from: datetime
    created_at: datetime

    _codecs = {
        "usd_per_1k_tokens": nullable(USD),
        "usd_per_million": nullable(record_of(UsdPerMillion)),
        "effective_from": INSTANT,
        "created_at": INSTANT,
    }


@record
class Tenant(Record):
    """A business whose data no other tenant can reach. Since 0.1."""

    id: str
    name: str
    status: Literal["active", "suspended", "deleted"]
    metadata: Mapping[str, Any]
    settings: Mapping[str, Any]
    created_at: datetime

    _codecs = {
        "metadata": DATA,
        "settings": DATA,
        "created_at": INSTANT,
    }


@record
class ApiKey(Record):
    """What is kept of an API key: never its text. Since 0.1."""

    id: str
    name: str
    last4: str
    scopes: Items[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """Written at most once a minute."""
    revoked_at: datetime | None
    revoke_reason: str | None

    _codecs = {
        "scopes": VALUE_LIST,
        "created_at": INSTANT,
        "expires_at": nullable(INSTANT),
        "last_used_at": nullable(INSTANT),
        "revoked_at": nullable(INSTANT),
    }


@record
class CreatedApiKey(Record):
    """A fresh key; the secret is shown this once. Since 0.1."""

    api_key: ApiKey
    secret: str

    _codecs = {
        "api_key": record_of(ApiKey),
    }
    _secret = frozenset(["secret"])


@record
class AgentTool(Record):
    """A tool without a handler here: its calls come back to the host. Since 0.1."""

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] | None = None
    """A JSON Schema."""

    _codecs = {
        "parameters": DATA,
    }


@record
class CouncilMember(Record):
    """A model that answers. Since 0.1."""

    route: str
    """provider/model, or provider alone."""
    seat: str | None = None
    """Its name; needed where a route has two seats."""


@record
class CouncilCritics(Record):
    """Who scores the answers. Since 0.1."""

    members: bool | None = None
    """Each member scores the answers of the others."""
    extra: Items[str] | None = None
    """Routes that score without answering."""
    sample: int | None = None
    """So many of all these."""

    _codecs = {
        "extra": VALUE_LIST,
    }


@record
class CouncilStraggler(Record):
    """Until when those who are late are waited for, once there is a quorum. Since 0.1."""

    mode: Literal["own_quantile", "wait_all", "deadline"] | None = None
    q: float | None = None


@record
class CouncilOptions(Record):
    """How several models answer together. Since 0.1."""

    members: Items[str | CouncilMember]
    critics: CouncilCritics | None = None
    min_answer_ratio: float | None = None
    """Of the members who have to answer, at least 2."""
    min_chars: int | None = None
    """Of an answer that counts."""
    best_effort: bool | None = None
    """The quorum is `min_answer_ratio` alone, not at least 2: where that is one answer, one is
    enough.
    """
    on_partial: Literal["accept", "fail"] | None = None
    straggler: CouncilStraggler | None = None
    deadline_ms: int | None = None
    shares: Items[float] | None = None
    """Of the deadline, for answers, scores and synthesis; together at most 1."""
    rule: str | None = None
    """robust/1, mean, borda or external."""
    ranker: str | None = None
    """Of the rule external: the registered tool that ranks the answers."""
    mode: Literal["select", "improve", "improve_k", "fuse", "auto"] | None = None
    k: int | None = None
    """Of improve_k: so many further answers; 2 when absent."""
    synthesizer: str | None = None
    """auto, or a route."""
    hedge: Literal["none", "synthesis"] | None = None
    gate: Literal["sanity", "panel"] | None = None
    """panel: two critics compare the synthesis with the best answer, blind and in both orders;
    it is shown once half of their votes are for it.
    """
    max_usd: Decimal | None = None
    """No turn costs more."""
    on_budget: Literal["reject", "degrade"] | None = None
    seed: int | None = None
    """Fixes order and labels."""

    _codecs = {
        "members": list_of(record_or_value(CouncilMember)),
        "critics": record_of(CouncilCritics),
        "straggler": record_of(CouncilStraggler),
        "shares": VALUE_LIST,
        "max_usd": USD,
    }


@record
class CouncilWarning(Record):
    """What speaks against the options of a council; nothing is refused for it. Since 0.1."""

    code: str
    """MEMBER_EXCEEDS_STAGE_BUDGET: a model that takes longer than its stage has."""
    field: str
    """Of the agent, as in council.members[2].route."""
    message: str
    seat: str
    stage: str
    p95_ms: int
    """Estimated where calls were cut."""
    share_ms: int
    """Of the stage in the turn's deadline."""


@record
class Agent(Record):
    """One version of an agent. Since 0.1."""

    id: str
    version: int
    name: str
    description: str
    primary: str
    fallbacks: Items[str]
    instructions: str
    temperature: float | None
    max_tokens: int | None
    tools: Items[str | AgentTool]
    council: CouncilOptions | None
    policy: Policy
    metadata: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    warnings: Items[CouncilWarning]
    """What speaks against its council, by what this process has seen."""

    _codecs = {
        "fallbacks": VALUE_LIST,
        "tools": list_of(record_or_value(AgentTool)),
        "council": nullable(record_of(CouncilOptions)),
        "policy": record_of(Policy),
        "metadata": DATA,
        "created_at": INSTANT,
        "updated_at": INSTANT,
        "warnings": list_of(record_of(CouncilWarning)),
    }


@record
class Session(Record):
    """One conversation of a customer with an agent. Since 0.1."""

    id: str
    agent_id: str
    customer_id: str
    subject: str
    title: str
    pinned: bool
    status: Literal["active", "closed", "deleted"]
    metadata: Mapping[str, Any]
    created_at: datetime
    last_activity_at: datetime

    _codecs = {
        "metadata": DATA,
        "created_at": INSTANT,
        "last_activity_at": INSTANT,
    }


@record
class MessagePart(Record):
    """A text or an image of a message. Since 0.1."""

    type: Literal["text", "image"]
    text: str | None = None
    url: str | None = None
    """Of an image that the provider fetches,"""
    media_type: str | None = None
    data: str | None = None
    """or the image as base64."""


@record
class ToolCall(Record):
    """A tool the model asks the host for. Since 0.1."""

    id: str
    name: str
    arguments: Any

    _codecs = {
        "arguments": DATA,
    }


@record
class Message(Record):
    """One message of a session. Since 0.1."""

    id: str
    session_id: str
    seq: int
    """1, 2, 3 ... without gaps."""
    role: Literal["system", "user", "assistant", "tool"]
    status: Literal["complete", "aborted"]
    content: str
    metadata: Mapping[str, Any]
    created_at: datetime
    parts: Items[MessagePart] | None = None
    """Of a message that was given in parts; content holds their texts."""
    tool_calls: Items[ToolCall] | None = None
    """Of an answer that asks the host for tools."""

    _codecs = {
        "parts": list_of(record_of(MessagePart)),
        "metadata": DATA,
        "created_at": INSTANT,
        "tool_calls": list_of(record_of(ToolCall)),
    }


@record
class Transcript(Record):
    """A session with one page of its messages, oldest first. Since 0.1."""

    session: Session
    messages: Items[Message]
    next_cursor: str | None

    _codecs = {
        "session": record_of(Session),
        "messages": list_of(record_of(Message)),
    }


@record
class CouncilGate(Record):
    """What critics said who compared the synthesis with the best answer. Since 0.1."""

    asked: int
    votes: int
    for_synthesis: int


@record
class CouncilRank(Record):
    """An answer in the ranking. Since 0.1."""

    seat: str
    mean_score: float | None
    quality: float | None = None
    """In the rule's own unit."""
    scores: int | None = None
    """Critics who scored it."""


@record
class CouncilDissent(Record):
    """A critic who sees it otherwise. Since 0.1."""

    critic: str
    prefers: str | None
    winner_z: float


@record
class CouncilSpike(Record):
    """A 10 far above what all others say of the answer. Since 0.1."""

    critic: str
    answer: str


@record
class CouncilRanking(Record):
    """What a rule makes of the scores. Since 0.1."""

    rule: str
    ranking: Items[CouncilRank]
    winner: str
    p_best: float | None
    contested: bool
    margin: float | None = None
    agreement: float | None = None
    flip_critics: Items[str] | None = None
    dissent: Items[CouncilDissent] | None = None
    spikes: Items[CouncilSpike] | None = None

    _codecs = {
        "ranking": list_of(record_of(CouncilRank)),
        "flip_critics": VALUE_LIST,
        "dissent": list_of(record_of(CouncilDissent)),
        "spikes": list_of(record_of(CouncilSpike)),
    }


@record
class CouncilScore(Record):
    """What a critic says of an answer. Since 0.1."""

    critic: str
    answer: str
    score: float
    severity: Literal["none", "minor", "major", "fatal"] | None
    flaws: str
    strengths: str


@record
class CouncilAnswer(Record):
    """A member's answer, or why there is none. Since 0.1."""

    state: str
    chars: int
    latency_ms: int
    error_code: str | None
    flags: Items[str]
    text: str

    _codecs = {
        "flags": VALUE_LIST,
    }


@record
class CouncilSheet(Record):
    """How a critic's score sheet was read. Since 0.1."""

    state: str
    parse_path: str
    asked_again: bool
    latency_ms: int
    error_code: str | None


@record
class CouncilSeat(Record):
    """A model at the table, what it did and what it cost. Since 0.1."""

    seat: str
    role: Literal["member", "critic", "synthesizer"]
    provider: str
    model: str
    answer: CouncilAnswer | None
    sheet: CouncilSheet | None
    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal | None
    cost_nano_usd: int | None

    _codecs = {
        "answer": nullable(record_of(CouncilAnswer)),
        "sheet": nullable(record_of(CouncilSheet)),
        "cost_usd": nullable(USD),
        "cost_nano_usd": nullable(NANO_USD),
    }


@record
class CouncilDegradation(Record):
    """What was given up, and why. Since 0.1."""

    step: str
    reason: str


@record
class CouncilReport(Record):
    """What a council did. Since 0.1."""

    basis: Literal["full", "quorum", "partial_scores", "two_answers", "unranked", "single_survivor"]
    asked: int
    answered: int
    critics: int
    scored: int
    mode: str
    rule: str | None
    ranking: Items[CouncilRank]
    winner: str
    p_best: float | None
    """That the winner is the best answer."""
    margin: float | None
    agreement: float | None
    """Of the critics; not a confidence."""
    contested: bool
    flip_critics: Items[str]
    dissent: Items[CouncilDissent]
    spikes: Items[CouncilSpike]
    synthesis: Literal["none", "skipped", "accepted", "fallback_best", "aborted"]
    synthesis_seat: str | None
    synthesis_reason: str | None
    degradations: Items[CouncilDegradation]
    scores: Items[CouncilScore]
    seats: Items[CouncilSeat]
    seed: str
    gate: CouncilGate | None = None
    """Of the gate panel."""

    _codecs = {
        "ranking": list_of(record_of(CouncilRank)),
        "flip_critics": VALUE_LIST,
        "dissent": list_of(record_of(CouncilDissent)),
        "spikes": list_of(record_of(CouncilSpike)),
        "gate": record_of(CouncilGate),
        "degradations": list_of(record_of(CouncilDegradation)),
        "scores": list_of(record_of(CouncilScore)),
        "seats": list_of(record_of(CouncilSeat)),
    }


@record
class CouncilEvent(Record):
    """A step of a council; which fields it has depends on the event. After a reset of the stream
    all come again, with the same seq. Since 0.1.
    """

    seq: int
    """1, 2, 3 ... without gaps."""
    event: str
    stage: str | None = None
    seat: str | None = None
    critic: str | None = None
    members: Items[str] | None = None
    critics: Items[str] | None = None
    seats: Items[str] | None = None
    """Whose work counted."""
    asked: int | None = None
    rule: str | None = None
    deadline_ms: int | None = None
    estimate_usd: Decimal | None = None
    held_usd: Decimal | None = None
    spent_usd: Decimal | None = None
    cost_usd: Decimal | None = None
    ms: int | None = None
    chars: int | None = None
    excerpt: str | None = None
    injection_suspect: bool | None = None
    code: str | None = None
    may_have_run: bool | None = None
    reason: str | None = None
    step: str | None = None
    have: int | None = None
    need: int | None = None
    cut: int | None = None
    failed: int | None = None
    parse_path: str | None = None
    asked_again: bool | None = None
    scores: Mapping[str, Any] | None = None
    """By seat."""
    ranking: Items[CouncilRank] | None = None
    winner: str | None = None
    p_best: float | None = None
    contested: bool | None = None
    attempt: int | None = None
    hedge: bool | None = None
    prefers: str | None = None
    """synthesis or best."""
    synthesis: str | None = None

    _codecs = {
        "members": VALUE_LIST,
        "critics": VALUE_LIST,
        "seats": VALUE_LIST,
        "estimate_usd": USD,
        "held_usd": USD,
        "spent_usd": USD,
        "cost_usd": USD,
        "scores": DATA,
        "ranking": list_of(record_of(CouncilRank)),
    }


@record
class ReplyMessage(Record):
    """The assistant's message. Since 0.1."""

    id: str
    session_id: str
    role: Literal["assistant"]
    content: str
    created_at: datetime

    _codecs = {
        "created_at": INSTANT,
    }


@record
class Attempt(Record):
    """All tries at one route. Since 0.1."""

    provider: str
    model: str
    status: Literal["success", "failed"]
    class_: Literal["ok", "not_sent", "refused", "final", "server_error", "ambiguous", "partial"]
    http_status: int | None
    latency_ms: int
    retries: int
    error_code: (
        Literal[
            "TIMEOUT",
            "RATE_LIMITED",
            "UPSTREAM_5XX",
            "UPSTREAM_4XX",
            "NETWORK",
            "BAD_RESPONSE",
            "CIRCUIT_OPEN",
        ]
        | None
    )
    stage: str | None = None
    """Of a council: generate, critique or synthesis."""
    seat: str | None = None
    """And whose call it was."""


@record
class Pricing(Record):
    """A blended price. Since 0.1."""

    usd_per_1k_tokens: Decimal

    _codecs = {
        "usd_per_1k_tokens": USD,
    }


@record
class ReplyUsage(Record):
    """Tokens and what they cost; of a model without a price null, never 0. Since 0.1."""

    tokens_in: int
    tokens_out: int
    tokens_total: int
    cached_tokens_in: int
    cache_write_tokens_in: int
    reasoning_tokens: int
    cost_usd: Decimal | None
    cost_nano_usd: int | None
    unpriced: bool
    estimated: bool
    cost_reported: bool
    """Some of the cost is as the provider itself reported it."""
    pricing: Pricing | None

    _codecs = {
        "cost_usd": nullable(USD),
        "cost_nano_usd": nullable(NANO_USD),
        "pricing": nullable(record_of(Pricing)),
    }


@record
class Idempotency(Record):
    """The key, and whether this reply was given before. Since 0.1."""

    key: str
    replayed: bool


@record
class Citation(Record):
    """A source that a tool named while the answer was made. Since 0.1."""

    tool_call_id: str
    tool: str
    title: str
    url: str
    snippet: str


@record
class ReplyMetadata(Record):
    """How the answer came about. Since 0.1."""

    agent_id: str
    provider_used: str
    model_used: str
    primary_attempted: str
    fallback_attempted: str | None
    """The configured fallback, used or not."""
    fallback_used: bool
    attempts: Items[Attempt]
    usage: ReplyUsage
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "error"]
    tool_calls: Items[ToolCall]
    council: CouncilReport | None
    idempotency: Idempotency
    request_id: str
    sources: Items[Citation] | None = None
    """That tools named, if any did."""
    output: Any | None = None
    """With output_schema: the answer as JSON."""

    _codecs = {
        "attempts": list_of(record_of(Attempt)),
        "usage": record_of(ReplyUsage),
        "tool_calls": list_of(record_of(ToolCall)),
        "sources": list_of(record_of(Citation)),
        "output": DATA,
        "council": nullable(record_of(CouncilReport)),
        "idempotency": record_of(Idempotency),
    }


@record
class Reply(Record):
    """The answer: the same for every caller of one key, only replayed differs. Since 0.1."""

    message: ReplyMessage
    metadata: ReplyMetadata

    _codecs = {
        "message": record_of(ReplyMessage),
        "metadata": record_of(ReplyMetadata),
    }


@record
class ToolOutcome(Record):
    """What a registered tool gave, as the model was told it. Since 0.1."""

    tool_call_id: str
    name: str
    content: str
    is_error: bool


@record
class StreamEvent(Record):
    """One event of a stream; which fields it has depends on its type. Since 0.1."""

    id: str
    type: Literal[
        "started",
        "attempt",
        "thinking",
        "delta",
        "tool_call",
        "tool_result",
        "council",
        "usage",
        "reset",
        "done",
        "error",
    ]
    request_id: str | None = None
    replayed: bool | None = None
    provider: str | None = None
    model: str | None = None
    number: int | None = None
    """Of the attempt, from 1."""
    text: str | None = None
    tool_call: ToolCall | None = None
    tool_result: ToolOutcome | None = None
    council: CouncilEvent | None = None
    usage: ReplyUsage | None = None
    reply: Reply | None = None
    error: Error | None = None

    _codecs = {
        "tool_call": record_of(ToolCall),
        "tool_result": record_of(ToolOutcome),
        "council": record_of(CouncilEvent),
        "usage": record_of(ReplyUsage),
        "reply": record_of(Reply),
        "error": record_of(Error),
    }


@record
class Resolution(Record):
    """Where the send stands now. Since 0.1."""

    state: Literal[
        "dispatching",
        "succeeded",
        "failed_final",
        "failed_retryable",
        "unknown",
        "closed",
    ]


@record
class UnknownSend(Record):
    """A send whose outcome nobody knows. Since 0.1."""

    send_id: str
    operation: str
    session_id: str
    request_id: str
    epoch: int
    attempts: int
    created_at: datetime
    unknown_since: datetime

    _codecs = {
        "created_at": INSTANT,
        "unknown_since": INSTANT,
    }


@record
class DateRange(Record):
    """Days in UTC, both inclusive. Since 0.1."""

    from_: date
    to: date
    """Inclusive; days are UTC."""

    _codecs = {
        "from_": DATE,
        "to": DATE,
    }


@record
class EmbeddingVectors(Record):
    """One vector for each text, in their order, all of one length. Since 0.1."""

    vectors: Items[Items[float]]
    provider_used: str
    model_used: str
    usage: ReplyUsage
    request_id: str

    _codecs = {
        "vectors": list_of(VALUE_LIST),
        "usage": record_of(ReplyUsage),
    }


@record
class UsageTotals(Record):
    """Sums over one scope. sessions and messages need not add up over parts; tokens and money
    do, to the nano. Since 0.1.
    """

    sessions: int
    messages: int
    tokens_in: int
    tokens_out: int
    tokens_total: int
    cost_usd: Decimal
    cost_nano_usd: int
    unpriced_tokens: int

    _codecs = {
        "cost_usd": USD,
        "cost_nano_usd": NANO_USD,
    }


@record
class ProviderUsage(Record):
    """Of one provider. Since 0.1."""

    provider: str
    sessions: int
    messages: int
    tokens_in: int
    tokens_out: int
    tokens_total: int
    cost_usd: Decimal
    cost_nano_usd: int
    unpriced_tokens: int

    _codecs = {
        "cost_usd": USD,
        "cost_nano_usd": NANO_USD,
    }


@record
class ModelUsage(Record):
    """Of one model. Since 0.1."""

    provider: str
    model: str
    sessions: int
    messages: int
    tokens_in: int
    tokens_out: int
    tokens_total: int
    cost_usd: Decimal
    cost_nano_usd: int
    unpriced_tokens: int

    _codecs = {
        "cost_usd": USD,
        "cost_nano_usd": NANO_USD,
    }


@record
class DayUsage(Record):
    """Of one day. Since 0.1."""

    day: date
    sessions: int
    messages: int
    tokens_in: int
    tokens_out: int
    tokens_total: int
    cost_usd: Decimal
    cost_nano_usd: int
    unpriced_tokens: int

    _codecs = {
        "day": DATE,
        "cost_usd": USD,
        "cost_nano_usd": NANO_USD,
    }


@record
class AgentUsage(Record):
    """Of one agent. Since 0.1."""

    agent_id: str
    agent_name: str
    sessions: int
    messages: int
    tokens_in: int
    tokens_out: int
    tokens_total: int
    cost_usd: Decimal
    cost_nano_usd: int
    unpriced_tokens: int

    _codecs = {
        "cost_usd": USD,
        "cost_nano_usd": NANO_USD,
    }


@record
class UsageGroup(Record):
    """One combination of what the bill was grouped by; the rest is absent. Since 0.1."""

    messages: int
    tokens_in: int
    tokens_out: int
    tokens_total: int
    cost_usd: Decimal
    cost_nano_usd: int
    unpriced_tokens: int
    day: date | None = None
    provider: str | None = None
    model: str | None = None
    agent_id: str | None = None
    """null: calls without an agent, for vectors."""
    agent_name: str | None = None
    sessions: int | None = None
    """Absent where agents are grouped together with providers or models."""

    _codecs = {
        "day": DATE,
        "cost_usd": USD,
        "cost_nano_usd": NANO_USD,
    }


@record
class UsageRollup(Record):
    """The bill of a tenant over a range of days. Since 0.1."""

    range: DateRange
    totals: UsageTotals
    by_provider: Items[ProviderUsage]
    by_model: Items[ModelUsage]
    by_day: Items[DayUsage]
    top_agents_by_cost: Items[AgentUsage]
    groups: Items[UsageGroup] | None = None
    """With group_by: all combinations with use, ordered by what was asked for first, then by the
    next.
    """

    _codecs = {
        "range": record_of(DateRange),
        "totals": record_of(UsageTotals),
        "by_provider": list_of(record_of(ProviderUsage)),
        "by_model": list_of(record_of(ModelUsage)),
        "by_day": list_of(record_of(DayUsage)),
        "top_agents_by_cost": list_of(record_of(AgentUsage)),
        "groups": list_of(record_of(UsageGroup)),
    }


@record
class UsageEvent(Record):
    """One line of the bill. Append-only. Since 0.1."""

    id: str
    session_id: str
    agent_id: str
    message_id: str
    provider: str
    model: str
    tokens_in: int
    tokens_out: int
    tokens_total: int
    cached_tokens_in: int
    cache_write_tokens_in: int
    reasoning_tokens: int
    cost_usd: Decimal | None
    cost_nano_usd: int | None
    estimated: bool
    cost_reported: bool
    """Some of the cost is as the provider itself reported it."""
    corrects: str | None
    created_at: datetime

    _codecs = {
        "cost_usd": nullable(USD),
        "cost_nano_usd": nullable(NANO_USD),
        "created_at": INSTANT,
    }


@record
class SpendAttempt(Record):
    """One request to a provider, whether it succeeded or not. Since 0.1."""

    send_id: str
    session_id: str
    agent_id: str
    provider: str
    model: str
    stage: str
    seat: int
    round: int
    attempt: int
    class_: Literal["ok", "not_sent", "refused", "final", "server_error", "ambiguous", "partial"]
    http_status: int | None
    latency_ms: int
    tokens_in: int
    tokens_out: int
    tokens_total: int
    cost_usd: Decimal | None
    cost_nano_usd: int | None
    basis: Literal["known", "estimated", "exposure", "reported"]
    billable: bool
    duplicate: bool
    created_at: datetime

    _codecs = {
        "cost_usd": nullable(USD),
        "cost_nano_usd": nullable(NANO_USD),
        "created_at": INSTANT,
    }


@record
class SpendReport(Record):
    """Everything that was or may have been spent at providers; the sums cover the whole range,
    the list is paged. Since 0.1.
    """

    range: DateRange
    bill_usd: Decimal
    bill_nano_usd: int
    spend_usd: Decimal
    spend_nano_usd: int
    exposure_usd: Decimal
    exposure_nano_usd: int
    attempts: Items[SpendAttempt]
    next_cursor: str | None

    _codecs = {
        "range": record_of(DateRange),
        "bill_usd": USD,
        "bill_nano_usd": NANO_USD,
        "spend_usd": USD,
        "spend_nano_usd": NANO_USD,
        "exposure_usd": USD,
        "exposure_nano_usd": NANO_USD,
        "attempts": list_of(record_of(SpendAttempt)),
    }


@record
class Invariant(Record):
    """One invariant of the ledger. Since 0.1."""

    name: str
    statement: str
    ok: bool
    offending: Items[str]

    _codecs = {
        "offending": VALUE_LIST,
    }


@record
class CheckReport(Record):
    """What gateway.check finds. Since 0.1."""

    ok: bool
    invariants: Items[Invariant]

    _codecs = {
        "invariants": list_of(record_of(Invariant)),
    }


@record
class Health(Record):
    """About this process. Since 0.1."""

    status: str
    version: str
    store: str
    durability: Literal["full", "process"]
    sends_in_flight: int
    warnings: Items[str]

    _codecs = {
        "warnings": VALUE_LIST,
    }


@record
class Tool(Record):
    """A registered tool. Since 0.1."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    timeout_ms: int
    side_effects: bool
    idempotent: bool

    _codecs = {
        "parameters": DATA,
    }


@record
class ProviderTurn(Record):
    """One message of the prompt. Since 0.1."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    parts: Items[MessagePart] | None = None
    """Of a message in parts, in place of content, which holds their texts."""
    tool_calls: Items[ToolCall] | None = None
    tool_call_id: str | None = None

    _codecs = {
        "parts": list_of(record_of(MessagePart)),
        "tool_calls": list_of(record_of(ToolCall)),
    }


@record
class OfferedTool(Record):
    """A tool the model may call. Since 0.1."""

    name: str
    description: str
    parameters: Mapping[str, Any]

    _codecs = {
        "parameters": DATA,
    }


@record
class ProviderRequest(Record):
    """What a callback provider is asked. Since 0.1."""

    model: str
    instructions: str
    messages: Items[ProviderTurn]
    temperature: float | None
    max_tokens: int | None
    tools: Items[OfferedTool]
    output_schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer must fit, if the send has one."""

    _codecs = {
        "messages": list_of(record_of(ProviderTurn)),
        "tools": list_of(record_of(OfferedTool)),
        "output_schema": DATA,
    }
