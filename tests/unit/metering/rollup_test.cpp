// Roll-ups: totals equal the sum of their parts, messages and sessions are counted as documented.
#include "metering/rollup.hpp"

#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

using namespace conclave;
using namespace conclave::metering;
using namespace std::chrono_literals;

namespace {

const date first{2026y / 11 / 1};

rollup_row row(int day, const char* provider, const char* model, const char* agent,
               std::int64_t nano) {
    rollup_row r;
    r.day = first + std::chrono::days{day};
    r.provider = provider;
    r.model = model;
    r.agent_id = agent;
    r.agent_name = std::string("name of ") + agent;
    r.messages = r.messages_of_provider = r.messages_of_tenant = 1;
    r.tokens = {.input = 45, .output = 67};
    r.cost = money::from_nano_usd(nano);
    return r;
}

template <class Parts>
usage_totals sum(const Parts& parts) {
    usage_totals all;
    for (const auto& part : parts) {
        all.tokens_in += part.tokens_in;
        all.tokens_out += part.tokens_out;
        all.tokens_total += part.tokens_total;
        all.cost += part.cost;
        all.unpriced_tokens += part.unpriced_tokens;
    }
    return all;
}

// Without what need not add up.
usage_totals additive(usage_totals t) {
    t.sessions = t.messages = 0;
    return t;
}

}  // namespace

TEST_CASE("nothing used is a report of zeros", "[rollup]") {
    const auto report = fold({first, first}, {}, {});
    CHECK(report.range == date_range{first, first});
    CHECK(report.totals == usage_totals{});
    CHECK(report.by_provider.empty());
    CHECK(report.top_agents_by_cost.empty());
}

TEST_CASE("rows are grouped and ordered", "[rollup]") {
    const std::vector rows = {row(1, "b", "m", "agt_2", 5), row(0, "b", "k", "agt_1", 2),
                              row(1, "a", "m", "agt_3", 9), row(1, "b", "m", "agt_1", 3)};
    session_counts sessions;
    sessions.tenant = 3;
    sessions.by_provider = {{"a", 1}, {"b", 3}};
    sessions.by_model = {{{"b", "m"}, 2}};
    sessions.by_agent = {{"agt_1", 2}};
    sessions.by_day = {{first + std::chrono::days{1}, 3}};
    const auto report = fold({first, first + std::chrono::days{1}}, rows, sessions, 2);

    CHECK(report.totals.sessions == 3);
    CHECK(report.totals.messages == 4);
    CHECK(report.totals.tokens_total == 4 * 112);
    CHECK(report.totals.cost.nano_usd() == 19);
    REQUIRE(report.by_provider.size() == 2);
    CHECK(report.by_provider[0].provider == "a");
    CHECK(report.by_provider[1].cost.nano_usd() == 10);
    CHECK(report.by_provider[1].sessions == 3);
    REQUIRE(report.by_model.size() == 3);
    CHECK(report.by_model[1].provider == "b");
    CHECK(report.by_model[1].model == "k");
    CHECK(report.by_model[2].sessions == 2);
    REQUIRE(report.by_day.size() == 2);
    CHECK(report.by_day[0].day == first);
    CHECK(report.by_day[0].sessions == 0);
    CHECK(report.by_day[1].sessions == 3);
    REQUIRE(report.top_agents_by_cost.size() == 2);  // agt_1 and agt_2 tie: the lower id stays
    CHECK(report.top_agents_by_cost[0].agent_id == agent_id("agt_3"));
    CHECK(report.top_agents_by_cost[1].agent_id == agent_id("agt_1"));
    CHECK(report.top_agents_by_cost[1].agent_name == "name of agt_1");
    CHECK(report.top_agents_by_cost[1].sessions == 2);
}

TEST_CASE("a message with several events counts once in each scope", "[rollup]") {
    // One council message: two models of one provider and one of another.
    std::vector rows = {row(0, "a", "m1", "agt_1", 1), row(0, "a", "m2", "agt_1", 1),
                        row(0, "b", "m1", "agt_1", 1)};
    rows[1].messages_of_provider = 0;
    rows[1].messages_of_tenant = rows[2].messages_of_tenant = 0;
    const auto report = fold({first, first}, rows, {});
    CHECK(report.totals.messages == 1);
    CHECK(report.by_day[0].messages == 1);
    CHECK(report.top_agents_by_cost[0].messages == 1);
    CHECK(report.by_provider[0].messages == 1);
    CHECK(report.by_provider[1].messages == 1);
    for (const auto& model : report.by_model) CHECK(model.messages == 1);
    CHECK(report.totals.cost.nano_usd() == 3);
}

TEST_CASE("totals equal the sum of the parts for random rows in any order", "[rollup]") {
    const auto seed = conclave::test::test_seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::vector<rollup_row> rows;
    for (int i = 0; i < 2'000; ++i) {
        auto r = row(static_cast<int>(random() % 31), random() % 2 ? "a" : "b",
                     random() % 2 ? "m" : "n", ("agt_" + std::to_string(random() % 40)).c_str(),
                     static_cast<std::int64_t>(random() % 1'000'000'000));
        r.tokens.input = static_cast<std::int64_t>(random() % 100'000);
        r.tokens.output = static_cast<std::int64_t>(random() % 100'000);
        if (random() % 5 == 0) {
            r.cost = {};
            r.unpriced_tokens = r.tokens.total();
        }
        rows.push_back(r);
    }
    const date_range month{first, first + std::chrono::days{30}};
    const auto report = fold(month, rows, {}, rows.size());
    const auto totals = additive(report.totals);
    CHECK(sum(report.by_provider) == totals);
    CHECK(sum(report.by_model) == totals);
    CHECK(sum(report.by_day) == totals);
    CHECK(sum(report.top_agents_by_cost) == totals);
    CHECK(totals.tokens_total == totals.tokens_in + totals.tokens_out);

    std::shuffle(rows.begin(), rows.end(), random);
    CHECK(fold(month, rows, {}, rows.size()) == report);
    CHECK(fold(month, rows, {}).top_agents_by_cost.size() == limits::top_agents);
}
