// Tool calls while they arrive in fragments.
#pragma once

#include <conclave/tool.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

/// Puts fragments together, whichever way a vendor marks what belongs together: by index, by id, or
/// not at all. An index below zero is none. A fragment continues
///   - the last call of its index, unless it names a function under another id, or under none when
///     the arguments of that call are whole,
///   - without an index the call with its id,
///   - without either the last call, unless it names a function.
/// Anything else begins a call. After finish() an index alone decides; a later id takes the place
/// of an earlier one.
class call_drafts {
   public:
    struct fragment {
        std::optional<std::int64_t> index = {};
        std::string_view id = {};
        std::string_view name = {};
        std::string_view arguments = {};
    };

    void add(const fragment& given);
    /// Begins a call that came whole.
    void add_whole(std::string_view id, std::string_view name, std::string_view arguments);

    /// The answer was said to be finished: calls of an index that has one only go on.
    void finish() { finished_ = true; }

    bool empty() const { return drafts_.empty(); }

    /// In the order of their indexes if all have one, else as they came; each id once. Nothing if
    /// they cannot be kept: too many, without a name, too long.
    std::optional<std::vector<tool_call>> take(std::string_view id_prefix);

   private:
    struct draft {
        std::optional<std::int64_t> index;
        tool_call call;
    };

    draft* find(const fragment& f);

    std::vector<draft> drafts_;
    bool finished_ = false;
    bool too_many_ = false;
};

}  // namespace conclave::providers
