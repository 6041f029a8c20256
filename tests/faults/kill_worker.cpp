// A process that sends under shared keys until it is killed. Its parent is kill_loop, or one_key.
#include "faults/client_log.hpp"
#include "faults/planted_bugs.hpp"
#include "faults/worker_process.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>

using namespace conclave;
using namespace conclave::faults;

namespace {

/// Events leave through the descriptor that the parent put in the place of stdin.
void tell(worker_event e) {
    const char byte = static_cast<char>(e);
    (void)!::write(STDIN_FILENO, &byte, 1);
}

/// Sends and follows the answer as it comes, sometimes not to its end. Nothing for a consumer that
/// went away. What was shown must be what is stored in the end.
std::optional<result<reply>> follow(message_operations messages, send_request request,
                                    std::uint64_t dice) {
    auto stream = messages.stream(std::move(request));
    if (!stream) return std::move(stream).error();
    std::string shown;
    const auto enough = dice % 8 == 0 ? dice / 8 % 12 : ~std::uint64_t{0};
    for (std::uint64_t i = 0; i < enough; ++i) {
        auto event = stream->next();
        if (!event) return fail(errc::internal_error, "a stream ended without an end");
        if (event->type == stream_event_type::reset) shown.clear();
        if (event->type == stream_event_type::delta) {
            shown += event->text;
            tell(worker_event::piece);
        }
        if (event->reply && event->reply->message.content != shown)
            return fail(errc::internal_error, "a stream showed another text than was stored");
        if (event->reply) return *std::move(event->reply);
        if (event->error) return *std::move(event->error);
    }
    return std::nullopt;
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
        auto messages = world.messages(gw, key);
        if (!world.protocols || random() % 4 == 0)
            log.add(key, messages.send(std::move(request)));
        else if (const auto told = follow(messages, std::move(request), random()))
            log.add(key, *told);
        tell(worker_event::result);
    }
}

int work(const worker_orders& orders) {
    const auto world = crash_world::load(orders.world_file);
    client_log log(orders.client_file);
    auto gw = gateway::open(world.database, world.options()).value();
    world.equip(gw, [] { tell(worker_event::effect); });
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
