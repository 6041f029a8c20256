// What waiting costs and what not waiting costs: the shipped cut policy against the model.
#include "measure.hpp"
#include "scenarios.hpp"
#include "straggler_model.hpp"
#include "straggler_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bench {

namespace {

using conclave::straggler_mode;

constexpr std::uint64_t seed = 20'261'121;
constexpr int turns_before = 300;  // in which the book learns

const std::vector<double> three{6, 9, 15};
const std::vector<double> five{5, 7, 9, 12, 18};
const std::vector<double> seven{4, 5, 7, 9, 12, 15, 20};

/// One policy over many turns.
struct figures {
    latencies ms;
    double regret = 0;
    double regret_squares = 0;
    double answers = 0;
    double paid = 0;
    double failed = 0;
    double fallbacks = 0;
    double turns = 0;

    double mean_regret() const { return regret / (turns - failed); }
    double regret_error() const {
        const double n = turns - failed;
        return std::sqrt((regret_squares / n - mean_regret() * mean_regret()) / n);
    }
};

using player = turn_result (*)(const straggler_model&, const straggler_rule&, const drawn_turn&,
                               conclave::council::latency_book&);

figures measure(const straggler_model& m, const straggler_rule& rule, int turns,
                player play = run) {
    dice random(seed);
    conclave::council::latency_book book;
    figures f;
    for (int k = 0; k < turns + turns_before; ++k) {
        const auto drawn = draw(m, random);
        const auto r = play(m, rule, drawn, book);
        if (k < turns_before) continue;
        f.turns += 1;
        f.ms.add(r.ms);
        f.answers += static_cast<double>(r.answers);
        f.paid += r.paid;
        f.failed += r.regret ? 0 : 1;
        f.fallbacks += r.fallback ? 1 : 0;
        f.regret += r.regret.value_or(0);
        f.regret_squares += r.regret.value_or(0) * r.regret.value_or(0);
    }
    return f;
}

void print(const char* name, const figures& f, const figures& all) {
    std::printf("%-34s %5.1f %6.1f %6.1f  %.2f   %5.2f   %+.3f   %.2f   %.2f %%   %.1f %%\n", name,
                f.ms.percentile(0.5) / 1e3, f.ms.percentile(0.95) / 1e3,
                f.ms.percentile(0.99) / 1e3, f.ms.percentile(0.99) / all.ms.percentile(0.99),
                f.answers / f.turns, f.mean_regret() - all.mean_regret(),
                f.paid / f.turns / (all.paid / all.turns), 100 * f.failed / f.turns,
                100 * f.fallbacks / f.turns);
}

void print_table(const char* title, const straggler_model& m, int turns) {
    std::printf("\n%s\n%-34s   p50    p95    p99  ratio answers  regret   paid  failed  fallback\n",
                title, "");
    const straggler_rule forever{straggler_mode::wait_all, 1, true};
    const auto all = measure(m, forever, turns);
    print("wait for all, no deadline", all, all);
    print("wait_all, deadline 120 s", measure(m, {straggler_mode::wait_all}, turns), all);
    print("deadline of each stage", measure(m, {straggler_mode::deadline}, turns), all);
    for (const double q : {0.90, 0.95, 0.99}) {
        char name[40];
        std::snprintf(name, sizeof name, "own_quantile %.2f", q);
        print(name, measure(m, {straggler_mode::own_quantile, q}, turns), all);
    }
}

}  // namespace

void straggler_goals(const run_length& l) {
    const straggler_model m{five};
    const straggler_rule forever{straggler_mode::wait_all, 1, true};
    const auto all = measure(m, forever, l.turns);
    bool all_met = true;
    for (const auto& [who, play] : {std::pair("cut policy alone", player(run)),
                                    std::pair("deliberation", player(deliberate))}) {
        const auto own = measure(m, {}, l.turns, play);
        const double ratio = own.ms.percentile(0.99) / all.ms.percentile(0.99);
        const double regret = own.mean_regret() - all.mean_regret();
        const bool met = ratio <= 0.60 && regret - 3 * own.regret_error() <= 0.03;
        std::printf(
            "N = 5, %s: p99 %.2f x wait-for-all, goal 0.60; regret %+.4f +- %.4f, goal"
            " 0.03: %s; %.2f answers, %.2f %% failed, %.1f %% fallbacks\n",
            who, ratio, regret, own.regret_error(), met ? "met" : "missed", own.answers / own.turns,
            100 * own.failed / own.turns, 100 * own.fallbacks / own.turns);
        all_met = all_met && met;
    }
    if (!all_met) throw std::runtime_error("straggler: a goal is missed");
}

void straggler(const run_length& l) {
    print_table("N = 5", {five}, l.turns);
    print_table("N = 3", {three}, l.turns);
    print_table("N = 7", {seven}, l.turns);
    print_table("N = 5, calls speak after a quarter of their time",
                {five, true, 0.03, 0.02, 0.005, 0.25}, l.turns);
    print_table("N = 5, speed unrelated to quality", {five, false}, l.turns);
    print_table("N = 5, a bad day", {five, true, 0.08, 0.05, 0.02}, l.turns);
    straggler_goals(l);
}

}  // namespace bench
