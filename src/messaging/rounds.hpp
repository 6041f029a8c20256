// Rounds inside a send: what tools may be called, what was called, and what the model is told of
// it.
#pragma once

#include <conclave/agent.hpp>
#include <conclave/provider.hpp>
#include <conclave/reply.hpp>
#include <conclave/result.hpp>
#include <conclave/tool.hpp>

#include "json/schema.hpp"
#include "messaging/configuration.hpp"
#include "messaging/stream_log.hpp"
#include "model/call.hpp"
#include "model/round.hpp"
#include "model/send.hpp"
#include "store/sends.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace conclave::messaging {

/// What came of one call. A failure is told to the model too.
struct tool_outcome {
    std::string content;
    bool failed = false;
    std::vector<source> sources = {};
    std::int64_t duration_ms = 0;
    bool cut = false;  ///< nobody waited for the end: it may have run

    bool operator==(const tool_outcome&) const = default;
};

/// The outcome that tells of a failure.
tool_outcome failed_tool(std::string_view why);

/// A call that a registered tool is to run.
struct tool_run {
    tool_call call;
    std::int64_t timeout_ms = 0;
};

/// The rounds of a send: what was said and done before its last answer, in this run or before it.
struct send_rounds {
    bool text_is_shown = true;       ///< what the model said before is part of the message
    std::string text;                ///< that the model said, as far as it is shown
    std::vector<stream_step> steps;  ///< what streams show of the calls
    std::vector<citation> sources;   ///< that the tools named
    std::int64_t of_tools = 0;
    bool repaired = false;                  ///< one of them was about an answer that did not fit
    std::optional<send_round> open;         ///< the one in progress, until the store has it whole
    std::vector<store::usage_line> reused;  ///< what answers of earlier runs took
    std::optional<std::string> output;      ///< the last answer, where it must fit a schema
};

/// The agent's tools as the model is told of them. VALIDATION_ERROR naming `tools` for one that is
/// not registered.
result<std::vector<tool_definition>> define_tools(const agent& a, const configuration& config);

/// Whether the send answers these calls itself: there are some, and none is the host's to answer.
bool runs_by_itself(const agent& a, const std::vector<tool_call>& calls);

/// Opens a round with an answer and its calls. Those that no tool can run, or whose arguments do
/// not fit, have failed at once; the others count as begun.
void open_round(send_rounds& rounds, const attempt_key& key, const call_result& answer,
                const agent& a, const configuration& config);
/// Opens a round with an answer that has to be given again, and why.
void open_repair(send_rounds& rounds, const attempt_key& key, const call_result& answer,
                 std::string complaint);

/// An answer as compact JSON, if it is JSON and fits. VALIDATION_ERROR naming the place that does
/// not, `output.days[0]`.
result<std::string> read_output(const json::schema& schema, std::string_view text);
/// What the model is told of an answer that does not fit.
std::string complain(const error& why);

/// The calls of a round that are to run, none longer than `limit_ms`.
std::vector<tool_run> list_runs(const send_round& round, const configuration& config,
                                std::int64_t limit_ms);
/// Takes what the runs gave, in their order.
void take_outcomes(send_round& round, std::vector<tool_outcome> outcomes);
/// None of the calls that count as begun was.
void take_back_calls(send_round& round);
/// A call that may have run, must not run twice, and whose outcome is not held; null if none.
const round_call* find_lost_call(const send_round& round);
const round_call* find_lost_call(const std::vector<store::stored_round>& rounds);
/// OUTCOME_UNKNOWN naming the tool and its call.
error lost_call_error(const round_call& lost);

/// The open round has come to its end: streams show its results, and the prompt goes on with all of
/// it. The old prompt may still be in use. Gives the number of turns added.
std::size_t close_round(send_rounds& rounds, std::shared_ptr<provider_request>& prompt);

/// Goes on behind the rounds of earlier runs. One whose calls have to run, or run again, is open
/// afterwards. Gives the number of turns added to the prompt.
std::size_t resume_rounds(send_rounds& rounds, std::vector<store::stored_round> stored,
                          std::shared_ptr<provider_request>& prompt, const agent& a,
                          const configuration& config);

/// What a send of role `tool` answers must be the calls of the last answer, all of them.
/// VALIDATION_ERROR naming the result.
result<void> check_answers(const std::vector<tool_result>& results,
                           const std::vector<provider_request::turn>& history);

/// Vendors refuse calls without results and results without calls: what was left unanswered, or
/// answers what lies before the prompt, is taken out.
void drop_loose_ends(std::vector<provider_request::turn>& list);

}  // namespace conclave::messaging
