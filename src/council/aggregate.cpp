// Judges: the rule's choice, and what is to be known of it.
#include "council/aggregate.hpp"

#include "base/field.hpp"
#include "council/confidence.hpp"
#include "council/dissent.hpp"
#include "council/plain_rules.hpp"
#include "council/ranking.hpp"
#include "council/score_table.hpp"

#include <array>
#include <utility>

namespace conclave::council {

namespace {

struct rule_word {
    council::rule rule;
    std::string_view name;
    std::string_view stored;
};

constexpr std::array<rule_word, 4> rule_words{{
    {rule::robust, "robust", "robust/1"},
    {rule::mean, "mean", "mean/1"},
    {rule::borda, "borda", "borda/1"},
    {rule::external, "external", "external/1"},
}};

constexpr double score_min = 1;
constexpr double score_max = 10;
constexpr double contested_below = 0.5;

score_table tabulate(std::size_t answers, std::span<const ballot> ballots) {
    score_table scores(ballots.size(), answers);
    for (std::size_t j = 0; j < ballots.size(); ++j) {
        for (std::size_t i = 0; i < answers && i < ballots[j].cells.size(); ++i) {
            const auto& score = ballots[j].cells[i].score;
            if (score && *score >= score_min && *score <= score_max) scores.set(j, i, *score);
        }
    }
    return scores;
}

std::vector<std::size_t> count_serious(std::size_t answers, std::span<const ballot> ballots) {
    std::vector<std::size_t> serious(answers);
    for (const auto& b : ballots)
        for (std::size_t i = 0; i < answers && i < b.cells.size(); ++i)
            serious[i] += b.cells[i].serious ? 1 : 0;
    return serious;
}

std::vector<placed> places_of(const choice& chosen, std::span<const candidate> candidates,
                              const score_table& scores) {
    const auto means = mean_scores(scores);
    std::vector<placed> ranking;
    for (const auto i : chosen.order) {
        placed one{i, candidates[i].seat, chosen.quality[i], scores.scores_of(i), std::nullopt};
        if (one.scores > 0) one.mean_score = means[i];
        ranking.push_back(one);
    }
    return ranking;
}

/// Everything that the steps of one judgement share.
struct judgement {
    council::rule rule;
    std::span<const candidate> candidates;
    std::span<const ballot> ballots;
    const turn_seed& seed;
    score_table scores;
    std::vector<std::size_t> serious;
};

std::vector<std::int64_t> find_flips(const judgement& j, std::size_t winner) {
    std::vector<std::int64_t> flips;
    if (j.scores.critics_with(1) < 2) return flips;
    for (std::size_t critic = 0; critic < j.ballots.size(); ++critic) {
        if (j.scores.scores_by(critic) == 0) continue;
        auto without = j.scores;
        without.clear_critic(critic);
        const auto other = choose(j.rule, j.candidates, without, j.serious, j.seed);
        if (other.order.front() != winner) flips.push_back(j.ballots[critic].critic);
    }
    return flips;
}

// What only critics who compared answers can tell.
void describe_critics(const judgement& j, const choice& chosen, verdict& v) {
    const auto winner = chosen.order.front();
    if (v.basis == ranking_basis::compared) {
        if (j.scores.critics_with(1) >= 2) v.p_best = probability_of_best(*chosen.robust, winner);
        if (v.rule == rule::robust) v.weights = chosen.robust->weights;
        v.flip_critics = find_flips(j, winner);
        v.contested = v.p_best.value_or(1) < contested_below || !v.flip_critics.empty();
    }
    const auto z = chosen.robust ? chosen.robust->z : fit_robust(j.scores).z;
    v.dissent = find_dissent(j.scores, z, j.candidates, j.ballots, winner);
    v.spikes = find_spikes(j.scores, z, j.candidates, j.ballots);
    v.agreement = mean_tau(j.scores);
}

}  // namespace

std::string_view name_of(rule r) noexcept {
    for (const auto& word : rule_words)
        if (word.rule == r) return word.stored;
    return {};
}

result<rule> rule_of(std::string_view name, std::string_view field) {
    for (const auto& word : rule_words)
        if (name == word.name || name == word.stored) return word.rule;
    return invalid(field, "must be robust/1, mean, borda or external");
}

verdict aggregate(rule r, std::span<const candidate> candidates, std::span<const ballot> ballots,
                  const turn_seed& seed) {
    const judgement j{r,
                      candidates,
                      ballots,
                      seed,
                      tabulate(candidates.size(), ballots),
                      count_serious(candidates.size(), ballots)};
    const auto chosen = choose(r, candidates, j.scores, j.serious, seed);
    verdict v;
    v.rule = r;
    v.basis = chosen.basis;
    v.ranking = places_of(chosen, candidates, j.scores);
    if (v.ranking.size() > 1) v.margin = v.ranking[0].quality - v.ranking[1].quality;
    for (std::size_t k = 0; k < ballots.size(); ++k)
        v.weights.push_back(j.scores.scores_by(k) > 0 ? 1 : 0);
    describe_critics(j, chosen, v);
    return v;
}

}  // namespace conclave::council
