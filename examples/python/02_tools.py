"""A model that calls a function of the host: checked arguments, sources in the reply, one bill."""

import conclave

with conclave.open(":memory:") as gw:
    # A model that asks for the weather twice, the first time wrongly; a real one is registered in
    # its place.
    wrong = {"tool_calls": [{"id": "c1", "name": "weather", "arguments": {"town": "Oslo"}}]}
    right = {"tool_calls": [{"id": "c2", "name": "weather", "arguments": {"city": "Oslo"}}]}
    answer = {"text": "Take an umbrella."}
    gw.providers.register("model", kind="scripted", replies=[wrong, right, answer])
    gw.prices.set("model", "*", usd_per_1k_tokens="0.002")

    # Its schema is made of the signature. It only looks something up, so a call that a crash cut
    # off may be made again.
    @gw.tool(side_effects=False)
    def weather(city: str) -> dict[str, object]:
        """Says what the weather will be."""
        print("asked for", city)
        return {
            "content": "rain",
            "sources": [{"title": "Met Office", "url": "https://example.org/oslo"}],
        }

    acme = gw.tenant(gw.tenants.create(name="Acme Corporation").id)
    agent = acme.agents.create(name="Guide", primary="model", tools=["weather"])
    session = acme.sessions.create(agent_id=agent.id)
    reply = acme.messages.send(
        session.id, "What will it be like in Oslo?", idempotency_key="oslo-1"
    )
    print(reply.message.content)
    for cited in reply.metadata.sources or []:
        print("from", cited.title, "by", cited.tool)
    print("for", reply.metadata.usage.cost_usd, "dollars")
    assert gw.check().ok
