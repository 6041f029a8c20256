// Routes, overrides, policies and the hold of a send.
#include "messaging/plan.hpp"

#include "metering/price.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

struct planner {
    planner() {
        basis.session = session_status::active;
        basis.agent_id = "agt_1";
        basis.agent = std::make_shared<const agent>(an_agent());
    }
    result<send_plan> plan() {
        return plan_send(an_order(request), basis, config, given.time.wall, given.time.monotonic);
    }
    error problem() {
        const auto planned = plan();
        REQUIRE_FALSE(planned);
        return planned.error();
    }
    void set_price(const char* id, const char* model, std::int64_t blended, timestamp from = {}) {
        metering::price_entry p;
        p.id = id;
        p.provider = "vendorA";
        p.model = model;
        p.price.blended = blended;
        p.effective_from = from;
        config.prices.add(std::move(p));
    }

    conclave::test::seeded_ids given;
    send_request request = a_request();
    store::turn_basis basis;
    configuration config = a_configuration();
};

}  // namespace

TEST_CASE("sessions and agents are needed", "[plan]") {
    planner p;
    SECTION("no session") {
        p.basis.session.reset();
        CHECK(p.problem().code == errc::resource_not_found);
    }
    SECTION("a closed session") {
        p.basis.session = session_status::closed;
        CHECK(p.problem().code == errc::session_closed);
    }
    SECTION("no agent") {
        p.basis.agent.reset();
        CHECK(p.problem().details == std::vector<error_detail>{{"agent_id", "agt_1"}});
    }
}

TEST_CASE("routes follow the agent, with default models filled in", "[plan]") {
    planner p;
    change(p.basis).primary = "vendorA";
    change(p.basis).fallbacks = {"vendorB/b9", "vendorB"};
    const auto plan = p.plan().value();
    REQUIRE(plan.call.routes.size() == 3);
    CHECK(plan.call.routes[0].target == route{"vendorA", "m0"});
    CHECK(plan.call.routes[1].target == route{"vendorB", "b9"});
    CHECK(plan.call.routes[2].target == route{"vendorB", "b0"});
    CHECK(plan.call.routes[0].price);
    CHECK_FALSE(plan.call.routes[1].price);
}

TEST_CASE("a primary whose provider is not registered is named", "[plan]") {
    planner p;
    change(p.basis).primary = "nobody/m";
    CHECK(p.problem().details ==
          std::vector<error_detail>{{"field", "primary"}, {"provider", "nobody"}});
}

TEST_CASE("a primary without a model is named where its provider has several", "[plan]") {
    planner p;
    change(p.basis).primary = "vendorA";
    p.config.providers["vendorA"].default_model.clear();
    CHECK(p.plan());
    p.config.providers["vendorA"].needs_model = true;
    CHECK(p.problem().details ==
          std::vector<error_detail>{{"field", "primary"}, {"provider", "vendorA"}});
    p.request.overrides.model = "m2";
    CHECK(p.plan());
    p.request.overrides.model.reset();
    p.config.providers["vendorA"].default_model = "m1";
    CHECK(p.plan());
}

TEST_CASE("a fallback whose provider is not registered is left out", "[plan]") {
    planner p;
    change(p.basis).fallbacks = {"nobody", "vendorB"};
    const auto plan = p.plan().value();
    REQUIRE(plan.call.routes.size() == 2);
    CHECK(plan.call.routes[1].target.provider == "vendorB");
    CHECK(plan.fallback == "nobody");
    CHECK(plan.unregistered == "nobody");
}

TEST_CASE("a model override replaces the primary's model and price alone", "[plan]") {
    planner p;
    p.set_price("prc_2", "m2", 4'000'000);
    change(p.basis).fallbacks = {"vendorA/m3"};
    p.request.overrides.model = "m2";
    const auto plan = p.plan().value();
    CHECK(plan.call.routes[0].target == route{"vendorA", "m2"});
    CHECK(plan.call.routes[0].price->id == "prc_2");
    CHECK(plan.call.routes[1].target == route{"vendorA", "m3"});
    CHECK(plan.call.routes[1].price->id == "prc_1");
}

