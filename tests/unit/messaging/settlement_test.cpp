// What T2 writes once a provider has answered.
#include "messaging/settlement.hpp"

#include "messaging/reply_document.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

/// A call that was answered at its first attempt.
struct answered_call {
    answered_call() {
        basis.session = session_status::active;
        basis.agent_id = "agt_1";
        basis.agent = std::make_shared<const agent>(the_agent);
        plan = plan_send(order, basis, config, given.time.wall, given.time.monotonic).value();
        calls::begin(plan.call, breakers, given.time.monotonic);
        calls::release(plan.call, given.time.wall);
    }
    settlement settle(call_result r) {
        complete_usage(r, plan.prompt_bytes);
        calls::take_result(plan.call, std::move(r), breakers, given.time.wall, given.time.monotonic,
                           0);
        return messaging::settle(order, plan, rounds, {"snd_1", 2, 4, first_attempt}, basis, self,
                                 given.ids, given.time.wall);
    }

    conclave::test::seeded_ids given;
    send_order order = an_order();
    agent the_agent = an_agent();
    configuration config = a_configuration();
    calls::breaker_board breakers;
    store::turn_basis basis;
    send_plan plan;
    send_rounds rounds;
    std::int64_t first_attempt = 0;
};

}  // namespace

TEST_CASE("message, bill and reply tell the same", "[settlement]") {
    answered_call c;
    const auto s = c.settle(an_answer());
    CHECK(s.transaction().fence.epoch == 2);
    CHECK(s.transaction().user_seq == 4);
    CHECK(s.transaction().status == message_status::complete);
    CHECK(s.transaction().content == s.reply.message.content);
    CHECK(s.transaction().reply_message == s.reply.message.id);
    CHECK(s.transaction().now == s.reply.message.created_at);
    CHECK(s.transaction().reply_metadata == print_metadata(s.reply.metadata));
    CHECK(s.transaction().lines.at(0).cost == s.reply.metadata.usage.cost);
    CHECK(s.transaction().lines[0].price == price_id("prc_1"));
    CHECK(s.reply.metadata.usage.usd_per_1k_tokens == std::string("0.002"));
    CHECK(s.reply.metadata.idempotency_key == "key-1");
    CHECK(s.reply.metadata.request_id == "req_1");
    CHECK(s.reply.message.role == message_role::assistant);
}

TEST_CASE("the bill names the model asked for, the reply the one that answered", "[settlement]") {
    answered_call c;
    const auto s = c.settle(an_answer());
    CHECK(s.transaction().lines.at(0).model == "m1");
    CHECK(s.reply.metadata.model_used == "m1-dated");
}

TEST_CASE("an answer that names no model has the one asked for", "[settlement]") {
    answered_call c;
    auto r = an_answer();
    r.model.clear();
    CHECK(c.settle(std::move(r)).reply.metadata.model_used == "m1");
}

TEST_CASE("results of an earlier epoch are looked for", "[settlement]") {
    answered_call c;
    c.first_attempt = 1;
    CHECK(c.settle(an_answer()).transaction().has_earlier_results);
}

TEST_CASE("a fallback that was not needed is named and not called used", "[settlement]") {
    answered_call c;
    c.plan.fallback = "vendorB";
    const auto m = c.settle(an_answer()).reply.metadata;
    CHECK(m.fallback_attempted == std::string("vendorB"));
    CHECK_FALSE(m.fallback_used);
    CHECK(m.attempts.size() == 1);
}

TEST_CASE("usage is estimated only for answers that tell none", "[settlement]") {
    auto told = an_answer();
    complete_usage(told, 4'000);
    CHECK(told.usage->input == 45);
    CHECK_FALSE(told.usage_estimated);

    auto silent = an_answer("12345");
    silent.usage.reset();
    complete_usage(silent, 4'000);
    CHECK(silent.usage->input == 1'000);
    CHECK(silent.usage->output == 2);
    CHECK(silent.usage_estimated);
}
