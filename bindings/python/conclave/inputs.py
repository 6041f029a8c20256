"""Documents that conclave takes. Written by script/generate-python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union

from .records import (
    AgentTool,
    CouncilCritics,
    CouncilMember,
    CouncilOptions,
    CouncilStraggler,
    Policy,
    PriceTier,
    UsdPerMillion,
)

if TYPE_CHECKING:
    from .handlers import ProviderHandler

# Any mapping will do: the engine checks the fields and names the wrong one.

PolicyInput = Union["PolicyDict", Policy, Mapping[str, Any]]
ScriptedFailureInput = Union["ScriptedFailureDict", Mapping[str, Any]]
NewToolCallInput = Union["NewToolCallDict", Mapping[str, Any]]
ScriptedReplyInput = Union["ScriptedReplyDict", Mapping[str, Any]]
MappedWireInput = Union["MappedWireDict", Mapping[str, Any]]
NewProviderInput = Union["NewProviderDict", Mapping[str, Any]]
PriceTierInput = Union["PriceTierDict", PriceTier, Mapping[str, Any]]
UsdPerMillionInput = Union["UsdPerMillionDict", UsdPerMillion, Mapping[str, Any]]
NewPriceInput = Union["NewPriceDict", Mapping[str, Any]]
OpenSettingsInput = Union["OpenSettingsDict", Mapping[str, Any]]
AgentToolInput = Union["AgentToolDict", AgentTool, Mapping[str, Any]]
CouncilMemberInput = Union["CouncilMemberDict", CouncilMember, Mapping[str, Any]]
CouncilCriticsInput = Union["CouncilCriticsDict", CouncilCritics, Mapping[str, Any]]
CouncilStragglerInput = Union["CouncilStragglerDict", CouncilStraggler, Mapping[str, Any]]
CouncilOptionsInput = Union["CouncilOptionsDict", CouncilOptions, Mapping[str, Any]]
SendOverridesInput = Union["SendOverridesDict", Mapping[str, Any]]
ContentPartInput = Union["ContentPartDict", Mapping[str, Any]]
TokenUsageInput = Union["TokenUsageDict", Mapping[str, Any]]
ProviderAnswerInput = Union["ProviderAnswerDict", Mapping[str, Any]]

__all__ = [
    "AgentToolDict",
    "AgentToolInput",
    "ContentPartDict",
    "ContentPartInput",
    "CouncilCriticsDict",
    "CouncilCriticsInput",
    "CouncilMemberDict",
    "CouncilMemberInput",
    "CouncilOptionsDict",
    "CouncilOptionsInput",
    "CouncilStragglerDict",
    "CouncilStragglerInput",
    "MappedWireDict",
    "MappedWireInput",
    "NewPriceDict",
    "NewPriceInput",
    "NewProviderDict",
    "NewProviderInput",
    "NewToolCallDict",
    "NewToolCallInput",
    "OpenOptions",
    "OpenSettingsDict",
    "OpenSettingsInput",
    "PolicyDict",
    "PolicyInput",
    "PriceTierDict",
    "PriceTierInput",
    "ProviderAnswerDict",
    "ProviderAnswerInput",
    "ScriptedFailureDict",
    "ScriptedFailureInput",
    "ScriptedReplyDict",
    "ScriptedReplyInput",
    "SendOverridesDict",
    "SendOverridesInput",
    "TokenUsageDict",
    "TokenUsageInput",
    "UsdPerMillionDict",
    "UsdPerMillionInput",
]


class PolicyDict(TypedDict, total=False):
    """Overrides of the resilience defaults: agent over provider over gateway. A preset's name
    alone, or these fields; times in milliseconds.
    """

    preset: Literal["default", "vocalbridge", "strict"]
    connect_timeout_ms: int
    first_byte_timeout_ms: int
    attempt_timeout_ms: int
    total_timeout_ms: int
    retries: int
    base_delay_ms: int
    factor: float
    max_delay_ms: int
    jitter: Literal["none", "equal", "full"]
    max_retry_after_ms: int
    on_ambiguous: Literal["retry", "stop"]
    on_crash: Literal["recover", "report"]
    in_progress: Literal["wait", "fail"]
    on_cancel: Literal["detach", "abort"]


class ScriptedFailureDict(TypedDict, total=False):
    """How a scripted call fails. Required: http_status."""

    http_status: int
    """0: the connection never stood."""
    code: str
    retry_after_ms: int


class NewToolCallDict(TypedDict, total=False):
    """A tool that a scripted model or a callback provider asks for. Required: name."""

    id: str
    name: str
    arguments: Mapping[str, Any]


class ScriptedReplyDict(TypedDict, total=False):
    """One reply of a scripted provider."""

    text: str
    tokens_in: int
    """Counted from the words when absent."""
    tokens_out: int
    tool_calls: Sequence[NewToolCallInput]
    latency_ms: int
    """On the gateway's clock."""
    chunks: Sequence[str]
    """The text in the pieces in which it becomes visible."""
    chunk_latency_ms: int
    """Between two pieces."""
    error: ScriptedFailureInput


