// Decisions about agents, at every limit and one past it.
#include "agents/agents.hpp"

#include "base/limits.hpp"
#include "unit/base/seeded_ids.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <limits>
#include <string>

using namespace conclave;
using namespace conclave::agents;

namespace {

const tenant_scope scope("tnt_1");

new_agent an_input() { return {.name = "Guide", .primary = "vendorA/m1"}; }

struct office {
    result<store::create_agent> create(new_agent input) {
        return plan_create(scope, std::move(input), given.ids, given.time.wall);
    }
    conclave::test::seeded_ids given;
};

/// What is wrong with an agent, when created and when updated so; "" when nothing is.
template <class Change>
std::string problem(Change change) {
    office o;
    auto input = an_input();
    change(input);
    const auto created = o.create(std::move(input));

    agent_update update;
    change(update);
    const auto current = o.create(an_input())->record;
    const auto updated = plan_update(scope, current, std::move(update), o.given.time.wall);
    REQUIRE(created.has_value() == updated.has_value());
    if (created) return "";
    CHECK(created.error() == updated.error());
    return created.error().message;
}

}  // namespace

TEST_CASE("a new agent is version 1 with what was given", "[agents]") {
    office o;
    auto input = an_input();
    input.fallbacks = {"vendorB"};
    input.instructions = "Be\nbrief.";
    input.temperature = 0.5;
    input.max_tokens = 100;
    input.policy.retries = 3;
    input.description = "d";
    const auto a = o.create(std::move(input))->record;
    CHECK(a.id.str().starts_with("agt_"));
    CHECK(a.version == 1);
    CHECK(a.name == "Guide");
    CHECK(a.primary == "vendorA/m1");
    CHECK(a.fallbacks == std::vector<std::string>{"vendorB"});
    CHECK(a.instructions == "Be\nbrief.");
    CHECK(a.temperature == 0.5);
    CHECK(a.max_tokens == 100);
    CHECK(a.policy.retries == 3);
    CHECK(a.description == "d");
    CHECK(a.metadata == "{}");
    CHECK(a.created_at == o.given.time.wall);
    CHECK(a.updated_at == o.given.time.wall);
}

TEST_CASE("an update is the next version and leaves alone what it does not name", "[agents]") {
    office o;
    auto input = an_input();
    input.temperature = 0.5;
    input.metadata = R"({"a":1})";
    const auto current = o.create(std::move(input))->record;
    const auto later = o.given.time.wall + std::chrono::hours(1);
    agent_update change;
    change.name = "Other";
    const auto next = plan_update(scope, current, std::move(change), later)->record;
    CHECK(next.id == current.id);
    CHECK(next.version == 2);
    CHECK(next.name == "Other");
    CHECK(next.primary == current.primary);
    CHECK(next.temperature == 0.5);
    CHECK(next.metadata == current.metadata);
    CHECK(next.created_at == current.created_at);
    CHECK(next.updated_at == later);

    agent_update all;
    all.primary = "p";
    all.fallbacks.emplace();
    all.instructions = "";
    all.temperature = 1.0;
    all.max_tokens = 1;
    all.policy.emplace();
    all.description = "d";
    all.metadata = "{}";
    const auto third = plan_update(scope, next, std::move(all), later)->record;
    CHECK(third.version == 3);
    CHECK(third.primary == "p");
    CHECK(third.temperature == 1.0);
    CHECK(third.max_tokens == 1);
    CHECK(third.description == "d");
    CHECK(third.metadata == "{}");

    agent_update cleared;
    cleared.temperature.emplace();
    cleared.max_tokens.emplace();
    const auto fourth = plan_update(scope, third, std::move(cleared), later)->record;
    CHECK_FALSE(fourth.temperature);
    CHECK_FALSE(fourth.max_tokens);
    CHECK(fourth.description == "d");
}

TEST_CASE("an agent's texts have their limits", "[agents]") {
    const auto name = [](std::string text) { return problem([&](auto& a) { a.name = text; }); };
    CHECK(name(std::string(limits::name_bytes, 'x')) == "");
    CHECK(name(std::string(limits::name_bytes + 1, 'x')) == "name must be at most 255 bytes");
    CHECK(name("") == "name must not be empty");
    CHECK(name("a\n") == "name must not contain control characters");

    const auto description = [](std::string text) {
        return problem([&](auto& a) { a.description = text; });
    };
    CHECK(description(std::string(limits::description_bytes, '\n')) == "");
    CHECK(description(std::string(limits::description_bytes + 1, 'x')) ==
          "description must be at most 4096 bytes");
    CHECK(description("\x01") == "description must not contain control characters");

    const auto instructions = [](std::string text) {
        return problem([&](auto& a) { a.instructions = text; });
    };
    CHECK(instructions(std::string(limits::instructions_bytes, '\t')) == "");
    CHECK(instructions(std::string(limits::instructions_bytes + 1, 'x')) ==
          "instructions must be at most 262144 bytes");
}

