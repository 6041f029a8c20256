// The deliberation, fed by hand: no clock, no network, no store.
#include "council/deliberation.hpp"

#include "council/report.hpp"
#include "json/parse.hpp"
#include "unit/council/table_of_hands.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

using namespace conclave;
using namespace conclave::council;

TEST_CASE("members answer, score all but their own answers, and the winner is improved") {
    table_of_hands t(members(3));
    t.start();
    CHECK(t.asked.size() == 3);
    t.answer_all(3);
    CHECK(t.asked.size() == 6);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& prompt = *t.asked.at(t.call_of(stage::critique, i)).prompt;
        CHECK(prompt.turns.back().content.find(answer_of(i)) == std::string::npos);
        CHECK(prompt.turns.back().content.find(answer_of((i + 1) % 3)) != std::string::npos);
        CHECK(prompt.temperature == 0.0);
        CHECK(prompt.tools.empty());
    }
    t.score_all(3, {4, 9, 5});
    REQUIRE(t.is_asked(stage::synthesis, 1));
    const auto& prompt = *t.asked.at(t.call_of(stage::synthesis, 1)).prompt;
    CHECK(prompt.turns.back().content.find(answer_of(1)) != std::string::npos);
    CHECK(prompt.turns.back().content.find("Too long.") != std::string::npos);
    CHECK(prompt.turns.back().content.find(answer_of(0)) == std::string::npos);
    t.say(stage::synthesis, 1, improved);
    REQUIRE(t.concluded);
    CHECK(t.concluded->text == improved);
    CHECK(t.concluded->seat == 1);
    CHECK(t.concluded->synthesis == synthesis_status::accepted);
    CHECK(basis_of(t.d) == "full");
}

TEST_CASE("what is made of the answers depends on the mode") {
    auto o = members(3);
    SECTION("select: the winner word for word") {
        o.mode = council_mode::select;
        table_of_hands t(o);
        t.start();
        t.answer_all(3);
        t.score_all(3, {4, 9, 5});
        REQUIRE(t.concluded);
        CHECK(t.concluded->text == answer_of(1));
        CHECK(t.concluded->synthesis == synthesis_status::none);
    }
    SECTION("fuse: all answers go into it") {
        o.mode = council_mode::fuse;
        table_of_hands t(o);
        t.start();
        t.answer_all(3);
        t.score_all(3, {4, 9, 5});
        const auto& prompt = *t.asked.at(t.call_of(stage::synthesis, 1)).prompt;
        for (std::size_t i = 0; i < 3; ++i)
            CHECK(prompt.turns.back().content.find(answer_of(i)) != std::string::npos);
    }
}

TEST_CASE("the configured synthesiser goes first, then the winner's author, and no third one") {
    auto o = members(3);
    o.synthesizer = "chair/m";
    table_of_hands t(o);
    t.start();
    t.answer_all(3);
    t.score_all(3, {4, 9, 5});
    t.fail_call(stage::synthesis, 3, call_class::final);
    t.fail_call(stage::synthesis, 1, call_class::final);
    REQUIRE(t.concluded);
    CHECK(t.concluded->synthesis == synthesis_status::fallback_best);
    CHECK(t.concluded->text == answer_of(1));
}

TEST_CASE("too few answers fail the turn at once, with each seat's reason") {
    table_of_hands t(members(4));
    t.start();
    t.say(stage::generate, 0, answer_of(0));
    t.say(stage::generate, 1, "Too short.");
    t.fail_call(stage::generate, 2, call_class::final);
    CHECK_FALSE(t.failed);
    t.fail_call(stage::generate, 3, call_class::refused);
    REQUIRE(t.failed);
    CHECK(t.failed->code == errc::council_quorum_failed);
    CHECK_FALSE(t.concluded);
    CHECK(t.has_event("failed"));
}