class MappedWireDict(TypedDict, total=False):
    """How a mapped provider speaks. Required: request_template, text."""

    method: str
    request_template: str
    """A JSON text; see the C++ header provider.hpp for its marks."""
    text: str
    """JSON pointers (RFC 6901) into the answer."""
    tokens_in: str
    tokens_out: str
    model: str
    error_code: str
    error_message: str
    retry_after_ms: str


class NewProviderDict(TypedDict, total=False):
    """A provider to register. It belongs to the process, not to the store. Required: name, kind."""

    name: str
    """1 to 64 of A-Z a-z 0-9 _ . -"""
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
    """Taken as it is; of mapped the full URL."""
    api_key: str
    """Kept in memory only, never comes back out."""
    api_version: str
    """anthropic: 2023-06-01 when absent. gemini: the version in the path, v1beta when absent and
    base_url has none. openai and openai_responses: sent as ?api-version= if given.
    """
    headers: Mapping[str, Any]
    parameter_names: Mapping[str, Any]
    """Where a vendor or model differs from what is known of it: max_tokens, temperature, stop,
    output_schema, stream_usage, instructions, thinking_state, call_ids (the form of ids:
    alphanumeric_9, word_64, any_40 or any_64), schema_with_tools or call_signature (what stands
    for a missing one), and its name there; empty for one that it does not take.
    """
    policy: Literal["default", "vocalbridge", "strict"] | PolicyInput
    concurrency: int
    """Calls at once; the rest queues."""
    default_model: str
    """For routes that name the provider alone."""
    mapped: MappedWireInput
    replies: Sequence[ScriptedReplyInput]
    """Of scripted: used in order, then from the start."""
    echo: bool
    """Of scripted: answers with the user's text."""
    handler: ProviderHandler
    """Of callback: the function asked."""


class PriceTierDict(TypedDict, total=False):
    """Dollars per million tokens of a call whose prompt is longer than above_tokens: of all its
    tokens. Required: above_tokens, input, output.
    """

    above_tokens: int
    """Cached tokens count."""
    input: str | Decimal
    output: str | Decimal
    cached_input: str | Decimal
    cache_write: str | Decimal
    cache_write_1h: str | Decimal
    reasoning: str | Decimal


class UsdPerMillionDict(TypedDict, total=False):
    """Dollars per million tokens and component; request: dollars per call. Required: input,
    output.
    """

    input: str | Decimal
    output: str | Decimal
    cached_input: str | Decimal
    cache_write: str | Decimal
    cache_write_1h: str | Decimal
    """Of what is written to be kept for an hour; as cache_write when absent."""
    reasoning: str | Decimal
    request: str | Decimal
    tiers: Sequence[PriceTierInput]
    """By length of the prompt, the shortest first."""
    service_tiers: Mapping[str, Any]
    """By what tokens cost more or less in a service tier, as the provider names it: {"flex":
    "0.5"}. With any given, an answer in another tier has no price; the ordinary one always has.
    """


class NewPriceDict(TypedDict, total=False):
    """A price: either one blended price per 1,000 tokens or prices per million and component.
    Required: provider, model.
    """

    provider: str
    model: str
    """Exact name, or * for any."""
    usd_per_1k_tokens: str | Decimal
    usd_per_million: UsdPerMillionInput
    effective_from: str | datetime
    """Now, when absent."""


class OpenSettingsDict(TypedDict, total=False):
    """The options of `open` in an object of their own; they may stand beside the store as well."""

    durability: Literal["full", "process"]
    clock: Literal["system", "virtual"]
    policy: Literal["default", "vocalbridge", "strict"] | PolicyInput
    ca_file: str
    """PEM certificates to trust instead of the system's."""
    ca_dir: str
    """A folder of certificates in OpenSSL's form (`openssl rehash`), or several with `:`
    between, to trust instead of the system's.
    """
    extra_ca_file: str
    """PEM certificates to trust beside all others."""
    proxy: str
    """http://[user:password@]host:port"""
    drain_ms: int
    threads: int
    """Readers of the store."""
    api_key_prefix: str
    busy_timeout_ms: int
    allow_network_filesystem: bool


