// Which answers each critic sees, in which order and under which labels.
#pragma once

#include "council/seeded_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::council {

/// Who answers or judges. Seats of members and of extra critics are distinct numbers.
struct participant {
    std::int64_t seat = 0;
    std::string model;  ///< route or model: equal texts are the same judge

    bool operator==(const participant&) const = default;
};

/// An answer as one critic sees it.
struct shown_answer {
    std::string label;      ///< label_letters letters; no other answer of the turn has it
    std::int64_t seat = 0;  ///< whose answer it is

    bool operator==(const shown_answer&) const = default;
};

/// What one critic is asked to judge. To be stored: it is the critic's label map and order.
struct critic_view {
    std::int64_t critic = 0;
    std::vector<shown_answer> answers;  ///< in the order shown

    bool operator==(const critic_view&) const = default;
};

inline constexpr std::size_t label_letters = 4;

/// Labels for one critic's texts, different ones for each purpose.
std::vector<std::string> draw_labels(const turn_seed& seed, std::string_view purpose,
                                     std::size_t count);

/// Plans the critique of `answers` (the seats whose answers are valid) by `critics`, all of them or
/// `sample` drawn ones; a member whose answer failed may be a critic. Views come in the order of
/// the critics' numbers. The same arguments give the same plan, whatever the order within the
/// spans.
///
/// A critic sees the permuted answers in a circle: its own, which is left out, would be last. So
/// over a turn each answer stands in each place once. Critics without an answer begin at evenly
/// spaced places, drawn critics are evenly spaced members of the circle. The answers of other seats
/// of its model are left out too where three critics remain for that answer and two answers for
/// that critic. A critic left with nothing to judge has no view.
std::vector<critic_view> plan_critique(const turn_seed& seed, std::span<const participant> answers,
                                       std::span<const participant> critics,
                                       std::optional<std::size_t> sample = std::nullopt);

}  // namespace conclave::council
