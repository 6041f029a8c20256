// Which answers count, and whether a synthesis may take the winner's place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace conclave::council {

inline constexpr std::size_t min_chars_default = 50;
/// A synthesis is at least this part of the winner's length.
inline constexpr double synthesis_length_ratio = 0.3;

/// How a call ended, as far as its text is concerned.
enum class text_end : std::uint8_t { finished, truncated, broken };

/// What is to be said of a member's answer.
struct answer_check {
    bool valid = false;
    bool refusal = false;    ///< nothing but a refusal: flagged, still valid
    bool truncated = false;  ///< cut by the token limit: flagged, still valid
    bool injection_suspect = false;
};

/// Code points without the white space around them, Unicode's too.
std::size_t trimmed_chars(std::string_view text) noexcept;

/// Whether the text says no more than that its author will not answer.
bool is_refusal(std::string_view text);

/// Valid: the call ended, even if truncated, with `min_chars` code points after trimming.
answer_check check_answer(std::string_view text, text_end end,
                          std::size_t min_chars = min_chars_default);

/// Why a synthesis was not accepted.
enum class synthesis_fault : std::uint8_t {
    unfinished,  ///< broken, or cut by the token limit
    too_short,   ///< fewer than min_chars code points
    shrunk,      ///< below synthesis_length_ratio of the winner without being asked for brevity
    council_vocabulary,  ///< speaks of responses, critics or labels
    refusal,             ///< where the winner had none
};

/// "unfinished", "too_short", ...: stored as the reason of a fallback.
std::string_view name_of(synthesis_fault fault) noexcept;

/// What a synthesis is held against.
struct synthesis_check {
    std::string_view winner;
    std::size_t min_chars = min_chars_default;
    std::span<const std::string> labels;  ///< that the synthesiser has seen
    std::span<const std::string> flaws;   ///< of the winner: they may ask for brevity
};

/// Nothing: the synthesis may be sent. Words that the winner has itself are no fault.
std::optional<synthesis_fault> check_synthesis(std::string_view text, text_end end,
                                               const synthesis_check& against);

}  // namespace conclave::council
