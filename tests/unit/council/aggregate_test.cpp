// From scores to a winner: rules, ties, confidence, dissent, spikes.
#include "council/aggregate.hpp"

#include "council/score_table.hpp"
#include "council/two_way_fit.hpp"
#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace conclave::council;

namespace {

constexpr double none = 0;  // no score

std::vector<candidate> candidates(std::size_t n) {
    std::vector<candidate> all;
    for (std::size_t i = 0; i < n; ++i)
        all.push_back({static_cast<std::int64_t>(i), static_cast<std::int64_t>(i), std::nullopt});
    return all;
}

/// One row for each critic, `none` where it gave no score; critic n has seat n.
std::vector<ballot> ballots(const std::vector<std::vector<double>>& rows) {
    std::vector<ballot> all;
    for (std::size_t j = 0; j < rows.size(); ++j) {
        all.push_back({static_cast<std::int64_t>(j), {}});
        for (const double score : rows[j]) {
            cell c;
            if (score != none) c.score = score;
            all.back().cells.push_back(c);
        }
    }
    return all;
}

turn_seed seed_of(const std::string& turn) { return make_turn_seed(turn, "config"); }

verdict judge(rule r, const std::vector<std::vector<double>>& rows) {
    return aggregate(r, candidates(rows.front().size()), ballots(rows), seed_of("turn"));
}

std::vector<std::int64_t> order(const verdict& v) {
    std::vector<std::int64_t> seats;
    for (const auto& p : v.ranking) seats.push_back(p.seat);
    return seats;
}

using seats = std::vector<std::int64_t>;

const std::vector<std::vector<double>> plain{{none, 5, 6, 3, 7},
                                             {8, none, 7, 4, 9},
                                             {6, 5, none, 2, 8},
                                             {9, 8, 8, none, 10},
                                             {7, 5, 6, 3, none}};

}  // namespace

TEST_CASE("rules are found by name, with and without their version") {
    CHECK(rule_of("robust/1", "rule").value() == rule::robust);
    CHECK(rule_of("robust", "rule").value() == rule::robust);
    CHECK(rule_of("mean", "rule").value() == rule::mean);
    CHECK(rule_of("borda/1", "rule").value() == rule::borda);
    CHECK(rule_of("external", "rule").value() == rule::external);
    const auto unknown = rule_of("robust/2", "council.rule");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().message.find("council.rule") != std::string::npos);
    CHECK(name_of(rule::robust) == "robust/1");
}

TEST_CASE("critics who agree are followed by every rule") {
    for (const auto r : {rule::robust, rule::mean, rule::borda}) {
        const auto v = judge(r, plain);
        CHECK(order(v) == seats{4, 0, 2, 1, 3});
        CHECK(v.rule == r);
        CHECK(v.basis == ranking_basis::compared);
        CHECK(v.winner().scores == 4);
        CHECK(v.winner().mean_score == 8.5);
        CHECK(v.margin > 0);
        CHECK(v.p_best.value() > 0.5);
        CHECK(v.agreement.value() > 0.9);
        CHECK(v.flip_critics.empty());
        CHECK_FALSE(v.contested);
        CHECK(v.dissent.empty());
        CHECK(v.spikes.empty());
        CHECK(v.weights.size() == 5);
    }
}

TEST_CASE("one hostile critic turns the mean and not the robust rule") {
    auto rows = plain;
    rows[0] = {none, 1, 1, 10, 1};  // for answer 3, which all others find worst
    rows[1] = {7, none, 6, 6, 8};
    CHECK(judge(rule::mean, {rows[0], rows[1]}).winner().seat == 3);
    CHECK(judge(rule::robust, rows).winner().seat == 4);
    const auto v = judge(rule::robust, rows);
    CHECK(v.weights[0] < 0.7);
    REQUIRE(v.dissent.size() == 1);
    CHECK(v.dissent[0].critic == 0);
    CHECK(v.dissent[0].prefers == 3);
    CHECK(v.dissent[0].winner_z < 0);
    REQUIRE(v.spikes.size() == 1);
    CHECK(v.spikes[0] == score_spike{0, 3});
}

