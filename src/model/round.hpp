// What stands before the last answer of a send: answers that led on, and the tools they called.
#pragma once

#include <conclave/tool.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace conclave {

/// What became of a call of a tool.
enum class tool_state : std::int8_t {
    begun = 0,      ///< it may have run, and its outcome is not held
    done = 1,       ///< `content` is its result
    failed = 2,     ///< `content` tells the model why
    not_begun = 3,  ///< certainly not run, or allowed again by hand
};

struct round_call {
    tool_call call;
    bool repeatable = false;  ///< may run again where its outcome is not held
    tool_state state = tool_state::not_begun;
    std::string content = {};
    std::vector<source> sources = {};
    std::int64_t duration_ms = 0;

    bool operator==(const round_call&) const = default;
};

/// An answer that led to another call: by its calls of tools, or by what was wrong with it.
struct send_round {
    std::int64_t number = 0;
    std::int64_t attempt = 0;  ///< with the number: the attempt that gave it
    std::string text;
    std::string keepsake;   ///< call_result::keepsake
    std::string complaint;  ///< as the model was told; empty where tools were asked for
    std::vector<round_call> calls;

    bool operator==(const send_round&) const = default;
};

}  // namespace conclave