TEST_CASE("a call that may have run is made again only where the quorum lacks it") {
    table_of_hands t(members(4));
    t.start();
    t.say(stage::generate, 0, answer_of(0));
    SECTION("it lacks one") {
        for (std::size_t i = 1; i < 4; ++i) t.fail_call(stage::generate, i, call_class::ambiguous);
        CHECK(t.is_asked(stage::generate, 1));
        CHECK_FALSE(t.is_asked(stage::generate, 2));
        t.fail_call(stage::generate, 1, call_class::ambiguous);
        CHECK(t.is_asked(stage::generate, 2));
        t.say(stage::generate, 2, answer_of(2));
        CHECK(t.is_asked(stage::critique, 0));
    }
    SECTION("it has enough") {
        t.say(stage::generate, 1, answer_of(1));
        t.fail_call(stage::generate, 2, call_class::ambiguous);
        t.fail_call(stage::generate, 3, call_class::ambiguous);
        CHECK_FALSE(t.is_asked(stage::generate, 2));
        CHECK(t.is_asked(stage::critique, 0));
        CHECK_FALSE(t.is_asked(stage::critique, 2));
    }
    SECTION("policy forbids it") {
        t.d.terms.may_repeat = false;
        for (std::size_t i = 1; i < 4; ++i) t.fail_call(stage::generate, i, call_class::ambiguous);
        CHECK(t.failed);
    }
}

TEST_CASE("a single answer is enough only with best_effort, and is called nothing more") {
    auto o = members(2);
    o.best_effort = true;
    table_of_hands t(o);
    t.start();
    t.fail_call(stage::generate, 0, call_class::final);
    t.say(stage::generate, 1, answer_of(1));
    REQUIRE(t.concluded);
    CHECK(t.concluded->text == answer_of(1));
    CHECK(t.concluded->synthesis == synthesis_status::none);
    CHECK(basis_of(t.d) == "single_survivor");
}

