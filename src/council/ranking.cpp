// Ranks candidates by a list of keys, each for the ties of the one before.
#include "council/ranking.hpp"

#include "council/plain_rules.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace conclave::council {

namespace {

constexpr double tie = 1e-9;

using places = std::span<std::size_t>;

/// What candidates are ranked by. Each decides the ties of those before it.
enum class key { known, quality, robust_quality, worst_opinion, scores, harmless, priority, end };

key next(key k) { return static_cast<key>(static_cast<int>(k) + 1); }

// What the seed makes of a seat, for the very last tie.
std::uint64_t lot(const turn_seed& seed, std::int64_t seat) {
    return seeded_stream(seed, "tie " + std::to_string(seat)).next();
}

void draw_lots(places tied, std::span<const candidate> candidates, const turn_seed& seed) {
    std::vector<std::pair<std::uint64_t, std::size_t>> lots;
    for (const auto i : tied) lots.emplace_back(lot(seed, candidates[i].seat), i);
    std::sort(lots.begin(), lots.end());
    for (std::size_t i = 0; i < tied.size(); ++i) tied[i] = lots[i].second;
}

// Of a host that may give anything.
std::optional<double> external_score(const candidate& c) {
    return c.external_score && std::isfinite(*c.external_score) ? c.external_score : std::nullopt;
}

double worst_opinion(const score_table& z, std::size_t answer) {
    double worst = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < z.critics(); ++j)
        if (z.has(j, answer)) worst = std::min(worst, z.at(j, answer));
    return worst;
}

/// All that an order rests on.
struct ranking {
    const choice& chosen;
    std::span<const candidate> candidates;
    const score_table& scores;
    std::span<const std::size_t> serious;
    const turn_seed& seed;

    bool is_known(std::size_t i) const {
        if (chosen.basis == ranking_basis::external)
            return external_score(candidates[i]).has_value();
        return scores.scores_of(i) > 0;
    }

    /// The higher comes first. Rules without the robust quality have none of its keys.
    double value(key k, std::size_t i) const {
        const auto& robust = chosen.robust;
        switch (k) {
            case key::known: return is_known(i) ? 1 : 0;
            case key::quality: return chosen.quality[i];
            case key::robust_quality: return robust ? robust->fit.quality[i] : 0;
            case key::worst_opinion: return robust ? worst_opinion(robust->z, i) : 0;
            case key::scores: return static_cast<double>(scores.scores_of(i));
            case key::harmless: return -static_cast<double>(serious[i]);
            case key::priority: return -static_cast<double>(candidates[i].priority);
            case key::end: break;
        }
        return 0;
    }
};

// Sorts by the key, and each run of equals by the keys that follow.
void order_by(key k, places all, const ranking& by) {
    if (all.size() < 2) return;
    if (k == key::end) return draw_lots(all, by.candidates, by.seed);
    std::sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
        const double of_a = by.value(k, a);
        const double of_b = by.value(k, b);
        return of_a != of_b ? of_a > of_b : a < b;
    });
    for (std::size_t first = 0, i = 1; i <= all.size(); ++i) {
        // Equal infinities differ by NaN, which is not above the tie either.
        if (i < all.size() && !(by.value(k, all[i - 1]) - by.value(k, all[i]) > tie)) continue;
        order_by(next(k), all.subspan(first, i - first), by);
        first = i;
    }
}

ranking_basis basis_of(rule r, std::span<const candidate> candidates, const score_table& scores) {
    const auto judged = [](const candidate& c) { return external_score(c).has_value(); };
    if (r == rule::external && std::any_of(candidates.begin(), candidates.end(), judged))
        return ranking_basis::external;
    if (scores.critics_with(2) > 0) return ranking_basis::compared;
    return scores.scores() > 0 ? ranking_basis::absolute : ranking_basis::unranked;
}

std::vector<double> qualities(rule r, const choice& chosen, std::span<const candidate> candidates,
                              const score_table& scores) {
    if (chosen.basis == ranking_basis::external) {
        std::vector<double> given(candidates.size());
        for (std::size_t i = 0; i < given.size(); ++i)
            given[i] = external_score(candidates[i]).value_or(0);
        return given;
    }
    if (r == rule::mean || chosen.basis != ranking_basis::compared) return mean_scores(scores);
    if (r == rule::borda) return borda_counts(scores);
    return chosen.robust->fit.quality;
}

}  // namespace

choice choose(rule r, std::span<const candidate> candidates, const score_table& scores,
              std::span<const std::size_t> serious, const turn_seed& seed) {
    choice chosen;
    chosen.basis = basis_of(r, candidates, scores);
    if (chosen.basis == ranking_basis::compared) chosen.robust = fit_robust(scores);
    chosen.quality = qualities(r, chosen, candidates, scores);
    for (std::size_t i = 0; i < candidates.size(); ++i) chosen.order.push_back(i);
    order_by(key::known, chosen.order, {chosen, candidates, scores, serious, seed});
    return chosen;
}

}  // namespace conclave::council
