// Kills workers by the thousand and asks the oracle after every few hundred.
#include "faults/kill_round.hpp"
#include "faults/planted_bugs.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>

using namespace conclave::faults;

namespace {

struct loop_options {
    int kills = 2'000;
    std::uint64_t seed = 1;
    std::string profile = "both";
    bool expect_finding = false;
    kill_round_options round;
};

bool read_options(int count, char** words, loop_options& o) {
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        if (word == "--expect-finding") {
            o.expect_finding = true;
            continue;
        }
        if (word == "--streams") {
            o.round.protocols = true;
            continue;
        }
        if (++i == count) return false;
        const char* value = words[i];
        if (word == "--kills")
            o.kills = std::atoi(value);
        else if (word == "--seed")
            o.seed = std::strtoull(value, nullptr, 10);
        else if (word == "--profile")
            o.profile = value;
        else if (word == "--workers")
            o.round.workers = std::atoi(value);
        else if (word == "--round")
            o.round.kills = std::atoi(value);
        else if (word == "--bug")
            o.round.bug = value;
        else if (word == "--wrong-verdict-every")
            o.round.wrong_verdict_every = std::atoi(value);
        else
            return false;
    }
    return o.kills > 0 && o.round.workers > 0 && o.round.kills > 0 &&
           (o.profile == "both" || o.profile == "default" || o.profile == "strict");
}

/// One round; how many findings.
std::size_t run_round(const kill_round_options& options) {
    kill_round round(options);
    const auto found = round.run();
    if (found.empty()) return 0;
    std::cout << found.size() << " findings; seed " << options.seed << ", "
              << (options.strict ? "strict" : "default") << ", files in " << round.keep() << '\n';
    show(found);
    return found.size();
}

int run(loop_options o) {
    const auto began = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    };
    int done = 0;
    std::size_t found = 0;
    const int per_round = o.round.kills;
    for (int number = 0; done < o.kills && (found == 0 || !o.expect_finding); ++number) {
        o.round.seed = o.seed + static_cast<std::uint64_t>(number);
        o.round.strict = o.profile == "strict" || (o.profile == "both" && number % 2 == 1);
        o.round.full_durability = number % 4 == 2;
        o.round.kills = std::min(per_round, o.kills - done);
        found += run_round(o.round);
        done += o.round.kills;
        std::cout << done << " kills, " << found << " findings, " << seconds() << " s" << std::endl;
    }
    return (found != 0) == o.expect_finding ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** words) {
    loop_options o;
    if (!read_options(count, words, o)) {
        std::cerr << "kill_loop [--kills N] [--seed S] [--profile default|strict|both]"
                     " [--workers W] [--round KILLS] [--wrong-verdict-every N]"
                     " [--bug NAME] [--expect-finding] [--streams]\n";
        return EXIT_FAILURE;
    }
    try {
        return run(o);
    } catch (const std::exception& e) {
        std::cerr << "kill_loop: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
