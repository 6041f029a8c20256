// The planted bugs by name, for command lines.
#pragma once

#include "base/planted_bug.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace conclave::faults {

inline constexpr std::array<std::pair<std::string_view, planted_bug>, 16> planted_bugs{{
    {"none", planted_bug::none},
    {"no_fencing", planted_bug::no_fencing},
    {"settle_unsynced", planted_bug::settle_unsynced},
    {"hold_not_released", planted_bug::hold_not_released},
    {"rollup_outside_settle", planted_bug::rollup_outside_settle},
    {"key_not_tenant_scoped", planted_bug::key_not_tenant_scoped},
    {"commit_error_is_rollback", planted_bug::commit_error_is_rollback},
    {"dispatch_before_claim", planted_bug::dispatch_before_claim},
    {"replay_bills_again", planted_bug::replay_bills_again},
    {"tools_before_note", planted_bug::tools_before_note},
    {"lost_calls_repeated", planted_bug::lost_calls_repeated},
    {"seats_before_release", planted_bug::seats_before_release},
    {"durable_seat_asked_again", planted_bug::durable_seat_asked_again},
    {"seat_billed_twice", planted_bug::seat_billed_twice},
    {"lost_synthesis_repeated", planted_bug::lost_synthesis_repeated},
    {"shown_text_repeated", planted_bug::shown_text_repeated},
}};

/// Makes this process one with the bug. False if there is none of this name, or if the build has
/// none at all.
inline bool plant(std::string_view name) {
    for (const auto& [known, bug] : planted_bugs) {
        if (known != name) continue;
#ifdef CONCLAVE_PLANTED_BUGS
        active_planted_bug = bug;
        return true;
#else
        return bug == planted_bug::none;
#endif
    }
    return false;
}

}  // namespace conclave::faults
