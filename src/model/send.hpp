// A logical send: its states and the identity of its attempts.
#pragma once

#include <conclave/id.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace conclave {

using digest = std::array<std::byte, 32>;

/// SEMANTICS section 1. `none` is a key never seen.
enum class send_state : std::int8_t {
    dispatching = 1,
    succeeded = 2,
    failed_final = 3,
    failed_retryable = 4,
    unknown = 5,
    closed = 6,
};

std::string_view to_string(send_state s);

/// What makes a key unique within its tenant.
struct send_key {
    std::string operation;  ///< "messages.send"
    digest key_hash{};      ///< SHA-256 of the key

    auto operator<=>(const send_key&) const = default;
};

/// One live instance of the library on one file; its life is a byte-range lock.
struct owner_ref {
    std::string id;                ///< `own_...`
    std::int64_t lock_offset = 0;  ///< the byte it holds in the side file
    std::int64_t pid = 0;
    std::int64_t process_start = 0;  ///< start time of the process, kernel ticks

    bool operator==(const owner_ref&) const = default;
};

/// Names an attempt within a send; with tenant and send it is the key of its row.
struct attempt_key {
    std::string stage = "answer";
    std::int64_t seat = 0;
    std::int64_t round = 0;
    std::int64_t attempt = 0;  ///< 0, 1, 2 ... across routes, rounds and epochs

    auto operator<=>(const attempt_key&) const = default;
};

}  // namespace conclave
