// Verdicts that every compiler and processor must reach to the last bit.
#include "council/aggregate.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

using namespace conclave::council;

namespace {

constexpr int cases_all = 120;

/// A turn that its number determines.
struct golden_turn {
    std::vector<candidate> candidates;
    std::vector<ballot> ballots;
    turn_seed seed;
};

golden_turn turn_of(int number) {
    golden_turn t;
    t.seed = make_turn_seed(std::to_string(number), "golden");
    seeded_stream random(t.seed, "golden");
    const auto answers = 2 + random.below(6);
    const auto critics = answers + random.below(3);
    const bool missing = random.below(3) == 0;
    const bool decimals = random.below(4) == 0;
    for (std::size_t i = 0; i < answers; ++i)
        t.candidates.push_back({static_cast<std::int64_t>(i), 0, std::nullopt});
    for (std::size_t j = 0; j < critics; ++j) {
        t.ballots.push_back({static_cast<std::int64_t>(j), std::vector<cell>(answers)});
        for (std::size_t i = 0; i < answers; ++i) {
            const auto score = 1 + static_cast<double>(random.below(10));
            const auto part = static_cast<double>(random.below(4)) / 4;
            if (i == j || (missing && random.below(5) == 0)) continue;
            t.ballots[j].cells[i].score = decimals && score < 10 ? score + part : score;
            t.ballots[j].cells[i].serious = score < 4;
        }
    }
    return t;
}

std::string bits(double d) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx",
                  static_cast<unsigned long long>(std::bit_cast<std::uint64_t>(d)));
    return text;
}

std::string line_of(int number, rule r) {
    const auto t = turn_of(number);
    const auto v = aggregate(r, t.candidates, t.ballots, t.seed);
    std::string line = std::to_string(number) + " " + std::string(name_of(r));
    for (const auto& p : v.ranking) line += " " + std::to_string(p.seat) + "=" + bits(p.quality);
    char p_best[16] = "-";
    if (v.p_best) std::snprintf(p_best, sizeof p_best, "%.4f", *v.p_best);
    line += std::string(" p ") + p_best + " w";
    for (const double w : v.weights) line += " " + bits(w);
    return line;
}

}  // namespace

TEST_CASE("verdicts are the same to the last bit whatever compiled them") {
    std::ifstream golden(CONCLAVE_SOURCE_DIR "/tests/corpora/verdicts.txt");
    REQUIRE(golden);
    std::string expected;
    int lines = 0;
    for (int number = 0; number < cases_all; ++number) {
        for (const auto r : {rule::robust, rule::mean, rule::borda}) {
            REQUIRE(std::getline(golden, expected));
            CHECK(line_of(number, r) == expected);
            ++lines;
        }
    }
    CHECK(lines == 3 * cases_all);
    CHECK_FALSE(std::getline(golden, expected));
}
