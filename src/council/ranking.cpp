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

/// One number for each candidate; the higher comes first.
using key = std::vector<double>;
using places = std::span<std::size_t>;

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

// Sorts by the first key, and each run of equals by the keys that follow.
void order_by(places all, std::span<const key> keys, std::span<const candidate> candidates,
              const turn_seed& seed) {
    if (all.size() < 2) return;
    if (keys.empty()) return draw_lots(all, candidates, seed);
    const auto& by = keys.front();
    std::sort(all.begin(), all.end(),
              [&](std::size_t a, std::size_t b) { return by[a] != by[b] ? by[a] > by[b] : a < b; });
    for (std::size_t first = 0, i = 1; i <= all.size(); ++i) {
        // Equal infinities differ by NaN, which is not above the tie either.
        if (i < all.size() && !(by[all[i - 1]] - by[all[i]] > tie)) continue;
        order_by(all.subspan(first, i - first), keys.subspan(1), candidates, seed);
        first = i;
    }
}

// Of a host that may give anything.
std::optional<double> external_score(const candidate& c) {
    return c.external_score && std::isfinite(*c.external_score) ? c.external_score : std::nullopt;
}

key worst_opinions(const score_table& z) {
    key worst(z.answers(), std::numeric_limits<double>::infinity());
    z.for_each([&](std::size_t, std::size_t i, double s) { worst[i] = std::min(worst[i], s); });
    return worst;
}

// Scored or not, quality, for other rules the robust one, and the tie-breaks of the design.
std::vector<key> keys_of(const choice& chosen, std::span<const candidate> candidates,
                         const score_table& scores, std::span<const std::size_t> serious) {
    const auto n = candidates.size();
    key known(n), count(n), harmless(n), first(n);
    for (std::size_t i = 0; i < n; ++i) {
        count[i] = static_cast<double>(scores.scores_of(i));
        harmless[i] = -static_cast<double>(serious[i]);
        first[i] = -static_cast<double>(candidates[i].priority);
        known[i] = std::min(count[i], 1.0);
        if (chosen.basis == ranking_basis::external)
            known[i] = external_score(candidates[i]) ? 1 : 0;
    }
    std::vector<key> keys{known, chosen.quality};
    if (chosen.robust) {
        keys.push_back(chosen.robust->fit.quality);
        keys.push_back(worst_opinions(chosen.robust->z));
    }
    keys.insert(keys.end(), {std::move(count), std::move(harmless), std::move(first)});
    return keys;
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
    order_by(chosen.order, keys_of(chosen, candidates, scores, serious), candidates, seed);
    return chosen;
}

}  // namespace conclave::council
