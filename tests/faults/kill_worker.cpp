// A process that sends under shared keys until it is killed. Its parent is kill_loop, or one_key.
#include "faults/client_log.hpp"
#include "faults/planted_bugs.hpp"
#include "faults/worker_process.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

using namespace conclave;
using namespace conclave::faults;

namespace {

/// Events leave through the descriptor that the parent put in the place of stdin.
void tell(worker_event e) {
    const char byte = static_cast<char>(e);
    (void)!::write(STDIN_FILENO, &byte, 1);
}

void send_all(const gateway& gw, const crash_world& world, client_log& log,
              const worker_orders& orders, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int i = 0; i < orders.sends; ++i) {
        const world_key key{
            static_cast<int>(random() % world_tenants),
            orders.first_key + static_cast<int>(random() % static_cast<unsigned>(orders.keys))};
        auto request = world.request(key);
        if (random() % 8 == 0) request.deadline_ms = 1 + static_cast<std::int64_t>(random() % 20);
        log.add(key, world.messages(gw, key).send(std::move(request)));
        tell(worker_event::result);
    }
}

int work(const worker_orders& orders) {
    const auto world = crash_world::load(orders.world_file);
    client_log log(orders.client_file);
    auto gw = gateway::open(world.database, world.options()).value();
    world.equip(gw);
    tell(worker_event::opening);
    if (const auto opened = gw.prices().list(); !opened) {
        // Beside other processes, each of them killed at any time, only this may go wrong.
        const auto code = opened.error().code;
        if (code == errc::store_busy) return EXIT_SUCCESS;
        std::cerr << "kill_worker: open: " << opened.error().message << '\n';
        return EXIT_FAILURE;
    }
    std::vector<std::thread> threads;
    for (int t = 0; t < orders.threads; ++t)
        threads.emplace_back([&, t] {
            send_all(gw, world, log, orders, orders.seed * 64 + static_cast<unsigned>(t));
        });
    for (auto& t : threads) t.join();
    tell(worker_event::closing);
    gw.close();
    return EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** words) {
    if (count != 9 || !plant(words[8])) {
        std::cerr << "kill_worker WORLD LOG SEED FIRST_KEY KEYS THREADS SENDS BUG\n";
        return EXIT_FAILURE;
    }
    try {
        return work({words[1], words[2], std::strtoull(words[3], nullptr, 10), std::atoi(words[4]),
                     std::atoi(words[5]), std::atoi(words[6]), std::atoi(words[7]), words[8]});
    } catch (const std::exception& e) {
        std::cerr << "kill_worker: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