TEST_CASE("the deadline of a stage cuts who is late, and time left over moves forward") {
    table_of_hands t(members(3));
    t.start();
    REQUIRE(t.wake);
    CHECK(*t.wake == instant(milliseconds(54'000)));
    t.say(stage::generate, 0, answer_of(0));
    t.say(stage::generate, 1, answer_of(1));
    t.wait(53'999);
    CHECK(t.cuts.empty());
    t.wait(1);
    CHECK(t.cuts == std::vector<std::size_t>{2});
    CHECK(t.is_asked(stage::critique, 0));
    CHECK_FALSE(t.is_asked(stage::critique, 2));
    // A late answer is spend and nothing else.
    t.say(stage::generate, 2, answer_of(2));
    CHECK(t.d.answered.size() == 2);
    CHECK(*t.wake == instant(milliseconds(84'000)));
    t.wait(30'000);
    CHECK(t.is_asked(stage::synthesis, 0));
    CHECK(basis_of(t.d) == "unranked");
    t.wait(36'000);
    REQUIRE(t.concluded);
    CHECK(t.concluded->synthesis == synthesis_status::fallback_best);
    CHECK(t.concluded->reason == "deadline");
}

TEST_CASE("a late member is cut beyond its own quantile once the quorum is there") {
    table_of_hands t(members(3));
    for (int i = 0; i < 20; ++i) t.book.note({"v3", "m"}, "generate", {8'000}, 54'000);
    t.start();
    t.say(stage::generate, 0, answer_of(0));
    CHECK(t.cuts.empty());
    t.say(stage::generate, 1, answer_of(1));
    CHECK(*t.wake == instant(milliseconds(8'000)));
    t.wait(8'000);
    CHECK(t.cuts == std::vector<std::size_t>{2});
    CHECK(t.has_event("member_cut"));
}

TEST_CASE("a synthesis that is slow for its model gets a rival from another family") {
    table_of_hands t(members(3));
    for (int i = 0; i < 20; ++i) t.book.note({"v2", "m"}, "synthesis", {7'000}, 54'000);
    t.start();
    t.answer_all(3);
    t.score_all(3, {4, 9, 5});
    REQUIRE(t.is_asked(stage::synthesis, 1));
    t.wait(7'000);
    REQUIRE(t.is_asked(stage::synthesis, 2));
    SECTION("the first that is accepted wins, the other is cut") {
        const auto slow = t.call_of(stage::synthesis, 1);
        t.say(stage::synthesis, 2, improved);
        REQUIRE(t.concluded);
        CHECK(t.concluded->seat == 2);
        CHECK(t.cuts == std::vector<std::size_t>{slow});
    }
    SECTION("what observers heard of the loser is taken back") {
        CHECK(hear(t.d, t.call_of(stage::synthesis, 1), t.now));
        CHECK_FALSE(hear(t.d, t.call_of(stage::synthesis, 2), t.now));
        t.say(stage::synthesis, 2, improved);
        CHECK(t.has_event("synthesis_reset"));
    }
}

TEST_CASE("a sheet that cannot be read is asked for once more, with nothing but its own text") {
    table_of_hands t(members(3));
    t.start();
    t.answer_all(3);
    t.say(stage::critique, 0, "I like the first one.");
    const auto& again = *t.asked.at(t.call_of(stage::critique, 0)).prompt;
    CHECK(again.turns.size() == 1);
    CHECK(again.turns.back().content.find("I like the first one.") != std::string::npos);
    CHECK(again.turns.back().content.find(answer_of(1)) == std::string::npos);
    t.say(stage::critique, 0, "I still like the first one.");
    CHECK_FALSE(t.is_asked(stage::critique, 0));
    CHECK(t.has_event("sheet_abstained"));
    t.say(stage::critique, 1, t.sheet(1, {4, 9, 5}));
    t.say(stage::critique, 2, t.sheet(2, {4, 9, 5}));
    CHECK(t.is_asked(stage::synthesis, 1));
}

TEST_CASE("a report is full only where every answer has its scores") {
    const auto basis = [](auto leave_out) {
        table_of_hands t(members(4));
        t.start();
        t.answer_all(4);
        for (std::size_t i = 0; i < 4; ++i) {
            auto sheet = t.sheet(i, {6, 7, 8, 9});
            const auto at = sheet.find("\"score\":9");
            if (leave_out(i) && at != std::string::npos) {
                auto from = sheet.rfind('{', at);
                auto end = sheet.find('}', at) + 1;
                if (sheet[end] == ',')
                    ++end;
                else
                    --from;  // its comma
                sheet.erase(from, end - from);
            }
            t.say(stage::critique, i, sheet);
        }
        t.say(stage::synthesis, t.d.judged->winner().seat, improved);
        REQUIRE(t.concluded);
        const auto document = report(t.d, *t.concluded, {});
        const auto from = document.find("\"basis\":\"") + 9;
        return document.substr(from, document.find('"', from) - from);
    };
    CHECK(basis([](std::size_t) { return false; }) == "full");
    CHECK(basis([](std::size_t critic) { return critic == 0; }) == "full");
    CHECK(basis([](std::size_t critic) { return critic < 2; }) == "partial_scores");
    CHECK(basis([](std::size_t) { return true; }) == "partial_scores");
}

TEST_CASE("a call that the budget does not allow is not made") {
    auto o = members(2);
    o.max_usd = money::from_nano_usd(1'000'000'000);
    auto t = terms_of(o);
    CHECK_FALSE(open(t));
    for (auto& s : t.table.seats) s.price.emplace().blended = 1'000'000;
    CHECK(open(t));
    t.options.max_usd = money::from_nano_usd(1'000);
    const auto refused = open(t);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::budget_exceeded);
}

TEST_CASE("a run takes up what earlier ones left, byte for byte, and asks for the rest alone") {
    table_of_hands first(members(4));
    first.start();
    first.answer_all(4);
    first.say(stage::critique, 0, first.sheet(0, {4, 9, 5, 6}));

    std::vector<past_call> calls;
    for (std::size_t i = 0; i < 4; ++i)
        calls.push_back({.stage = stage::generate, .seat = i, .text = answer_of(i)});
    calls.push_back({.stage = stage::critique, .seat = 0, .text = first.d.sheets[0].text});
    for (std::size_t i = 1; i < 4; ++i)
        calls.push_back({.stage = stage::critique, .seat = i, .outcome = call_class::ambiguous});

    table_of_hands second(members(4));
    second.events = first.events;
    SECTION("after a crash: calls that may have run count as absent while the quorum holds") {
        calls.pop_back();
        calls.push_back(
            {.stage = stage::critique, .seat = 3, .text = first.sheet(3, {4, 9, 5, 6})});
        take_up(second.d, calls, first.events, false);
        second.start();
        CHECK(second.d.answered == first.d.answered);
        CHECK(second.d.views == first.d.views);
        CHECK(second.has_event("resumed"));
        // Two of four sheets are a quorum, but two answers have a single score: one more is asked.
        CHECK_FALSE(second.is_asked(stage::generate, 0));
        CHECK(second.asked.size() == 1);
    }
    SECTION("after a failure: everybody who has not answered is asked again") {
        take_up(second.d, calls, first.events, true);
        second.start();
        CHECK(second.asked.size() == 3);
        for (std::size_t i = 1; i < 4; ++i) CHECK(second.is_asked(stage::critique, i));
        for (std::size_t i = 1; i < 4; ++i)
            second.say(stage::critique, i, second.sheet(i, {4, 9, 5, 6}));
        CHECK(second.is_asked(stage::synthesis, 1));
    }
}

TEST_CASE("a synthesis that was lost in a crash is not paid for twice: the winner stands") {
    table_of_hands first(members(3));
    first.start();
    first.answer_all(3);
    first.score_all(3, {4, 9, 5});
    std::vector<past_call> calls;
    for (std::size_t i = 0; i < 3; ++i) {
        calls.push_back({.stage = stage::generate, .seat = i, .text = answer_of(i)});
        calls.push_back({.stage = stage::critique, .seat = i, .text = first.d.sheets[i].text});
    }
    table_of_hands second(members(3));
    second.events = first.events;
    SECTION("lost") {
        calls.push_back({.stage = stage::synthesis, .seat = 1, .outcome = call_class::ambiguous});
        take_up(second.d, calls, first.events, false);
        second.start();
        REQUIRE(second.concluded);
        CHECK(second.concluded->synthesis == synthesis_status::fallback_best);
        CHECK(second.concluded->reason == "lost");
        CHECK(second.concluded->text == answer_of(1));
    }
    SECTION("held") {
        calls.push_back({.stage = stage::synthesis, .seat = 1, .text = improved});
        take_up(second.d, calls, first.events, false);
        second.start();
        REQUIRE(second.concluded);
        CHECK(second.concluded->synthesis == synthesis_status::accepted);
        CHECK(second.concluded->text == improved);
    }
    CHECK(second.asked.empty());
}

TEST_CASE("the host ranks the answers, and what it said once stands after a crash") {
    auto o = members(3);
    o.rule = "external";
    o.ranker = "ranker";
    table_of_hands first(o);
    first.start();
    first.answer_all(3);
    CHECK_FALSE(first.rank);
    first.score_all(3, {4, 9, 5});
    REQUIRE(first.rank);
    CHECK_FALSE(first.has_event("aggregated"));
    CHECK_FALSE(first.is_asked(stage::synthesis, 1));
    std::vector<past_call> calls;
    for (std::size_t i = 0; i < 3; ++i) {
        calls.push_back({.stage = stage::generate, .seat = i, .text = answer_of(i)});
        calls.push_back({.stage = stage::critique, .seat = i, .text = first.d.sheets[i].text});
    }
    table_of_hands second(o);
    SECTION("killed before it answered: it is asked again") {
        second.events = first.events;
        take_up(second.d, calls, first.events, false);
        second.start();
        REQUIRE(second.rank);
        CHECK(second.rank->document == first.rank->document);
        second.host_says(R"({"scores":{"member-1":1,"member-2":0.5,"member-3":7}})");
        CHECK(second.is_asked(stage::synthesis, 2));
    }
    SECTION("killed after it answered: its ranking stands") {
        first.host_says(R"({"scores":{"member-1":1,"member-2":0.1,"member-3":0.7}})");
        CHECK(first.is_asked(stage::synthesis, 0));
        second.events = first.events;
        take_up(second.d, calls, first.events, false);
        second.start();
        CHECK_FALSE(second.rank);
        CHECK(second.d.judged->ranking == first.d.judged->ranking);
        CHECK(second.is_asked(stage::synthesis, 0));
    }
    SECTION("killed after it failed: it is not asked again") {
        first.host_says(fail(errc::tool_failed, "no opinion"));
        CHECK(first.is_asked(stage::synthesis, 1));
        second.events = first.events;
        take_up(second.d, calls, first.events, false);
        second.start();
        CHECK_FALSE(second.rank);
        CHECK(second.d.degradations == std::vector<degradation>{{"rule", "ranker_failed"}});
        CHECK(second.is_asked(stage::synthesis, 1));
    }
}

TEST_CASE("improve_k shows the synthesiser the next best answers, and no more") {
    auto o = members(4);
    o.mode = council_mode::improve_k;
    o.k = 2;
    table_of_hands t(o);
    t.start();
    t.answer_all(4);
    t.score_all(4, {4, 9, 5, 6});
    const auto& prompt = t.asked.at(t.call_of(stage::synthesis, 1)).prompt->turns.back().content;
    for (const std::size_t shown : {1, 2, 3})
        CHECK(prompt.find(answer_of(shown)) != std::string::npos);
    CHECK(prompt.find(answer_of(0)) == std::string::npos);
}
