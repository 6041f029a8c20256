// Each operation: read the document, call the C++ API, print what it gave.
#include "capi/src/operations.hpp"

#include "capi/src/documents/print.hpp"
#include "capi/src/documents/read.hpp"
#include "capi/src/host_calls.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace conclave::capi {

namespace {

using json::object_reader;

/// Reads the document with `read`, calls `act` with that, prints its value; void becomes {}.
template <class Read, class Act>
result<std::string> run(const call& c, Read read, Act act) {
    auto input = read_document(c.document, read);
    if (!input) return std::move(input).error();
    auto output = act(*std::move(input));
    if (!output) return std::move(output).error();
    if constexpr (std::is_void_v<typename decltype(output)::value_type>)
        return std::string("{}");
    else
        return document_of(*output);
}

struct no_fields {};
no_fields read_nothing(object_reader&) { return {}; }

std::string read_id(object_reader& in) { return in.required_string("id", any_text); }

/// The id of what an update changes, and the change.
template <class Change, Change (*Read)(object_reader&)>
std::pair<std::string, Change> read_change(object_reader& in) {
    auto id = read_id(in);
    return {std::move(id), Read(in)};
}

/// An already printed text as the document {text}.
result<std::string> as_text(result<std::string> text) {
    if (!text) return std::move(text).error();
    return text_document(*text);
}

// --- The gateway --------------------------------------------------------------------------------

result<std::string> register_provider(const call& c) {
    auto input = read_document(c.document, read_new_provider);
    if (!input) return std::move(input).error();
    const auto name = input->name;
    if (input->kind == provider_kind::callback)
        input->async_handler = host_calls::provider_handler(name, c.handlers);
    if (auto ok = c.gateway.providers().register_provider(*std::move(input)); !ok)
        return std::move(ok).error();
    auto all = c.gateway.providers().list();
    if (!all) return std::move(all).error();
    const auto at = std::find_if(all->begin(), all->end(),
                                 [&name](const provider_info& p) { return p.name == name; });
    if (at == all->end()) return fail(errc::conflict, "the provider was taken away meanwhile");
    return document_of(*at);
}

result<std::string> list_providers(const call& c) {
    return run(c, read_nothing, [&](no_fields) { return c.gateway.providers().list(); });
}

result<std::string> register_tool(const call& c) {
    auto input = read_document(c.document, read_new_tool);
    if (!input) return std::move(input).error();
    const auto name = input->name;
    input->async_handler = host_calls::tool_handler(name, c.handlers);
    if (auto ok = c.gateway.tools().register_tool(*std::move(input)); !ok)
        return std::move(ok).error();
    auto all = c.gateway.tools().list();
    if (!all) return std::move(all).error();
    const auto at = std::find_if(all->begin(), all->end(),
                                 [&name](const tool_info& t) { return t.name == name; });
    if (at == all->end()) return fail(errc::conflict, "the tool was taken away meanwhile");
    return document_of(*at);
}

result<std::string> list_tools(const call& c) {
    return run(c, read_nothing, [&](no_fields) { return c.gateway.tools().list(); });
}

result<std::string> set_price(const call& c) {
    return run(c, read_new_price,
               [&](new_price p) { return c.gateway.prices().set(std::move(p)); });
}

result<std::string> load_prices(const call& c) {
    return run(c, read_price_source,
               [&](price_source s) { return c.gateway.prices().load(std::move(s)); });
}

result<std::string> list_prices(const call& c) {
    return run(
        c, [](object_reader& in) { return optional_text(in, "provider"); },
        [&](std::optional<std::string> p) { return c.gateway.prices().list(std::move(p)); });
}

result<std::string> create_tenant(const call& c) {
    return run(c, read_new_tenant,
               [&](new_tenant t) { return c.gateway.tenants().create(std::move(t)); });
}

result<std::string> get_tenant(const call& c) {
    return run(c, read_id, [&](const std::string& id) { return c.gateway.tenants().get(id); });
}

result<std::string> list_tenants(const call& c) {
    return run(c, read_page_request,
               [&](page_request p) { return c.gateway.tenants().list(std::move(p)); });
}

result<std::string> update_tenant(const call& c) {
    return run(c, read_change<tenant_update, read_tenant_update>, [&](auto change) {
        return c.gateway.tenants().update(change.first, std::move(change.second));
    });
}

result<std::string> suspend_tenant(const call& c) {
    return run(c, read_id, [&](const std::string& id) { return c.gateway.tenants().suspend(id); });
}

result<std::string> activate_tenant(const call& c) {
    return run(c, read_id, [&](const std::string& id) { return c.gateway.tenants().activate(id); });
}

result<std::string> delete_tenant(const call& c) {
    return run(c, read_id,
               [&](const std::string& id) { return c.gateway.tenants().delete_tenant(id); });
}

result<std::string> authenticate(const call& c) {
    return run(
        c, [](object_reader& in) { return in.required_string("api_key", any_text); },
        [&](const std::string& key) -> result<tenant_record> {
            auto tenant = c.gateway.authenticate(key);
            if (!tenant) return std::move(tenant).error();
            return tenant->get();
        });
}

result<std::string> check(const call& c) {
    return run(c, read_nothing, [&](no_fields) { return c.gateway.check(); });
}

result<std::string> health(const call& c) {
    if (auto ok = read_document(c.document, read_nothing); !ok) return std::move(ok).error();
    return c.gateway.health();
}

result<std::string> metrics(const call& c) {
    if (auto ok = read_document(c.document, read_nothing); !ok) return std::move(ok).error();
    return as_text(c.gateway.metrics());
}

result<std::string> new_idempotency_key(const call& c) {
    if (auto ok = read_document(c.document, read_nothing); !ok) return std::move(ok).error();
    return as_text(c.gateway.new_idempotency_key());
}

result<std::string> backup(const call& c) {
    return run(
        c, [](object_reader& in) { return in.required_string("path", any_text); },
        [&](const std::string& path) { return c.gateway.backup(path); });
}

result<std::string> advance(const call& c) {
    return run(
        c, [](object_reader& in) { return in.required_integer("ms"); },
        [&](std::int64_t ms) { return c.gateway.advance(ms); });
}

result<std::string> close(const call& c) {
    return run(
        c,
        [](object_reader& in) {
            return in.optional_integer("drain_ms", 0, limits::policy_time_ms);
        },
        [&](std::optional<std::int64_t> drain_ms) -> result<void> {
            c.gateway.close(drain_ms);
            return {};
        });
}

// --- One tenant ---------------------------------------------------------------------------------

result<std::string> create_api_key(const call& c) {
    return run(c, read_new_api_key,
               [&](new_api_key k) { return c.tenant->api_keys().create(std::move(k)); });
}

result<std::string> list_api_keys(const call& c) {
    return run(c, read_page_request,
               [&](page_request p) { return c.tenant->api_keys().list(std::move(p)); });
}

result<std::string> revoke_api_key(const call& c) {
    return run(
        c,
        [](object_reader& in) {
            auto id = read_id(in);
            return std::pair(std::move(id), text_or_empty(in, "reason"));
        },
        [&](const auto& key) { return c.tenant->api_keys().revoke(key.first, key.second); });
}

result<std::string> create_agent(const call& c) {
    return run(c, read_new_agent,
               [&](new_agent a) { return c.tenant->agents().create(std::move(a)); });
}

result<std::string> get_agent(const call& c) {
    return run(c, read_id, [&](const std::string& id) { return c.tenant->agents().get(id); });
}

result<std::string> list_agents(const call& c) {
    return run(c, read_page_request,
               [&](page_request p) { return c.tenant->agents().list(std::move(p)); });
}

result<std::string> update_agent(const call& c) {
    return run(c, read_change<agent_update, read_agent_update>, [&](auto change) {
        return c.tenant->agents().update(change.first, std::move(change.second));
    });
}

result<std::string> delete_agent(const call& c) {
    return run(c, read_id,
               [&](const std::string& id) { return c.tenant->agents().delete_agent(id); });
}

result<std::string> create_session(const call& c) {
    return run(c, read_new_session,
               [&](new_session s) { return c.tenant->sessions().create(std::move(s)); });
}

result<std::string> get_session(const call& c) {
    return run(c, read_id, [&](const std::string& id) { return c.tenant->sessions().get(id); });
}

result<std::string> list_sessions(const call& c) {
    return run(c, read_session_filter,
               [&](session_filter f) { return c.tenant->sessions().list(std::move(f)); });
}

result<std::string> update_session(const call& c) {
    return run(c, read_change<session_update, read_session_update>, [&](auto change) {
        return c.tenant->sessions().update(change.first, std::move(change.second));
    });
}

result<std::string> close_session(const call& c) {
    return run(c, read_id, [&](const std::string& id) { return c.tenant->sessions().close(id); });
}

result<std::string> delete_session(const call& c) {
    return run(c, read_id,
               [&](const std::string& id) { return c.tenant->sessions().delete_session(id); });
}

result<std::string> get_transcript(const call& c) {
    return run(c, read_change<page_request, read_page_request>, [&](auto part) {
        return c.tenant->sessions().transcript(part.first, std::move(part.second));
    });
}

result<std::string> export_session(const call& c) {
    auto input = read_document(c.document, read_change<export_format, read_export_format>);
    if (!input) return std::move(input).error();
    return as_text(c.tenant->sessions().export_text(input->first, input->second));
}

result<std::string> resolve(const call& c) {
    auto input = read_document(c.document, read_resolve_request);
    if (!input) return std::move(input).error();
    auto state = c.tenant->messages().resolve(*std::move(input));
    if (!state) return std::move(state).error();
    json::writer w;
    w.begin_object().key("state").string(*state).end_object();
    return std::move(w).text();
}

result<std::string> list_unknown(const call& c) {
    return run(c, read_page_request,
               [&](page_request p) { return c.tenant->messages().list_unknown(std::move(p)); });
}

result<std::string> reaggregate(const call& c) {
    auto input = read_document(c.document, [](object_reader& in) {
        auto id = in.required_string("message_id", any_text);
        return std::pair(message_id(std::move(id)), in.required_string("rule", any_text));
    });
    if (!input) return std::move(input).error();
    return c.tenant->council().reaggregate(input->first, input->second);
}

struct days {
    date from{};
    date to{};
    page_request page = {};
};

days read_days_and_page(object_reader& in) {
    const auto from = required_date(in, "from");
    const auto to = required_date(in, "to");
    return {from, to, read_page_request(in)};
}

result<std::string> rollup(const call& c) {
    return run(c, read_rollup_request, [&](rollup_request r) {
        return c.tenant->usage().rollup(r.from, r.to, std::move(r.group_by));
    });
}

result<std::string> usage_events(const call& c) {
    return run(c, read_days_and_page,
               [&](days d) { return c.tenant->usage().events(d.from, d.to, std::move(d.page)); });
}

result<std::string> spend(const call& c) {
    return run(c, read_days_and_page,
               [&](days d) { return c.tenant->usage().spend(d.from, d.to, std::move(d.page)); });
}

constexpr auto on_gateway = operation_entry::scope_kind::gateway;
constexpr auto on_tenant = operation_entry::scope_kind::tenant;

constexpr auto operations = std::to_array<operation_entry>({
    {"agents.create", on_tenant, create_agent},
    {"agents.delete", on_tenant, delete_agent},
    {"agents.get", on_tenant, get_agent},
    {"agents.list", on_tenant, list_agents},
    {"agents.update", on_tenant, update_agent},
    {"api_keys.create", on_tenant, create_api_key},
    {"api_keys.list", on_tenant, list_api_keys},
    {"api_keys.revoke", on_tenant, revoke_api_key},
    {"authenticate", on_gateway, authenticate},
    {"council.reaggregate", on_tenant, reaggregate},
    {council_operation, on_tenant, nullptr},
    {embed_operation, on_tenant, nullptr},
    {"gateway.advance", on_gateway, advance, true},
    {"gateway.backup", on_gateway, backup},
    {"gateway.check", on_gateway, check},
    {"gateway.close", on_gateway, close, true},
    {"gateway.health", on_gateway, health},
    {"gateway.metrics", on_gateway, metrics},
    {"gateway.new_idempotency_key", on_gateway, new_idempotency_key},
    {"messages.list_unknown", on_tenant, list_unknown},
    {"messages.resolve", on_tenant, resolve},
    {send_operation, on_tenant, nullptr},
    {stream_operation, on_tenant, nullptr},
    {"prices.list", on_gateway, list_prices},
    {"prices.load", on_gateway, load_prices},
    {"prices.set", on_gateway, set_price},
    {"providers.list", on_gateway, list_providers, true},
    {"providers.register", on_gateway, register_provider, true},
    {"sessions.close", on_tenant, close_session},
    {"sessions.create", on_tenant, create_session},
    {"sessions.delete", on_tenant, delete_session},
    {"sessions.export", on_tenant, export_session},
    {"sessions.get", on_tenant, get_session},
    {"sessions.list", on_tenant, list_sessions},
    {"sessions.transcript", on_tenant, get_transcript},
    {"sessions.update", on_tenant, update_session},
    {"tenants.activate", on_gateway, activate_tenant},
    {"tenants.create", on_gateway, create_tenant},
    {"tenants.delete", on_gateway, delete_tenant},
    {"tenants.get", on_gateway, get_tenant},
    {"tenants.list", on_gateway, list_tenants},
    {"tenants.suspend", on_gateway, suspend_tenant},
    {"tenants.update", on_gateway, update_tenant},
    {"tools.list", on_gateway, list_tools, true},
    {"tools.register", on_gateway, register_tool, true},
    {"usage.events", on_tenant, usage_events},
    {"usage.rollup", on_tenant, rollup},
    {"usage.spend", on_tenant, spend},
});

constexpr bool by_name(const operation_entry& a, const operation_entry& b) {
    return a.name < b.name;
}
static_assert(std::is_sorted(operations.begin(), operations.end(), by_name));

}  // namespace

const operation_entry* find_operation(std::string_view name) {
    const auto at =
        std::lower_bound(operations.begin(), operations.end(), operation_entry{name}, by_name);
    return at != operations.end() && at->name == name ? &*at : nullptr;
}

}  // namespace conclave::capi
