// Reads prices.
#include "runtime/price_reader.hpp"

#include "metering/price.hpp"

#include <utility>

namespace conclave::runtime {

namespace {

void take(messaging::configuration& config, store::list_prices::answer&& prices) {
    for (auto& v : prices.versions) {
        auto price = metering::parse_price(v.usd_per_1k_tokens, v.usd_per_million);
        if (!price) continue;  // Stored prices were parsed when they were set.
        config.prices.add({v.id, v.provider, v.model, *price, v.effective_from, v.created_at});
    }
    config.price_generation = prices.generation;
}

}  // namespace

void read_prices(store::store& store, task_pool& readers, executor& executor,
                 messaging::configuration& config, completion<result<void>> done) {
    readers.run([&store, &executor, &config, done = std::move(done)]() mutable {
        auto prices = store::read(store, store::list_prices{});
        executor.post([&config, done = std::move(done), prices = std::move(prices)]() mutable {
            if (!prices) return done(std::move(prices).error());
            take(config, *std::move(prices));
            done(result<void>());
        });
    });
}

}  // namespace conclave::runtime
