// From score sheets to a winner, a ranking, and how sure it is.
#pragma once

#include <conclave/result.hpp>

#include "council/seeded_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::council {

/// How scores become a ranking.
enum class rule : std::uint8_t { robust, mean, borda, external };

/// "robust/1", "mean/1", "borda/1", "external/1": name and version, as stored.
std::string_view name_of(rule r) noexcept;
/// Of a name with its version, or without one for the newest. VALIDATION_ERROR naming `field`.
result<rule> rule_of(std::string_view name, std::string_view field);

/// One answer that is up for the choice.
struct candidate {
    std::int64_t seat = 0;
    std::int64_t priority = 0;  ///< of its member; the lower comes first in a tie
    /// What the host makes of it under rule::external; any finite scale, higher is better.
    std::optional<double> external_score;
};

/// What one critic says of one answer.
struct cell {
    std::optional<double> score;  ///< 1 to 10
    bool serious = false;         ///< flaws called major or fatal
};

/// A critic's scores: `cells` has one for each candidate, in their order; its own is empty.
struct ballot {
    std::int64_t critic = 0;
    std::vector<cell> cells;
};

/// What a ranking rests on.
enum class ranking_basis : std::uint8_t {
    compared,  ///< at least one critic compared two answers
    absolute,  ///< no critic saw two answers: means of what was said of each (`two_answers`)
    external,  ///< the host's scores
    unranked,  ///< no score at all: the members' priority
};

/// One answer in the ranking.
struct placed {
    std::size_t candidate = 0;  ///< index
    std::int64_t seat = 0;
    double quality = 0;      ///< in the rule's unit, comparable within this verdict
    std::size_t scores = 0;  ///< critics who scored it
    std::optional<double> mean_score;

    bool operator==(const placed&) const = default;
};

/// A critic who sees it otherwise.
struct dissenter {
    std::size_t ballot = 0;  ///< index
    std::int64_t critic = 0;
    std::optional<std::int64_t> prefers;  ///< the seat it put first, where that is not the winner
    double winner_z = 0;                  ///< its opinion of the winner in its own deviations

    bool operator==(const dissenter&) const = default;
};

/// A 10 that stands far above what all others say of the answer.
struct score_spike {
    std::int64_t critic = 0;
    std::int64_t answer = 0;  ///< seats

    bool operator==(const score_spike&) const = default;
};

struct verdict {
    council::rule rule = council::rule::robust;
    ranking_basis basis = ranking_basis::unranked;
    std::vector<placed> ranking;  ///< best first; the first is the winner
    double margin = 0;            ///< quality of the first less that of the second
    /// The probability that the winner is the best answer, to four digits. Nothing with fewer than
    /// two critics, without comparisons, and under rule::external.
    std::optional<double> p_best;
    std::optional<double> agreement;         ///< mean Kendall tau of the critics; not a confidence
    std::vector<double> weights;             ///< of each ballot; 1 where the rule has none
    std::vector<std::int64_t> flip_critics;  ///< whose removal would change the winner
    bool contested = false;                  ///< p_best below 0.5, or a flip
    std::vector<dissenter> dissent;
    std::vector<score_spike> spikes;

    const placed& winner() const { return ranking.front(); }
    bool operator==(const verdict&) const = default;
};

/// Judges at least one candidate. Pure: the same arguments give the same verdict, bit for bit but
/// for p_best's rounding, with any compiler that keeps to IEEE 754. Ties fall to the higher worst
/// opinion, more scores, fewer serious flaws, priority, and the seed; never to arrival.
verdict aggregate(rule r, std::span<const candidate> candidates, std::span<const ballot> ballots,
                  const turn_seed& seed);

}  // namespace conclave::council
