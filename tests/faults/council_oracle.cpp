// Runs the machine over stored answers, and counts calls.
#include "faults/council_oracle.hpp"

#include "council/deliberation.hpp"
#include "faults/sqlite_rows.hpp"
#include "faults/witness_file.hpp"
#include "json/council_text.hpp"
#include "json/parse.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <set>
#include <utility>

namespace conclave::faults {

namespace {

constexpr std::int64_t tokens_of_a_call = 100;

using call_name = std::pair<std::string, int>;  // stage and member

council::deliberation begin_again(const stored_turn& turn, int number, bool strict) {
    const auto parsed = json::parse(turn.options, "options").value();
    council::terms t;
    t.options = json::read_council(parsed, "options").value();
    t.table = council::set_table(t.options);
    std::memcpy(t.seed.data(), turn.seed.data(), std::min(t.seed.size(), turn.seed.size()));
    auto question = std::make_shared<provider_request>();
    question->turns.push_back({.content = question_text(number)});
    t.question = std::move(question);
    t.may_repeat = !strict;
    return council::open(std::move(t)).value();
}

/// The machine, and what each of its calls is answered with.
struct rerun {
    const stored_turn& turn;
    council::deliberation machine;
    council::latency_book latencies = {};
    std::deque<council::ask> asks = {};
    std::set<call_name> lost_once = {};
    std::optional<std::string> text = {};
    bool ended = false;

    council::circumstances now() const { return {instant{}, latencies}; }

    void take(council::step s) {
        for (auto& ask : s.asks) asks.push_back(std::move(ask));
        if (s.concluded) text = s.concluded->text;
        ended = ended || s.concluded || s.failed;
    }

    /// What is stored of a call: its answer, that it was lost, or nothing.
    void answer(const council::ask& ask) {
        const call_name call{council::name_of(ask.stage), static_cast<int>(ask.seat) + 1};
        council::call_end end;
        end.call = ask.call;
        bool lost = false;
        for (const auto& a : turn.attempts) {
            if (call_name{a.stage, a.member} != call) continue;
            lost = lost || !a.answered;
            if (a.answered) end.result.text = a.text;
        }
        const bool stored = !end.result.text.empty();
        if (!stored && lost && lost_once.insert(call).second) {
            // A synthesis is never repeated: the winner is at hand.
            if (ask.stage == council::stage::synthesis) return stop_at_winner();
            end.result.outcome = call_class::ambiguous;
        } else if (!stored) {
            end.result.text = say(call.second, *ask.prompt).text;
        }
        take(council::on_call_end(machine, std::move(end), now()));
    }

    void stop_at_winner() {
        text = machine.answers[static_cast<std::size_t>(machine.judged->winner().seat)].text;
        ended = true;
    }
};

bool is_asked_again(const std::vector<const stored_attempt*>& attempts) {
    const auto answer =
        std::find_if(attempts.begin(), attempts.end(), [](const auto* a) { return a->answered; });
    return answer != attempts.end() && std::next(answer) != attempts.end();
}

}  // namespace

bool stored_turn::has_lost_calls() const {
    std::set<call_name> answered;
    for (const auto& a : attempts)
        if (a.answered) answered.emplace(a.stage, a.member);
    return std::any_of(attempts.begin(), attempts.end(), [&](const auto& a) {
        return answered.count({a.stage, a.member}) == 0;
    });
}

stored_turn read_turn(const std::string& database, int number) {
    stored_turn turn;
    const sqlite_rows rows(database);
    const auto send = "(SELECT send_id FROM message WHERE reply_to_seq IS NULL AND content = '" +
                      question_text(number) + "')";
    rows.each(
        "SELECT s.state, t.options, t.seed FROM send s JOIN council_turn t"
        " ON t.send_id = s.send_id WHERE s.send_id = " +
            send,
        [&](const auto& row) {
            turn.begun = true;
            turn.succeeded = row.integer(0) == 2;
            turn.options = row.text(1);
            turn.seed = row.text(2);
        });
    rows.each(
        "SELECT p.stage, p.seat, p.class, t.text FROM provider_call p LEFT JOIN call_text t"
        " ON t.send_id = p.send_id AND t.stage = p.stage AND t.seat = p.seat"
        " AND t.round = p.round AND t.attempt = p.attempt WHERE p.send_id = " +
            send + " ORDER BY p.stage, p.seat, p.attempt",
        [&](const auto& row) {
            const bool answered = !row.text(2).empty() && row.integer(2) == 0;
            turn.attempts.push_back(
                {row.text(0), static_cast<int>(row.integer(1)) + 1, answered, row.text(3)});
        });
    rows.each("SELECT content FROM message WHERE reply_to_seq IS NOT NULL AND send_id = " + send,
              [&](const auto& row) { turn.text = row.text(0); });
    rows.each(
        "SELECT coalesce(sum(e.input + e.output), 0) FROM usage_event e JOIN send s"
        " ON s.send_id = e.send_id WHERE s.send_id = " +
            send,
        [&](const auto& row) { turn.tokens_billed = row.integer(0); });
    return turn;
}

std::optional<std::string> text_to_come(const stored_turn& turn, int number, bool strict) {
    if (!turn.begun) return undisturbed_text(number);
    if (turn.succeeded) return turn.text;
    if (strict && turn.has_lost_calls()) return std::nullopt;
    rerun again{turn, begin_again(turn, number, strict)};
    again.take(council::begin(again.machine, again.now()));
    while (!again.ended && !again.asks.empty()) {
        const auto ask = std::move(again.asks.front());
        again.asks.pop_front();
        again.answer(ask);
    }
    return again.text;
}

std::map<std::string, int> read_calls_heard(const std::string& journal) {
    std::map<std::string, int> heard;
    for (const auto& line : witness_file::read(journal)) ++heard[line];
    return heard;
}

findings judge_calls(const stored_turn& turn, int number, const std::map<std::string, int>& heard,
                     bool strict) {
    findings found;
    const auto find = [&](const std::string& what) {
        found.push_back("question " + std::to_string(number) + ": " + what);
    };
    std::int64_t answers = 0;
    for (const std::string stage : {"generate", "critique", "synthesis", "gate", "gate_swapped"}) {
        bool repeated = false;
        int answered = 0;
        for (int member = 1; member <= council_members; ++member) {
            std::vector<const stored_attempt*> attempts;
            for (const auto& a : turn.attempts)
                if (a.stage == stage && a.member == member) attempts.push_back(&a);
            const auto name = stage + " of member " + std::to_string(member);
            const auto line = heard.find(journal_line(number, stage, member));
            const auto times = line == heard.end() ? 0 : line->second;
            if (times > static_cast<int>(attempts.size()))
                find(name + " was heard " + std::to_string(times) + " times, recorded " +
                     std::to_string(attempts.size()));
            if (is_asked_again(attempts)) find(name + " was asked again, its answer being durable");
            repeated = repeated || attempts.size() > 1;
            if (!attempts.empty() && attempts.back()->answered) ++answered;
        }
        if (repeated && strict) find(stage + " has repeated calls, against policy");
        if (repeated &&
            (stage == "synthesis" || stage.starts_with("gate") || answered > council_quorum))
            find(stage + " has repeated calls that the turn could do without");
        answers += answered;
    }
    if (turn.succeeded && turn.tokens_billed != answers * tokens_of_a_call)
        find("billed are " + std::to_string(turn.tokens_billed) + " tokens of " +
             std::to_string(answers) + " answers");
    return found;
}

}  // namespace conclave::faults
