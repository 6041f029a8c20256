// Every command and query with another tenant's ids: the same as with ids that never were.
#include "ledger_fixture.hpp"

#include <type_traits>
#include <variant>

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

/// The ids that a caller may know or guess.
struct ids {
    agent_id agent;
    session_id session;
    send_id send;
    api_key_id api_key;
    send_key key;
};

template <class T>
struct sample;  // a new command or query does not compile here until it has one

// Those that carry a tenant's ids, as tenant `s` with the ids `i`.
#define CONCLAVE_SAMPLE(type, ...)                                         \
    template <>                                                            \
    struct sample<type> {                                                  \
        static type make(ledger& l, const tenant_scope& s, const ids& i) { \
            (void)l, (void)i;                                              \
            return __VA_ARGS__;                                            \
        }                                                                  \
    }
// Those that reach no tenant's data by an id.
#define CONCLAVE_NO_SAMPLE(type) \
    template <>                  \
    struct sample<type> {}

claim_send foreign_claim(ledger& l, const tenant_scope& s, const ids& i) {
    auto t1 = l.claim_of({s, i.agent, i.session}, i.key);
    t1.recover_unknown = true;
    return t1;
}
send_fence fence_of(const ids& i) { return {i.key, i.send, "own_1", 1}; }
agent version_of(const ids& i) {
    agent a;
    a.id = i.agent;
    a.version = 2;
    return a;
}
session session_with(ledger& l, const ids& i) {
    session s;
    s.id = l.id("ses");
    s.agent_id = i.agent;
    return s;
}
settle_send foreign_settle(ledger& l, const tenant_scope& s, const ids& i) {
    return {s,       fence_of(i), i.session, i.agent, 1,          money(), false, {l.answered()},
            "msg_x", "x",         {},        "{}",    {l.line()}, l.now};
}

CONCLAVE_SAMPLE(claim_send, foreign_claim(l, s, i));
CONCLAVE_SAMPLE(release_calls, {s, fence_of(i), {l.refused()}, {}, l.now});
CONCLAVE_SAMPLE(settle_send, foreign_settle(l, s, i));
CONCLAVE_SAMPLE(fail_send, {s, fence_of(i), send_state::failed_final, "{}", {l.refused()}, l.now});
CONCLAVE_SAMPLE(record_late_calls, {s, i.send, 1, {l.refused()}, l.now});
CONCLAVE_SAMPLE(resolve_send, {s, {}, i.send, resolve_decision::fail, {}, {}, {}, {}, "{}", l.now});
CONCLAVE_SAMPLE(count_replays, {{{s, i.key, 1}}});
CONCLAVE_NO_SAMPLE(abandon_sends);
CONCLAVE_NO_SAMPLE(purge_replies);
CONCLAVE_NO_SAMPLE(register_owner);
CONCLAVE_NO_SAMPLE(close_owner);
CONCLAVE_NO_SAMPLE(create_tenant);
CONCLAVE_NO_SAMPLE(update_tenant);
CONCLAVE_NO_SAMPLE(create_api_key);
CONCLAVE_SAMPLE(revoke_api_key, {s, i.api_key, "r", l.now});
CONCLAVE_SAMPLE(touch_api_key, {s, i.api_key, l.now});
CONCLAVE_NO_SAMPLE(create_agent);
CONCLAVE_SAMPLE(update_agent, {s, version_of(i)});
CONCLAVE_SAMPLE(delete_agent, {s, i.agent, l.now});
CONCLAVE_SAMPLE(create_session, {s, session_with(l, i)});
CONCLAVE_SAMPLE(update_session, {s, i.session, {.title = "x"}, session_status::deleted, l.now});
CONCLAVE_NO_SAMPLE(set_price);

CONCLAVE_SAMPLE(prepare_send, {s, i.key, i.session});
CONCLAVE_SAMPLE(find_send, {s, i.key});
CONCLAVE_SAMPLE(find_unknown_send, {s, {}, i.send});
CONCLAVE_SAMPLE(list_unknown_sends, {s, {}});
CONCLAVE_NO_SAMPLE(list_owners);
CONCLAVE_SAMPLE(find_tenant, {s});
CONCLAVE_NO_SAMPLE(list_tenants);
CONCLAVE_SAMPLE(list_api_keys, {s, {}});
CONCLAVE_NO_SAMPLE(find_api_key);
CONCLAVE_SAMPLE(find_agent, {s, i.agent});
CONCLAVE_SAMPLE(list_agents, {s, {}});
CONCLAVE_SAMPLE(find_session, {s, i.session});
CONCLAVE_SAMPLE(list_sessions, {s, {i.agent, {}, {}, {}}});
CONCLAVE_SAMPLE(read_transcript, {s, i.session});
CONCLAVE_NO_SAMPLE(list_prices);
CONCLAVE_SAMPLE(read_rollup, {s, day_number(-9), day_number(9)});
CONCLAVE_SAMPLE(list_usage_events, {s, day_number(-9), day_number(9), {}});
CONCLAVE_SAMPLE(read_spend, {s, day_number(-9), day_number(9), {}});
CONCLAVE_NO_SAMPLE(check_invariants);

