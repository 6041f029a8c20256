"""The operations of the contract as awaitables. Written by script/generate-python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._async_noun import AsyncNoun, AsyncStream
from ._encoding import ABSENT, null_or_absent
from ._record import decode_nothing, decode_text, page_of
from .records import (
    Agent,
    ApiKey,
    CheckReport,
    CouncilRanking,
    CreatedApiKey,
    EmbeddingVectors,
    Health,
    PriceVersion,
    Provider,
    Reply,
    Resolution,
    Session,
    SpendReport,
    Tenant,
    Tool,
    Transcript,
    UnknownSend,
    UsageEvent,
    UsageRollup,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal
    from os import PathLike
    from typing import Any, Literal

    from typing_extensions import Never

    from ._encoding import Absent
    from ._record import Page
    from .handlers import ProviderHandler, ToolHandler
    from .inputs import (
        AgentToolInput,
        ContentPartInput,
        CouncilOptionsInput,
        MappedWireInput,
        PolicyInput,
        ScriptedReplyInput,
        SendOverridesInput,
        TokenUsageInput,
        UsdPerMillionInput,
    )

AGENT_PAGE = page_of(Agent)
API_KEY_PAGE = page_of(ApiKey)
PRICE_VERSION_PAGE = page_of(PriceVersion)
PROVIDER_PAGE = page_of(Provider)
SESSION_PAGE = page_of(Session)
TENANT_PAGE = page_of(Tenant)
TOOL_PAGE = page_of(Tool)
UNKNOWN_SEND_PAGE = page_of(UnknownSend)
USAGE_EVENT_PAGE = page_of(UsageEvent)


class AsyncProviders(AsyncNoun):
    """Where answers come from. They belong to the process, not to the store. Since 0.1."""

    async def register(
        self,
        name: str,
        kind: Literal[
            "openai", "openai_responses", "anthropic", "gemini", "mapped", "callback", "scripted"
        ],
        *,
        handler: ProviderHandler | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        api_version: str | None = None,
        headers: Mapping[str, Any] | None = None,
        parameter_names: Mapping[str, Any] | None = None,
        policy: Literal["default", "vocalbridge", "strict"] | PolicyInput | None = None,
        concurrency: int | None = None,
        default_model: str | None = None,
        mapped: MappedWireInput | None = None,
        replies: Sequence[ScriptedReplyInput] | None = None,
        echo: bool | None = None,
        **unknown: Never,
    ) -> Provider:
        """Adds a provider or takes the place of one of the same name. A callback provider's calls
        are host calls.

        Args:
            name: 1 to 64 of A-Z a-z 0-9 _ . -
            base_url: Taken as it is; of mapped the full URL.
            api_key: Kept in memory only, never comes back out.
            api_version: anthropic: 2023-06-01 when absent. gemini: the version in the path, v1beta
                when absent and base_url has none. openai and openai_responses: sent as ?api-
                version= if given.
            parameter_names: Where a vendor or model differs from what is known of it: max_tokens,
                temperature, stop, output_schema, stream_usage, instructions, thinking_state,
                call_ids (the form of ids: alphanumeric_9, word_64, any_40 or any_64),
                schema_with_tools or call_signature (what stands for a missing one), and its name
                there; empty for one that it does not take.
            concurrency: Calls at once; the rest queues.
            default_model: For routes that name the provider alone.
            replies: Of scripted: used in order, then from the start.
            echo: Of scripted: answers with the user's text.
            handler: The function that is asked, plain or async.
        """
        document = {
            "name": name,
            "kind": kind,
            "base_url": base_url,
            "api_key": api_key,
            "api_version": api_version,
            "headers": headers,
            "parameter_names": parameter_names,
            "policy": policy,
            "concurrency": concurrency,
            "default_model": default_model,
            "mapped": mapped,
            "replies": replies,
            "echo": echo,
            **unknown,
        }
        return await self._register(
            "provider", "providers.register", document, handler, Provider.from_document
        )

    async def list(self, **unknown: Never) -> Page[Provider]:
        """All providers of the process."""
        document: dict[str, object] = {**unknown}
        return await self._call("providers.list", document, PROVIDER_PAGE)


class AsyncTools(AsyncNoun):
    """Functions that models may call. They belong to the process, not to the store. Since 0.1."""

    async def register(
        self,
        name: str,
        *,
        handler: ToolHandler,
        description: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        timeout_ms: int | None = None,
        side_effects: bool | None = None,
        idempotent: bool | None = None,
        **unknown: Never,
    ) -> Tool:
        """Adds a tool or takes the place of one of the same name. Its calls are host calls.

        Args:
            parameters: A JSON Schema.
            handler: The function that is asked, plain or async.
        """
        document = {
            "name": name,
            "description": description,
            "parameters": parameters,
            "timeout_ms": timeout_ms,
            "side_effects": side_effects,
            "idempotent": idempotent,
            **unknown,
        }
        return await self._register("tool", "tools.register", document, handler, Tool.from_document)

    async def list(self, **unknown: Never) -> Page[Tool]:
        """All tools of the process."""
        document: dict[str, object] = {**unknown}
        return await self._call("tools.list", document, TOOL_PAGE)


class AsyncPrices(AsyncNoun):
    """What tokens cost, in immutable versions. Since 0.1."""

    async def set(
        self,
        provider: str,
        model: str,
        *,
        usd_per_1k_tokens: str | Decimal | None = None,
        usd_per_million: UsdPerMillionInput | None = None,
        effective_from: str | datetime | None = None,
        **unknown: Never,
    ) -> PriceVersion:
        """Adds a version; with unchanged values gives the one there is.

        Args:
            model: Exact name, or * for any.
            effective_from: Now, when absent.
        """
        document = {
            "provider": provider,
            "model": model,
            "usd_per_1k_tokens": usd_per_1k_tokens,
            "usd_per_million": usd_per_million,
            "effective_from": effective_from,
            **unknown,
        }
        return await self._call("prices.set", document, PriceVersion.from_document)

    async def load(
        self,
        *,
        path: str | PathLike[str] | None = None,
        document: Mapping[str, Any] | None = None,
        provider_names: Mapping[str, Any] | None = None,
        **unknown: Never,
    ) -> Page[PriceVersion]:
        """Sets all prices of a file or document, or none of them.

        Args:
            path: This
            document: or this.
            provider_names: Under which names its providers are registered here: {"openai":
                "vendorA"}. With any given only these are loaded.
        """
        document = {
            "path": path,
            "document": document,
            "provider_names": provider_names,
            **unknown,
        }
        return await self._call("prices.load", document, PRICE_VERSION_PAGE)

    async def list(
        self,
        *,
        provider: str | None = None,
        **unknown: Never,
    ) -> Page[PriceVersion]:
        """Price versions, newest first."""
        document = {
            "provider": provider,
            **unknown,
        }
        return await self._call("prices.list", document, PRICE_VERSION_PAGE)


class AsyncTenants(AsyncNoun):
    """Businesses whose data no other tenant can reach. Since 0.1."""

    async def create(
        self,
        name: str,
        *,
        metadata: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        **unknown: Never,
    ) -> Tenant:
        """Makes a tenant.

        Args:
            settings: The host's own settings for this tenant, at most 16 KiB: kept and given back,
                without a meaning here.
        """
        document = {
            "name": name,
            "metadata": metadata,
            "settings": settings,
            **unknown,
        }
        return await self._call("tenants.create", document, Tenant.from_document)

    async def get(
        self,
        id: str,
        **unknown: Never,
    ) -> Tenant:
        """One tenant."""
        document = {
            "id": id,
            **unknown,
        }
        return await self._call("tenants.get", document, Tenant.from_document)

    async def list(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        **unknown: Never,
    ) -> Page[Tenant]:
        """All tenants.

        Args:
            limit: 1 to 1000, 100 when absent.
            cursor: From the page before.
        """
        document = {
            "limit": limit,
            "cursor": cursor,
            **unknown,
        }
        return await self._call("tenants.list", document, TENANT_PAGE)

    async def update(
        self,
        id: str,
        *,
        name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        **unknown: Never,
    ) -> Tenant:
        """Changes name, metadata or settings.

        Args:
            settings: The host's own settings for this tenant, at most 16 KiB: kept and given back,
                without a meaning here.
        """
        document = {
            "id": id,
            "name": name,
            "metadata": metadata,
            "settings": settings,
            **unknown,
        }
        return await self._call("tenants.update", document, Tenant.from_document)

    async def suspend(
        self,
        id: str,
        **unknown: Never,
    ) -> Tenant:
        """Its keys and its sends give TENANT_SUSPENDED until it is activated; what it has can be
        read and changed.
        """
        document = {
            "id": id,
            **unknown,
        }
        return await self._call("tenants.suspend", document, Tenant.from_document)

    async def activate(
        self,
        id: str,
        **unknown: Never,
    ) -> Tenant:
        """Ends a suspension."""
        document = {
            "id": id,
            **unknown,
        }
        return await self._call("tenants.activate", document, Tenant.from_document)

    async def delete(
        self,
        id: str,
        **unknown: Never,
    ) -> None:
        """Erases content and keys; usage events and key hashes stay."""
        document = {
            "id": id,
            **unknown,
        }
        return await self._call("tenants.delete", document, decode_nothing)


class AsyncGatewayOperations(AsyncNoun):
    """What concerns the gateway as a whole. Since 0.1."""

    async def check(self, **unknown: Never) -> CheckReport:
        """Checks the ledger's invariants over the whole store."""
        document: dict[str, object] = {**unknown}
        return await self._call("gateway.check", document, CheckReport.from_document)

    async def health(self, **unknown: Never) -> Health:
        """About this process."""
        document: dict[str, object] = {**unknown}
        return await self._call("gateway.health", document, Health.from_document)

    async def metrics(self, **unknown: Never) -> str:
        """Counters of this process in the text format of Prometheus."""
        document: dict[str, object] = {**unknown}
        return await self._call("gateway.metrics", document, decode_text)

    async def new_idempotency_key(self, **unknown: Never) -> str:
        """A key that no other message has, for a host without keys of its own. To be kept until
        the answer is there: with it a message can be sent again.
        """
        document: dict[str, object] = {**unknown}
        return await self._call("gateway.new_idempotency_key", document, decode_text)

    async def backup(
        self,
        path: str | PathLike[str],
        **unknown: Never,
    ) -> None:
        """Copies the store to a new file while it is in use."""
        document = {
            "path": path,
            **unknown,
        }
        return await self._call("gateway.backup", document, decode_nothing)

    async def advance(
        self,
        ms: int,
        **unknown: Never,
    ) -> None:
        """Moves the virtual clock and runs what falls due."""
        document = {
            "ms": ms,
            **unknown,
        }
        return await self._call("gateway.advance", document, decode_nothing)


