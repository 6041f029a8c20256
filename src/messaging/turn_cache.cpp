// Keeps what the next turns are made from.
#include "messaging/turn_cache.hpp"

#include "base/limits.hpp"
#include "model/turn.hpp"

#include <utility>

namespace conclave::messaging {

namespace {

using turns = std::vector<provider_request::turn>;

std::size_t content_bytes(const turns& list) {
    std::size_t bytes = 0;
    for (const auto& turn : list) bytes += bytes_of(turn);
    return bytes;
}

/// Questions and answers in turn. Others come of runs that were repeated later: rare, and read.
bool is_made_of_whole_turns(const turns& list) {
    for (std::size_t i = 0; i < list.size(); ++i)
        if ((list[i].role == message_role::assistant) != (i % 2 == 1)) return false;
    return list.size() % 2 == 0;
}

/// Forgets the oldest turns until the rest is what the store would give.
void keep_within_limits(turns& history) {
    auto bytes = content_bytes(history);
    auto count = history.size();
    auto oldest = history.begin();
    while (bytes > limits::prompt_bytes || count > std::size_t{limits::prompt_messages}) {
        bytes -= bytes_of(oldest[0]) + bytes_of(oldest[1]);
        count -= 2;
        oldest += 2;
    }
    history.erase(history.begin(), oldest);
}

/// Of strings and nodes beside the texts, roughly: of a basis, and of each turn in it.
constexpr std::size_t overhead_bytes = 1'024;
constexpr std::size_t text_overhead_bytes = 32;

std::size_t size_of(const store::turn_basis& b) {
    return overhead_bytes + (b.agent ? b.agent->instructions.size() : 0) +
           b.history.capacity() * sizeof(provider_request::turn) +
           b.history.size() * text_overhead_bytes + content_bytes(b.history) +
           (b.active_days ? b.active_days->capacity() * sizeof(store::active_day) : 0);
}

}  // namespace

std::optional<store::turn_basis> next_turn(send_plan& plan, store::turn_basis basis,
                                           const store::claim_send::claimed& claim,
                                           const message& reply) {
    if (claim.epoch != 1 || reply.seq != claim.user_seq + 1) return std::nullopt;
    auto& prompt = *plan.request;
    basis.history = plan.request.use_count() == 1 ? std::move(prompt.turns) : prompt.turns;
    basis.history.resize(basis.history.size() - plan.round_turns);
    basis.history.push_back({message_role::assistant, reply.content, reply.tool_calls});
    if (!is_made_of_whole_turns(basis.history)) return std::nullopt;
    keep_within_limits(basis.history);
    basis.next_seq = reply.seq + 1;
    return basis;
}

std::optional<store::turn_basis> turn_cache::take(const tenant_scope& scope,
                                                  const session_id& session) {
    const auto found = places_.find(session.str());
    if (found == places_.end() || found->second->tenant != scope.id()) return std::nullopt;
    auto basis = std::move(found->second->basis);
    drop(found->second);
    return basis;
}

void turn_cache::keep(const tenant_scope& scope, const session_id& session,
                      store::turn_basis basis) {
    if (const auto old = places_.find(session.str()); old != places_.end()) drop(old->second);
    const auto bytes = size_of(basis);
    if (bytes > limits::turn_cache_bytes) return;
    while (bytes_ + bytes > limits::turn_cache_bytes) drop(entries_.begin());
    entries_.push_back({scope.id(), session, std::move(basis), bytes});
    const auto kept = std::prev(entries_.end());
    places_.emplace(kept->session.str(), kept);
    bytes_ += bytes;
}

void turn_cache::drop(entries::iterator e) {
    bytes_ -= e->bytes;
    places_.erase(e->session.str());
    entries_.erase(e);
}

}  // namespace conclave::messaging
