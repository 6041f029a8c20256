// What the tests of the repositories share: a ledger in memory, tenants with an agent and a
// session, and sends with sensible fields.
#pragma once

#include "model/tenant_scope.hpp"
#include "store/migrations.hpp"
#include "store/repositories.hpp"
#include "store/sql/query.hpp"
#include "store/sqlite/connection.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace conclave::store::test {

inline constexpr std::int64_t hold_nano = 5'000'000;
inline constexpr std::int64_t cost_nano = 224'000;  ///< 112 tokens at the price of the fixture

inline timestamp at_ms(std::int64_t ms) { return timestamp(std::chrono::milliseconds(ms)); }
inline timestamp on_day(int day, std::int64_t ms = 0) {
    return at_ms((20'000 + day) * 86'400'000LL + ms);
}
inline date day_number(int day) { return date(std::chrono::days(20'000 + day)); }

inline digest digest_of(std::uint64_t seed) {
    digest d{};
    for (std::size_t i = 0; i < d.size(); ++i)
        d[i] = static_cast<std::byte>((seed * 0x9e3779b97f4a7c15ULL + i * 0x100000001b3ULL) >> 24U);
    for (std::size_t i = 0; i < 8; ++i) d[i] = static_cast<std::byte>(seed >> (8 * i));
    return d;
}

/// A tenant with one agent and one session.
struct tenant_world {
    tenant_scope scope;
    agent_id agent;
    session_id session;
};

class ledger {
   public:
    explicit ledger(std::string path = ":memory:") : connection_({.path = std::move(path)}) {
        for (const auto& m : migrations()) connection_.execute(m.sql);
        run(register_owner{{"own_1", 1, 100, 7}, now});
        const auto version = run(set_price{{price, "vendorA", "*", "0.002", {}, {}, now}});
        REQUIRE(version.version.id == price);
    }

    sql::connection& sql() { return connection_; }

    /// Carries out a command as the engine does: in a transaction of its own.
    template <class Command>
    typename Command::outcome run(Command c) {
        connection_.execute("BEGIN IMMEDIATE");
        try {
            batch all(connection_);
            auto outcome = conclave::store::apply(all, command(std::move(c)));
            all.write_sums();
            connection_.execute("COMMIT");
            return std::get<typename Command::outcome>(std::move(outcome));
        } catch (...) {
            connection_.execute("ROLLBACK");
            throw;
        }
    }

    template <class Query>
    typename Query::answer ask(Query q) {
        return std::get<typename Query::answer>(
            conclave::store::answer(connection_, query(std::move(q))));
    }

    /// A new id: they sort in the order in which they were made.
    std::string id(const char* prefix) {
        char text[40];
        std::snprintf(text, sizeof text, "%s_%026llu", prefix,
                      static_cast<unsigned long long>(++ids_));
        return text;
    }
    send_key key() { return {"messages.send", digest_of(++ids_)}; }

    /// Runs SQL that no repository would.
    void tamper(std::string text) { connection_.execute(keep(std::move(text))); }
    std::int64_t number(std::string text) {
        sql::cursor row(connection_, keep(std::move(text)));
        return row.next() ? row.integer(0) : -1;
    }
    /// The number of a row as SQL: of a tenant, session or send with this id.
    static std::string number_of(const std::string& table, const std::string& id) {
        return "(SELECT " + table + "_id FROM " + table + " WHERE public_id = '" + id + "')";
    }
    /// All rows as one text; with a tenant, its rows alone.
    std::string dump(const std::string& tenant = "") {
        std::string out;
        for (const auto& table : tables()) {
            const auto columns = columns_of(table);
            const bool owned = columns.find("tenant_id") != std::string::npos;
            if (!owned && !tenant.empty()) continue;
            auto text = "SELECT " + columns + " FROM " + table;
            if (!tenant.empty()) text += " WHERE tenant_id = " + number_of("tenant", tenant);
            sql::cursor row(connection_, keep(text + " ORDER BY 1"));
            while (row.next()) out += table + " " + row.text(0) + "\n";
        }
        return out;
    }

    std::string violations() {
        std::string text;
        for (const auto& i : ask(check_invariants{}).report.invariants)
            for (const auto& row : i.offending) text += i.name + ": " + row + "\n";
        return text;
    }

    tenant_world add_tenant(const std::string& name = "Acme") {
        tenant_world t{tenant_scope(tenant_id(id("tnt"))), agent_id(id("agt")), {}};
        run(create_tenant{{t.scope.id(), name, tenant_status::active, "{}", "{}", now},
                          digest_of(++ids_)});
        agent a;
        a.id = t.agent;
        a.name = name + " support";
        a.primary = "vendorA/small";
        a.created_at = a.updated_at = now;
        REQUIRE(run(create_agent{t.scope, a}).tenant_found);
        t.session = add_session(t);
        return t;
    }

    session_id add_session(const tenant_world& t) {
        session s;
        s.id = id("ses");
        s.agent_id = t.agent;
        s.customer_id = "customer of " + t.scope.id().str();
        s.created_at = s.last_activity_at = now;
        REQUIRE(run(create_session{t.scope, s}).agent_found);
        return s.id;
    }

    claim_send claim_of(const tenant_world& t, send_key k) {
        const auto next =
            number("SELECT coalesce(max(seq), 0) + 1 FROM message WHERE session_id = " +
                   number_of("session", t.session.str()));
        const auto known_epoch = epoch_of(t, k);
        return {t.scope,
                std::move(k),
                digest_of(7),
                send_id(id("snd")),
                t.session,
                next,
                t.agent,
                1,
                number("SELECT max(generation) FROM price_version"),
                message_id(id("msg")),
                message_role::user,
                "question",
                "{}",
                request_id(id("req")),
                "own_1",
                money::from_nano_usd(hold_nano),
                {{}, {"vendorA", "small"}, price, now},
                false,
                now,
                known_epoch};
    }
    /// 0 for a key never seen.
    std::int64_t epoch_of(const tenant_world& t, const send_key& k) {
        sql::cursor row(connection_,
                        "SELECT x.epoch FROM send x JOIN tenant t ON t.tenant_id = x.tenant_id"
                        " WHERE t.public_id = ?1 AND x.operation = ?2 AND x.key_hash = ?3",
                        t.scope.id(), k.operation, k.key_hash);
        return row.next() ? row.integer(0) : 0;
    }

    /// An attempt that was answered, 45 tokens in and 67 out.
    finished_attempt answered(std::int64_t attempt = 0) {
        finished_attempt f;
        f.key.attempt = attempt;
        f.result.usage = token_usage{45, 0, 0, 67, 0};
        f.result.http_status = 200;
        f.cost = money::from_nano_usd(cost_nano);
        f.basis = cost_basis::known;
        f.at = now;
        return f;
    }
    /// One that failed, for certain without cost.
    finished_attempt refused(std::int64_t attempt = 0) {
        finished_attempt f;
        f.key.attempt = attempt;
        f.result.outcome = call_class::refused;
        f.result.error = attempt_error::rate_limited;
        f.result.http_status = 429;
        f.cost = money();
        f.at = now;
        return f;
    }

    usage_line line(std::string provider = "vendorA", std::string model = "small") {
        return {usage_id(id("use")),
                std::move(provider),
                std::move(model),
                token_usage{45, 0, 0, 67, 0},
                money::from_nano_usd(cost_nano),
                false,
                price};
    }

    settle_send settle_of(const claim_send& t1, const claim_send::claimed& claim) {
        return {t1.scope,
                {t1.key, claim.send, t1.owner, claim.epoch, claim.row},
                t1.session,
                t1.agent,
                claim.user_seq,
                t1.hold,
                true,
                {answered(claim.first_attempt)},
                message_id(id("msg")),
                "answer",
                message_status::complete,
                "{\"finish_reason\":\"stop\"}",
                {line()},
                now};
    }

    claim_send::claimed claim(const claim_send& t1) {
        const auto outcome = run(t1);
        REQUIRE(outcome.what == claim_send::verdict::claimed);
        return outcome.claim;
    }

    /// A whole send that succeeds. Returns its key.
    send_key send(const tenant_world& t) {
        const auto t1 = claim_of(t, key());
        const auto outcome = run(settle_of(t1, claim(t1)));
        REQUIRE_FALSE(outcome.fenced_off);
        return t1.key;
    }

    send_state state_of(const tenant_world& t, const send_key& k) {
        sql::cursor row(connection_,
                        "SELECT state FROM send WHERE tenant_id ="
                        " (SELECT tenant_id FROM tenant WHERE public_id = ?1)"
                        " AND operation = ?2 AND key_hash = ?3",
                        t.scope.id(), k.operation, k.key_hash);
        REQUIRE(row.next());
        return static_cast<send_state>(row.integer(0));
    }

    std::int64_t held(const tenant_world& t) { return balance(t, "held_nano_usd"); }
    std::int64_t spent(const tenant_world& t) { return balance(t, "spent_nano_usd"); }

    timestamp now = on_day(0);
    const price_id price{"prc_00000000000000000000000000"};

   private:
    // Statements are kept by the address of their text, so each text keeps its own.
    const char* keep(std::string text) { return texts_.emplace_back(std::move(text)).c_str(); }

    std::vector<std::string> tables() {
        std::vector<std::string> names;
        sql::cursor row(connection_,
                        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
        while (row.next()) names.push_back(row.text(0));
        return names;
    }
    std::string columns_of(const std::string& table) {
        std::string columns;
        sql::cursor row(connection_, keep("SELECT name FROM pragma_table_info('" + table + "')"));
        while (row.next())
            columns += (columns.empty() ? "quote(" : " || ',' || quote(") + row.text(0) + ")";
        return columns;
    }
    std::int64_t balance(const tenant_world& t, const std::string& column) {
        return number("SELECT " + column + " FROM tenant_balance WHERE tenant_id = " +
                      number_of("tenant", t.scope.id().str()));
    }

    std::deque<std::string> texts_;
    std::uint64_t ids_ = 0;
    sqlite::connection connection_;
};

}  // namespace conclave::store::test