class AsyncApiKeys(AsyncNoun):
    """The keys that open the tenant. Since 0.1."""

    async def create(
        self,
        *,
        name: str | None = None,
        scopes: Sequence[str] | None = None,
        expires_at: str | datetime | None = None,
        **unknown: Never,
    ) -> CreatedApiKey:
        """Makes a key; its secret is shown this once.

        Args:
            scopes: The host's own words, kept for it to judge by; conclave asks for none.
            expires_at: In the future.
        """
        document = {
            "name": name,
            "scopes": scopes,
            "expires_at": expires_at,
            **unknown,
        }
        return await self._call("api_keys.create", document, CreatedApiKey.from_document)

    async def list(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        **unknown: Never,
    ) -> Page[ApiKey]:
        """The tenant's keys.

        Args:
            limit: 1 to 1000, 100 when absent.
            cursor: From the page before.
        """
        document = {
            "limit": limit,
            "cursor": cursor,
            **unknown,
        }
        return await self._call("api_keys.list", document, API_KEY_PAGE)

    async def revoke(
        self,
        id: str,
        *,
        reason: str | None = None,
        **unknown: Never,
    ) -> ApiKey:
        """Ends a key at once. Revoking twice keeps the first time and reason."""
        document = {
            "id": id,
            "reason": reason,
            **unknown,
        }
        return await self._call("api_keys.revoke", document, ApiKey.from_document)


