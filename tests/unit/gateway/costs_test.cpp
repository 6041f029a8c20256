// Money is exact: random costs sum to the roll-up's last digit.
#include "house.hpp"
#include "unit/test_seed.hpp"

#include <atomic>
#include <cstdint>
#include <random>

using namespace house;

namespace {

constexpr int callers = 16;
constexpr std::int64_t turns_per_session = 8;

std::vector<scripted_reply> random_replies(std::mt19937_64& random) {
    std::uniform_int_distribution<std::int64_t> tokens(0, 99'999);
    std::vector<scripted_reply> replies;
    for (int i = 0; i < 997; ++i) replies.push_back(answering("x", tokens(random), tokens(random)));
    return replies;
}

/// What the replies to `sends` messages say that they cost.
std::int64_t pay(const household& home, std::int64_t sends) {
    std::atomic<std::int64_t> begun{0};
    std::atomic<std::int64_t> nano_usd{0};
    std::atomic<std::int64_t> failed{0};
    const auto talk = [&] {
        auto mine = home;
        for (std::int64_t turn = 0;; ++turn) {
            const auto number = begun++;
            if (number >= sends) return;
            if (turn % turns_per_session == 0)
                mine.session = home.tenant.sessions().create({.agent_id = home.agent.id}).value();
            const auto reply = mine.send("key-" + std::to_string(number));
            if (reply)
                nano_usd += reply->metadata.usage.cost->nano_usd();
            else
                ++failed;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < callers; ++i) threads.emplace_back(talk);
    for (auto& t : threads) t.join();
    CHECK(failed == 0);
    return nano_usd;
}

void check_sum(std::int64_t sends) {
    const auto seed = conclave::test::test_seed();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const scratch folder;
    auto vendor = scripted("vendor", random_replies(random));
    vendor.concurrency = callers;
    auto options = on_virtual_time();
    options.durability = conclave::durability::process;
    options.providers = {std::move(vendor)};
    auto gw = gateway::open(folder.file(), std::move(options)).value();
    gw.prices()
        .set({.provider = "vendor",
              .usd_per_million = {{.input = "0.150001", .output = "0.600007"}}})
        .value();
    auto tenant = gw.tenant(gw.tenants().create({.name = "Acme"}).value().id);
    auto agent = tenant.agents().create({.name = "Random", .primary = "vendor"}).value();
    const household home{tenant, agent, {}};

    const auto sum = pay(home, sends);
    const auto bill = tenant.usage().rollup(first_day, last_day).value();
    CHECK(bill.totals.messages == sends);
    CHECK(bill.totals.cost.nano_usd() == sum);
    require_sound(gw);
}

}  // namespace

TEST_CASE("random costs sum to the last digit") { check_sum(2'000); }

TEST_CASE("a million random costs sum to the last digit", "[.][million]") { check_sum(1'000'000); }
