// Founds the world of the crash tests and carries it from process to process.
#include "faults/crash_world.hpp"

#include "faults/tool_world.hpp"
#include "faults/witness_file.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <utility>

namespace conclave::faults {

namespace {

constexpr const char* route_names[] = {"openai", "vendor-a", "vendor-b"};

/// A vendor as the simulator names it. None of those that back one another up give calls equal ids.
struct protocol {
    const char* name;
    provider_kind kind;
    const char* path;
    const char* fallback;
};

constexpr protocol protocols_spoken[] = {
    {"openai", provider_kind::openai, "/v1", "anthropic"},
    {"openai-responses", provider_kind::openai_responses, "/v1", "anthropic"},
    {"anthropic", provider_kind::anthropic, "", "openai"},
    {"gemini", provider_kind::gemini, "", "anthropic"},
};

std::vector<new_provider> protocol_vendors(const std::string& origin) {
    std::vector<new_provider> all;
    for (const auto& p : protocols_spoken)
        all.push_back({.name = p.name,
                       .kind = p.kind,
                       .base_url = origin + p.path,
                       .api_key = "key",
                       .default_model = "model"});
    return all;
}

new_provider openai_vendor(const std::string& origin) {
    new_provider p;
    p.name = "openai";
    p.base_url = origin + "/v1";
    p.default_model = "model";
    return p;
}

new_provider mapped_vendor(std::string name, std::string url, mapped_wire wire) {
    new_provider p;
    p.name = std::move(name);
    p.kind = provider_kind::mapped;
    p.base_url = std::move(url);
    p.default_model = "model";
    p.mapped = std::move(wire);
    return p;
}

std::vector<new_provider> simulated_vendors(const std::string& origin) {
    return {openai_vendor(origin),
            mapped_vendor("vendor-a", origin + "/vendor-a/generate",
                          {.request_template = R"({"messages": "{{messages}}"})",
                           .text = "/outputText",
                           .tokens_in = "/tokensIn",
                           .tokens_out = "/tokensOut",
                           .error_code = "/error/code"}),
            mapped_vendor("vendor-b", origin + "/vendor-b/complete",
                          {.request_template = R"({"input": "{{messages}}"})",
                           .text = "/choices/0/message/content",
                           .tokens_in = "/usage/input_tokens",
                           .tokens_out = "/usage/output_tokens",
                           .error_code = "/error/type",
                           .retry_after_ms = "/error/retryAfterMs"})};
}

}  // namespace

std::string world_key::content() const {
    return "t" + std::to_string(tenant) + "-k" + std::to_string(number);
}

std::string world_key::text() const { return "key-" + std::to_string(number); }

std::optional<world_key> world_key::of_content(std::string_view content) {
    world_key key;
    if (content.size() < 5 || content[0] != 't' || content.substr(2, 2) != "-k") return {};
    key.tenant = content[1] - '0';
    const auto* end = content.data() + content.size();
    const auto [at, bad] = std::from_chars(content.data() + 4, end, key.number);
    if (bad != std::errc() || at != end || key.tenant < 0 || key.tenant >= world_tenants) return {};
    return key;
}

void crash_world::save(const std::string& file) const {
    std::ofstream out(file);
    out << database << '\n'
        << vendors << '\n'
        << strict << ' ' << full_durability << ' ' << tools << ' ' << protocols << '\n';
    for (std::size_t t = 0; t < tenants.size(); ++t) {
        // A world without its tenants, not founded yet, must be readable too.
        out << '.' << tenants[t].str() << ' ' << sessions[t].size() << '\n';
        for (const auto& s : sessions[t]) out << s.str() << '\n';
    }
    if (!out.flush()) throw std::runtime_error("cannot write " + file);
}

crash_world crash_world::load(const std::string& file) {
    std::ifstream in(file);
    crash_world w;
    std::getline(in, w.database);
    std::getline(in, w.vendors);
    in >> w.strict >> w.full_durability >> w.tools >> w.protocols;
    for (std::size_t t = 0; t < w.tenants.size(); ++t) {
        std::string id;
        std::size_t count = 0;
        in >> id >> count;
        w.tenants[t] = tenant_id(id.substr(std::min<std::size_t>(id.size(), 1)));
        for (; count > 0 && in >> id; --count) w.sessions[t].emplace_back(id);
    }
    if (!in) throw std::runtime_error("cannot read " + file);
    return w;
}

open_options crash_world::options() const {
    open_options o;
    o.durability = full_durability ? durability::full : durability::process;
    o.reader_threads = 1;
    o.handler_threads = 2;
    if (strict) o.policy.preset = "strict";
    o.policy.retries = 2;
    o.policy.base_delay_ms = 1;
    o.policy.max_delay_ms = 4;
    o.policy.jitter = jitter_mode::none;
    o.policy.attempt_timeout_ms = 1'000;
    if (!vendors.empty())
        o.providers = protocols ? protocol_vendors(vendors) : simulated_vendors(vendors);
    if (tools) o.providers.push_back(tool_user(database));
    return o;
}

void crash_world::equip(const gateway& gw, std::function<void()> on_effect) const {
    if (tools || protocols) register_tools(gw, database, std::move(on_effect));
}

send_request crash_world::request(world_key key) const {
    // Neighbours share a session, so that turns meet.
    const auto& all = sessions[static_cast<std::size_t>(key.tenant)];
    return {.session_id = all[static_cast<std::size_t>(key.number) / 2 % all.size()],
            .content = key.content(),
            .idempotency_key = key.text()};
}

message_operations crash_world::messages(const gateway& gw, world_key key) const {
    return gw.tenant(tenants[static_cast<std::size_t>(key.tenant)]).messages();
}

std::vector<agent_id> crash_world::create_agents(const tenant& owner) const {
    std::vector<new_agent> wanted;
    if (protocols) {
        for (const auto& p : protocols_spoken)
            wanted.push_back({.name = p.name,
                              .primary = p.name,
                              .fallbacks = {p.fallback},
                              .tools = agent_tools()});
    } else {
        wanted = {{.name = "Plain", .primary = "openai", .fallbacks = {"vendor-b"}},
                  {.name = "Chain", .primary = "vendor-a", .fallbacks = {"vendor-b", "openai"}}};
        if (tools)
            wanted.push_back({.name = "Tools", .primary = tool_user_name, .tools = agent_tools()});
    }
    std::vector<agent_id> agents;
    for (auto& w : wanted) agents.push_back(owner.agents().create(std::move(w)).value().id);
    return agents;
}

void crash_world::found(gateway& gw, int sessions_per_tenant) {
    std::vector<std::string> names;
    if (protocols) {
        for (const auto& p : protocols_spoken) names.emplace_back(p.name);
    } else {
        names.assign(std::begin(route_names), std::end(route_names));
        names.emplace_back(tool_user_name);
    }
    for (const auto& name : names)
        gw.prices().set({.provider = name, .usd_per_1k_tokens = "0.002"}).value();
    for (std::size_t t = 0; t < tenants.size(); ++t) {
        tenants[t] = gw.tenants().create({.name = "Tenant " + std::to_string(t)}).value().id;
        auto tenant = gw.tenant(tenants[t]);
        const auto agents = create_agents(tenant);
        sessions[t].clear();
        for (int i = 0; i < sessions_per_tenant; ++i) {
            const auto& agent = agents[static_cast<std::size_t>(i) % agents.size()];
            sessions[t].push_back(tenant.sessions().create({.agent_id = agent}).value().id);
        }
    }
}

std::vector<new_provider> callback_vendors(const std::string& journal_file, int trouble_every) {
    struct journal {
        explicit journal(const std::string& path) : file(path) {}
        witness_file file;
        std::atomic<int> calls{0};
    };
    const auto shared = std::make_shared<journal>(journal_file);
    std::vector<new_provider> all;
    for (const char* name : route_names) {
        new_provider p;
        p.name = name;
        p.kind = provider_kind::callback;
        p.default_model = "model";
        p.handler = [=](const provider_request& request) -> result<provider_reply> {
            const auto& said = request.turns.back().content;
            const int number = ++shared->calls;
            shared->file.write(std::to_string(number) + '\t' + name + "\t\"" + said + "\"");
            if (trouble_every != 0 && number % trouble_every == 0)
                return fail(
                    number / trouble_every % 2 == 0 ? errc::rate_limited : errc::internal_error,
                    "trouble");
            return provider_reply{.text = "You said: " + said,
                                  .tokens = token_usage{.input = 45, .output = 67}};
        };
        all.push_back(std::move(p));
    }
    return all;
}

}  // namespace conclave::faults
