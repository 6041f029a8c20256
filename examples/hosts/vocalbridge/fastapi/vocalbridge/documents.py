"""The JSON shapes of the system: names and order of keys are law."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from conclave.records import (
    Agent,
    Attempt,
    Message,
    PriceVersion,
    Pricing,
    Reply,
    ReplyMessage,
    Session,
    Tenant,
    UsageEvent,
    UsageRollup,
)

from .service import VENDORS

Document = dict[str, Any]


def time(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def price(pricing: Pricing | PriceVersion | None) -> Document:
    return {"usdPer1kTokens": pricing and pricing.usd_per_1k_tokens}


def me(tenant: Tenant, prices: Iterable[PriceVersion]) -> Document:
    """`prices` newest first."""
    newest = {p.provider: p for p in reversed(list(prices))}
    return {
        "tenant": {"id": tenant.id, "name": tenant.name, "createdAt": time(tenant.created_at)},
        "pricing": {vendor: price(newest[vendor]) for vendor in VENDORS if vendor in newest},
    }


def agent(a: Agent) -> Document:
    return {
        "id": a.id,
        "name": a.name,
        "primaryProvider": a.primary,
        "fallbackProvider": a.fallbacks[0] if a.fallbacks else None,
        "systemPrompt": a.instructions,
        "createdAt": time(a.created_at),
        "updatedAt": time(a.updated_at),
    }


def session(s: Session) -> Document:
    return {
        "id": s.id,
        "agentId": s.agent_id,
        "customerId": s.customer_id or None,
        "status": s.status,
        "createdAt": time(s.created_at),
        "lastActivityAt": time(s.last_activity_at),
        "metadata": s.metadata,
    }


def message(m: Message | ReplyMessage) -> Document:
    return {
        "id": m.id,
        "sessionId": m.session_id,
        "role": m.role,
        "content": m.content,
        "createdAt": time(m.created_at),
    }


def attempt(a: Attempt) -> Document:
    return {
        "provider": a.provider,
        "status": a.status,
        "httpStatus": a.http_status,
        "latencyMs": a.latency_ms,
        "retries": a.retries,
        "errorCode": a.error_code,
    }


def reply(r: Reply) -> Document:
    m = r.metadata
    return {
        "message": message(r.message),
        "metadata": {
            "agentId": m.agent_id,
            "providerUsed": m.provider_used,
            "primaryAttempted": m.primary_attempted,
            "fallbackAttempted": m.fallback_attempted,
            "fallbackUsed": m.fallback_used,
            "attempts": [attempt(a) for a in m.attempts],
            "usage": {
                "tokensIn": m.usage.tokens_in,
                "tokensOut": m.usage.tokens_out,
                "costUsd": m.usage.cost_usd,
                "pricing": price(m.usage.pricing),
            },
            "idempotency": {"key": m.idempotency.key, "replayed": m.idempotency.replayed},
            "requestId": m.request_id,
        },
    }


def event(e: UsageEvent) -> Document:
    return {
        "id": e.id,
        "sessionId": e.session_id,
        "agentId": e.agent_id,
        "messageId": e.message_id,
        "provider": e.provider,
        "tokensIn": e.tokens_in,
        "tokensOut": e.tokens_out,
        "tokensTotal": e.tokens_total,
        "costUsd": e.cost_usd,
        "createdAt": time(e.created_at),
    }


def rollup(r: UsageRollup) -> Document:
    totals = r.totals
    return {
        "range": {"from": r.range.from_.isoformat(), "to": r.range.to.isoformat()},
        "totals": {
            "sessions": totals.sessions,
            "messages": totals.messages,
            "tokensIn": totals.tokens_in,
            "tokensOut": totals.tokens_out,
            "tokensTotal": totals.tokens_total,
            "costUsd": totals.cost_usd,
        },
        "byProvider": [
            {
                "provider": p.provider,
                "sessions": p.sessions,
                "tokensIn": p.tokens_in,
                "tokensOut": p.tokens_out,
                "tokensTotal": p.tokens_total,
                "costUsd": p.cost_usd,
            }
            for p in r.by_provider
        ],
        "topAgentsByCost": [
            {
                "agentId": a.agent_id,
                "agentName": a.agent_name,
                "sessions": a.sessions,
                "tokensTotal": a.tokens_total,
                "costUsd": a.cost_usd,
            }
            for a in r.top_agents_by_cost
        ],
    }
