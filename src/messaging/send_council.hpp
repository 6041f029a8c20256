// A deliberation inside a send: its calls beside one another, and one commit after another.
//
//     T1 claim_send with all calls of the first stage -> ask_seat ...
//     -> seat_ended ... each followed by a commit of its result, in the background
//     -> a stage is over: release_calls commits that with the calls of the next -> ask_seat ...
//     -> T2 settle_send, once every call has ended
#pragma once

#include "calls/paid_call.hpp"
#include "council/deliberation.hpp"
#include "messaging/council_plan.hpp"
#include "messaging/stream_log.hpp"
#include "store/sends.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace conclave::messaging {

/// Where a call of a deliberation stands.
enum class slot_state : std::uint8_t {
    planned,    ///< its row waits for the next commit
    releasing,  ///< that commit is on its way
    in_flight,
    pausing,  ///< between two attempts
    ended,
};

/// One call; its place is the machine's number of it.
struct council_slot {
    calls::paid_call call;
    council::stage stage = council::stage::generate;
    std::size_t seat = 0;
    std::shared_ptr<const provider_request> prompt;
    slot_state at = slot_state::planned;
    store::released_attempt row;  ///< of the attempt that is planned
    instant resume_at{};          ///< of `pausing`
    bool cut = false;
    bool spoke = false;
};

/// What a send is in when a council answers.
struct send_council {
    council_plan plan;
    std::vector<council_slot> slots;
    std::vector<store::council_note> notes;   ///< events that wait for a commit
    std::vector<store::council_note> on_way;  ///< and those on their way
    std::vector<stream_step> shown;           ///< those that stand, as streams show them
    bool committing = false;
    money held;  ///< as the store has it, or will have after the commit on its way
    std::optional<council::ranking_request> rank{};  ///< that the host was not asked for yet
    bool ranking = false;                            ///< it is asked, and answers with tools_ended
    std::optional<instant> wake{};
    std::optional<council::conclusion> concluded{};
    std::optional<error> failed{};
    bool overtaken = false;
    bool store_failed = false;

    std::size_t bytes_shown = 0;           ///< of the text that streams see
    std::optional<std::size_t> speaker{};  ///< the call whose text they see
};

}  // namespace conclave::messaging
