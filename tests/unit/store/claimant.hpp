// Claims sends in a store, and settles them.
#pragma once

#include "base/id_source.hpp"
#include "unit/store/sqlite_fixture.hpp"

namespace conclave::store::test {

/// A tenant with one agent in a store; both outlive it.
class claimant {
   public:
    claimant(world& w, sqlite_store& s) : world_(w), store_(s) {
        (void)perform(store_, add_tenant(scope_.id().str())).value();
        agent_.id = ids_.agent();
        agent_.name = "Agent";
        agent_.primary = "vendor";
        (void)perform(store_, create_agent{scope_, agent_}).value();
    }

    /// The first turn of a new session, with a message of this size.
    claim_send claim(std::size_t size = 1) {
        session s;
        s.id = ids_.session();
        s.agent_id = agent_.id;
        (void)perform(store_, create_session{scope_, s}).value();
        send_key key{"messages.send", {}};
        world_.random.fill(key.key_hash);
        return {scope_,
                key,
                {},
                ids_.send(),
                s.id,
                first_seq,
                agent_.id,
                first_version,
                no_prices,
                ids_.message(),
                message_role::user,
                std::string(size, 'x'),
                "{}",
                ids_.request(),
                store_.self().id,
                money(),
                {{}, {"vendor", "model"}, {}, world_.clock.now()},
                true,
                world_.clock.now()};
    }

    /// What follows a claim that stands.
    settle_send settle(const claim_send& t1, const claim_send::claimed& claim) {
        finished_attempt answered;
        answered.key.attempt = claim.first_attempt;
        answered.at = world_.clock.now();
        settle_send t2{t1.scope,
                       {t1.key, claim.send, t1.owner, claim.epoch, claim.row},
                       t1.session,
                       t1.agent,
                       claim.user_seq,
                       t1.hold,
                       true,
                       {answered},
                       ids_.message(),
                       "answer",
                       message_status::complete,
                       "{}",
                       {},
                       world_.clock.now()};
        if (claim.epoch == 1) t2.open = t1.first;
        return t2;
    }

    /// The end of a run that may be run again.
    fail_send fail(const claim_send& t1, const claim_send::claimed& claim) {
        return {t1.scope,
                {t1.key, claim.send, t1.owner, claim.epoch, claim.row},
                send_state::failed_retryable,
                "{}",
                {},
                world_.clock.now()};
    }

   private:
    // Known without a look at the store, so that nobody has a connection that reads.
    static constexpr std::int64_t first_seq = 1;
    static constexpr std::int64_t first_version = 1;
    static constexpr std::int64_t no_prices = 0;

    world& world_;
    sqlite_store& store_;
    id_source ids_{world_.clock, world_.random};
    const tenant_scope scope_{ids_.tenant()};
    agent agent_;
};

}  // namespace conclave::store::test
