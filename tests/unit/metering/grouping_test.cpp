// Groups of a bill: their order, what counts once, their limit.
#include "metering/grouping.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace conclave;
using namespace conclave::metering;
using namespace std::chrono_literals;
using enum usage_dimension;

namespace {

const date first{2026y / 11 / 1};
const date second = first + std::chrono::days{1};

rollup_row row(date day, const char* provider, const char* model, const char* agent) {
    rollup_row r;
    r.day = day;
    r.provider = provider;
    r.model = model;
    r.agent_id = agent;
    r.agent_name = std::string("name of ") + agent;
    r.messages = r.messages_of_provider = r.messages_of_tenant = 1;
    r.tokens = {.input = 3, .output = 4};
    r.cost = money::from_nano_usd(5);
    return r;
}

}  // namespace

TEST_CASE("groups stand in the order of what was asked for first", "[grouping]") {
    const std::vector rows = {row(second, "a", "m", "agt_1"), row(first, "b", "k", "agt_2"),
                              row(second, "a", "k", "agt_1"), row(second, "b", "k", "agt_2")};
    const auto by_agent = group(rows, {}, std::vector{agent, day}).value();
    REQUIRE(by_agent.size() == 3);
    CHECK(by_agent[0].agent_id == agent_id("agt_1"));
    CHECK(by_agent[0].agent_name == "name of agt_1");
    CHECK(by_agent[0].cost.nano_usd() == 10);
    CHECK(by_agent[1].day == first);
    CHECK(by_agent[2].day == second);
    CHECK_FALSE(by_agent[0].provider);

    const auto by_model = group(rows, {}, std::vector{model}).value();
    REQUIRE(by_model.size() == 3);  // the same name at two vendors is two models
    CHECK(by_model[0].provider == "a");
    CHECK(by_model[0].model == "k");
    CHECK(by_model[2].provider == "b");
    CHECK(by_model[2].tokens_total == 14);
    CHECK_FALSE(by_model[0].day);
}

TEST_CASE("a message counts once in each group", "[grouping]") {
    // One council message: two models of one provider and one of another.
    std::vector rows = {row(first, "a", "m1", "agt_1"), row(first, "a", "m2", "agt_1"),
                        row(first, "b", "m1", "agt_1")};
    rows[1].messages_of_provider = 0;
    rows[1].messages_of_tenant = rows[2].messages_of_tenant = 0;
    CHECK(group(rows, {}, std::vector{day, agent}).value()[0].messages == 1);
    for (const auto& g : group(rows, {}, std::vector{agent, provider}).value())
        CHECK(g.messages == 1);
    for (const auto& g : group(rows, {}, std::vector{model}).value()) CHECK(g.messages == 1);
}

TEST_CASE("distinct sessions of groups, where they are kept", "[grouping]") {
    const std::vector rows = {row(first, "a", "m", "agt_1"), row(second, "a", "m", "agt_1")};
    using of = session_day::of;
    // One session on both days, and a second one on the second.
    std::vector<session_day> days;
    for (const auto scope : {of::tenant, of::provider, of::model, of::agent}) {
        const char* name = scope == of::tenant ? "" : scope == of::agent ? "agt_1" : "a";
        const char* model_name = scope == of::model ? "m" : "";
        days.push_back({scope, first, name, model_name, 1, true});
        days.push_back({scope, second, name, model_name, 1, false});
        days.push_back({scope, second, name, model_name, 1, true});
    }
    for (const auto by : {provider, model, agent}) {
        CHECK(group(rows, days, std::vector{by}).value()[0].sessions == 2);
        const auto daily = group(rows, days, std::vector{by, day}).value();
        REQUIRE(daily.size() == 2);
        CHECK(daily[0].sessions == 1);
        CHECK(daily[1].sessions == 2);
    }
    CHECK(group(rows, days, std::vector{day}).value()[1].sessions == 2);
    const auto unknown = group(rows, days, std::vector{agent, model}).value();
    CHECK_FALSE(unknown[0].sessions_known);
    CHECK(unknown[0].sessions == 0);
}

TEST_CASE("calls without an agent are a group, so that groups sum to the bill", "[grouping]") {
    const std::vector rows = {row(first, "a", "m", ""), row(first, "a", "m", "agt_1")};
    const auto groups = group(rows, {}, std::vector{agent}).value();
    REQUIRE(groups.size() == 2);
    REQUIRE(groups[0].agent_id);
    CHECK(groups[0].agent_id->empty());
}

TEST_CASE("too many groups and a dimension named twice are refused", "[grouping]") {
    const std::vector rows = {row(first, "a", "m", "agt_1"), row(second, "a", "m", "agt_1")};
    CHECK(group(rows, {}, std::vector{day}, 2));
    const auto refused = group(rows, {}, std::vector{day}, 1);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::validation_error);
    REQUIRE(refused.error().details.size() == 1);
    CHECK(std::get<std::string>(refused.error().details[0].value) == "group_by");
    CHECK(check_grouping(std::vector{day, provider, model, usage_dimension::agent}));
    CHECK(check_grouping({}));
    CHECK_FALSE(check_grouping(std::vector{day, agent, day}));
}
