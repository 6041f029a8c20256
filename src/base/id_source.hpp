// Makes time-ordered identifiers.
#pragma once

#include <conclave/id.hpp>

#include "base/clock.hpp"
#include "base/random_source.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace conclave {

/// Gives out ids of the form prefix + 26 characters of lower-case Crockford base32 (48-bit
/// milliseconds, 80 random bits, as in the ULID specification). Ids of one source are strictly
/// increasing, also within a millisecond and when the wall clock steps back. Thread-safe.
class id_source {
   public:
    id_source(const clock& clock, random_source& random) : clock_(clock), random_(random) {}

    tenant_id tenant() { return next("tnt_"); }
    api_key_id api_key() { return next("key_"); }
    agent_id agent() { return next("agt_"); }
    session_id session() { return next("ses_"); }
    message_id message() { return next("msg_"); }
    request_id request() { return next("req_"); }
    usage_id usage() { return next("use_"); }
    price_id price() { return next("prc_"); }
    send_id send() { return next("snd_"); }
    std::string idempotency_key() { return next("idk_"); }

   private:
    std::string next(std::string_view prefix);

    const clock& clock_;
    random_source& random_;
    std::mutex mutex_;
    std::uint64_t next_ms_ = 0;  ///< the first millisecond that no id bears
    std::array<std::uint8_t, 10> last_random_{};
};

}  // namespace conclave
