// How often a council picks its best answer: the shipped aggregation against the model.
#include "council/ranking.hpp"
#include "measure.hpp"
#include "scenarios.hpp"
#include "selection_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

namespace {

namespace council = conclave::council;

constexpr std::uint64_t seed = 20'261'121;
constexpr std::array<std::size_t, 4> sizes{3, 4, 5, 7};
constexpr std::array<council::rule, 3> rules{council::rule::robust, council::rule::mean,
                                             council::rule::borda};

/// A share of turns, and what may be chance in it.
struct share {
    double hits = 0;
    double turns = 0;

    double value() const { return turns > 0 ? hits / turns : 0; }
    double error() const { return turns > 0 ? std::sqrt(value() * (1 - value()) / turns) : 0; }
};

struct quality {
    share best;         ///< the true best was picked
    share ties;         ///< the rule alone did not decide
    double regret = 0;  ///< points of worth lost, summed

    double mean_regret() const { return regret / best.turns; }
};

council::choice pick(council::rule r, const std::vector<council::candidate>& candidates,
                     const turn& t) {
    council::score_table scores(t.ballots.size(), candidates.size());
    for (std::size_t j = 0; j < t.ballots.size(); ++j)
        for (std::size_t i = 0; i < candidates.size(); ++i)
            if (const auto& s = t.ballots[j].cells[i].score) scores.set(j, i, *s);
    const std::vector<std::size_t> serious(candidates.size());
    return council::choose(r, candidates, scores, serious, {});
}

// Each rule on the same turns, with the members' priority of no use: worths come in any order.
std::array<quality, rules.size()> run(const selection_model& model, int turns) {
    dice random(seed);
    const auto candidates = candidates_of(model.members);
    std::array<quality, rules.size()> all;
    for (int n = 0; n < turns; ++n) {
        const auto t = play(model, random);
        for (std::size_t r = 0; r < rules.size(); ++r) {
            const auto chosen = pick(rules[r], candidates, t);
            const auto winner = chosen.order[0];
            auto& q = all[r];
            q.best.turns += 1;
            q.best.hits += winner == t.best() ? 1 : 0;
            q.ties.turns += 1;
            q.ties.hits +=
                std::abs(chosen.quality[winner] - chosen.quality[chosen.order[1]]) <= 1e-9 ? 1 : 0;
            q.regret += t.worth[t.best()] - t.worth[winner];
        }
    }
    return all;
}

void print_scenarios(int turns) {
    std::printf("\nP(best answer picked), %d turns a cell\n", turns);
    for (const auto n : sizes) {
        std::array<std::string, rules.size()> rows;
        std::array<quality, rules.size()> normal;
        for (int s = 0; s < scenarios_all; ++s) {
            const auto all = run({static_cast<scenario>(s), n, 0}, turns);
            char cell[32];
            for (std::size_t r = 0; r < rules.size(); ++r) {
                std::snprintf(cell, sizeof cell, "  %.3f", all[r].best.value());
                rows[r] += cell;
            }
            if (static_cast<scenario>(s) == scenario::base) normal = all;
        }
        std::printf(
            "N = %zu     S0     S1     S2     S3     S4     S5     S6     S7     S8     S9"
            "    S10    S11   regret and ties in S1\n",
            n);
        for (std::size_t r = 0; r < rules.size(); ++r)
            std::printf("%-6s%s   %.2f  %.2f %%\n",
                        std::string(council::name_of(rules[r]).substr(
                                        0, council::name_of(rules[r]).find('/')))
                            .c_str(),
                        rows[r].c_str(), normal[r].mean_regret(), 100 * normal[r].ties.value());
    }
}

void print_orders(int turns) {
    std::printf("\nP(best answer picked) by robust/1, order of the answers\n");
    std::printf("bias   order          N = 3  N = 4  N = 5  N = 7\n");
    constexpr std::array<std::pair<answer_order, const char*>, 3> orders{
        {{answer_order::shared_shuffle, "shared"},
         {answer_order::shuffle_per_critic, "per critic"},
         {answer_order::rotation, "rotation"}}};
    for (const double bias : {0.4, 1.0, 1.5}) {
        for (const auto& [order, name] : orders) {
            std::printf("%.1f    %-12s", bias, name);
            for (const auto n : sizes) {
                std::printf("  %.3f",
                            run({scenario::base, n, 0, order, bias}, turns)[0].best.value());
            }
            std::printf("\n");
        }
    }
}

void print_extra_critics(int turns) {
    std::printf("\nP(best answer picked) by robust/1, N = 3 and extra critics\n");
    std::printf("extra    S1     S4     S5\n");
    for (std::size_t extra = 0; extra <= 3; ++extra) {
        std::printf("%zu    ", extra);
        for (const auto s : {scenario::base, scenario::inverted, scenario::compromised})
            std::printf("  %.3f", run({s, 3, extra}, turns)[0].best.value());
        std::printf("\n");
    }
}

/// p_best and what came of it.
struct forecast {
    double p = 0;
    bool hit = false;
};

// The share of pairs of a hit and a miss in which the hit had the higher p.
double auc(std::vector<forecast> all) {
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.p < b.p; });
    double ranks = 0;
    double hits = 0;
    for (std::size_t first = 0, i = 0; i < all.size(); first = i) {
        while (i < all.size() && all[i].p == all[first].p) ++i;
        const double rank = (static_cast<double>(first + i) + 1) / 2;
        for (std::size_t k = first; k < i; ++k) {
            ranks += all[k].hit ? rank : 0;
            hits += all[k].hit ? 1 : 0;
        }
    }
    return (ranks - hits * (hits + 1) / 2) / (hits * (static_cast<double>(all.size()) - hits));
}