class AsyncAgents(AsyncNoun):
    """Who answers: a route to a model, instructions, tools. Since 0.1."""

    async def create(
        self,
        name: str,
        primary: str | None = None,
        *,
        fallbacks: Sequence[str] | None = None,
        instructions: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        tools: Sequence[str | AgentToolInput] | None = None,
        council: CouncilOptionsInput | None = None,
        policy: Literal["default", "vocalbridge", "strict"] | PolicyInput | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        **unknown: Never,
    ) -> Agent:
        """Makes an agent.

        Args:
            primary: A route: provider/model, or provider alone.
            fallbacks: Routes, tried in this order.
        """
        document = {
            "name": name,
            "primary": primary,
            "fallbacks": fallbacks,
            "instructions": instructions,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "tools": tools,
            "council": council,
            "policy": policy,
            "description": description,
            "metadata": metadata,
            **unknown,
        }
        return await self._call("agents.create", document, Agent.from_document)

    async def get(
        self,
        id: str,
        **unknown: Never,
    ) -> Agent:
        """The current version of an agent."""
        document = {
            "id": id,
            **unknown,
        }
        return await self._call("agents.get", document, Agent.from_document)

    async def list(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        **unknown: Never,
    ) -> Page[Agent]:
        """The tenant's agents.

        Args:
            limit: 1 to 1000, 100 when absent.
            cursor: From the page before.
        """
        document = {
            "limit": limit,
            "cursor": cursor,
            **unknown,
        }
        return await self._call("agents.list", document, AGENT_PAGE)

    async def update(
        self,
        id: str,
        *,
        name: str | None = None,
        primary: str | None = None,
        fallbacks: Sequence[str] | None = None,
        instructions: str | None = None,
        temperature: float | Absent | None = ABSENT,
        max_tokens: int | Absent | None = ABSENT,
        tools: Sequence[str | AgentToolInput] | None = None,
        council: CouncilOptionsInput | Absent | None = ABSENT,
        policy: Literal["default", "vocalbridge", "strict"] | PolicyInput | Absent | None = ABSENT,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        **unknown: Never,
    ) -> Agent:
        """Stores a new version.

        Args:
            primary: A route: provider/model, or provider alone.
            fallbacks: Routes, tried in this order.
            temperature: null leaves it to the provider.
            max_tokens: null leaves it to the provider.
            council: null takes it away: the agent answers by its primary.
            policy: null leaves it to the gateway.
        """
        document = {
            "id": id,
            "name": name,
            "primary": primary,
            "fallbacks": fallbacks,
            "instructions": instructions,
            "temperature": null_or_absent(temperature),
            "max_tokens": null_or_absent(max_tokens),
            "tools": tools,
            "council": null_or_absent(council),
            "policy": null_or_absent(policy),
            "description": description,
            "metadata": metadata,
            **unknown,
        }
        return await self._call("agents.update", document, Agent.from_document)

    async def delete(
        self,
        id: str,
        **unknown: Never,
    ) -> None:
        """Later sends to its sessions give AGENT_NOT_FOUND."""
        document = {
            "id": id,
            **unknown,
        }
        return await self._call("agents.delete", document, decode_nothing)


