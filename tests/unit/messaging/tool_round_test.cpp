// What tools may be called, and what models are told of them.
#include "messaging/tool_round.hpp"

#include "base/limits.hpp"
#include "unit/messaging/send_fixture.hpp"

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

using turns = std::vector<provider_request::turn>;

provider_request::turn asking(std::vector<std::string> ids, std::string text = {}) {
    provider_request::turn t{message_role::assistant, std::move(text)};
    for (auto& id : ids) t.tool_calls.push_back({std::move(id), "ask", "{}"});
    return t;
}
provider_request::turn result_of(std::string id) {
    return {message_role::tool, "r", {}, std::move(id)};
}
const provider_request::turn question{message_role::user, "?"};

std::string refused(const std::vector<tool_result>& results, const turns& history) {
    const auto ok = check_answers(results, history);
    if (ok) return {};
    CHECK(ok.error().code == errc::validation_error);
    return std::get<std::string>(ok.error().details.at(0).value);
}

}  // namespace

TEST_CASE("results answer all calls of the last answer, in any order", "[tools]") {
    const turns history{question, asking({"old"}), question, asking({"a", "b"})};
    CHECK(refused({{"a", ""}, {"b", ""}}, history).empty());
    CHECK(refused({{"b", ""}, {"a", ""}}, history).empty());
    CHECK(refused({{"a", ""}}, history) == "tool_results");
    CHECK(refused({{"a", ""}, {"old", ""}}, history) == "tool_results[1].tool_call_id");
    CHECK(refused({{"a", ""}}, {}) == "tool_results[0].tool_call_id");
    CHECK(refused({{"a", ""}}, {question, asking({})}) == "tool_results[0].tool_call_id");
}

TEST_CASE("calls and results that miss one another are taken out", "[tools]") {
    // The first result answers what the prompt's limit cut away.
    turns list{result_of("0"), asking({}, "first"), question,       asking({"a", "b"}, "half"),
               result_of("a"), asking({"c"}),       result_of("c"), asking({"d"}, "none"),
               question};
    drop_loose_ends(list);
    REQUIRE(list.size() == 7);
    CHECK(list[0].content == "first");
    CHECK(list[2].content == "half");
    CHECK(list[2].tool_calls.empty());
    CHECK(list[3].tool_calls.size() == 1);
    CHECK(list[4].tool_call_id == "c");
    CHECK(list[5].tool_calls.empty());
    CHECK(list[6].role == message_role::user);
}

TEST_CASE("the model is told of registered tools as they are registered", "[tools]") {
    agent a;
    a.tools = {{.name = "clock", .registered = true},
               {.name = "ask", .description = "Asks.", .parameters = "{}"}};
    configuration c;
    const auto missing = define_tools(a, c);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == errc::validation_error);
    c.tools["clock"] = {"Tells the time.", R"({"a":1})", 5};
    CHECK(define_tools(a, c).value() ==
          std::vector<tool_definition>{{"clock", "Tells the time.", R"({"a":1})"},
                                       {"ask", "Asks.", "{}"}});
}

TEST_CASE("a send answers its calls itself unless one is the host's", "[tools]") {
    agent a;
    a.tools = {{.name = "clock", .registered = true}, {.name = "ask"}};
    const tool_call clock{"1", "clock", "{}"};
    const tool_call ask{"2", "ask", "{}"};
    const tool_call unknown{"3", "unknown", "{}"};
    CHECK_FALSE(runs_by_itself(a, {}));
    CHECK(runs_by_itself(a, {clock, unknown}));
    CHECK_FALSE(runs_by_itself(a, {clock, ask}));
}

TEST_CASE("outcomes find their calls, those that ran and those that could not", "[tools]") {
    agent a;
    a.tools = {{.name = "clock", .registered = true}, {.name = "gone", .registered = true}};
    configuration c;
    c.tools["clock"] = {{}, {}, 5'000};
    const std::vector<tool_call> calls{
        {"1", "unknown", "{}"}, {"2", "clock", "{}"}, {"3", "gone", "{}"}, {"4", "clock", "{}"}};
    tool_rounds rounds;
    rounds.text = "Before. ";
    const auto runs = begin_round(rounds, "Wait. ", calls, a, c, 1'000);
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].call.id == "2");
    CHECK(runs[1].call.id == "4");
    CHECK(runs[0].timeout_ms == 1'000);
    CHECK(rounds.steps.size() == 4);
    CHECK(rounds.steps[0].place == 14);
    const std::string longest(limits::tool_result_bytes, 'x');
    take_outcomes(rounds, {{longest, false}, {longest + "x", false}});
    CHECK(rounds.outcomes[0]->failed);
    CHECK(rounds.outcomes[1]->content == longest);
    CHECK(rounds.outcomes[2]->failed);
    CHECK(rounds.outcomes[3]->failed);
    CHECK(rounds.steps.size() == 8);

    auto before = std::make_shared<provider_request>();
    before->turns = {question};
    const auto kept = before;
    const auto next = next_prompt(rounds, "Wait. ", std::move(before));
    CHECK(kept->turns.size() == 1);
    REQUIRE(next->turns.size() == 6);
    CHECK(next->turns[3].content == longest);
    CHECK(next->turns[3].tool_call_id == "2");
}