TEST_CASE("routes are `provider/model` or `provider`, at most eight fallbacks", "[agents]") {
    const auto primary = [](std::string text) {
        return problem([&](auto& a) { a.primary = text; });
    };
    CHECK(primary("p") == "");
    CHECK(primary("p/org/model") == "");
    CHECK(primary("p/" + std::string(limits::name_bytes - 2, 'm')) == "");
    CHECK(primary("p/" + std::string(limits::name_bytes - 1, 'm')) ==
          "primary is longer than 255 bytes");
    CHECK(primary("") == "primary must not be empty");
    for (const char* bad : {"/m", "p/"})
        CHECK(primary(bad) == "primary must be `provider/model` or `provider`");
    CHECK(primary("p m") == "primary must be printable ASCII without spaces");

    const auto fallbacks = [](std::vector<std::string> list) {
        return problem([&](auto& a) { a.fallbacks = list; });
    };
    std::vector<std::string> list(limits::fallbacks, "p/m");
    CHECK(fallbacks(list) == "");
    list[3] = "p/";
    CHECK(fallbacks(list) == "fallbacks[3] must be `provider/model` or `provider`");
    list.assign(limits::fallbacks + 1, "p/m");
    CHECK(fallbacks(list) == "fallbacks has more than 8 routes");
}

TEST_CASE("numbers, policy and metadata have their limits", "[agents]") {
    const auto temperature = [](double t) { return problem([&](auto& a) { a.temperature = t; }); };
    CHECK(temperature(0.0) == "");
    CHECK(temperature(2.0) == "");
    for (const double t : {-0.001, 2.001, std::numeric_limits<double>::quiet_NaN()})
        CHECK(temperature(t) == "temperature must lie between 0 and 2");

    const auto max_tokens = [](std::int64_t n) {
        return problem([&](auto& a) { a.max_tokens = n; });
    };
    CHECK(max_tokens(1) == "");
    CHECK(max_tokens(limits::max_tokens) == "");
    CHECK(max_tokens(0) != "");
    CHECK(max_tokens(limits::max_tokens + 1) == "max_tokens must be between 1 and 100000000");

    policy p;
    p.retries = limits::retries + 1;
    CHECK(problem([&](auto& a) { a.policy = p; }) == "policy.retries must be between 0 and 10");

    const auto metadata = [](std::string text) {
        return problem([&](auto& a) { a.metadata = text; });
    };
    CHECK(metadata("null") == "metadata must be a JSON object");
    const std::string frame = R"({"a":""})";
    auto longest = frame;
    longest.insert(6, std::string(limits::metadata_bytes - frame.size(), 'x'));
    CHECK(metadata(longest) == "");
    CHECK(metadata(longest + " ") == "metadata must be at most 16384 bytes");
}

TEST_CASE("a refused agent takes no id", "[agents]") {
    office with_failure;
    REQUIRE_FALSE(with_failure.create({}));
    office without;
    CHECK(with_failure.create(an_input())->record.id == without.create(an_input())->record.id);
}

TEST_CASE("tools have names of their own, and texts where they are the agent's", "[agents]") {
    using tools = std::vector<agent_tool>;
    const auto with = [](const tools& list) { return problem([&](auto& a) { a.tools = list; }); };
    CHECK(with({{.name = "a-B_1", .registered = true}, {.name = "b", .parameters = "{}"}}) == "");
    CHECK(with({{.name = ""}}).starts_with("tools[0].name "));
    CHECK(with({{.name = "a.b"}}).starts_with("tools[0].name "));
    CHECK(with({{.name = std::string(64, 'a')}}) == "");
    CHECK(with({{.name = std::string(65, 'a')}}).starts_with("tools[0].name "));
    CHECK(with({{.name = "a"}, {.name = "b"}, {.name = "a"}}).starts_with("tools[2].name "));
    CHECK(with({{.name = "a", .description = "d", .registered = true}})
              .starts_with("tools[0].description "));
    CHECK(with({{.name = "a", .parameters = "{}", .registered = true}})
              .starts_with("tools[0].parameters "));
    CHECK(with({{.name = "a", .description = "\xff"}}).starts_with("tools[0].description "));
    CHECK(with({{.name = "a", .parameters = "[]"}}).starts_with("tools[0].parameters "));
    CHECK(with({{.name = "a", .parameters = "{"}}).starts_with("tools[0].parameters "));
    const auto schema = [&](std::size_t bytes) {
        return with({{.name = "a", .parameters = "{" + std::string(bytes - 2, ' ') + "}"}});
    };
    CHECK(schema(limits::schema_bytes) == "");
    CHECK(schema(limits::schema_bytes + 1).starts_with("tools[0].parameters "));
    const auto count = [&](std::size_t n) {
        tools list;
        for (std::size_t i = 0; i < n; ++i) list.push_back({.name = "t" + std::to_string(i)});
        return with(list);
    };
    CHECK(count(limits::agent_tools) == "");
    CHECK(count(limits::agent_tools + 1).starts_with("tools "));
}
