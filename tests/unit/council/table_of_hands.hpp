// A deliberation fed by hand: no clock, no network, no store.
#pragma once

#include "council/deliberation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace conclave::council {

using std::chrono::milliseconds;

inline council_options members(std::size_t n) {
    council_options o;
    for (std::size_t i = 0; i < n; ++i) o.members.push_back({"v" + std::to_string(i + 1) + "/m"});
    return o;
}

inline terms terms_of(council_options o) {
    terms t;
    t.options = std::move(o);
    t.table = set_table(t.options);
    t.seed = make_turn_seed("snd_1", "config");
    auto question = std::make_shared<provider_request>();
    question->turns.push_back({message_role::user, "How do I deploy?"});
    question->max_tokens = 100;
    t.question = std::move(question);
    return t;
}

inline std::string answer_of(std::size_t seat) {
    return "Answer number " + std::to_string(seat + 1) + std::string(60, '.');
}

inline const std::string improved = "An answer that is better than each of them, in several words.";

/// A machine and what it has asked for.
struct table_of_hands {
    explicit table_of_hands(council_options o) : d(open(terms_of(std::move(o))).value()) {}
    explicit table_of_hands(terms t) : d(open(std::move(t)).value()) {}

    void take(step s) {
        for (auto& a : s.asks) asked[a.call] = a;
        for (const auto c : s.cuts) cuts.push_back(c);
        for (const auto& e : s.events) {
            CHECK(e.number == static_cast<std::int64_t>(events.size()) + 1);
            events.push_back(e.document);
        }
        if (s.rank) rank = s.rank;
        wake = s.wake;
        if (s.concluded) concluded = s.concluded;
        if (s.failed) failed = s.failed;
    }
    void start() { take(begin(d, {now, book})); }
    void host_says(const result<std::string>& answer) { take(on_ranking(d, answer, {now, book})); }
    void wait(std::int64_t ms) {
        now += milliseconds(ms);
        take(on_wake(d, {now, book}));
    }
    /// The call of a seat that is in flight.
    std::size_t call_of(stage s, std::size_t seat) const {
        for (const auto& [call, a] : asked)
            if (a.stage == s && a.seat == seat && !ended.contains(call)) return call;
        FAIL("seat " << seat << " is not asked at " << name_of(s));
        return 0;
    }
    bool is_asked(stage s, std::size_t seat) const {
        return std::any_of(asked.begin(), asked.end(), [&](const auto& a) {
            return a.second.stage == s && a.second.seat == seat && !ended.contains(a.first);
        });
    }
    void end(std::size_t call, call_result r, money cost = money::from_nano_usd(1'000)) {
        ended[call] = true;
        take(on_call_end(d, {call, std::move(r), "", cost}, {now, book}));
    }
    void say(stage s, std::size_t seat, std::string text) {
        call_result r;
        r.text = std::move(text);
        end(call_of(s, seat), std::move(r));
    }
    void fail_call(stage s, std::size_t seat, call_class why) {
        call_result r;
        r.outcome = why;
        end(call_of(s, seat), std::move(r));
    }
    /// A sheet in which the answer of seat i gets scores[i].
    std::string sheet(std::size_t critic, const std::vector<int>& scores) const {
        std::string text = R"({"assessments":[)";
        std::string best;
        int top = 0;
        std::string separator;
        for (const auto& v : d.views) {
            if (static_cast<std::size_t>(v.critic) != critic) continue;
            for (const auto& a : v.answers) {
                const auto score = scores[static_cast<std::size_t>(a.seat)];
                if (score > top) {
                    top = score;
                    best = a.label;
                }
                text += separator + R"({"id":")" + a.label +
                        R"(","flaws":"Too long.","strengths":"","severity":"minor","score":)" +
                        std::to_string(score) + "}";
                separator = ",";
            }
        }
        return text + R"(],"best":")" + best + R"("})";
    }
    void answer_all(std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) say(stage::generate, i, answer_of(i));
    }
    void score_all(std::size_t n, const std::vector<int>& scores) {
        for (std::size_t i = 0; i < n; ++i) say(stage::critique, i, sheet(i, scores));
    }
    bool has_event(std::string_view kind) const {
        const auto word = "\"event\":\"" + std::string(kind) + "\"";
        return std::any_of(events.begin(), events.end(),
                           [&](const auto& e) { return e.find(word) != std::string::npos; });
    }

    deliberation d;
    std::optional<ranking_request> rank;
    latency_book book;
    instant now{};
    std::map<std::size_t, ask> asked;
    std::map<std::size_t, bool> ended;
    std::vector<std::size_t> cuts;
    std::vector<std::string> events;
    std::optional<instant> wake;
    std::optional<conclusion> concluded;
    std::optional<error> failed;
};

}  // namespace conclave::council
