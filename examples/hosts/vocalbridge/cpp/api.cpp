// Routes and handlers.
#include "api.hpp"

#include "body.hpp"
#include "documents.hpp"
#include "error_answer.hpp"
#include "json_text.hpp"
#include "log.hpp"
#include "service.hpp"

#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace vocalbridge {

namespace {

using conclave::errc;
using conclave::tenant;

[[noreturn]] void refuse(conclave::error e) { throw conclave::exception(std::move(e)); }

/// What a handler works with. `id` is what stood at the `:id` of its route.
struct call {
    const conclave::gateway& gw;
    const conclave::tenant& tenant;
    const request& http;
    std::string id;
};

// --- Pieces of requests -------------------------------------------------------------------------

std::string vendor(std::string name, std::string_view field) {
    if (std::find(vendor_names.begin(), vendor_names.end(), name) == vendor_names.end())
        refuse(conclave::invalid(field, "must be one of vendorA vendorB"));
    return name;
}

/// Absent: no change. null: no fallback.
std::optional<std::vector<std::string>> fallbacks(const body& b) {
    constexpr std::string_view field = "fallbackProvider";
    if (b.is_null(field)) return std::vector<std::string>{};
    auto name = b.maybe_text(field);
    if (!name) return std::nullopt;
    return std::vector{vendor(*std::move(name), field)};
}

std::string day(const call& c, std::string_view name) {
    auto text = c.http.parameter(name);
    if (!text) refuse(conclave::invalid(name, "is missing"));
    return *std::move(text);
}

conclave::page_request page(const call& c) {
    conclave::page_request page{.limit = std::nullopt, .cursor = c.http.parameter("cursor")};
    if (const auto text = c.http.parameter("limit")) {
        std::int64_t limit = 0;
        const auto* end = text->data() + text->size();
        const auto parsed = std::from_chars(text->data(), end, limit);
        if (parsed.ec != std::errc() || parsed.ptr != end)
            refuse(conclave::invalid("limit", "must be a whole number"));
        page.limit = limit;
    }
    return page;
}

// --- Handlers; they may block -------------------------------------------------------------------

answer me(const call& c) {
    return {200, me_document(c.tenant.get().value(), c.gw.prices().list().value())};
}

answer list_agents(const call& c) {
    std::vector<conclave::agent> agents;
    conclave::page_request page{.limit = 1'000, .cursor = std::nullopt};
    do {
        auto part = c.tenant.agents().list(page).value();
        std::move(part.items.begin(), part.items.end(), std::back_inserter(agents));
        page.cursor = part.next_cursor;
    } while (page.cursor);
    return {200, object().raw("agents", array_of(agents, agent_document)).str()};
}

answer agent_answer(int status, const conclave::agent& a) {
    return {status, object().raw("agent", agent_document(a)).str()};
}

answer create_agent(const call& c) {
    const body b(c.http.body, {"name", "primaryProvider", "fallbackProvider", "systemPrompt"});
    conclave::new_agent input;
    input.name = b.text("name");
    input.primary = vendor(b.text("primaryProvider"), "primaryProvider");
    input.fallbacks = fallbacks(b).value_or(std::vector<std::string>{});
    input.instructions = b.maybe_text("systemPrompt").value_or("");
    return agent_answer(201, c.tenant.agents().create(std::move(input)).value());
}

answer get_agent(const call& c) { return agent_answer(200, c.tenant.agents().get(c.id).value()); }

answer update_agent(const call& c) {
    const body b(c.http.body, {"name", "primaryProvider", "fallbackProvider", "systemPrompt"});
    conclave::agent_update change;
    change.name = b.maybe_text("name");
    change.primary = b.maybe_text("primaryProvider");
    if (change.primary) vendor(*change.primary, "primaryProvider");
    change.fallbacks = fallbacks(b);
    change.instructions = b.maybe_text("systemPrompt");
    return agent_answer(200, c.tenant.agents().update(c.id, std::move(change)).value());
}

answer create_session(const call& c) {
    const body b(c.http.body, {"agentId", "customerId", "metadata"});
    conclave::new_session input;
    input.agent_id = b.text("agentId");
    input.customer_id = b.maybe_text("customerId").value_or("");
    input.metadata = b.maybe_object("metadata");
    const auto session = c.tenant.sessions().create(std::move(input)).value();
    return {201, object().raw("session", session_document(session)).str()};
}

answer transcript(const call& c) {
    const auto t = c.tenant.sessions().transcript(c.id, page(c)).value();
    return {200, object()
                     .raw("session", session_document(t.session))
                     .raw("messages", array_of(t.messages, message_document))
                     .maybe_text("nextCursor", t.next_cursor)
                     .str()};
}

answer rollup(const call& c) {
    return {200, rollup_document(c.tenant.usage().rollup(day(c, "from"), day(c, "to")).value())};
}

answer events(const call& c) {
    const auto e = c.tenant.usage().events(day(c, "from"), day(c, "to"), page(c)).value();
    return {200, object()
                     .raw("events", array_of(e.items, event_document))
                     .maybe_text("nextCursor", e.next_cursor)
                     .str()};
}

// --- Routes -------------------------------------------------------------------------------------

struct route {
    std::string_view method;
    std::string_view path;                     ///< `:id` stands for one segment
    answer (*handler)(const call&) = nullptr;  ///< null: a message is sent
};

constexpr std::array<route, 10> routes = {{
    {"GET", "/v1/me", me},
    {"GET", "/v1/agents", list_agents},
    {"POST", "/v1/agents", create_agent},
    {"GET", "/v1/agents/:id", get_agent},
    {"PUT", "/v1/agents/:id", update_agent},
    {"POST", "/v1/sessions", create_session},
    {"GET", "/v1/sessions/:id/transcript", transcript},
    {"POST", "/v1/sessions/:id/messages"},
    {"GET", "/v1/usage/rollup", rollup},
    {"GET", "/v1/usage/events", events},
}};

/// What stands at `:id`, empty for a pattern without one; nothing when the path does not match.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
    constexpr std::string_view hole = ":id";
    const auto at = pattern.find(hole);
    if (at == std::string_view::npos)
        return pattern == path ? std::optional(std::string()) : std::nullopt;
    const auto before = pattern.substr(0, at);
    const auto after = pattern.substr(at + hole.size());
    if (path.size() <= before.size() + after.size()) return std::nullopt;
    if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
    const auto id = path.substr(at, path.size() - before.size() - after.size());
    return id.find('/') == std::string_view::npos ? std::optional(std::string(id)) : std::nullopt;
}

std::pair<const route*, std::string> find_route(const request& r) {
    for (const auto& candidate : routes)
        if (candidate.method == r.method)
            if (auto id = match(candidate.path, r.path)) return {&candidate, *std::move(id)};
    refuse(conclave::fail(errc::resource_not_found, "There is no such route"));
}

conclave::send_request read_send(const request& r, std::string session,
                                 const std::string& request_id) {
    conclave::send_request what;
    what.session_id = std::move(session);
    what.idempotency_key = r.header("idempotency-key").value_or("");
    if (what.idempotency_key.empty())
        refuse(conclave::fail(errc::idempotency_key_required, "Idempotency-Key is missing")
                   .with("field", "Idempotency-Key"));
    const body b(r.body, {"role", "content"});
    if (b.maybe_text("role").value_or("user") != "user")
        refuse(conclave::invalid("role", "must be `user`"));
    what.content = b.text("content");
    what.request_id = request_id;
    return what;
}

}  // namespace