TEST_CASE("the winner's author cannot dissent, and equals at the top are no dissent") {
    auto rows = plain;
    rows[4] = {9, 5, 6, 3, none};
    rows[0] = {none, 7, 6, 3, 7};
    const auto v = judge(rule::robust, rows);
    CHECK(v.winner().seat == 4);
    CHECK(v.dissent.empty());
}

TEST_CASE("who alone decides is a critic whose removal flips") {
    const auto v = judge(rule::mean, {{none, 5, 9}, {6, none, 5}, {6, 5, none}});
    CHECK(v.winner().seat == 2);
    CHECK(v.flip_critics == seats{0});
    CHECK(v.contested);
}

TEST_CASE("two answers that judge each other are ranked by what was said of each") {
    const auto v = judge(rule::robust, {{none, 7}, {8, none}});
    CHECK(v.basis == ranking_basis::absolute);
    CHECK(order(v) == seats{0, 1});
    CHECK(v.winner().quality == 8.0);
    CHECK_FALSE(v.p_best);
    CHECK_FALSE(v.agreement);
    CHECK(v.flip_critics.empty());
    CHECK_FALSE(v.contested);
}

TEST_CASE("an extra critic makes two answers comparable") {
    const auto v = judge(rule::robust, {{none, 7}, {7, none}, {4, 8}});
    CHECK(v.basis == ranking_basis::compared);
    CHECK(v.winner().seat == 1);
    CHECK(v.p_best);
}

TEST_CASE("without any score the members' priority decides") {
    auto cs = candidates(3);
    cs[1].priority = -1;
    const auto v = aggregate(rule::robust, cs, ballots({{none, none, none}}), seed_of("turn"));
    CHECK(v.basis == ranking_basis::unranked);
    CHECK(order(v) == seats{1, 0, 2});
    CHECK_FALSE(v.p_best);
    CHECK(v.weights == std::vector<double>{0});
    CHECK(aggregate(rule::borda, cs, {}, seed_of("turn")).winner().seat == 1);
}

TEST_CASE("one critic gives a ranking and no confidence") {
    const auto v = judge(rule::robust, {{4, 9, 6}});
    CHECK(order(v) == seats{1, 2, 0});
    CHECK_FALSE(v.p_best);
    CHECK_FALSE(v.agreement);
}

TEST_CASE("an answer that nobody scored comes last") {
    for (const auto r : {rule::robust, rule::mean, rule::borda}) {
        const auto v = judge(r, {{none, none, 3, 2}, {none, none, 3, none}, {none, none, none, 2}});
        CHECK(order(v) == seats{2, 3, 0, 1});
        CHECK(v.ranking[2].scores == 0);
        CHECK_FALSE(v.ranking[2].mean_score);
    }
}

TEST_CASE("scores off the scale and of unknown answers are passed over") {
    auto bs = ballots(plain);
    bs[0].cells[3].score = 11;
    bs[1].cells[3].score = std::numeric_limits<double>::quiet_NaN();
    bs[2].cells.push_back({9.0, false});
    bs[3].cells.resize(2);
    const auto v = aggregate(rule::robust, candidates(5), bs, seed_of("turn"));
    CHECK(v.winner().seat == 4);
    for (const auto& p : v.ranking) CHECK(std::isfinite(p.quality));
}

TEST_CASE("the host's own scores decide under external") {
    auto cs = candidates(4);
    cs[0].external_score = -5;
    cs[1].external_score = 0.25;
    cs[2].external_score = 0.5;
    const auto bs = ballots({{none, 9, 2, 5}, {8, none, 2, 5}});
    const auto v = aggregate(rule::external, cs, bs, seed_of("turn"));
    CHECK(v.basis == ranking_basis::external);
    CHECK(order(v) == seats{2, 1, 0, 3});
    CHECK_FALSE(v.p_best);
    CHECK(v.dissent.size() == 2);
    cs[2].external_score = std::numeric_limits<double>::quiet_NaN();
    CHECK(aggregate(rule::external, cs, bs, seed_of("turn")).winner().seat == 1);
}

