// Cost must not grow with history.
#include "measure.hpp"
#include "scenarios.hpp"
#include "workload.hpp"

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

namespace bench {

namespace {

latencies time_sends(workload& sends, int samples) {
    latencies each;
    for (int i = 0; i < samples; ++i) {
        const auto start = wall_us();
        sends.send(i % 64);
        each.add(wall_us() - start);
    }
    return each;
}

/// Real sends from many callers: the history is what the gateway itself writes.
void fill(workload& sends, int count) {
    std::atomic<int> left{count};
    std::vector<std::thread> threads;
    for (int c = 0; c < 64; ++c)
        threads.emplace_back([&, c] {
            while (--left >= 0) sends.send(c);
        });
    for (auto& t : threads) t.join();
}

}  // namespace

void long_history(const run_length& l) {
    std::printf("a store with %d messages against an empty one, one caller, durability full\n",
                2 * l.history_sends);
    scratch_folder folder;
    {
        workload filling(folder.file("full.db"), {.sessions = 64, .full = false});
        fill(filling, l.history_sends);
        latencies rollups;
        for (int i = 0; i < 200; ++i) {
            const auto start = wall_us();
            (void)filling.tenant().usage().rollup("2026-11-01", "2026-11-30").value();
            rollups.add(wall_us() - start);
        }
        std::printf("  a month's roll-up of the tenant: p50 %.2f ms, p99 %.2f ms (below 5)\n",
                    rollups.percentile(0.5) / 1000, rollups.percentile(0.99) / 1000);
        filling.gateway().close();
    }
    workload aged(folder.file("full.db"), {.sessions = 64});
    workload fresh(folder.file("empty.db"), {.sessions = 64});
    latencies old_sends;
    latencies new_sends;
    for (int round = 0; round < 10; ++round) {  // interleaved: both see the same machine
        old_sends.add(time_sends(aged, l.samples / 10));
        new_sends.add(time_sends(fresh, l.samples / 10));
    }
    std::printf("  aged  p50 %.1f us, p99 %.1f us\n", old_sends.percentile(0.5),
                old_sends.percentile(0.99));
    std::printf("  fresh p50 %.1f us, p99 %.1f us\n", new_sends.percentile(0.5),
                new_sends.percentile(0.99));
    std::printf("  ratio of p99 %.2f (at most 1.3)\n",
                old_sends.percentile(0.99) / new_sends.percentile(0.99));
}

}  // namespace bench
