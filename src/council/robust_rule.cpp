// Clips and weighs critics.
#include "council/robust_rule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace conclave::council {

namespace {

constexpr double row_variance_floor = 0.25;
constexpr double row_variance_prior = 2;  // pseudo-degrees of freedom
constexpr double opinion_limit = 1.5;
constexpr double level_limit = 0.5;
constexpr int weight_rounds = 3;
constexpr double residual_prior = 6;  // pseudo-observations
constexpr double residual_floor = 0.1;

/// A critic's scores as a whole.
struct row_shape {
    double n = 0;
    double mean = 0;
    double squares = 0;  ///< of the deviations from the mean
};

// Of what `value(answer, score)` makes of each score.
template <class F>
std::vector<row_shape> shapes_of(const score_table& scores, F&& value) {
    std::vector<row_shape> rows(scores.critics());
    const auto answers = scores.answers();
    for (std::size_t j = 0; j < rows.size(); ++j) {
        const double* there = scores.there(j);
        const double* score = scores.row(j);
        row_shape row;
        for (std::size_t i = 0; i < answers; ++i) {
            row.n += there[i];
            row.mean += there[i] * value(i, score[i]);
        }
        if (row.n > 0) row.mean /= row.n;
        for (std::size_t i = 0; i < answers; ++i) {
            const double d = value(i, score[i]) - row.mean;
            row.squares += there[i] * (d * d);
        }
        rows[j] = row;
    }
    return rows;
}

// The median of the variances of the rows that have one, and not less than the floor.
double common_variance(const std::vector<row_shape>& rows) {
    std::vector<double> variances;
    variances.reserve(rows.size());
    for (const auto& row : rows)
        if (row.n > 1) variances.push_back(row.squares / (row.n - 1));
    if (variances.empty()) return row_variance_floor;
    std::sort(variances.begin(), variances.end());
    const auto half = variances.size() / 2;
    const double median =
        variances.size() % 2 != 0 ? variances[half] : (variances[half - 1] + variances[half]) / 2;
    return std::max(row_variance_floor, median);
}

score_table standardise(const score_table& scores) {
    const std::vector<double> alike(scores.critics(), 1);
    const auto fit = fit_two_way(scores, alike);
    const auto rows = shapes_of(scores, [](std::size_t, double s) { return s; });
    const double variance = common_variance(rows);
    const double common_deviation = std::sqrt(variance);
    score_table z(scores.critics(), scores.answers());
    for (std::size_t j = 0; j < rows.size(); ++j) {
        const auto& row = rows[j];
        if (row.n == 0) continue;
        const double deviation = std::sqrt((row.squares + row_variance_prior * variance) /
                                           (row.n - 1 + row_variance_prior));
        const double level = std::clamp((row.mean - fit.level - fit.offset[j]) / common_deviation,
                                        -level_limit, level_limit);
        for (std::size_t i = 0; i < scores.answers(); ++i) {
            if (!scores.has(j, i)) continue;
            const double opinion = (scores.at(j, i) - row.mean) / deviation;
            z.set(j, i, std::clamp(opinion, -opinion_limit, opinion_limit) + level);
        }
    }
    return z;
}

// What the qualities leave unexplained of each critic's opinions, around its own mean.
std::vector<row_shape> residuals_of(const score_table& z, const two_way_fit& fit) {
    return shapes_of(z, [&](std::size_t i, double s) { return s - fit.quality[i]; });
}

void weigh(const score_table& z, robust_fit& robust) {
    const auto rows = residuals_of(z, robust.fit);
    double squares = 0;
    double n = 0;
    for (const auto& row : rows) {
        squares += row.squares;
        n += row.n;
    }
    const double pooled = n > 0 ? std::max(residual_floor, squares / n) : residual_floor;
    for (std::size_t j = 0; j < rows.size(); ++j) {
        const double variance =
            (rows[j].squares + residual_prior * pooled) / (rows[j].n + residual_prior);
        robust.weights[j] = rows[j].n > 0 ? pooled / variance : 0;
    }
}

}  // namespace

robust_fit fit_robust(const score_table& scores) {
    robust_fit robust{standardise(scores), {}, std::vector<double>(scores.critics(), 1)};
    two_way_solver solver(robust.z);
    solver.fit(robust.weights, robust.fit);
    for (int round = 0; round < weight_rounds; ++round) {
        weigh(robust.z, robust);
        solver.fit(robust.weights, robust.fit);
    }
    solver.add_offsets(robust.weights, robust.fit);
    return robust;
}

}  // namespace conclave::council