/// All that an outcome or answer can tell, by the names of its members.
template <class O>
std::string describe(const O& o) {
    std::string text;
    const auto add = [&](const char* name, std::int64_t n) {
        text += std::string(name) + "=" + std::to_string(n) + " ";
    };
    if constexpr (requires { o.what; }) add("what", static_cast<std::int64_t>(o.what));
    if constexpr (requires { o.fenced_off; }) add("fenced_off", o.fenced_off);
    if constexpr (requires { o.found; }) add("found", o.found);
    if constexpr (requires { o.changed; }) add("changed", o.changed);
    if constexpr (requires { o.overtaken; }) add("overtaken", o.overtaken);
    if constexpr (requires { o.tenant_found; }) add("tenant", o.tenant_found);
    if constexpr (requires { o.agent_found; }) add("agent", o.agent_found);
    if constexpr (requires { o.closed_before; }) add("closed", o.closed_before);
    if constexpr (requires { o.record.has_value(); }) add("record", o.record.has_value());
    if constexpr (requires { o.key.has_value(); }) add("key", o.key.has_value());
    if constexpr (requires { o.send.has_value(); }) add("send", o.send.has_value());
    if constexpr (requires { o.session.has_value(); }) add("session", o.session.has_value());
    if constexpr (requires { o.agent.has_value(); }) add("agent", o.agent.has_value());
    if constexpr (requires { o.existing.get(); }) add("existing", o.existing != nullptr);
    if constexpr (requires { o.known.tenant; }) {
        add("known tenant", o.known.tenant.has_value());
        add("known send", o.known.send.has_value());
        add("turn session", o.turn.session.has_value());
        add("turn agent", o.turn.agent != nullptr);
        add("next", o.turn.next_seq);
        add("history", std::ssize(o.turn.history));
    }
    if constexpr (requires { o.attempts.size(); }) add("attempts", std::ssize(o.attempts));
    if constexpr (requires { o.messages.size(); }) add("messages", std::ssize(o.messages));
    if constexpr (requires { o.rows.size(); }) add("rows", std::ssize(o.rows));
    if constexpr (requires { o.sends.items; }) add("sends", std::ssize(o.sends.items));
    if constexpr (requires { o.keys.items; }) add("keys", std::ssize(o.keys.items));
    if constexpr (requires { o.agents.items; }) add("agents", std::ssize(o.agents.items));
    if constexpr (requires { o.sessions.items; }) add("sessions", std::ssize(o.sessions.items));
    if constexpr (requires { o.events.items; }) add("events", std::ssize(o.events.items));
    if constexpr (requires { o.report.spend; })
        add("spend", o.report.spend.nano_usd() + std::ssize(o.report.attempts));
    return text;
}

/// Two tenants; what the first does with the ids of the second, or with ids that never were.
struct neighbours {
    ledger l;
    tenant_world me = l.add_tenant("Me");
    tenant_world other = l.add_tenant("Canary");
    ids theirs;
    ids nobodys{"agt_none", "ses_none", "snd_none", "key_none", l.key()};

    neighbours() {
        l.send(other);
        api_key k;
        k.id = l.id("key");
        k.name = "Canary";
        l.run(create_api_key{other.scope, k, {}});
        // Of the open send's key nothing may show either.
        const auto open = l.claim_of(other, l.key());
        l.claim(open);
        theirs = {other.agent, other.session, open.send, k.id, open.key};
    }
};

template <class T>
void check_isolated() {
    if constexpr (requires { &sample<T>::make; }) {
        std::string seen[2];
        for (const bool foreign : {true, false}) {
            neighbours n;
            const auto before = n.l.dump(n.other.scope.id().str());
            const auto request = sample<T>::make(n.l, n.me.scope, foreign ? n.theirs : n.nobodys);
            if constexpr (requires { typename T::outcome; })
                seen[foreign] = describe(n.l.run(request));
            else
                seen[foreign] = describe(n.l.ask(request));
            CHECK(n.l.dump(n.other.scope.id().str()) == before);
            CHECK(n.l.violations().empty());
        }
        INFO(typeid(T).name());
        CHECK(seen[0] == seen[1]);
    }
}

template <class Variant>
struct each;
template <class... T>
struct each<std::variant<T...>> {
    static void check() { (check_isolated<T>(), ...); }
};

}  // namespace

TEST_CASE("no command tells or touches another tenant's rows", "[store]") {
    each<command>::check();
}

TEST_CASE("no query tells another tenant's rows", "[store]") { each<query>::check(); }

TEST_CASE("tenants with the same contents get their own", "[store]") {
    ledger l;
    const auto a = l.add_tenant("A");
    const auto b = l.add_tenant("B");
    const auto key = l.key();
    for (const auto& t : {a, b}) {
        auto t1 = l.claim_of(t, key);
        t1.content = "of " + t.scope.id().str();
        auto t2 = l.settle_of(t1, l.claim(t1));
        t2.content = "for " + t.scope.id().str();
        l.run(t2);
    }
    CHECK(l.ask(find_send{a.scope, key}).send->reply_message->content ==
          "for " + a.scope.id().str());
    CHECK(l.ask(list_usage_events{b.scope, day_number(0), day_number(0), {}}).events.items.size() ==
          1);
    CHECK(l.spent(a) == l.spent(b));
}
