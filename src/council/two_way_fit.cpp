// Solves for levels, qualities and offsets.
#include "council/two_way_fit.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>

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

/// Gives the size of usual councils as a constant, by which loops over it are unrolled. What is
/// computed, and in which order, does not depend on that.
template <class F>
void with_size(std::size_t n, F use) {
    switch (n) {
        case 2: return use(std::integral_constant<std::size_t, 2>());
        case 3: return use(std::integral_constant<std::size_t, 3>());
        case 4: return use(std::integral_constant<std::size_t, 4>());
        case 5: return use(std::integral_constant<std::size_t, 5>());
        case 6: return use(std::integral_constant<std::size_t, 6>());
        case 7: return use(std::integral_constant<std::size_t, 7>());
        default: return use(n);
    }
}

// By the factors L D L', which need neither roots nor pivots. Uses the matrix up; the right side
// becomes the solution.
template <class Size>
void solve(Size n, double* __restrict matrix, double* __restrict right) {
    for (std::size_t k = 0; k < n; ++k) {
        const double inverse = 1 / matrix[k * n + k];
        for (std::size_t i = k + 1; i < n; ++i) {
            double* row = matrix + i * n;
            const double factor = row[k] * inverse;
            for (std::size_t m = k + 1; m <= i; ++m) row[m] -= factor * matrix[m * n + k];
            right[i] -= factor * right[k];
        }
    }
    for (std::size_t i = n; i-- > 0;) {
        right[i] /= matrix[i * n + i];
        for (std::size_t k = 0; k < i; ++k) right[k] -= matrix[i * n + k] * right[i];
    }
}

}  // namespace

two_way_solver::two_way_solver(const score_table& scores)
    : scores_(scores),
      level_(mean_of(scores)),
      rows_(scores.critics()),
      matrix_(scores.answers() * scores.answers()) {}

void two_way_solver::fit(std::span<const double> weights, two_way_fit& out) {
    out.level = level_;
    out.quality.assign(scores_.answers(), 0);
    with_size(scores_.answers(), [&](auto answers) { fit_sized(answers, weights, out); });
}

template <class Size>
void two_way_solver::fit_sized(Size n, std::span<const double> weights, two_way_fit& out) {
    double* __restrict matrix = matrix_.data();
    double* __restrict right = out.quality.data();
    const double level = level_;
    for (std::size_t j = 0; j < rows_.size(); ++j) {
        const double* there = scores_.there(j);
        const double* score = scores_.row(j);
        row r;
        for (std::size_t i = 0; i < n; ++i) {
            r.weights += weights[j] * there[i];
            r.sum += (score[i] - level) * there[i];
        }
        r.share = weights[j] * weights[j] / (r.weights + offset_ridge);
        rows_[j] = r;
    }
    // The offset of each critic, as a function of the qualities, is taken out of their equations.
    for (std::size_t i = 0; i < n; ++i) {
        double* __restrict equation = matrix + i * n;
        std::fill(equation, equation + n, 0.0);
        double own = quality_ridge;
        double side = 0;
        for (std::size_t j = 0; j < rows_.size(); ++j) {
            const double* there = scores_.there(j);
            const double share = rows_[j].share * there[i];
            side += there[i] *
                    (weights[j] * (scores_.at(j, i) - level) - rows_[j].share * rows_[j].sum);
            own = own + weights[j] * there[i] - share * there[i];
            for (std::size_t k = 0; k < n; ++k) equation[k] -= share * there[k];
        }
        equation[i] = own;
        right[i] = side;
    }
    solve(n, matrix, right);
}

void two_way_solver::add_offsets(std::span<const double> weights, two_way_fit& out) const {
    out.offset.resize(scores_.critics());
    for (std::size_t j = 0; j < rows_.size(); ++j) {
        const double* there = scores_.there(j);
        double rest = rows_[j].sum;
        for (std::size_t i = 0; i < out.quality.size(); ++i) rest -= out.quality[i] * there[i];
        out.offset[j] = weights[j] * rest / (rows_[j].weights + offset_ridge);
    }
}

two_way_fit fit_two_way(const score_table& scores, std::span<const double> weights) {
    two_way_fit fit;
    two_way_solver solver(scores);
    solver.fit(weights, fit);
    solver.add_offsets(weights, fit);
    return fit;
}

}  // namespace conclave::council
