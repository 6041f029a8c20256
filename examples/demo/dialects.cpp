// Streams from vendors with protocols of their own.
#include "dialects.hpp"

#include "page.hpp"

#include <array>
#include <string>

namespace demo {

namespace {

using namespace conclave;

struct dialect {
    const char* name;  ///< of the provider, and of the vendor in the simulator
    provider_kind kind;
    const char* path;
    const char* model;
};

constexpr std::array dialects{
    dialect{"openai", provider_kind::openai, "/v1", "gpt-4o-mini"},
    dialect{"openai-responses", provider_kind::openai_responses, "/v1", "gpt-5-mini"},
    dialect{"anthropic", provider_kind::anthropic, "", "claude-haiku-4-5"},
    dialect{"gemini", provider_kind::gemini, "", "gemini-2.5-flash"},
};

/// Prints one answer while it is made. True if it came in pieces and used the tool.
bool watch(message_stream stream) {
    std::string pieces;
    std::size_t count = 0;
    bool used_tool = false;
    std::optional<reply> answer;
    while (const auto event = stream.next()) {
        if (event->type == stream_event_type::tool_result) {
            used_tool = true;
            line("  the model calls find_parcel, and is told what it found");
        } else if (event->type == stream_event_type::delta) {
            pieces += (count == 0 ? "" : "|") + event->text;
            ++count;
        } else if (event->type == stream_event_type::error) {
            line("  " + event->error->message);
        } else if (event->type == stream_event_type::done) {
            answer = event->reply;
        }
    }
    if (!answer) return false;
    line("< " + pieces);
    const auto& used = answer->metadata.usage;
    line("  " + std::to_string(used.tokens.input) + " + " + std::to_string(used.tokens.output) +
         " tokens in two rounds, $" + (used.cost ? dollars(*used.cost) : "?"));
    return used_tool && count > 1 && used.cost;
}

}  // namespace

void add_dialects(const gateway& gw, const simulator::simulator_process& simulator) {
    for (const auto& d : dialects) {
        gw.providers()
            .register_provider({.name = d.name,
                                .kind = d.kind,
                                .base_url = simulator.base_url() + d.path,
                                .api_key = "key"})
            .value();
        gw.prices()
            .set({.provider = d.name, .usd_per_million = {{.input = "0.15", .output = "0.60"}}})
            .value();
        simulator.control(R"({"target":")" + std::string(d.name) +
                          R"(","scenarios":[],"default":{"chunks":4,"chunk_delay_ms":40,)"
                          R"("tool_calls":[{"name":"find_parcel","arguments":{"number":"A-7"}}],)"
                          R"("text_after_tools":"It is in Oslo and comes tomorrow by noon."}})");
    }
    gw.tools()
        .register_tool({.name = "find_parcel",
                        .description = "Where a parcel is.",
                        .parameters = R"({"type":"object","required":["number"],
                                         "properties":{"number":{"type":"string"}}})",
                        .handler = [](const tool_call&) -> result<tool_answer> {
                            return std::string("Oslo, sorting centre");
                        },
                        .side_effects = false})
        .value();
}

bool watch_dialects(const tenant& tenant) {
    line("> Where is parcel A-7?");
    bool all = true;
    for (const auto& d : dialects) {
        const auto agent = tenant.agents()
                               .create({.name = d.name,
                                        .primary = std::string(d.name) + "/" + d.model,
                                        .max_tokens = 200,
                                        .tools = {{.name = "find_parcel", .registered = true}}})
                               .value();
        const auto session = tenant.sessions().create({.agent_id = agent.id}).value();
        line(std::string(d.name) + ", " + d.model);
        auto stream = tenant.messages().stream({.session_id = session.id,
                                                .content = "Where is parcel A-7?",
                                                .idempotency_key = std::string("p-") + d.name});
        all = stream && watch(*stream) && all;
    }
    return all;
}

}  // namespace demo
