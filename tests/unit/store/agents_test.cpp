// Agents and their versions.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

agent full_agent(ledger& l) {
    agent a;
    a.id = l.id("agt");
    a.name = "Support \"A\"";
    a.description = "answers";
    a.primary = "vendorA/gpt-4o-mini";
    a.fallbacks = {"vendorB", "vendorC/x"};
    a.instructions = "Be kind.\nBe short.";
    a.temperature = 0.1;
    a.max_tokens = 512;
    a.policy.preset = "vocalbridge";
    a.policy.connect_timeout_ms = 1;
    a.policy.first_byte_timeout_ms = 2;
    a.policy.attempt_timeout_ms = 3;
    a.policy.total_timeout_ms = 4;
    a.policy.retries = 5;
    a.policy.base_delay_ms = 6;
    a.policy.factor = 1.5;
    a.policy.max_delay_ms = 7;
    a.policy.jitter = jitter_mode::equal;
    a.policy.max_retry_after_ms = 8;
    a.policy.on_ambiguous = ambiguous_policy::stop;
    a.policy.on_crash = crash_policy::report;
    a.policy.in_progress = in_progress_policy::fail;
    a.policy.on_cancel = cancel_policy::abort;
    a.metadata = "{ \"kept\": [1,  2] }";
    a.created_at = a.updated_at = l.now;
    return a;
}

void check_equal(const agent& a, const agent& b) {
    CHECK(a.id == b.id);
    CHECK(a.version == b.version);
    CHECK(a.name == b.name);
    CHECK(a.description == b.description);
    CHECK(a.primary == b.primary);
    CHECK(a.fallbacks == b.fallbacks);
    CHECK(a.instructions == b.instructions);
    CHECK(a.temperature == b.temperature);
    CHECK(a.max_tokens == b.max_tokens);
    CHECK(a.policy == b.policy);
    CHECK(a.metadata == b.metadata);
    CHECK(a.created_at == b.created_at);
    CHECK(a.updated_at == b.updated_at);
}

}  // namespace

TEST_CASE("an agent comes back as it was stored", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto a = full_agent(l);
    l.run(create_agent{t.scope, a});
    check_equal(*l.ask(find_agent{t.scope, a.id}).record, a);
    const auto list = l.ask(list_agents{t.scope, {1, {}}}).agents;
    check_equal(list.items.at(0), a);
    CHECK(l.ask(list_agents{t.scope, {1, list.next_cursor}}).agents.items.at(0).id == t.agent);
}

TEST_CASE("each update is the next version, and only one update makes it", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    auto a = full_agent(l);
    l.run(create_agent{t.scope, a});
    a.version = 2;
    a.name = "Second";
    a.updated_at = on_day(1);
    CHECK(l.run(update_agent{t.scope, a}).found);
    CHECK(l.run(update_agent{t.scope, a}).overtaken);
    check_equal(*l.ask(find_agent{t.scope, a.id}).record, a);
    CHECK(l.number("SELECT count(*) FROM agent_version WHERE agent_id = '" + a.id.str() + "'") ==
          2);
    a.id = agent_id("agt_none");
    CHECK_FALSE(l.run(update_agent{t.scope, a}).found);
}

TEST_CASE("a deleted agent is gone, its name stays on the bill", "[store]") {
    ledger l;
    const auto t = l.add_tenant("Acme");
    l.send(t);
    CHECK(l.run(delete_agent{t.scope, t.agent, l.now}).found);
    CHECK_FALSE(l.run(delete_agent{t.scope, t.agent, l.now}).found);
    CHECK_FALSE(l.ask(find_agent{t.scope, t.agent}).record);
    CHECK(l.ask(list_agents{t.scope, {}}).agents.items.empty());
    session s;
    s.id = l.id("ses");
    s.agent_id = t.agent;
    CHECK_FALSE(l.run(create_session{t.scope, s}).agent_found);
    CHECK(l.ask(read_rollup{t.scope, day_number(0), day_number(0)}).rows.at(0).agent_name ==
          "Acme support");
}
