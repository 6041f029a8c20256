"""An answer that must fit a JSON Schema: asked for once more if it does not, then data to use."""

import conclave

with conclave.open(":memory:") as gw:
    # A model that chats before it obeys; a real one is registered in its place.
    chatty = {"text": "Gladly! It sounds angry."}
    plain = {"text": '{"mood": "angry", "urgent": true}'}
    gw.providers.register("model", kind="scripted", replies=[chatty, plain])
    gw.prices.set("model", "*", usd_per_1k_tokens="0.002")
    acme = gw.tenant(gw.tenants.create(name="Acme Corporation").id)
    agent = acme.agents.create(name="Reader", primary="model")
    session = acme.sessions.create(agent_id=agent.id)

    schema = {
        "type": "object",
        "required": ["mood", "urgent"],
        "properties": {"mood": {"enum": ["calm", "angry"]}, "urgent": {"type": "boolean"}},
    }
    reply = acme.messages.send(
        session.id, "Where is my parcel?!", idempotency_key="mail-7", output_schema=schema
    )
    mail = reply.metadata.output or {}
    print(mail["mood"], "urgent" if mail["urgent"] else "")
    print("both answers for", reply.metadata.usage.cost_usd, "dollars")

    # A schema that conclave does not understand as a whole is refused, not half obeyed.
    try:
        acme.messages.send(
            session.id,
            "And now?",
            idempotency_key="mail-8",
            output_schema={"properties": {"mood": {"pattern": "^[a-z]+$"}}},
        )
    except conclave.ValidationError as refused:
        print(refused)
    assert gw.check().ok
