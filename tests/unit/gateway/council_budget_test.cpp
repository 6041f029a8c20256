// max_usd is a hard cap, whatever the models do within what they are allowed.
#include "council_house.hpp"
#include "model/turn.hpp"
#include "unit/test_seed.hpp"

#include <random>

using namespace house;

namespace {

/// Uses up all that it may: a token per byte of the prompt, every token of the answer.
class worst_model {
   public:
    worst_model(std::shared_ptr<council_model> inner, std::uint64_t seed)
        : inner_(std::move(inner)), dice_(seed) {}

    result<provider_reply> operator()(const provider_request& r) {
        auto reply = (*inner_)(r);
        const std::scoped_lock lock(mutex_);
        // The odd one fails in one way or another, paid for or not.
        if (dice_() % 6 == 0) return fail(errc::internal_error, "nobody knows");
        if (dice_() % 6 == 0) return fail(errc::provider_rejected, "no");
        if (!reply) return reply;
        reply->tokens->input = static_cast<std::int64_t>(bytes_of(r));
        reply->tokens->output = r.max_tokens.value_or(1'000'000);
        return reply;
    }

   private:
    std::shared_ptr<council_model> inner_;
    std::mutex mutex_;
    std::mt19937_64 dice_;
};

}  // namespace

TEST_CASE("no turn costs more than max_usd, exposure included") {
    const auto seed = test::test_seed();
    INFO("seed " << seed);
    std::mt19937_64 dice(seed);
    for (int round = 0; round < 40; ++round) {
        const auto models = make_models(2 + dice() % 5);
        open_options options = on_virtual_time();
        for (const auto& m : models) {
            options.providers.push_back(
                {.name = m->name,
                 .kind = provider_kind::callback,
                 .policy = {.retries = 0},
                 .handler = [w = std::make_shared<worst_model>(m, dice())](
                                const provider_request& r) { return (*w)(r); }});
            options.prices.push_back({.provider = m->name, .usd_per_1k_tokens = "0.001"});
        }
        const auto gw = gateway::open(":memory:", std::move(options)).value();
        auto o = options_of(models);
        o.max_usd =
            money::from_nano_usd(static_cast<std::int64_t>(5'000'000 + dice() % 60'000'000));
        o.mode = dice() % 2 == 0 ? council_mode::improve : council_mode::fuse;
        auto tenant = gw.tenant(gw.tenants().create({.name = "Acme"}).value().id);
        const auto agent =
            tenant.agents().create({.name = "Board", .max_tokens = 200, .council = o}).value();
        const household home{tenant, agent,
                             tenant.sessions().create({.agent_id = agent.id}).value()};
        const auto reply = home.send("key-1");
        money spent;
        for (const auto& a : home.attempts()) spent += a.cost.value_or(money());
        CHECK(spent <= *o.max_usd);
        if (reply) CHECK(*reply->metadata.usage.cost <= *o.max_usd);
        require_sound(gw);
    }
}
