// What the vendors received: exact counts, the latest requests in memory, every request in a file.
#pragma once

#include "request_facts.hpp"
#include "scenario.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace simulator {

/// One received model request and what was decided for it.
struct journal_entry {
    std::uint64_t n = 0;       ///< over all vendors, from 1
    std::size_t vendor = 0;    ///< index into vendor_names
    std::uint64_t number = 0;  ///< at this vendor, from 1
    std::string method, path;
    std::string authorization;         ///< scheme only, the secret is never kept
    std::string api_key, api_version;  ///< of vendors with headers for them; the key is never kept
    std::string idempotency_key, request_id;
    std::string body, last_user_content;
    std::string model;
    bool streams = false;
    std::size_t turns = 0, tools = 0;
    std::vector<tool_result> tool_results;  ///< since the model's last turn
    std::size_t tool_rounds = 0;            ///< since the user spoke
    std::int64_t at_ms = 0;                 ///< on a steady clock, since the simulator started
    int answered_status = 0;
    fault spoilt = fault::none;
    std::int64_t tokens_in = 0, tokens_out = 0;
    std::uint64_t connection_id = 0;
};

/// Not thread-safe; its owner serialises the calls.
class journal {
   public:
    /// `in_memory` false keeps counts only. `file` is a descriptor to append to, or -1.
    journal(bool in_memory, int file) : in_memory_(in_memory), file_(file) {}

    /// True when entries need their texts; otherwise only `vendor` is looked at.
    bool wants_text() const { return in_memory_ || file_ >= 0; }

    /// Counts the entry, appends its line to the file and keeps it in memory, in this order. The
    /// line is with the kernel when this returns; if it cannot be written the process ends, since
    /// a witness with gaps is worse than none.
    void add(journal_entry entry);

    /// JSON array of the entries still in memory, oldest first.
    std::string text() const;
    /// `{"count": {"openai": n, ...}}`, exact.
    std::string counts() const;
    /// Forgets all entries and counts and empties the file.
    void clear();

   private:
    void append_line(const journal_entry& entry) const;

    bool in_memory_;
    int file_;
    std::array<std::uint64_t, vendor_names.size()> counts_{};
    std::deque<journal_entry> entries_;
    std::size_t body_bytes_ = 0;
};

}  // namespace simulator
