// Bugs planted on purpose, to prove that the crash oracle catches them. Absent from every build
// but the one made with CONCLAVE_PLANTED_BUGS.
#pragma once

namespace conclave {

enum class planted_bug {
    none,
    no_fencing,                ///< T2 ignores owner and epoch
    settle_unsynced,           ///< commits are reported before they are durable
    hold_not_released,         ///< T2 keeps the hold
    rollup_outside_settle,     ///< the roll-up is written in a later transaction
    key_not_tenant_scoped,     ///< two tenants with the same key share one send
    commit_error_is_rollback,  ///< a failed COMMIT is taken for nothing written
    dispatch_before_claim,     ///< the first byte leaves before T1 is durable
    replay_bills_again,        ///< a replay adds a usage event
    tools_before_note,         ///< tools run before their calls are durable
    lost_calls_repeated,       ///< a call that must not run twice does, its outcome lost
    seats_before_release,      ///< calls of a council leave before their rows are durable
    durable_seat_asked_again,  ///< a stored answer of a council's member is not used again
    seat_billed_twice,         ///< what an earlier run of a council paid for is billed once more
    lost_synthesis_repeated,   ///< a synthesis that may have run is made again
    shown_text_repeated,       ///< a stream that broke after text was seen is made again
};

#ifdef CONCLAVE_PLANTED_BUGS
/// The bug of this process; set once by the test program before a gateway opens.
inline planted_bug active_planted_bug = planted_bug::none;
inline bool planted(planted_bug bug) { return active_planted_bug == bug; }
#else
constexpr bool planted(planted_bug) { return false; }
#endif

}  // namespace conclave
