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
    double n = 0;
    scores.for_each([&](std::size_t, std::size_t, double s) {
        sum += s;
        n += 1;
    });
    return n == 0 ? 0 : sum / n;
}

/// A symmetric positive definite system; only the lower half of `matrix` is looked at.
struct linear_system {
    explicit linear_system(std::size_t n) : size(n), matrix(n * n), right(n) {}

    double* row(std::size_t i) { return &matrix[i * size]; }

    std::size_t size;
    std::vector<double> matrix;
    std::vector<double> right;
};

// By the factors L D L', which need neither roots nor pivots. Uses the system up.
std::vector<double> solve(linear_system s) {
    for (std::size_t k = 0; k < s.size; ++k) {
        const double inverse = 1 / s.row(k)[k];
        for (std::size_t i = k + 1; i < s.size; ++i) {
            double* row = s.row(i);
            const double factor = row[k] * inverse;
            for (std::size_t m = k + 1; m <= i; ++m) row[m] -= factor * s.row(m)[k];
            s.right[i] -= factor * s.right[k];
        }
    }
    auto solution = std::move(s.right);
    for (std::size_t i = s.size; i-- > 0;) {
        solution[i] /= s.row(i)[i];
        for (std::size_t k = 0; k < i; ++k) solution[k] -= s.row(i)[k] * solution[i];
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
    const double* there = scores.there(critic);
    for (std::size_t i = 0; i < scores.answers(); ++i) {
        r.weights += weight * there[i];
        r.sum += (scores.at(critic, i) - level) * there[i];
    }
    return r;
}

// Takes the offset of the critic, as a function of the qualities, out of the equations of these.
void add_critic(linear_system& s, const score_table& scores, std::size_t critic, double weight,
                const row& r, double level) {
    const double share = weight * weight / (r.weights + offset_ridge);
    const double* there = scores.there(critic);
    for (std::size_t i = 0; i < s.size; ++i) {
        if (there[i] == 0) continue;
        double* row = s.row(i);
        row[i] += weight;
        s.right[i] += weight * (scores.at(critic, i) - level) - share * r.sum;
        for (std::size_t k = 0; k <= i; ++k) row[k] -= share * there[k];
    }
}

}  // namespace

two_way_fit fit_two_way(const score_table& scores, std::span<const double> weights) {
    two_way_fit fit{mean_of(scores), {}, std::vector<double>(scores.critics())};
    std::vector<row> rows(scores.critics());
    linear_system system(scores.answers());
    for (std::size_t i = 0; i < scores.answers(); ++i) system.row(i)[i] = quality_ridge;
    for (std::size_t j = 0; j < scores.critics(); ++j) {
        rows[j] = row_of(scores, j, weights[j], fit.level);
        add_critic(system, scores, j, weights[j], rows[j], fit.level);
    }
    fit.quality = solve(std::move(system));
    for (std::size_t j = 0; j < scores.critics(); ++j) {
        double rest = rows[j].sum;
        for (std::size_t i = 0; i < scores.answers(); ++i)
            rest -= fit.quality[i] * scores.there(j)[i];
        fit.offset[j] = weights[j] * rest / (rows[j].weights + offset_ridge);
    }
    return fit;
}

}  // namespace conclave::council
