// The gate `panel`: critics compare the synthesis with the best answer.
#include "council/budget.hpp"
#include "council/gate_vote.hpp"
#include "council/report.hpp"
#include "json/parse.hpp"
#include "unit/council/table_of_hands.hpp"

#include <array>
#include <set>

using namespace conclave;
using namespace conclave::council;

namespace {

constexpr std::array gate_stages{stage::gate, stage::gate_swapped};

council_options with_gate(std::size_t n) {
    auto o = members(n);
    o.gate = council_gate::panel;
    return o;
}

std::vector<std::string> labels_in(const ask& a) {
    const auto document = json::parse(a.prompt->turns.back().content, "prompt").value();
    std::vector<std::string> labels;
    for (const auto& answer : *json::find(document, "answers")->as_array())
        labels.push_back(*json::find(answer, "id")->as_string());
    return labels;
}

/// Up to the gate; member 2 of `n` wins and improves its answer.
void go_to_gate(table_of_hands& t, std::size_t n) {
    t.start();
    t.answer_all(n);
    std::vector<int> scores(n, 4);
    scores[1] = 9;
    t.score_all(n, scores);
    t.say(stage::synthesis, 1, improved);
}

std::string vote_of(const table_of_hands& t, stage s, std::size_t critic, bool for_synthesis) {
    const auto labels = labels_in(t.asked.at(t.call_of(s, critic)));
    const bool synthesis_first = s == stage::gate_swapped;
    return R"({"reason":"r","better":")" + labels[for_synthesis == synthesis_first ? 0 : 1] +
           R"("})";
}

/// Votes in the order of the panel, first all with the best answer in front.
void vote(table_of_hands& t, const std::vector<bool>& votes) {
    std::size_t i = 0;
    const auto panel = t.d.panel;
    for (const auto s : gate_stages)
        for (const auto critic : panel)
            if (i < votes.size()) t.say(s, critic, vote_of(t, s, critic, votes[i++]));
}

}  // namespace

TEST_CASE("two critics who wrote neither text compare them blind, in both orders") {
    table_of_hands t(with_gate(4));
    go_to_gate(t, 4);
    CHECK_FALSE(t.concluded);
    REQUIRE(t.d.panel.size() == 2);
    std::set<std::string> labels;
    for (const auto critic : t.d.panel) {
        CHECK(critic != 1);
        for (const auto s : gate_stages) {
            const auto& asked = t.asked.at(t.call_of(s, critic));
            const auto& text = asked.prompt->turns.back().content;
            const auto answer = text.find(answer_of(1));
            const auto synthesis = text.find(improved);
            REQUIRE(answer != std::string::npos);
            REQUIRE(synthesis != std::string::npos);
            CHECK((answer < synthesis) == (s == stage::gate));
            CHECK(text.find("member") == std::string::npos);
            CHECK(asked.prompt->temperature == 0.0);
            CHECK(asked.prompt->max_tokens == 512);
            for (const auto& label : labels_in(asked)) labels.insert(label);
        }
    }
    CHECK(labels.size() == 8);
}

TEST_CASE("a synthesis passes the gate on half of the votes, and not on less") {
    struct outcome {
        std::vector<bool> votes;
        bool passes = false;
    };
    const auto [votes, passes] = GENERATE(
        outcome{{true, true, true, true}, true}, outcome{{true, false, false, true}, true},
        outcome{{false, false, true, true}, true}, outcome{{false, true, false, false}, false},
        outcome{{false, false, false, false}, false});
    table_of_hands t(with_gate(4));
    go_to_gate(t, 4);
    vote(t, votes);
    REQUIRE(t.concluded);
    CHECK(t.concluded->text == (passes ? improved : answer_of(1)));
    CHECK(t.concluded->synthesis ==
          (passes ? synthesis_status::accepted : synthesis_status::fallback_best));
    CHECK(t.concluded->reason == (passes ? "" : "gate"));
    CHECK(t.has_event("synthesis_rejected") == !passes);
    const auto told = json::parse(report(t.d, *t.concluded, {}), "report").value();
    const auto* gate = json::find(told, "gate");
    REQUIRE(gate != nullptr);
    CHECK(*json::find(*gate, "asked")->as_integer() == 4);
    CHECK(*json::find(*gate, "votes")->as_integer() == 4);
    CHECK(*json::find(*gate, "for_synthesis")->as_integer() ==
          std::count(votes.begin(), votes.end(), true));
}

TEST_CASE("votes that cannot be read and calls that fail do not count") {
    table_of_hands t(with_gate(4));
    go_to_gate(t, 4);
    const auto panel = t.d.panel;
    t.say(stage::gate, panel[0], "Both are good, but the first one is better.");
    t.fail_call(stage::gate, panel[1], call_class::refused);
    t.fail_call(stage::gate_swapped, panel[0], call_class::ambiguous);
    SECTION("half of those that came decide") {
        t.say(stage::gate_swapped, panel[1], vote_of(t, stage::gate_swapped, panel[1], true));
        REQUIRE(t.concluded);
        CHECK(t.concluded->text == improved);
    }
    SECTION("without any the best answer stands") {
        t.say(stage::gate_swapped, panel[1], "{}");
        REQUIRE(t.concluded);
        CHECK(t.concluded->text == answer_of(1));
        CHECK(t.concluded->reason == "gate_without_votes");
    }
    // Nobody is asked twice at the gate.
    CHECK(t.asked.size() == 4 + 4 + 1 + 4);
}