TEST_CASE("an override without a price is unpriced, not the agent's price", "[plan]") {
    planner p;
    p.config.prices = {};
    p.set_price("prc_2", "m1", 4'000'000);
    CHECK(p.plan()->call.routes[0].price);
    p.request.overrides.model = "m2";
    const auto plan = p.plan().value();
    CHECK_FALSE(plan.call.routes[0].price);
    CHECK(plan.hold == money());
}

TEST_CASE("temperature and max_tokens come from the send, else from the agent", "[plan]") {
    planner p;
    change(p.basis).temperature = 0.5;
    change(p.basis).max_tokens = 100;
    CHECK(p.plan()->request->temperature == 0.5);
    CHECK(p.plan()->request->max_tokens == 100);
    p.request.overrides.temperature = 0.0;
    p.request.overrides.max_tokens = 7;
    CHECK(p.plan()->request->temperature == 0.0);
    CHECK(p.plan()->request->max_tokens == 7);
}

TEST_CASE("the prompt is instructions, history and the new message", "[plan]") {
    planner p;
    p.basis.history = {{message_role::user, "Who?"}, {message_role::assistant, "Me."}};
    const auto plan = p.plan().value();
    REQUIRE(plan.request->turns.size() == 3);
    CHECK(plan.request->turns[1].content == "Me.");
    CHECK(plan.request->turns[2].role == message_role::user);
    CHECK(plan.request->turns[2].content == "Hello");
    CHECK(plan.prompt_bytes == 9 + 4 + 3 + 5);
    CHECK(p.basis.history.empty());
}

TEST_CASE("the hold is the worst case of the dearest route", "[plan]") {
    planner p;
    p.set_price("prc_2", "dear", 9'000'000);
    change(p.basis).max_tokens = 10;
    change(p.basis).fallbacks = {"vendorA/dear", "vendorB"};
    const auto plan = p.plan().value();
    const auto dear = plan.call.routes[1].price->price;
    CHECK(plan.hold == metering::worst_case(dear, plan.prompt_bytes, 10).value());
    CHECK(plan.hold == money::from_nano_usd((14 + 10) * 9'000));
    CHECK(plan.call.routes[0].exposure == money::from_nano_usd((14 + 10) * 2'000));
    CHECK(plan.call.routes[2].exposure == money());
}

TEST_CASE("the price in force at T1 counts", "[plan]") {
    planner p;
    const auto now = p.given.time.wall;
    p.set_price("prc_now", "m1", 1, now);
    p.set_price("prc_later", "m1", 2, now + std::chrono::milliseconds(1));
    CHECK(p.plan()->call.routes[0].price->id == "prc_now");
}

TEST_CASE("each route has its provider's policy under the agent's", "[plan]") {
    planner p;
    change(p.basis).policy = {};
    change(p.basis).policy.base_delay_ms = 7;
    p.config.policy.retries = 5;
    p.config.providers["vendorB"].policy.retries = 0;
    p.config.providers["vendorA"].policy.total_timeout_ms = 1'000;
    change(p.basis).fallbacks = {"vendorB"};
    const auto plan = p.plan().value();
    CHECK(plan.call.routes[0].policy.retries == 5);
    CHECK(plan.call.routes[1].policy.retries == 0);
    CHECK(plan.call.routes[1].policy.base_delay_ms == 7);
    CHECK(plan.policy == plan.call.routes[0].policy);
    CHECK(plan.call.deadline == p.given.time.monotonic + std::chrono::milliseconds(1'000));
}

TEST_CASE("the key's own policy needs no registered provider and no agent", "[plan]") {
    planner p;
    p.config.policy.on_crash = crash_policy::report;
    p.config.providers["vendorA"].policy.in_progress = in_progress_policy::fail;
    const auto whole = key_policy(p.basis, p.config).value();
    CHECK(whole.on_crash == crash_policy::report);
    CHECK(whole.in_progress == in_progress_policy::fail);
    CHECK(whole.retries == 1);
    change(p.basis).primary = "nobody/m";
    CHECK(key_policy(p.basis, p.config)->in_progress == in_progress_policy::wait);
    p.basis.agent.reset();
    CHECK(key_policy(p.basis, p.config)->retries == 2);
}
