"""A council: three models answer, score one another, and the best answer is improved. One key, one
reply, one bill.
"""

import json
import re

import conclave
from conclave.handlers import ProviderAnswer, ProviderHandler
from conclave.records import ProviderRequest


def score_sheet(prompt: str) -> str:
    """Scores what a critic is shown: each answer stands in its prompt under a label."""
    assessments = []
    for shown in re.finditer(r'\{"id":"(?P<label>.{4})".*?"\}', prompt):
        careful = "staging" in shown.group()
        assessments.append(
            {
                "id": shown["label"],
                "flaws": "No way back." if careful else "Says nothing of testing.",
                "strengths": "Short.",
                "severity": "minor",
                "score": 8 if careful else 5,
            }
        )
    return json.dumps({"assessments": assessments})


def model(answer: str) -> ProviderHandler:
    """A stand-in for a real model, which would be registered in its place."""

    def reply(request: ProviderRequest) -> ProviderAnswer:
        prompt = request.messages[-1].content
        if request.output_schema:
            text = score_sheet(prompt)
        elif '"draft":' in prompt:
            text = answer + " Keep the last release at hand, and roll back if a check fails."
        else:
            text = answer
        return {"text": text, "tokens_in": 40, "tokens_out": 60}

    return reply


with conclave.open(":memory:") as gw:
    for name, usd, answer in [
        ("quick", "0.001", "Push to main on a Friday and see what the customers say about it."),
        ("careful", "0.004", "Deploy to staging, run the smoke tests, then shift traffic slowly."),
        ("brief", "0.002", "Press the green button in the dashboard, then press it again."),
    ]:
        gw.providers.register(name, kind="callback", handler=model(answer))
        gw.prices.set(name, "*", usd_per_1k_tokens=usd)

    acme = gw.tenant(gw.tenants.create(name="Acme Corporation").id)
    agent = acme.agents.create(
        name="Board",
        max_tokens=500,
        council={"members": ["quick/1", "careful/1", "brief/1"], "max_usd": "1"},
    )
    session = acme.sessions.create(agent_id=agent.id)
    reply = acme.messages.send(session.id, "How do I deploy?", idempotency_key="deploy-1")
    print(reply.message.content)
    print("for", reply.metadata.usage.cost_usd, "dollars")
    # Who answered what, who scored whom, who won, and what each seat cost.
    exported = acme.sessions.export(session.id, "markdown")
    print(exported[exported.index("### Council") :])
    assert gw.check().ok
