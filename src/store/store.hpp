// The store: transactions and queries in business terms, given and answered as values.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/result.hpp>

#include "store/agents.hpp"
#include "store/embeddings.hpp"
#include "store/invariants.hpp"
#include "store/owners.hpp"
#include "store/prices.hpp"
#include "store/sends.hpp"
#include "store/sessions.hpp"
#include "store/tenants.hpp"
#include "store/usage.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace conclave::store {

/// A business transaction. A value: it can be queued, run again, and folded into a batch.
using command =
    std::variant<claim_send, release_calls, settle_send, fail_send, record_late_calls, resolve_send,
                 count_replays, abandon_sends, purge_replies, register_owner, close_owner,
                 create_tenant, update_tenant, create_api_key, revoke_api_key, touch_api_key,
                 create_agent, update_agent, delete_agent, create_session, update_session,
                 set_price, load_prices, open_council_session, begin_embedding, settle_embedding>;

/// Never copied on its way: who gave it may have to give it once more.
using shared_command = std::shared_ptr<const command>;

template <class Command>
shared_command share(Command c) {
    return std::make_shared<const command>(std::in_place_type<Command>, std::move(c));
}

using command_outcome =
    std::variant<claim_send::outcome, release_calls::outcome, settle_send::outcome,
                 fail_send::outcome, record_late_calls::outcome, resolve_send::outcome,
                 count_replays::outcome, abandon_sends::outcome, purge_replies::outcome,
                 register_owner::outcome, close_owner::outcome, create_tenant::outcome,
                 update_tenant::outcome, create_api_key::outcome, revoke_api_key::outcome,
                 touch_api_key::outcome, create_agent::outcome, update_agent::outcome,
                 delete_agent::outcome, create_session::outcome, update_session::outcome,
                 set_price::outcome, load_prices::outcome, open_council_session::outcome,
                 begin_embedding::outcome, settle_embedding::outcome>;

using query = std::variant<prepare_send, find_send, find_unknown_send, list_unknown_sends,
                           list_owners, find_tenant, list_tenants, list_api_keys, find_api_key,
                           find_agent, list_agents, find_session, list_sessions, read_transcript,
                           list_prices, read_rollup, list_usage_events, read_spend,
                           check_invariants, find_council_report, list_council_reports>;

using query_answer = std::variant<
    prepare_send::answer, find_send::answer, find_unknown_send::answer, list_unknown_sends::answer,
    list_owners::answer, find_tenant::answer, list_tenants::answer, list_api_keys::answer,
    find_api_key::answer, find_agent::answer, list_agents::answer, find_session::answer,
    list_sessions::answer, read_transcript::answer, list_prices::answer, read_rollup::answer,
    list_usage_events::answer, read_spend::answer, check_invariants::answer,
    find_council_report::answer, list_council_reports::answer>;

/// Whether the process behind an owner lives, as the kernel knows it.
enum class owner_liveness {
    alive,
    dead,
    self,
    /// Our own pid with an instance we do not know: a second copy of the library in this process.
    conflict,
};

/// A store. Thread-safe.
class store {
   public:
    virtual ~store() = default;

    /// Queues a transaction. Never blocks; `done` runs exactly once, after the transaction is as
    /// durable as the store promises, on the thread that runs the writer, never inside this call.
    /// Errors: STORE_BUSY (nothing written), STORE_UNAVAILABLE (nothing written, or, where the
    /// message says so, not known), STORE_CORRUPT.
    virtual void enqueue(shared_command c, completion<result<command_outcome>> done) = 0;

    /// Answers a query from a consistent snapshot. Blocks for the time of the reads; any thread.
    virtual result<query_answer> answer(const query& q) = 0;

    /// Copies the database to a new file while it is in use. Blocks. CONFLICT if the file exists.
    virtual result<void> backup(const std::string& path) = 0;

    /// The owner under which this instance writes.
    virtual const owner_ref& self() const = 0;
    virtual owner_liveness judge(const owner_ref& owner) = 0;
};

/// Queues a transaction with its own outcome type.
template <class Command>
void submit(store& s, Command c, completion<result<typename Command::outcome>> done) {
    s.enqueue(share(std::move(c)), [done = std::move(done)](result<command_outcome> r) mutable {
        if (!r) return done(std::move(r).error());
        done(std::get<typename Command::outcome>(*std::move(r)));
    });
}

/// Answers a query with its own answer type.
template <class Query>
result<typename Query::answer> read(store& s, const Query& q) {
    auto r = s.answer(query(std::in_place_type<Query>, q));
    if (!r) return std::move(r).error();
    return std::get<typename Query::answer>(*std::move(r));
}

}  // namespace conclave::store