TEST_CASE("a synthesis is not heard before it has passed the gate") {
    table_of_hands t(with_gate(3));
    t.start();
    t.answer_all(3);
    t.score_all(3, {4, 9, 5});
    CHECK_FALSE(hear(t.d, t.call_of(stage::synthesis, 1), t.now));
    t.say(stage::synthesis, 1, "Too short.");
    CHECK_FALSE(t.has_event("synthesis_reset"));
}

TEST_CASE("only a synthesis that is sane comes before the gate") {
    table_of_hands t(with_gate(3));
    t.start();
    t.answer_all(3);
    t.score_all(3, {4, 9, 5});
    t.say(stage::synthesis, 1, "Too short.");
    CHECK_FALSE(t.has_event("gate_started"));
    CHECK(t.asked.size() == 8);
}

TEST_CASE("the gate has the last third of the synthesis's time") {
    table_of_hands t(with_gate(3));
    CHECK(t.d.terms.stage_end_ms(stage::synthesis) == 108'000);
    CHECK(t.d.terms.stage_end_ms(stage::gate) == 120'000);
    CHECK(t.d.terms.share_ms(stage::synthesis) == 24'000);
    CHECK(t.d.terms.share_ms(stage::gate_swapped) == 12'000);
    for (auto& seat : t.d.terms.table.seats) seat.streams = false;
    go_to_gate(t, 3);
    t.say(stage::gate, t.d.panel[0], vote_of(t, stage::gate, t.d.panel[0], true));
    t.wait(119'999);
    CHECK_FALSE(t.concluded);
    t.wait(1);
    REQUIRE(t.concluded);
    CHECK(t.concluded->text == improved);
    CHECK(t.cuts.size() == 3);
}

TEST_CASE("without a gate the synthesis has all of its time") {
    const table_of_hands t(members(3));
    CHECK(t.d.terms.stage_end_ms(stage::synthesis) == 120'000);
    CHECK(t.d.terms.share_ms(stage::synthesis) == 36'000);
}

TEST_CASE("a run goes on at the gate where an earlier one left it") {
    table_of_hands first(with_gate(4));
    go_to_gate(first, 4);
    const auto panel = first.d.panel;
    std::vector<past_call> calls;
    for (const auto& [call, a] : first.asked) {
        past_call past{.stage = a.stage, .seat = a.seat};
        if (a.stage == stage::generate) past.text = answer_of(a.seat);
        if (a.stage == stage::critique) past.text = first.sheet(a.seat, {4, 9, 4, 4});
        if (a.stage == stage::synthesis) past.text = improved;
        if (a.stage == stage::gate || a.stage == stage::gate_swapped) {
            if (a.stage == stage::gate && a.seat == panel[0])
                past.text = vote_of(first, a.stage, a.seat, false);
            else
                past.outcome = call_class::ambiguous;
        }
        calls.push_back(std::move(past));
    }
    table_of_hands second(with_gate(4));
    SECTION("after a crash what was lost is absent, and nobody is asked again") {
        take_up(second.d, calls, first.events, false);
        second.events = first.events;
        second.start();
        CHECK(second.asked.empty());
        CHECK(second.d.panel == panel);
        REQUIRE(second.concluded);
        CHECK(second.concluded->text == answer_of(1));
        CHECK(second.concluded->reason == "gate");
    }
    SECTION("after a failure that was told those without a vote are asked") {
        take_up(second.d, calls, first.events, true);
        second.events = first.events;
        second.start();
        CHECK(second.asked.size() == 3);
        CHECK_FALSE(second.is_asked(stage::gate, panel[0]));
        second.say(stage::gate, panel[1], vote_of(second, stage::gate, panel[1], true));
        for (const auto critic : panel)
            second.say(stage::gate_swapped, critic,
                       vote_of(second, stage::gate_swapped, critic, false));
        REQUIRE(second.concluded);
        CHECK(second.concluded->text == answer_of(1));
    }
}

TEST_CASE("the budget counts the votes of the gate before the first call") {
    auto with = terms_of(with_gate(4));
    auto without = terms_of(members(4));
    for (auto* t : {&with, &without})
        for (auto& s : t->table.seats) {
            s.price = metering::price{};
            s.price->input = s.price->output = 1'000'000;
        }
    CHECK(estimate(with) > estimate(without));
    with.options.mode = without.options.mode = council_mode::select;
    CHECK(estimate(with) == estimate(without));
}

TEST_CASE("a vote is the last object that names one of the two labels") {
    const std::vector<std::string> labels{"KXWV", "MRTP"};
    CHECK(read_gate_vote(R"({"reason":"r","better":"MRTP"})", labels) == 1);
    CHECK(read_gate_vote("```json\n{\"better\": \" KXWV \"}\n```", labels) == 0);
    CHECK(read_gate_vote(R"({"better":"KXWV"} No: {"better":"MRTP"})", labels) == 1);
    CHECK(read_gate_vote("{better: 'MRTP',}", labels) == 1);
    CHECK(read_gate_vote(R"({"vote":{"better":"KXWV"}})", labels) == 0);
    for (const auto* text : {"", "KXWV", "MRTP is better", R"({"better":"both"})",
                             R"({"better":1})", R"({"better":"KXWV or MRTP"})", "{{{{", "\xff{"})
        CHECK_FALSE(read_gate_vote(text, labels));
    // Of a long text only the end is read.
    const auto vote = std::string(R"({"better":"KXWV"})");
    CHECK(read_gate_vote(std::string(100'000, '{') + vote, labels) == 0);
    CHECK_FALSE(read_gate_vote(vote + std::string(4'096, ' '), labels));
}
