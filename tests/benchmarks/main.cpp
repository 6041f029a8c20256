// Runs the benchmarks: all of them, or those named.
#include "scenarios.hpp"

#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

const std::map<std::string, std::function<void(const bench::run_length&)>> scenarios{
    {"added_latency", bench::added_latency},     {"replay", bench::replay},
    {"many_callers", bench::many_callers},       {"over_http", bench::over_http},
    {"first_token", bench::first_token},         {"chunk_cost", bench::chunk_cost},
    {"slow_streams", bench::slow_streams},       {"decoding", bench::decoding},
    {"long_history", bench::long_history},       {"selection", bench::selection},
    {"selection_goals", bench::selection_goals}, {"straggler", bench::straggler},
    {"straggler_goals", bench::straggler_goals}, {"council_overhead", bench::council_overhead},
};

int usage() {
    std::puts("benchmark [--short] [name ...]; names:");
    for (const auto& [name, run] : scenarios) std::printf("  %s\n", name.c_str());
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    bench::run_length length;
    std::vector<std::string> names;
    for (int i = 1; i < argc; ++i) {
        const std::string arg = argv[i];
        if (arg == "--short")
            length = {0.2, 50, 200, 400, 100, 2};
        else if (scenarios.contains(arg))
            names.push_back(arg);
        else
            return usage();
    }
    if (names.empty())
        for (const auto& [name, run] : scenarios) names.push_back(name);
    try {
        for (const auto& name : names) {
            scenarios.at(name)(length);
            std::fflush(stdout);
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "benchmark: %s\n", e.what());
        return 1;
    }
}
