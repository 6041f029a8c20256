// The scores of a turn as numbers: one row for each critic, one column for each answer.
#pragma once

#include <cstddef>
#include <vector>

namespace conclave::council {

class score_table {
   public:
    score_table(std::size_t critics, std::size_t answers)
        : critics_(critics), answers_(answers), at_(critics * answers), has_(critics * answers) {}

    std::size_t critics() const noexcept { return critics_; }
    std::size_t answers() const noexcept { return answers_; }

    bool has(std::size_t critic, std::size_t answer) const noexcept {
        return has_[critic * answers_ + answer] != 0;
    }
    /// 0 where there is none.
    double at(std::size_t critic, std::size_t answer) const noexcept {
        return at_[critic * answers_ + answer];
    }
    /// The scores of a critic, 0 where there is none.
    const double* row(std::size_t critic) const noexcept { return &at_[critic * answers_]; }
    /// 1 where the critic scored the answer, 0 elsewhere, as a factor for sums without branches.
    const double* there(std::size_t critic) const noexcept { return &has_[critic * answers_]; }
    void set(std::size_t critic, std::size_t answer, double score) noexcept {
        at_[critic * answers_ + answer] = score;
        has_[critic * answers_ + answer] = 1;
    }
    void clear_critic(std::size_t critic) noexcept;

    std::size_t scores() const noexcept;
    std::size_t scores_by(std::size_t critic) const noexcept;
    std::size_t scores_of(std::size_t answer) const noexcept;
    /// Critics with at least `scores` scores.
    std::size_t critics_with(std::size_t scores) const noexcept;

    /// Calls `use(critic, answer, score)` for each score, critic by critic: every sum over scores
    /// is formed in this order, which makes it the same everywhere.
    template <class F>
    void for_each(F&& use) const {
        for (std::size_t j = 0; j < critics_; ++j)
            for (std::size_t i = 0; i < answers_; ++i)
                if (has(j, i)) use(j, i, at(j, i));
    }

   private:
    std::size_t critics_;
    std::size_t answers_;
    std::vector<double> at_;
    std::vector<double> has_;
};

}  // namespace conclave::council