asio::awaitable<answer> api::respond(const request& r, const std::string& request_id) const {
    try {
        co_return co_await dispatch(r, request_id);
    } catch (const conclave::exception& e) {
        co_return error_answer(e.error(), request_id);
    } catch (const std::exception&) {
        co_return error_answer(conclave::fail(errc::internal_error, "Unexpected error"),
                               request_id);
    }
}

asio::awaitable<answer> api::dispatch(const request& r, const std::string& request_id) const {
    if (r.method == "GET" && r.path == "/health") co_return answer{200, R"({"status":"ok"})"};
    const auto [found, id] = find_route(r);

    auto authenticate = [gw = gw_, key = r.header("x-api-key").value_or("")] {
        return gw.authenticate(key);
    };
    auto known = co_await conclave::async_call(gw_, std::move(authenticate), asio::use_awaitable);
    auto caller = std::move(known).value();
    if (found->handler == nullptr)
        co_return co_await send(std::move(caller), read_send(r, id, request_id));

    auto work = [gw = gw_, caller, &r, id = id,
                 handler = found->handler]() -> conclave::result<answer> {
        try {
            return handler({gw, caller, r, id});
        } catch (const conclave::exception& e) {
            return e.error();
        } catch (const std::exception&) {
            return conclave::fail(errc::internal_error, "Unexpected error");
        }
    };
    auto done = co_await conclave::async_call(gw_, std::move(work), asio::use_awaitable);
    co_return std::move(done).value();
}

asio::awaitable<answer> api::send(conclave::tenant tenant, conclave::send_request what) const {
    auto sent =
        co_await conclave::async_send(tenant.messages(), std::move(what), asio::use_awaitable);
    const auto reply = std::move(sent).value();
    co_return answer{reply.metadata.replayed ? 200 : 201, reply_document(reply)};
}

}  // namespace vocalbridge
