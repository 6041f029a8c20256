// Which keys were sent lately: a hint where to look for an answer first.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace conclave::runtime {

/// A table of marks that forgets the older of two keys in one place. What it says is never the
/// truth, only the likelier way. Thread-safe.
class recent_keys {
   public:
    static constexpr std::size_t places = 4'096;

    /// Notes a key by its hash. True if it was noted before and not forgotten since.
    bool note(std::span<const std::byte, 32> hash) {
        std::uint64_t place = 0;
        std::uint64_t mark = 0;
        std::memcpy(&place, hash.data(), sizeof place);
        std::memcpy(&mark, hash.data() + sizeof place, sizeof mark);
        return marks_[place % places].exchange(mark, std::memory_order_relaxed) == mark;
    }

   private:
    std::array<std::atomic<std::uint64_t>, places> marks_{};
};

}  // namespace conclave::runtime