class AsyncSessions(AsyncNoun):
    """Conversations of customers with agents. Since 0.1."""

    async def create(
        self,
        agent_id: str,
        *,
        customer_id: str | None = None,
        subject: str | None = None,
        title: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        **unknown: Never,
    ) -> Session:
        """Begins a conversation."""
        document = {
            "agent_id": agent_id,
            "customer_id": customer_id,
            "subject": subject,
            "title": title,
            "metadata": metadata,
            **unknown,
        }
        return await self._call("sessions.create", document, Session.from_document)

    async def get(
        self,
        id: str,
        **unknown: Never,
    ) -> Session:
        """One session."""
        document = {
            "id": id,
            **unknown,
        }
        return await self._call("sessions.get", document, Session.from_document)

    async def list(
        self,
        *,
        agent_id: str | None = None,
        customer_id: str | None = None,
        status: Literal["active", "closed"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        **unknown: Never,
    ) -> Page[Session]:
        """The tenant's sessions.

        Args:
            limit: 1 to 1000, 100 when absent.
            cursor: From the page before.
        """
        document = {
            "agent_id": agent_id,
            "customer_id": customer_id,
            "status": status,
            "limit": limit,
            "cursor": cursor,
            **unknown,
        }
        return await self._call("sessions.list", document, SESSION_PAGE)

    async def update(
        self,
        id: str,
        *,
        title: str | None = None,
        pinned: bool | None = None,
        metadata: Mapping[str, Any] | None = None,
        **unknown: Never,
    ) -> Session:
        """Changes title, pin or metadata."""
        document = {
            "id": id,
            "title": title,
            "pinned": pinned,
            "metadata": metadata,
            **unknown,
        }
        return await self._call("sessions.update", document, Session.from_document)

    async def close(
        self,
        id: str,
        **unknown: Never,
    ) -> Session:
        """Later sends give SESSION_CLOSED."""
        document = {
            "id": id,
            **unknown,
        }
        return await self._call("sessions.close", document, Session.from_document)

    async def delete(
        self,
        id: str,
        **unknown: Never,
    ) -> None:
        """Erases the messages; usage events and key hashes stay."""
        document = {
            "id": id,
            **unknown,
        }
        return await self._call("sessions.delete", document, decode_nothing)

    async def transcript(
        self,
        id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        **unknown: Never,
    ) -> Transcript:
        """Messages, oldest first.

        Args:
            limit: 1 to 1000, 100 when absent.
            cursor: From the page before.
        """
        document = {
            "id": id,
            "limit": limit,
            "cursor": cursor,
            **unknown,
        }
        return await self._call("sessions.transcript", document, Transcript.from_document)

    async def export(
        self,
        id: str,
        format: Literal["markdown", "json"],
        **unknown: Never,
    ) -> str:
        """The whole conversation as text."""
        document = {
            "id": id,
            "format": format,
            **unknown,
        }
        return await self._call("sessions.export", document, decode_text)


class AsyncMessages(AsyncNoun):
    """Sends and their answers. Since 0.1."""

    async def send(
        self,
        session_id: str,
        content: str | Sequence[ContentPartInput],
        *,
        idempotency_key: str | None = None,
        role: Literal["user", "tool"] | None = None,
        overrides: SendOverridesInput | None = None,
        metadata: Mapping[str, Any] | None = None,
        deadline_ms: int | None = None,
        output_schema: Mapping[str, Any] | None = None,
        **unknown: Never,
    ) -> Reply:
        """One answer and one bill per idempotency key.

        Args:
            idempotency_key: 1 to 255 bytes of printable ASCII without spaces.
            metadata: Stored with the message.
            deadline_ms: How long the caller waits; the call itself goes on.
            output_schema: JSON Schema that the answer must fit; the reply has it as
                metadata.output.
        """
        document = {
            "session_id": session_id,
            "content": content,
            "idempotency_key": idempotency_key,
            "role": role,
            "overrides": overrides,
            "metadata": metadata,
            "deadline_ms": deadline_ms,
            "output_schema": output_schema,
            **unknown,
        }
        return await self._call("messages.send", document, Reply.from_document)

    def stream(
        self,
        session_id: str,
        content: str | Sequence[ContentPartInput],
        *,
        idempotency_key: str | None = None,
        role: Literal["user", "tool"] | None = None,
        overrides: SendOverridesInput | None = None,
        metadata: Mapping[str, Any] | None = None,
        deadline_ms: int | None = None,
        output_schema: Mapping[str, Any] | None = None,
        last_event_id: str | None = None,
        **unknown: Never,
    ) -> AsyncStream:
        """The same, event by event.

        Args:
            idempotency_key: 1 to 255 bytes of printable ASCII without spaces.
            metadata: Stored with the message.
            deadline_ms: How long the caller waits; the call itself goes on.
            output_schema: JSON Schema that the answer must fit; the reply has it as
                metadata.output.
            last_event_id: Of the last event seen: what comes after it follows.
        """
        document = {
            "session_id": session_id,
            "content": content,
            "idempotency_key": idempotency_key,
            "role": role,
            "overrides": overrides,
            "metadata": metadata,
            "deadline_ms": deadline_ms,
            "output_schema": output_schema,
            "last_event_id": last_event_id,
            **unknown,
        }
        return self._stream("messages.stream", document)

    async def resolve(
        self,
        decision: Literal["retry", "succeed", "fail"],
        *,
        idempotency_key: str | None = None,
        send_id: str | None = None,
        content: str | None = None,
        tokens: TokenUsageInput | None = None,
        **unknown: Never,
    ) -> Resolution:
        """Settles by hand a send that stands as unknown.

        Args:
            content: For succeed: the answer, as the provider's own records show it.
        """
        document = {
            "idempotency_key": idempotency_key,
            "send_id": send_id,
            "decision": decision,
            "content": content,
            "tokens": tokens,
            **unknown,
        }
        return await self._call("messages.resolve", document, Resolution.from_document)

    async def list_unknown(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        **unknown: Never,
    ) -> Page[UnknownSend]:
        """Sends in doubt.

        Args:
            limit: 1 to 1000, 100 when absent.
            cursor: From the page before.
        """
        document = {
            "limit": limit,
            "cursor": cursor,
            **unknown,
        }
        return await self._call("messages.list_unknown", document, UNKNOWN_SEND_PAGE)


class AsyncEmbeddings(AsyncNoun):
    """Vectors of texts. Since 0.1."""

    async def create(
        self,
        route: str,
        inputs: Sequence[str],
        *,
        dimensions: int | None = None,
        deadline_ms: int | None = None,
        **unknown: Never,
    ) -> EmbeddingVectors:
        """Vectors of texts, billed without a message; asking again bills again.

        Args:
            route: provider/model or provider.
            inputs: 1 to 2,048 texts of 1 byte to 1 MiB, 4 MiB in all.
            dimensions: Of each vector; the model's own when absent.
            deadline_ms: Ends the call, if its policy does not end it before.
        """
        document = {
            "route": route,
            "inputs": inputs,
            "dimensions": dimensions,
            "deadline_ms": deadline_ms,
            **unknown,
        }
        return await self._call("embeddings.create", document, EmbeddingVectors.from_document)


class AsyncCouncil(AsyncNoun):
    """Questions to several models at once, and rankings of their answers. Since 0.1."""

    async def run(
        self,
        prompt: str,
        council: CouncilOptionsInput,
        *,
        idempotency_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        deadline_ms: int | None = None,
        **unknown: Never,
    ) -> Reply:
        """Asks a council without a session; metadata.council tells what it did.

        Args:
            metadata: Stored with the message.
            deadline_ms: How long the caller waits; the call itself goes on.
        """
        document = {
            "prompt": prompt,
            "council": council,
            "idempotency_key": idempotency_key,
            "metadata": metadata,
            "deadline_ms": deadline_ms,
            **unknown,
        }
        return await self._call("council.run", document, Reply.from_document)

    async def reaggregate(
        self,
        message_id: str,
        rule: str,
        **unknown: Never,
    ) -> CouncilRanking:
        """Ranks the stored scores of a council's answer by another rule, free of charge."""
        document = {
            "message_id": message_id,
            "rule": rule,
            **unknown,
        }
        return await self._call("council.reaggregate", document, CouncilRanking.from_document)


class AsyncUsage(AsyncNoun):
    """What was spent, to the nano-dollar. Since 0.1."""

    async def rollup(
        self,
        from_: str | date,
        to: str | date,
        *,
        group_by: Literal["day", "provider", "model", "agent"]
        | Sequence[Literal["day", "provider", "model", "agent"]]
        | None = None,
        **unknown: Never,
    ) -> UsageRollup:
        """The bill over a range of days.

        Args:
            to: Inclusive; days are UTC.
            group_by: The report then has groups, at most 10,000; a model goes with its provider.
        """
        document = {
            "from": from_,
            "to": to,
            "group_by": group_by,
            **unknown,
        }
        return await self._call("usage.rollup", document, UsageRollup.from_document)

    async def events(
        self,
        from_: str | date,
        to: str | date,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        **unknown: Never,
    ) -> Page[UsageEvent]:
        """The lines of the bill.

        Args:
            to: Inclusive; days are UTC.
            limit: 1 to 1000, 100 when absent.
            cursor: From the page before.
        """
        document = {
            "from": from_,
            "to": to,
            "limit": limit,
            "cursor": cursor,
            **unknown,
        }
        return await self._call("usage.events", document, USAGE_EVENT_PAGE)

    async def spend(
        self,
        from_: str | date,
        to: str | date,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        **unknown: Never,
    ) -> SpendReport:
        """Every attempt, exposure included.

        Args:
            to: Inclusive; days are UTC.
            limit: 1 to 1000, 100 when absent.
            cursor: From the page before.
        """
        document = {
            "from": from_,
            "to": to,
            "limit": limit,
            "cursor": cursor,
            **unknown,
        }
        return await self._call("usage.spend", document, SpendReport.from_document)