class AgentToolDict(TypedDict, total=False):
    """A tool without a handler here: its calls come back to the host. Required: name."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """A JSON Schema."""


class CouncilMemberDict(TypedDict, total=False):
    """A model that answers. Required: route."""

    route: str
    """provider/model, or provider alone."""
    seat: str
    """Its name; needed where a route has two seats."""


class CouncilCriticsDict(TypedDict, total=False):
    """Who scores the answers."""

    members: bool
    """Each member scores the answers of the others."""
    extra: Sequence[str]
    """Routes that score without answering."""
    sample: int
    """So many of all these."""


class CouncilStragglerDict(TypedDict, total=False):
    """Until when those who are late are waited for, once there is a quorum."""

    mode: Literal["own_quantile", "wait_all", "deadline"]
    q: float


class CouncilOptionsDict(TypedDict, total=False):
    """How several models answer together. Required: members."""

    members: Sequence[str | CouncilMemberInput]
    critics: CouncilCriticsInput
    min_answer_ratio: float
    """Of the members who have to answer, at least 2."""
    min_chars: int
    """Of an answer that counts."""
    best_effort: bool
    """The quorum is `min_answer_ratio` alone, not at least 2: where that is one answer, one is
    enough.
    """
    on_partial: Literal["accept", "fail"]
    straggler: CouncilStragglerInput
    deadline_ms: int
    shares: Sequence[float]
    """Of the deadline, for answers, scores and synthesis; together at most 1."""
    rule: str
    """robust/1, mean, borda or external."""
    ranker: str
    """Of the rule external: the registered tool that ranks the answers."""
    mode: Literal["select", "improve", "improve_k", "fuse", "auto"]
    k: int
    """Of improve_k: so many further answers; 2 when absent."""
    synthesizer: str
    """auto, or a route."""
    hedge: Literal["none", "synthesis"]
    gate: Literal["sanity", "panel"]
    """panel: two critics compare the synthesis with the best answer, blind and in both orders;
    it is shown once half of their votes are for it.
    """
    max_usd: str | Decimal
    """No turn costs more."""
    on_budget: Literal["reject", "degrade"]
    seed: int
    """Fixes order and labels."""


class SendOverridesDict(TypedDict, total=False):
    """Values that replace the agent's own for this send; part of what the key stands for."""

    model: str
    temperature: float
    max_tokens: int
    council: CouncilOptionsInput


class ContentPartDict(TypedDict, total=False):
    """A part of what is sent: {type: text, text}, {type: image, url} or {type: image,
    media_type, data}; with role tool the host's answer to a tool call, {tool_call_id, content}.
    """

    type: Literal["text", "image"]
    text: str
    """UTF-8, 1 byte to 1 MiB."""
    url: str
    """Of an image that the provider fetches: https, http or gs."""
    media_type: str
    """Of an image, as image/png."""
    data: str
    """The image as base64."""
    tool_call_id: str
    content: str


class TokenUsageDict(TypedDict, total=False):
    """Token counts in one meaning for all providers."""

    input: int
    cached_input: int
    cache_write: int
    output: int
    reasoning: int


class ProviderAnswerDict(TypedDict, total=False):
    """What a callback provider answers."""

    text: str
    tokens_in: int
    tokens_out: int
    model: str
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "error"]
    tool_calls: Sequence[NewToolCallInput]


class OpenOptions(TypedDict, total=False):
    """What `conclave.open` takes besides the store."""

    durability: Literal["full", "process"]
    clock: Literal["system", "virtual"]
    policy: Literal["default", "vocalbridge", "strict"] | PolicyInput
    ca_file: str
    """PEM certificates to trust instead of the system's."""
    ca_dir: str
    """A folder of certificates in OpenSSL's form (`openssl rehash`), or several with `:`
    between, to trust instead of the system's.
    """
    extra_ca_file: str
    """PEM certificates to trust beside all others."""
    proxy: str
    """http://[user:password@]host:port"""
    drain_ms: int
    threads: int
    """Readers of the store."""
    api_key_prefix: str
    busy_timeout_ms: int
    allow_network_filesystem: bool
    providers: Sequence[NewProviderInput] | Mapping[str, NewProviderInput]
    prices: Sequence[NewPriceInput]
    options: OpenSettingsInput
