// Numbers that a turn's seed determines, the same on every machine.
#pragma once

#include "crypto/sha256.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::council {

/// What all chance within a turn comes from; stored with it.
using turn_seed = crypto::digest;

/// SHA-256 of turn and configuration, so that neither a member nor the host chooses the order.
turn_seed make_turn_seed(std::string_view turn_id, std::string_view config_hash);

/// SHA-256 in counter mode over a seed and a purpose: streams of other purposes are independent.
class seeded_stream {
   public:
    seeded_stream(const turn_seed& seed, std::string_view purpose);

    std::uint64_t next();
    /// Uniformly 0 to `bound` - 1; `bound` is at least 1.
    std::size_t below(std::size_t bound);

    template <class T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t left = items.size(); left > 1; --left)
            std::swap(items[left - 1], items[below(left)]);
    }

   private:
    std::string block_;  ///< seed, purpose, and room for the counter
    std::uint64_t counter_ = 0;
    crypto::digest bytes_{};
    std::size_t used_ = sizeof bytes_;
};

}  // namespace conclave::council
