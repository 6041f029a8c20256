// What follows T1: attempts, rounds, and the end with a bill or without.
#pragma once

#include "messaging/send.hpp"

#include <vector>

namespace conclave::messaging {

/// The attempt that was just committed leaves.
actions call_now(send& s, const context& c);
/// It will not, on request.
actions cut_before_sending(send& s, const context& c);
/// Ends a run that was cut on request, after it may have begun.
actions fail_cut(send& s, const context& c);

/// What a step of the paid call means for the send.
actions follow(send& s, const calls::next_step& step, const context& c);
actions on_attempt_end(send& s, attempt_ended e, const context& c);
actions on_released(send& s, calls_released e, const context& c);

/// Runs the calls of the open round; none may be left to run.
actions run_round(send& s, const context& c);
actions on_tools_end(send& s, tools_ended e, const context& c);

/// Another instance took this send over: what we learned is spend, and its answer is ours to read.
actions on_overtaken(send& s, std::vector<store::finished_attempt> finished, const context& c);

}  // namespace conclave::messaging
