// Who sees which answers, in which order, under which labels.
#include "council/labels.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

using namespace conclave::council;

namespace {

std::vector<participant> seats(std::size_t n, std::size_t first = 0) {
    std::vector<participant> all;
    for (std::size_t i = first; i < first + n; ++i)
        all.push_back({static_cast<std::int64_t>(i), "model" + std::to_string(i)});
    return all;
}

turn_seed seed_of(int n) { return make_turn_seed(std::to_string(n), "config"); }

bool shows(const critic_view& view, std::int64_t seat) {
    return std::any_of(view.answers.begin(), view.answers.end(),
                       [&](const auto& a) { return a.seat == seat; });
}

std::map<std::int64_t, std::size_t> critics_of_answers(const std::vector<critic_view>& views) {
    std::map<std::int64_t, std::size_t> counts;
    for (const auto& view : views)
        for (const auto& answer : view.answers) ++counts[answer.seat];
    return counts;
}

}  // namespace

TEST_CASE("every critic sees every answer but its own") {
    for (std::size_t n = 2; n <= 9; ++n) {
        const auto views = plan_critique(seed_of(1), seats(n), seats(n));
        REQUIRE(views.size() == n);
        for (const auto& view : views) {
            CHECK(view.answers.size() == n - 1);
            CHECK_FALSE(shows(view, view.critic));
        }
    }
    const auto six = plan_critique(seed_of(2), seats(6), seats(6));
    std::size_t pairs = 0;
    for (const auto& view : six) pairs += view.answers.size();
    CHECK(pairs == 30);
}

TEST_CASE("extra critics and members without an answer see all") {
    const auto views = plan_critique(seed_of(3), seats(3), seats(5));
    REQUIRE(views.size() == 5);
    CHECK(views[3].answers.size() == 3);
    CHECK(views[4].answers.size() == 3);
}

TEST_CASE("nothing to judge, no views") {
    CHECK(plan_critique(seed_of(1), {}, seats(3)).empty());
    CHECK(plan_critique(seed_of(1), seats(3), {}).empty());
    CHECK(plan_critique(seed_of(1), seats(1), seats(1)).empty());
}

TEST_CASE("a plan depends on the seed and not on the order of its input") {
    auto answers = seats(5);
    auto critics = seats(6);
    const auto plan = plan_critique(seed_of(1), answers, critics);
    std::reverse(answers.begin(), answers.end());
    std::rotate(critics.begin(), critics.begin() + 2, critics.end());
    CHECK(plan_critique(seed_of(1), answers, critics) == plan);
    CHECK(plan_critique(seed_of(2), answers, critics) != plan);
    CHECK(make_turn_seed("ab", "c") != make_turn_seed("a", "bc"));
}

TEST_CASE("this plan is the same for ever") {
    const auto views = plan_critique(make_turn_seed("turn", "hash"), seats(3), seats(3));
    std::string text;
    for (const auto& view : views) {
        text += std::to_string(view.critic) + ":";
        for (const auto& a : view.answers) text += " " + a.label + std::to_string(a.seat);
        text += "\n";
    }
    CHECK(text == "0: VWFN2 PWHV1\n1: JNRH0 NXVW2\n2: FXRW1 XJNH0\n");
}

TEST_CASE("labels are four consonants that no digit looks like, all different") {
    std::set<std::string> labels;
    for (const auto& view : plan_critique(seed_of(1), seats(9), seats(9))) {
        for (const auto& a : view.answers) {
            CHECK(a.label.size() == label_letters);
            CHECK(a.label.find_first_not_of("CFHJKMNPRTVWX") == std::string::npos);
            CHECK(std::set<char>(a.label.begin(), a.label.end()).size() == label_letters);
            CHECK(labels.insert(a.label).second);
        }
    }
}

TEST_CASE("over a turn each answer stands in each place once") {
    for (std::size_t n = 2; n <= 9; ++n) {
        std::set<std::pair<std::int64_t, std::size_t>> places;
        for (const auto& view : plan_critique(seed_of(1), seats(n), seats(n)))
            for (std::size_t at = 0; at < view.answers.size(); ++at)
                CHECK(places.emplace(view.answers[at].seat, at).second);
        CHECK(places.size() == n * (n - 1));
    }
}

TEST_CASE("over turns no answer is shown first to a critic more often than another") {
    std::map<std::pair<std::int64_t, std::int64_t>, int> firsts;
    constexpr int turns = 4'000;
    for (int t = 0; t < turns; ++t)
        for (const auto& view : plan_critique(seed_of(t), seats(4), seats(5)))
            ++firsts[{view.critic, view.answers.front().seat}];
    CHECK(firsts.size() == 4 * 3 + 4);
    for (const auto& [pair, count] : firsts) {
        const double share = pair.first < 4 ? 1 / 3.0 : 1 / 4.0;
        CHECK(std::abs(count - turns * share) < 5 * std::sqrt(turns * share * (1 - share)));
    }
}

TEST_CASE("sampled critics are drawn fairly and stand evenly spaced") {
    std::map<std::int64_t, int> drawn;
    constexpr int turns = 3'000;
    for (int t = 0; t < turns; ++t) {
        const auto views = plan_critique(seed_of(t), seats(6), seats(6), 4);
        REQUIRE(views.size() == 4);
        for (const auto& view : views) ++drawn[view.critic];
        const auto extra = plan_critique(seed_of(t), seats(4), seats(3, 10));
        std::set<std::int64_t> firsts;
        for (const auto& view : extra) firsts.insert(view.answers.front().seat);
        CHECK(firsts.size() == 3);
    }
    for (const auto& [critic, count] : drawn) CHECK(std::abs(count - turns * 4 / 6) < 150);
    CHECK(plan_critique(seed_of(1), seats(3), seats(3), 9).size() == 3);
}

TEST_CASE("other seats of a critic's model are left out while three critics remain") {
    auto five = seats(5);
    five[1].model = five[0].model;
    const auto views = plan_critique(seed_of(1), five, five);
    CHECK_FALSE(shows(views[0], 1));
    CHECK_FALSE(shows(views[1], 0));
    CHECK(shows(views[2], 0));

    auto four = seats(4);
    four[1].model = four[0].model;
    CHECK(shows(plan_critique(seed_of(1), four, four)[0], 1));

    auto alike = seats(6);
    for (auto& seat : alike) seat.model = "one";
    const auto all_alike = plan_critique(seed_of(1), alike, alike);
    for (const auto& [seat, critics] : critics_of_answers(all_alike)) CHECK(critics >= 3);
    for (const auto& view : all_alike) CHECK(view.answers.size() >= 2);
}

TEST_CASE("an extra critic does not judge its own model's answers") {
    auto critics = seats(6);
    critics[5].model = critics[0].model;
    const auto views = plan_critique(seed_of(1), seats(5), critics);
    CHECK_FALSE(shows(views[5], 0));
    CHECK(views[5].answers.size() == 4);
}
