// The stages of a deliberation; for its own files alone.
#pragma once

#include "council/deliberation.hpp"
#include "json/writer.hpp"

#include <string_view>

namespace conclave::council {

/// A decision in the making.
struct draft {
    deliberation& d;
    const circumstances& c;
    step out;

    const seat& seat_at(std::size_t i) const { return d.terms.table.seats[i]; }
    std::int64_t elapsed_ms() const;
    instant at_ms(std::int64_t since_begin_ms) const;
    bool has_time(stage s) const { return elapsed_ms() < d.terms.stage_end_ms(s); }

    /// Makes a call, if the budget allows it. `usual_q`: the share of calls that end in usual time.
    bool call(stage s, std::size_t seat, request prompt, double usual_q);
    void cut(stage s, std::size_t seat, cut_reason why);
    /// Tells an event; `more` adds its members.
    template <class More>
    void tell(std::string_view event, More more) {
        json::writer w(160);
        w.begin_object().key("seq").integer(++d.events).key("event").string(event);
        more(w);
        w.end_object();
        out.events.push_back({d.events, std::move(w).text()});
    }
    /// What observers heard of a synthesis does not stand.
    void take_back_text(std::size_t call);
    void wake_at(instant then);
    /// Applies decide_cuts; false while a seat is still waited for.
    bool all_settled(stage s, bool quorum_met);
    void tell_stage_started(stage s, std::size_t seats);
    void tell_stage_closed(stage s);
    /// Seats whose call may have been executed are asked again, so many as are wanted. False if
    /// there are none, or no time.
    bool repeat_doubtful(stage s, std::size_t wanted);

    void conclude(conclusion end);
    void give_up(error why);
};

request prompt_of(const deliberation& d, stage s, std::size_t seat);

/// Whether every answer has two scores, or as many as it can have.
bool all_are_scored(const deliberation& d);

// Each begins its stage.
void begin_generate(draft& w);
void begin_critique(draft& w);
void begin_synthesis(draft& w);
/// The synthesis of the candidate is compared with the best answer.
void begin_gate(draft& w);
/// The answers are settled: critics judge them, or the only one stands.
void begin_after_answers(draft& w);
/// The scores are settled: who has won, and what is made of it.
void judge(draft& w);

// Each goes on after something happened in its stage; true when the stage is over and the next has
// begun.
bool go_on_generate(draft& w);
bool go_on_critique(draft& w);
bool go_on_synthesis(draft& w);
bool go_on_gate(draft& w);

// What a call gave.
void take_answer(draft& w, std::size_t seat, call_end& e);
void take_sheet(draft& w, std::size_t seat, call_end& e);
void take_synthesis(draft& w, std::size_t seat, call_end& e);
void take_vote(draft& w, stage s, std::size_t seat, call_end& e);

/// A synthesis that may not take the best answer's place.
void refuse_synthesis(draft& w, std::size_t seat, std::string reason);
/// The best answer stands word for word.
void fall_back(draft& w);
/// The gate of a report: who was asked, and what they said.
void print_gate(json::writer& w, const deliberation& d);
/// Reads a vote by the labels of its call.
void read_vote(const deliberation& d, stage s, std::size_t seat, seat_work& work);

/// A call without an answer.
void take_failure(draft& w, stage s, std::size_t seat, const call_end& e);

/// Reads a sheet by the labels of the critic's view; nothing for a seat without one.
const critic_view* view_of(const deliberation& d, std::size_t critic);
std::vector<std::string> labels_of(const critic_view& view);
/// Plans the critique once the answers are settled.
void plan_views(deliberation& d);
/// What critics found wrong with an answer, the worst first.
std::vector<std::string> flaws_of(const deliberation& d, std::size_t answer);
/// Whether the host ranks the answers, and has not done so.
bool awaits_host(const deliberation& d);
/// Asks the host.
void ask_host(draft& w);
/// Keeps what the host said, if it is scores for all answers; else `robust/1` ranks.
void take_ranking(draft& w, const result<std::string>& answer);
/// All scores, each with what the critic said, as items of an array.
void print_scores(json::writer& w, const deliberation& d);
/// What a rule makes of the settled answers and sheets.
verdict judge_sheets(const deliberation& d, rule r);
/// Settled answers and sheets become a verdict.
void aggregate_sheets(deliberation& d);
std::size_t winner_of(const deliberation& d);
bool has_serious_flaw(const deliberation& d, std::size_t answer);

}  // namespace conclave::council
