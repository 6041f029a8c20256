// Scores as the sum of a level, an answer's quality and a critic's harshness.
#pragma once

#include "council/score_table.hpp"

#include <span>
#include <vector>

namespace conclave::council {

/// score = level + quality of the answer + offset of the critic + what is left.
struct two_way_fit {
    double level = 0;
    std::vector<double> quality;
    std::vector<double> offset;
};

/// Fits the scores of one table, with one weighting after another.
class two_way_solver {
   public:
    /// Keeps a reference to the scores.
    explicit two_way_solver(const score_table& scores);

    /// Ridge regression: offsets drawn to 0 by two pseudo-scores, qualities by half a one.
    /// `weights` has one for each critic. The level is the mean of all scores.
    ///
    /// It is where fitting offsets and qualities by turns would end, solved at once: an order of
    /// magnitude quicker, and equal answers come out equal.
    void fit(std::span<const double> weights, two_way_fit& out);

    /// The offsets that go with the last fit.
    void add_offsets(std::span<const double> weights, two_way_fit& out) const;

   private:
    /// A critic's scores above the level, and what the system needs of them.
    struct row {
        double weights = 0;
        double sum = 0;
        double share = 0;  ///< by which it moves the equations of the answers
    };
    template <class Size>
    void fit_sized(Size n, std::span<const double> weights, two_way_fit& out);

    const score_table& scores_;
    double level_;
    std::vector<row> rows_;
    std::vector<double> matrix_;  ///< symmetric; only its lower half is looked at
};

/// One fit.
two_way_fit fit_two_way(const score_table& scores, std::span<const double> weights);

}  // namespace conclave::council
