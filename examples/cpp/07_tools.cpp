// A model that calls a function of the host: checked arguments, sources in the reply, one bill.
#include <conclave/conclave.hpp>

#include <iostream>

using namespace conclave;

int main() {
    // A model that asks for the weather twice, the first time wrongly; a real one is registered in
    // its place.
    const scripted_reply wrong{.tool_calls = {{"c1", "weather", R"({"town":"Oslo"})"}}};
    const scripted_reply right{.tool_calls = {{"c2", "weather", R"({"city":"Oslo"})"}}};
    const scripted_reply answer{.text = "Take an umbrella."};
    auto gw =
        gateway::open(":memory:", {.providers = {{.name = "model",
                                                  .kind = provider_kind::scripted,
                                                  .replies = {wrong, right, answer}}},
                                   .prices = {{.provider = "model", .usd_per_1k_tokens = "0.002"}}})
            .value();

    // It only looks something up, so a call that a crash cut off may be made again.
    gw.tools()
        .register_tool({.name = "weather",
                        .description = "Says what the weather will be.",
                        .parameters = R"({"type":"object","required":["city"],
                                         "properties":{"city":{"type":"string"}},
                                         "additionalProperties":false})",
                        .handler = [](const tool_call& call) -> result<tool_answer> {
                            std::cout << "asked with " << call.arguments << '\n';
                            return tool_answer("rain", {{.title = "Met Office",
                                                         .url = "https://example.org/oslo"}});
                        },
                        .side_effects = false})
        .value();

    auto acme = gw.tenant(gw.tenants().create({.name = "Acme Corporation"}).value().id);
    const auto agent = acme.agents()
                           .create({.name = "Guide",
                                    .primary = "model",
                                    .tools = {{.name = "weather", .registered = true}}})
                           .value();
    const auto session = acme.sessions().create({.agent_id = agent.id}).value();
    const auto reply = acme.messages().send({.session_id = session.id,
                                             .content = "What will it be like in Oslo?",
                                             .idempotency_key = "oslo-1"});
    if (!reply) {
        std::cerr << reply.error().message << '\n';
        return 1;
    }
    std::cout << reply->message.content << '\n';
    for (const auto& cited : reply->metadata.sources)
        std::cout << "from " << cited.source.title << " by " << cited.tool << '\n';
    std::cout << "for " << reply->metadata.usage.cost->to_usd_string() << " dollars\n";
    return gw.check().value().ok() ? 0 : 1;
}
