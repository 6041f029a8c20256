// Sends again until the end.
#include "faults/completion_round.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace conclave::faults {

namespace {

constexpr int callers = 4;
constexpr int tries = 60;

enum class ending { done, doubtful, stuck };

ending complete(const gateway& gw, const crash_world& world, client_log& log, world_key key,
                errc& last) {
    for (int i = 0; i < tries; ++i) {
        const auto told = world.messages(gw, key).send(world.request(key));
        log.add(key, told);
        if (told) return ending::done;
        last = told.error().code;
        if (last == errc::provider_rejected) return ending::done;
        const auto& details = told.error().details;
        const bool by_tool = std::any_of(details.begin(), details.end(),
                                         [](const auto& d) { return d.key == "tool"; });
        if (last == errc::outcome_unknown && (world.strict || by_tool)) return ending::doubtful;
        if (!told.error().retryable()) return ending::stuck;
    }
    return ending::stuck;
}

}  // namespace

std::vector<world_key> complete_all(const gateway& gw, const crash_world& world, client_log& log,
                                    const std::vector<world_key>& keys, findings& found) {
    std::vector<world_key> doubtful;
    std::mutex mutex;  // of the results
    std::atomic<std::size_t> next{0};
    const auto call = [&] {
        for (std::size_t i = next++; i < keys.size(); i = next++) {
            auto last = errc::internal_error;
            const auto end = complete(gw, world, log, keys[i], last);
            if (end == ending::done) continue;
            const std::lock_guard lock(mutex);
            if (end == ending::doubtful)
                doubtful.push_back(keys[i]);
            else
                found.push_back("O7 " + keys[i].content() + ": does not come to its end, last " +
                                std::string(to_string(last)));
        }
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < callers; ++t) threads.emplace_back(call);
    for (auto& t : threads) t.join();
    return doubtful;
}

std::vector<world_key> keys_below(int number) {
    std::vector<world_key> keys;
    for (int n = 0; n < number; ++n)
        for (int t = 0; t < world_tenants; ++t) keys.push_back({t, n});
    return keys;
}

}  // namespace conclave::faults
