// What tools may be called, and what models are told of them.
#include "messaging/rounds.hpp"

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
    c.tools["clock"] = {"Tells the time.", R"({"a":1})", 5, false, {}};
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

namespace {

/// An agent with a clock, a tool that is gone, and one whose arguments are checked.
struct workshop {
    workshop() {
        a.tools = {{.name = "clock", .registered = true},
                   {.name = "gone", .registered = true},
                   {.name = "pay", .registered = true}};
        c.tools["clock"] = {{}, {}, 5'000, true, {}};
        c.tools["pay"] = {
            {},
            {},
            500,
            false,
            json::schema::read(R"({"properties":{"cents":{"type":"integer"}}})", "p").value()};
    }
    agent a;
    configuration c;
};

call_result asking_all(std::vector<tool_call> calls) {
    auto answer = an_answer("Wait. ");
    answer.tool_calls = std::move(calls);
    answer.keepsake = "signed";
    return answer;
}

}  // namespace

TEST_CASE("outcomes find their calls, those that ran and those that could not", "[tools]") {
    const workshop w;
    send_rounds rounds;
    rounds.text = "Before. ";
    open_round(rounds, {.round = 2, .attempt = 3},
               asking_all({{"1", "unknown", "{}"},
                           {"2", "clock", "{}"},
                           {"3", "gone", "{}"},
                           {"4", "clock", "{}"},
                           {"5", "pay", R"({"cents":"all"})"}}),
               w.a, w.c);
    auto& round = *rounds.open;
    CHECK(round.number == 2);
    CHECK(round.attempt == 3);
    const auto runs = list_runs(round, w.c, 1'000);
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].call.id == "2");
    CHECK(runs[1].call.id == "4");
    CHECK(runs[0].timeout_ms == 1'000);
    CHECK(rounds.steps.size() == 5);
    CHECK(rounds.steps[0].place == 14);
    const std::string longest(limits::tool_result_bytes, 'x');
    take_outcomes(round, {{longest, false, {}, 7}, {longest + "x", false}});
    CHECK(round.calls[0].state == tool_state::failed);
    CHECK(round.calls[1].state == tool_state::done);
    CHECK(round.calls[1].content == longest);
    CHECK(round.calls[1].duration_ms == 7);
    CHECK(round.calls[2].state == tool_state::failed);
    CHECK(round.calls[3].state == tool_state::failed);
    CHECK(round.calls[4].content == "Error: arguments.cents must be an integer");

    auto prompt = std::make_shared<provider_request>();
    prompt->turns = {question};
    const auto kept = prompt;
    CHECK(close_round(rounds, prompt) == 6);
    CHECK(rounds.steps.size() == 10);
    CHECK(kept->turns.size() == 1);
    REQUIRE(prompt->turns.size() == 7);
    CHECK(prompt->turns[1].keepsake == "signed");
    CHECK(prompt->turns[1].tool_calls.size() == 5);
    CHECK(prompt->turns[3].content == longest);
    CHECK(prompt->turns[3].tool_call_id == "2");
}

TEST_CASE("the sources of a tool are kept within their limits", "[tools]") {
    const workshop w;
    const auto outcome = [&](std::vector<source> sources) {
        send_rounds rounds;
        open_round(rounds, {}, asking_all({{"1", "clock", "{}"}}), w.a, w.c);
        take_outcomes(*rounds.open, {{"noon", false, std::move(sources)}});
        auto prompt = std::make_shared<provider_request>();
        close_round(rounds, prompt);
        CHECK(rounds.sources.size() == rounds.open->calls[0].sources.size());
        return rounds.open->calls[0].content;
    };
    const source s{"Sundial", "https://example.org", "It is noon."};
    CHECK(outcome({s}) == "noon");
    CHECK(outcome(std::vector<source>(limits::sources, s)) == "noon");
    CHECK(outcome(std::vector<source>(limits::sources + 1, s)).starts_with("Error: "));
    CHECK(outcome({{std::string(limits::source_title_bytes, 'x')}}) == "noon");
    CHECK(outcome({{std::string(limits::source_title_bytes + 1, 'x')}}).starts_with("Error: "));
    CHECK(outcome({{"x", std::string(limits::url_bytes, 'x')}}) == "noon");
    CHECK(outcome({{"x", std::string(limits::url_bytes + 1, 'x')}}).starts_with("Error: "));
    CHECK(outcome({{"x", "", std::string(limits::source_snippet_bytes, 'x')}}) == "noon");
    CHECK(outcome({{"x", "", std::string(limits::source_snippet_bytes + 1, 'x')}})
              .starts_with("Error: "));
    CHECK(outcome({{""}}).starts_with("Error: "));
    CHECK(outcome({{"\xff"}}).starts_with("Error: "));
}

TEST_CASE("a call is lost if it may have run, must not run twice and came to nothing", "[tools]") {
    const workshop w;
    send_rounds rounds;
    open_round(rounds, {}, asking_all({{"1", "clock", "{}"}, {"2", "pay", "{}"}}), w.a, w.c);
    auto& round = *rounds.open;
    REQUIRE(find_lost_call(round) != nullptr);
    CHECK(find_lost_call(round)->call.id == "2");
    auto before = round;
    take_back_calls(before);
    CHECK(find_lost_call(before) == nullptr);
    tool_outcome cut{"Error: cut", true};
    cut.cut = true;
    take_outcomes(round, {cut, {"paid", false}});
    CHECK(round.calls[0].state == tool_state::begun);
    CHECK(find_lost_call(round) == nullptr);
}

TEST_CASE("a run goes on behind the rounds of earlier ones", "[tools]") {
    const workshop w;
    send_rounds first;
    open_round(first, {}, asking_all({{"1", "clock", "{}"}, {"2", "pay", "{}"}}), w.a, w.c);
    take_outcomes(*first.open, {{"noon", false, {{"Sundial"}}}, {"paid", false}});
    auto whole = *first.open;
    auto prompt = std::make_shared<provider_request>();
    close_round(first, prompt);
    auto half = whole;
    half.number = 1;
    half.calls[0].state = tool_state::begun;
    half.calls[1].state = tool_state::not_begun;
    store::usage_line line;
    line.provider = "vendorA";

    send_rounds again;
    auto resumed = std::make_shared<provider_request>();
    CHECK(resume_rounds(again, {{whole, line}}, resumed, w.a, w.c) == 3);
    CHECK_FALSE(again.open);
    CHECK(again.of_tools == 1);
    CHECK(again.reused.size() == 1);
    CHECK(again.text == first.text);
    CHECK(again.sources == first.sources);
    CHECK(print_steps(again.steps) == print_steps(first.steps));
    REQUIRE(resumed->turns.size() == prompt->turns.size());
    for (std::size_t i = 0; i < resumed->turns.size(); ++i) {
        CHECK(resumed->turns[i].content == prompt->turns[i].content);
        CHECK(resumed->turns[i].tool_calls == prompt->turns[i].tool_calls);
        CHECK(resumed->turns[i].keepsake == prompt->turns[i].keepsake);
    }

    send_rounds rest;
    CHECK(resume_rounds(rest, {{whole, line}, {half, line}}, resumed, w.a, w.c) == 3);
    REQUIRE(rest.open);
    CHECK(rest.of_tools == 2);
    const auto runs = list_runs(*rest.open, w.c, 1'000);
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].call.id == "1");
    CHECK(runs[1].call.id == "2");
}
