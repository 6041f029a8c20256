// What the gateway's tests share: a house with a tenant, an agent and a session, and its inventory.
#pragma once

#include <conclave/conclave.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace house {

using namespace conclave;

inline constexpr std::string_view first_day = "2026-01-01";  ///< of the virtual clock
inline constexpr std::string_view last_day = "2026-12-31";

/// A folder that goes with the test.
class scratch {
   public:
    scratch() {
        auto pattern =
            (std::filesystem::temp_directory_path() / "conclave-gateway-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
        path_ = pattern;
    }
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;

    std::string file(const std::string& name = "app.db") const { return (path_ / name).string(); }

   private:
    std::filesystem::path path_;
};

inline scripted_reply answering(std::string text, std::int64_t tokens_in, std::int64_t tokens_out) {
    return {.text = std::move(text), .tokens_in = tokens_in, .tokens_out = tokens_out};
}

inline scripted_reply failing(std::int64_t status, std::optional<std::int64_t> after_ms = {}) {
    return {.error = {{.http_status = status, .retry_after_ms = after_ms}}};
}

inline new_provider scripted(std::string name, std::vector<scripted_reply> replies) {
    return {.name = std::move(name),
            .kind = provider_kind::scripted,
            .policy = {.preset = "vocalbridge"},
            .replies = std::move(replies)};
}

inline new_provider called(std::string name, provider_handler handler) {
    return {
        .name = std::move(name), .kind = provider_kind::callback, .handler = std::move(handler)};
}

inline open_options on_virtual_time() { return {.clock = clock_kind::virtual_time}; }

/// A gateway with vendor A at $0.002 and vendor B at $0.003 per 1,000 tokens.
inline gateway open_priced(std::string_view store, open_options options,
                           std::vector<new_provider> providers) {
    options.providers = std::move(providers);
    options.prices = {{.provider = "vendorA", .usd_per_1k_tokens = "0.002"},
                      {.provider = "vendorB", .usd_per_1k_tokens = "0.003"}};
    return gateway::open(store, std::move(options)).value();
}

inline gateway open_in_memory(std::vector<new_provider> providers = {
                                  scripted("vendorA", {answering("Hello!", 45, 67)})}) {
    return open_priced(":memory:", on_virtual_time(), std::move(providers));
}

/// A tenant that can chat.
struct household {
    conclave::tenant tenant;
    conclave::agent agent;
    conclave::session session;

    send_request request(std::string key, std::string content = "Hello") const {
        return {.session_id = session.id,
                .content = std::move(content),
                .idempotency_key = std::move(key)};
    }
    result<reply> send(std::string key, std::string content = "Hello") const {
        return tenant.messages().send(request(std::move(key), std::move(content)));
    }
    usage_rollup bill() const { return tenant.usage().rollup(first_day, last_day).value(); }
    std::vector<usage_event> events() const {
        return tenant.usage().events(first_day, last_day, {.limit = 1'000}).value().items;
    }
    /// Oldest first.
    std::vector<spend_attempt> attempts() const {
        auto list = tenant.usage().spend(first_day, last_day, {.limit = 1'000}).value().attempts;
        return {list.rbegin(), list.rend()};
    }
};

inline household settle_in(const gateway& gw, std::string name = "Acme Corporation",
                           std::vector<std::string> fallbacks = {}) {
    auto tenant = gw.tenant(gw.tenants().create({.name = std::move(name)}).value().id);
    auto agent =
        tenant.agents()
            .create({.name = "Support", .primary = "vendorA", .fallbacks = std::move(fallbacks)})
            .value();
    auto session =
        tenant.sessions().create({.agent_id = agent.id, .customer_id = "customer_123"}).value();
    return {std::move(tenant), std::move(agent), std::move(session)};
}

/// The detail of an error as text; empty if there is none.
inline std::string detail(const error& e, std::string_view key) {
    for (const auto& d : e.details) {
        if (d.key != key) continue;
        if (const auto* text = std::get_if<std::string>(&d.value)) return *text;
        if (const auto* number = std::get_if<std::int64_t>(&d.value))
            return std::to_string(*number);
        return std::get<bool>(d.value) ? "true" : "false";
    }
    return {};
}

template <class T>
errc code_of(const result<T>& r) {
    REQUIRE_FALSE(r.has_value());
    return r.error().code;
}

/// Everything that an error says, without the request id.
inline std::string words_of(const error& e) {
    std::string text = std::string(to_string(e.code)) + ": " + e.message;
    for (const auto& d : e.details) text += " | " + d.key + " = " + detail(e, d.key);
    if (e.retry_after_ms) text += " | retry after " + std::to_string(*e.retry_after_ms);
    return text;
}

/// Fails the test with the rows that break an invariant.
inline void require_sound(const gateway& gw) {
    const auto report = gw.check();
    REQUIRE(report.has_value());
    CHECK_FALSE(report->invariants.empty());
    for (const auto& i : report->invariants) {
        INFO(i.name << ": " << i.statement);
        for (const auto& row : i.offending) UNSCOPED_INFO(row);
        CHECK(i.ok);
    }
}

namespace inventory_detail {

inline void add(std::string& out, const std::string& what) { out += what + '\n'; }

inline void add_session(std::string& out, const tenant& t, const session& s) {
    add(out, "session " + s.id.str() + ' ' + s.customer_id + ' ' + s.title + ' ' + s.metadata +
                 (s.status == session_status::closed ? " closed" : "") +
                 (s.pinned ? " pinned" : "") + to_iso8601(s.last_activity_at));
    for (const auto& m : t.sessions().transcript(s.id, {.limit = 1'000}).value().messages)
        add(out, "message " + m.id.str() + ' ' + std::to_string(m.seq) + ' ' + m.content);
}

}  // namespace inventory_detail

/// All that a tenant has, as text: equal before and after means that nothing changed.
inline std::string inventory(const tenant& t) {
    using inventory_detail::add;
    const page_request all{.limit = 1'000};
    std::string out;
    const auto record = t.get().value();
    add(out, record.name + ' ' + record.metadata);
    for (const auto& k : t.api_keys().list(all).value().items)
        add(out, "key " + k.id.str() + (k.revoked_at ? " revoked" : ""));
    for (const auto& a : t.agents().list(all).value().items)
        add(out, "agent " + a.id.str() + ' ' + std::to_string(a.version) + ' ' + a.name);
    for (const auto& s : t.sessions().list({.page = all}).value().items)
        inventory_detail::add_session(out, t, s);
    for (const auto& u : t.messages().list_unknown(all).value().items)
        add(out, "unknown " + u.send_id.str());
    const auto spend = t.usage().spend(first_day, last_day, all).value();
    add(out, "attempts " + std::to_string(spend.attempts.size()) + " spend " +
                 spend.spend.to_usd_string());
    for (const auto& e : t.usage().events(first_day, last_day, all).value().items)
        add(out, "event " + e.id.str());
    return out;
}

/// The same of the gateway's own nouns.
inline std::string inventory(const gateway& gw) {
    using inventory_detail::add;
    std::string out;
    for (const auto& t : gw.tenants().list({.limit = 1'000}).value().items)
        add(out, "tenant " + t.id.str() + ' ' + t.name + ' ' + t.metadata);
    for (const auto& p : gw.prices().list().value()) add(out, "price " + p.id.str());
    for (const auto& p : gw.providers().list().value()) add(out, "provider " + p.name);
    return out;
}

}  // namespace house
