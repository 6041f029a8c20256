// Counts means and ranks.
#include "council/plain_rules.hpp"

#include <cstddef>

namespace conclave::council {

namespace {

// The answers of critic `j` below the score of answer `i`, ties as halves.
double beaten(const score_table& scores, std::size_t j, std::size_t i) {
    double n = 0;
    for (std::size_t k = 0; k < scores.answers(); ++k) {
        if (k == i || !scores.has(j, k)) continue;
        if (scores.at(j, k) < scores.at(j, i)) n += 1;
        if (scores.at(j, k) == scores.at(j, i)) n += 0.5;
    }
    return n;
}

void divide(std::vector<double>& sums, const std::vector<double>& counts) {
    for (std::size_t i = 0; i < sums.size(); ++i)
        if (counts[i] > 0) sums[i] /= counts[i];
}

}  // namespace

std::vector<double> mean_scores(const score_table& scores) {
    std::vector<double> sums(scores.answers());
    std::vector<double> counts(scores.answers());
    scores.for_each([&](std::size_t, std::size_t i, double s) {
        sums[i] += s;
        counts[i] += 1;
    });
    divide(sums, counts);
    return sums;
}

std::vector<double> borda_counts(const score_table& scores) {
    std::vector<double> sums(scores.answers());
    std::vector<double> counts(scores.answers());
    scores.for_each([&](std::size_t j, std::size_t i, double) {
        const auto compared = scores.scores_by(j);
        if (compared < 2) return;
        sums[i] += beaten(scores, j, i) / static_cast<double>(compared - 1);
        counts[i] += 1;
    });
    divide(sums, counts);
    return sums;
}

}  // namespace conclave::council
