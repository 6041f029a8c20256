// Integrates the posterior and compares critics.
#include "council/confidence.hpp"

#include <cmath>
#include <vector>

namespace conclave::council {

namespace {

constexpr double residual_prior = 6;  // pseudo-observations
constexpr double residual_variance = 0.55;
// Of errors that all critics share; the fewer answers there are, the more the scores understate
// them. Fitted to the model of the benchmark `selection`.
constexpr double shared_error = 0.6;
constexpr int nodes = 41;
constexpr double reach = 4;  // deviations of the winner, to both sides

double residual_variance_of(const robust_fit& robust) {
    double squares = 0;
    double n = 0;
    robust.z.for_each([&](std::size_t j, std::size_t i, double s) {
        const double rest = s - robust.fit.level - robust.fit.quality[i] - robust.fit.offset[j];
        squares += rest * rest;
        n += 1;
    });
    return (squares + residual_prior * residual_variance) / (n + residual_prior);
}

double normal_below(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

/// A normal distribution.
struct belief {
    double mean = 0;
    double deviation = 0;
};

std::vector<belief> beliefs_of(const robust_fit& robust) {
    const double variance = residual_variance_of(robust);
    const double shared = shared_error / static_cast<double>(robust.z.answers() - 1);
    std::vector<belief> beliefs(robust.z.answers());
    for (std::size_t i = 0; i < beliefs.size(); ++i) {
        const auto n = static_cast<double>(robust.z.scores_of(i));
        if (n == 0) continue;  // an answer nobody scored takes no part
        beliefs[i] = {robust.fit.quality[i], std::sqrt(variance / n + shared)};
    }
    return beliefs;
}

// -1, 0 or 1.
int sign(double d) { return (d > 0 ? 1 : 0) - (d < 0 ? 1 : 0); }

// Tau of two critics; nothing where one of them puts all that both saw on one level.
std::optional<double> tau(const score_table& scores, std::size_t a, std::size_t b) {
    int alike = 0;
    int ranked_by_a = 0;
    int ranked_by_b = 0;
    const auto both = [&](std::size_t i) { return scores.has(a, i) && scores.has(b, i) ? 1 : 0; };
    for (std::size_t i = 0; i < scores.answers(); ++i) {
        if (both(i) == 0) continue;
        for (std::size_t k = i + 1; k < scores.answers(); ++k) {
            const int by_a = both(k) * sign(scores.at(a, i) - scores.at(a, k));
            const int by_b = both(k) * sign(scores.at(b, i) - scores.at(b, k));
            alike += by_a * by_b;
            ranked_by_a += by_a * by_a;
            ranked_by_b += by_b * by_b;
        }
    }
    if (ranked_by_a == 0 || ranked_by_b == 0) return std::nullopt;
    return alike / std::sqrt(static_cast<double>(ranked_by_a) * ranked_by_b);
}

}  // namespace

double probability_of_best(const robust_fit& robust, std::size_t winner) {
    const auto beliefs = beliefs_of(robust);
    const auto& best = beliefs[winner];
    double won = 0;
    double all = 0;
    for (int node = 0; node < nodes; ++node) {
        const double t = reach * (2.0 * node / (nodes - 1) - 1);
        const double x = best.mean + t * best.deviation;
        const double density = std::exp(-t * t / 2);
        double above = density;
        for (std::size_t i = 0; i < beliefs.size(); ++i)
            if (i != winner && beliefs[i].deviation > 0)
                above *= normal_below((x - beliefs[i].mean) / beliefs[i].deviation);
        won += above;
        all += density;
    }
    return std::round(won / all * 1e4) / 1e4;
}

std::optional<double> mean_tau(const score_table& scores) {
    double sum = 0;
    double pairs = 0;
    for (std::size_t a = 0; a < scores.critics(); ++a) {
        for (std::size_t b = a + 1; b < scores.critics(); ++b) {
            const auto one = tau(scores, a, b);
            if (!one) continue;
            sum += *one;
            pairs += 1;
        }
    }
    if (pairs == 0) return std::nullopt;
    return sum / pairs;
}

}  // namespace conclave::council
