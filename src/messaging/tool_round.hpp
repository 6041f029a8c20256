// Tools inside a send: what may be called, what was called, and what the model is told of it.
#pragma once

#include <conclave/agent.hpp>
#include <conclave/provider.hpp>
#include <conclave/result.hpp>
#include <conclave/tool.hpp>

#include "messaging/configuration.hpp"
#include "messaging/stream_log.hpp"

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

    bool operator==(const tool_outcome&) const = default;
};

/// The outcome that tells of a failure.
tool_outcome failed_tool(std::string_view why);

/// A call that a registered tool is to run.
struct tool_run {
    tool_call call;
    std::int64_t timeout_ms = 0;
};

/// The rounds of tools that a send has run: what was said and done before its last answer.
struct tool_rounds {
    std::string text;                ///< that the model said beside its calls
    std::vector<stream_step> steps;  ///< what streams show of the calls
    /// The round in progress: its calls, and the outcomes as far as they are there.
    std::vector<tool_call> calls;
    std::vector<std::optional<tool_outcome>> outcomes;
};

/// The agent's tools as the model is told of them. VALIDATION_ERROR naming `tools` for one that is
/// not registered.
result<std::vector<tool_definition>> define_tools(const agent& a, const configuration& config);

/// Whether the send answers these calls itself: there are some, and none is the host's to answer.
bool runs_by_itself(const agent& a, const std::vector<tool_call>& calls);

/// Begins a round with the calls of an answer. Those that no tool can run are failures at once; the
/// rest is returned, none later than `limit_ms`.
std::vector<tool_run> begin_round(tool_rounds& rounds, const std::string& text,
                                  const std::vector<tool_call>& calls, const agent& a,
                                  const configuration& config, std::int64_t limit_ms);

/// Takes what the runs gave, in their order.
void take_outcomes(tool_rounds& rounds, std::vector<tool_outcome> outcomes);

/// The prompt of the next round: calls and results after what led to them. The old one may still be
/// in use.
std::shared_ptr<provider_request> next_prompt(const tool_rounds& rounds, const std::string& text,
                                              std::shared_ptr<provider_request> before);

/// What a send of role `tool` answers must be the calls of the last answer, all of them.
/// VALIDATION_ERROR naming the result.
result<void> check_answers(const std::vector<tool_result>& results,
                           const std::vector<provider_request::turn>& history);

/// Vendors refuse calls without results and results without calls: what was left unanswered, or
/// answers what lies before the prompt, is taken out.
void drop_loose_ends(std::vector<provider_request::turn>& turns);

}  // namespace conclave::messaging
