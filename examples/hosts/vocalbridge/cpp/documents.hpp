// The JSON shapes of the system: names and order of keys are law.
#pragma once

#include <conclave/conclave.hpp>

#include <string>
#include <vector>

namespace vocalbridge {

std::string agent_document(const conclave::agent& a);
std::string session_document(const conclave::session& s);
std::string message_document(const conclave::message& m);
std::string reply_document(const conclave::reply& r);
std::string event_document(const conclave::usage_event& e);
std::string rollup_document(const conclave::usage_rollup& r);

/// The tenant and what a thousand tokens cost at each vendor; `prices` newest first.
std::string me_document(const conclave::tenant_record& t,
                        const std::vector<conclave::price_version>& prices);

}  // namespace vocalbridge