TEST_CASE("ties fall to the worst opinion, more scores, fewer serious flaws, priority, the seed") {
    const std::vector<std::vector<double>> alike{
        {none, 7, 7, 7}, {7, none, 7, 7}, {7, 7, none, 7}, {7, 7, 7, none}};
    auto cs = candidates(4);
    auto bs = ballots(alike);
    CHECK(aggregate(rule::robust, cs, bs, seed_of("a")).margin == 0.0);
    CHECK(aggregate(rule::robust, cs, bs, seed_of("a")).winner().seat == 0);

    cs[2].priority = -1;
    CHECK(aggregate(rule::robust, cs, bs, seed_of("a")).winner().seat == 2);

    bs[0].cells[2].serious = true;
    bs[1].cells[0].serious = true;
    bs[0].cells[1].serious = true;
    CHECK(aggregate(rule::robust, cs, bs, seed_of("a")).winner().seat == 3);

    bs[0].cells[3].score.reset();  // all the same, but one score less

    CHECK(aggregate(rule::mean, cs, bs, seed_of("a")).ranking[3].seat == 3);
}

TEST_CASE("means that tie fall to the robust quality") {
    const std::vector<std::vector<double>> rows{
        {none, 6, 6, 2}, {6, none, 6, 2}, {4, 6, none, 2}, {8, 6, 6, none}};
    const auto means = judge(rule::mean, rows);
    const auto robust = judge(rule::robust, rows);
    CHECK(means.ranking[0].mean_score == means.ranking[2].mean_score);
    CHECK(order(means) == order(robust));
}

TEST_CASE("the last tie is drawn from the seed, fairly and for ever the same") {
    auto cs = candidates(3);
    for (auto& c : cs) c.priority = 0;
    std::vector<int> won(3);
    for (int turn = 0; turn < 3'000; ++turn) {
        const auto seed = seed_of(std::to_string(turn));
        const auto v = aggregate(rule::robust, cs, {}, seed);
        CHECK(aggregate(rule::robust, cs, {}, seed) == v);
        ++won[static_cast<std::size_t>(v.winner().seat)];
    }
    for (const int times : won) CHECK(std::abs(times - 1'000) < 5 * std::sqrt(1'000 * 2 / 3.0));
}

TEST_CASE("the order of critics and candidates changes nothing but rounding") {
    auto bs = ballots(plain);
    const auto v = aggregate(rule::robust, candidates(5), bs, seed_of("turn"));
    std::swap(bs[0], bs[3]);
    const auto swapped = aggregate(rule::robust, candidates(5), bs, seed_of("turn"));
    CHECK(order(v) == order(swapped));
    for (std::size_t i = 0; i < v.ranking.size(); ++i)
        CHECK(v.ranking[i].quality == Approx(swapped.ranking[i].quality));
}

TEST_CASE("the fit is where fitting by turns ends") {
    const auto seed = conclave::test::test_seed();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const auto draw = [&](int from, int to) {
        return std::uniform_int_distribution<int>(from, to)(random);
    };
    for (int round = 0; round < 200; ++round) {
        const auto critics = static_cast<std::size_t>(draw(1, 8));
        const auto answers = static_cast<std::size_t>(draw(1, 8));
        score_table scores(critics, answers);
        std::vector<double> weights;
        for (std::size_t j = 0; j < critics; ++j) {
            weights.push_back(draw(1, 20) / 10.0);
            for (std::size_t i = 0; i < answers; ++i)
                if (draw(0, 3) > 0) scores.set(j, i, draw(1, 10));
        }
        const auto fit = fit_two_way(scores, weights);
        std::vector<double> q(answers), b(critics);
        for (int turn = 0; turn < 5'000; ++turn) {
            for (std::size_t j = 0; j < critics; ++j) {
                double sum = 0, n = 0;
                for (std::size_t i = 0; i < answers; ++i)
                    if (scores.has(j, i))
                        sum += weights[j] * (scores.at(j, i) - fit.level - q[i]), n += weights[j];
                b[j] = sum / (n + 2);
            }
            for (std::size_t i = 0; i < answers; ++i) {
                double sum = 0, n = 0;
                for (std::size_t j = 0; j < critics; ++j)
                    if (scores.has(j, i))
                        sum += weights[j] * (scores.at(j, i) - fit.level - b[j]), n += weights[j];
                q[i] = sum / (n + 0.5);
            }
        }
        for (std::size_t i = 0; i < answers; ++i)
            CHECK(fit.quality[i] == Approx(q[i]).margin(1e-9));
        for (std::size_t j = 0; j < critics; ++j) CHECK(fit.offset[j] == Approx(b[j]).margin(1e-9));
    }
}
