"""Random costs add up to the bill, to the last digit."""

from __future__ import annotations

import asyncio
import os
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import conclave
from conclave.handlers import ProviderAnswer
from conclave.records import ProviderRequest
from process import times

CALLERS = 50
TURNS_PER_SESSION = 8


def test_random_costs_add_up() -> None:
    seed = int(os.environ.get("CONCLAVE_SEED", random.randrange(2**32)))
    print("CONCLAVE_SEED", seed)
    choose = random.Random(seed)

    async def answer(request: ProviderRequest) -> ProviderAnswer:
        tokens_in, tokens_out = choose.randrange(10**5), choose.randrange(10**5)
        return {"text": "x", "tokens_in": tokens_in, "tokens_out": tokens_out}

    async def main() -> None:
        async with conclave.open_async(":memory:", durability="process") as gw:
            tenant = gw.tenant((await gw.tenants.create("Acme")).id)
            agents = []
            for name in ("a", "b", "c"):
                await gw.providers.register(name, "callback", handler=answer)
                price = Decimal(choose.randrange(1, 10**9)).scaleb(-9)
                await gw.prices.set(name, "*", usd_per_1k_tokens=price)
                agents.append((await tenant.agents.create(name, name)).id)
            total, nano = Decimal(0), 0

            async def call(caller: int) -> None:
                nonlocal total, nano
                session = ""
                for number in range(times(ci=2_000, deep=1_000_000) // CALLERS):
                    if number % TURNS_PER_SESSION == 0:
                        session = (await tenant.sessions.create(choose.choice(agents))).id
                    key = f"{caller}-{number}"
                    reply = await tenant.messages.send(session, "Hello", idempotency_key=key)
                    usage = reply.metadata.usage
                    assert usage.cost_usd is not None and usage.cost_nano_usd is not None
                    total += usage.cost_usd
                    nano += usage.cost_nano_usd

            await asyncio.gather(*(call(caller) for caller in range(CALLERS)))
            today = datetime.now(timezone.utc).date()
            days = (today - timedelta(days=1), today + timedelta(days=1))
            rollup = await tenant.usage.rollup(*days)
            assert (rollup.totals.cost_usd, rollup.totals.cost_nano_usd) == (total, nano)
            assert sum(part.cost_usd for part in rollup.by_provider) == total
            assert sum(part.cost_nano_usd for part in rollup.by_day) == nano
            assert (await tenant.usage.spend(*days)).bill_usd == total
            assert (await gw.check()).ok

    asyncio.run(main())
