// simulation [--seed N] [--seeds N] [--trace] [--accounting]
#include "simulation/world.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

namespace {

using namespace conclave::simulation;

struct arguments {
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    bool trace = false;
    bool accounting = false;
    bool valid = true;
};

arguments parse(int argc, char** argv) {
    arguments a;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const bool has_number = i + 1 < argc;
        if (word == "--seed" && has_number)
            a.seed = std::strtoull(argv[++i], nullptr, 10);
        else if (word == "--seeds" && has_number)
            a.seeds = std::strtoull(argv[++i], nullptr, 10);
        else if (word == "--trace")
            a.trace = true;
        else if (word == "--accounting")
            a.accounting = true;
        else
            a.valid = false;
    }
    return a;
}

struct outcome {
    std::uint64_t hash = 0;
    world_counts counts;
};

outcome play(std::uint64_t seed, const arguments& a, bool print_trace) {
    world w({.seed = seed, .print_trace = print_trace, .accounting = a.accounting});
    w.run();
    return {w.trace_hash(), w.counts()};
}

void add(world_counts& sum, const world_counts& c) {
    sum.sends += c.sends;
    sum.successes += c.successes;
    sum.replays += c.replays;
    sum.errors += c.errors;
    sum.lost += c.lost;
    sum.crashes += c.crashes;
    sum.steps += c.steps;
    sum.days += c.days;
    sum.events += c.events;
    sum.attempts += c.attempts;
    sum.exposures += c.exposures;
    sum.councils += c.councils;
}

void print(const world_counts& c) {
    std::cout << c.sends << " sends: " << c.successes << " replies (" << c.replays
              << " replayed; of councils " << c.councils << "), " << c.errors << " errors, "
              << c.lost << " lost in " << c.crashes << " crashes; " << c.attempts << " attempts ("
              << c.exposures << " exposures), " << c.events << " events on " << c.days << " days; "
              << c.steps << " steps\n";
}

}  // namespace

int main(int argc, char** argv) {
    const auto a = parse(argc, argv);
    if (!a.valid) {
        std::cerr << "usage: simulation [--seed N] [--seeds N] [--trace] [--accounting]\n";
        return 2;
    }
    world_counts sum;
    for (auto seed = a.seed; seed < a.seed + a.seeds; ++seed) {
        try {
            const auto first = play(seed, a, a.trace);
            add(sum, first.counts);
            if (!a.accounting && play(seed, a, false).hash != first.hash)
                throw finding("the same seed gave two different runs");
        } catch (const std::exception& e) {
            std::cout << "seed " << seed << ": " << e.what() << "\nreplay: simulation --seed "
                      << seed << (a.accounting ? " --accounting" : "") << " --trace\n";
            return 1;
        }
    }
    print(sum);
    return 0;
}