// The mean distance between what was forecast and what came, over ten bins.
double calibration_error(const std::vector<forecast>& all) {
    std::array<double, 10> forecasts{}, hits{}, counts{};
    for (const auto& f : all) {
        const auto bin = std::min<std::size_t>(9, static_cast<std::size_t>(f.p * 10));
        forecasts[bin] += f.p;
        hits[bin] += f.hit ? 1 : 0;
        counts[bin] += 1;
    }
    double error = 0;
    for (std::size_t b = 0; b < 10; ++b) error += std::abs(forecasts[b] - hits[b]);
    return error / static_cast<double>(all.size());
}

void print_confidence(int turns) {
    std::printf("\nConfidence: calibration error and AUC of p_best; time of one aggregation\n");
    std::printf("N    S1            S2            S7            S5            p50 us  p99 us\n");
    for (const auto n : sizes) {
        const auto candidates = candidates_of(n);
        latencies times;
        std::printf("%zu ", n);
        for (const auto s :
             {scenario::base, scenario::harsh, scenario::sharp, scenario::compromised}) {
            dice random(seed);
            std::vector<forecast> all;
            for (int k = 0; k < turns; ++k) {
                const auto t = play({s, n, 0}, random);
                const auto start = wall_us();
                const auto v = council::aggregate(council::rule::robust, candidates, t.ballots, {});
                times.add(wall_us() - start);
                all.push_back({v.p_best.value_or(0), v.winner().candidate == t.best()});
            }
            std::printf("   %.3f  %.2f", calibration_error(all), auc(all));
        }
        std::printf("   %6.1f  %6.1f\n", times.percentile(0.5), times.percentile(0.99));
    }
}

bool meets(const char* what, const share& measured, double at_least) {
    const bool holds = measured.value() + 3 * measured.error() >= at_least;
    std::printf("%-40s %.4f +- %.4f, goal %.3f: %s\n", what, measured.value(), measured.error(),
                at_least, holds ? "met" : "missed");
    return holds;
}

}  // namespace

void selection_goals(const run_length& l) {
    const auto normal = run({scenario::base, 5, 0}, l.turns)[0];
    const auto hostile = run({scenario::compromised, 5, 0}, l.turns)[0];
    const auto biased = run({scenario::base, 5, 0, answer_order::rotation, 1.0}, l.turns)[0];
    const share decided{normal.ties.turns - normal.ties.hits, normal.ties.turns};
    std::printf("\n");
    bool met = meets("N = 5, normal case", normal.best, 0.605);
    met = meets("N = 5, one critic compromised", hostile.best, 0.45) && met;
    met = meets("N = 5, turns without a tie", decided, 0.998) && met;
    met = meets("N = 5, rotation at position bias 1.0", biased.best, 0.60) && met;
    if (!met) throw std::runtime_error("selection: a goal is missed by more than chance explains");
}

void selection(const run_length& l) {
    print_scenarios(l.turns);
    print_orders(l.turns);
    print_extra_critics(l.turns);
    print_confidence(std::max(1'000, l.turns / 10));
    selection_goals(l);
}

}  // namespace bench
