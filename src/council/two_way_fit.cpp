// Solves for levels, qualities and offsets.
#include "council/two_way_fit.hpp"

#include <cstddef>
#include <utility>

namespace conclave::council {

namespace {

constexpr double offset_ridge = 2;
constexpr double quality_ridge = 0.5;

double mean_of(const score_table& scores) {
    double sum = 0;
    scores.for_each([&](std::size_t, std::size_t, double s) { sum += s; });
    const auto n = scores.scores();
    return n == 0 ? 0 : sum / static_cast<double>(n);
}

/// A symmetric positive definite system; only the lower half of `matrix` is looked at.
struct linear_system {
    explicit linear_system(std::size_t n) : size(n), matrix(n * n), right(n) {}

    double& at(std::size_t row, std::size_t column) { return matrix[row * size + column]; }

    std::size_t size;
    std::vector<double> matrix;
    std::vector<double> right;
};

// By the factors L D L', which need neither roots nor pivots. Uses the system up.
std::vector<double> solve(linear_system s) {
    for (std::size_t k = 0; k < s.size; ++k) {
        for (std::size_t i = k + 1; i < s.size; ++i) {
            const double factor = s.at(i, k) / s.at(k, k);
            for (std::size_t m = k + 1; m <= i; ++m) s.at(i, m) -= factor * s.at(m, k);
            s.right[i] -= factor * s.right[k];
        }
    }
    auto solution = std::move(s.right);
    for (std::size_t i = s.size; i-- > 0;) {
        for (std::size_t k = i + 1; k < s.size; ++k) solution[i] -= s.at(k, i) * solution[k];
        solution[i] /= s.at(i, i);
    }
    return solution;
}

/// A critic's scores above the level, and what the system needs of them.
struct row {
    double weights = 0;
    double sum = 0;
};

row row_of(const score_table& scores, std::size_t critic, double weight, double level) {
    row r;
    for (std::size_t i = 0; i < scores.answers(); ++i) {
        if (!scores.has(critic, i)) continue;
        r.weights += weight;
        r.sum += scores.at(critic, i) - level;
    }
    return r;
}

// Takes the offset of the critic, as a function of the qualities, out of the equations of these.
void add_critic(linear_system& s, const score_table& scores, std::size_t critic, double weight,
                const row& r, double level) {
    const double share = weight * weight / (r.weights + offset_ridge);
    for (std::size_t i = 0; i < s.size; ++i) {
        if (!scores.has(critic, i)) continue;
        s.at(i, i) += weight;
        s.right[i] += weight * (scores.at(critic, i) - level) - share * r.sum;
        for (std::size_t k = 0; k <= i; ++k)
            if (scores.has(critic, k)) s.at(i, k) -= share;
    }
}

}  // namespace

two_way_fit fit_two_way(const score_table& scores, std::span<const double> weights) {
    two_way_fit fit{mean_of(scores), {}, std::vector<double>(scores.critics())};
    std::vector<row> rows;
    linear_system system(scores.answers());
    for (std::size_t i = 0; i < scores.answers(); ++i) system.at(i, i) = quality_ridge;
    for (std::size_t j = 0; j < scores.critics(); ++j) {
        rows.push_back(row_of(scores, j, weights[j], fit.level));
        add_critic(system, scores, j, weights[j], rows[j], fit.level);
    }
    fit.quality = solve(std::move(system));
    for (std::size_t j = 0; j < scores.critics(); ++j) {
        double rest = rows[j].sum;
        for (std::size_t i = 0; i < scores.answers(); ++i)
            if (scores.has(j, i)) rest -= fit.quality[i];
        fit.offset[j] = weights[j] * rest / (rows[j].weights + offset_ridge);
    }
    return fit;
}

}  // namespace conclave::council
