"""An answer while it is made: printed piece by piece, left half-way, taken up where it was."""

import conclave

with conclave.open(":memory:") as gw:
    # A provider that speaks in pieces; a real one is registered in its place.
    poem = {"chunks": ["Roses ", "are ", "red."], "latency_ms": 20, "chunk_latency_ms": 20}
    gw.providers.register("poet", kind="scripted", replies=[poem])
    gw.prices.set("poet", "*", usd_per_1k_tokens="0.002")
    acme = gw.tenant(gw.tenants.create(name="Acme Corporation").id)
    agent = acme.agents.create(name="Poet", primary="poet")
    session = acme.sessions.create(agent_id=agent.id)

    # A reader that goes away after the first piece: the call runs on.
    with acme.messages.stream(session.id, "A poem, please", idempotency_key="poem-1") as stream:
        for event in stream:
            if event.type == "delta":
                print(f"{event.text}({event.id})")
                break

    # The same key goes on after the event that was seen last; the call is still one, and so is its
    # bill.
    rest = acme.messages.stream(
        session.id,
        "A poem, please",
        idempotency_key="poem-1",
        last_event_id=stream.last_event_id,
    )
    for event in rest:
        if event.type == "delta":
            print(event.text, end="")
        if event.reply:
            print(f"\nfor {event.reply.metadata.usage.cost_usd} dollars")
    assert gw.check().ok
