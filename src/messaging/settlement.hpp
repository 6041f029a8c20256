// What T2 writes once a provider has answered: the message, the bill, the reply.
#pragma once

#include <conclave/reply.hpp>

#include "base/id_source.hpp"
#include "messaging/order.hpp"
#include "messaging/plan.hpp"
#include "messaging/rounds.hpp"
#include "store/store.hpp"

namespace conclave::messaging {

/// A reply together with the transaction that makes it true.
struct settlement {
    store::shared_command command;
    conclave::reply reply;

    const store::settle_send& transaction() const { return std::get<store::settle_send>(*command); }
};

/// Builds T2 from a call whose last attempt is the answer. Takes the call's unstored results; calls
/// that are left to the host become steps of `rounds`.
settlement settle(const send_order& order, send_plan& plan, send_rounds& rounds,
                  const store::claim_send::claimed& claim, const store::turn_basis& basis,
                  const std::string& owner, id_source& ids, timestamp now);

/// Adds what an answer took to the line of its provider and model.
void bill(std::vector<store::usage_line>& lines, store::usage_line answer, id_source& ids);
store::usage_line line_of(const calls::planned_route& route,
                          const store::finished_attempt& finished);
/// What the whole answer took: unpriced if any of its lines is.
reply_usage sum_up(const std::vector<store::usage_line>& lines);

/// The tokens of an answer, estimated where the provider told none.
void complete_usage(call_result& result, std::size_t prompt_bytes);

}  // namespace conclave::messaging
