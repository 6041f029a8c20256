// O8: a process dies with 10,000 calls open. They are taken from it within the time promised, and
// doing so again changes nothing.
#include "faults/client_log.hpp"
#include "faults/completion_round.hpp"
#include "faults/oracle.hpp"
#include "faults/scratch_folder.hpp"
#include "faults/sqlite_rows.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

using namespace conclave;
using namespace conclave::faults;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr int sessions_per_tenant = 5'000;
constexpr int open_keys = world_tenants * sessions_per_tenant;
constexpr milliseconds recovery_max{RECOVERY_MAX_MS};
constexpr milliseconds poll{5};
constexpr std::int64_t hour_ms = 60LL * 60 * 1'000;

std::int64_t count_open(const sqlite_rows& db) {
    std::int64_t open = 0;
    db.each("SELECT count(*) FROM send WHERE state = 1",
            [&](const sqlite_rows::row& row) { open = row.integer(0); });
    return open;
}

/// False if it takes longer.
bool await_open(const std::string& database, std::int64_t wanted, milliseconds longest) {
    const sqlite_rows db(database);
    const auto end = steady_clock::now() + longest;
    while (count_open(db) != wanted) {
        if (steady_clock::now() > end) return false;
        std::this_thread::sleep_for(poll);
    }
    return true;
}

/// Begins a call in every session and dies when all are open. Never returns.
[[noreturn]] void die_with_open_calls(const crash_world& world) {
    auto options = world.options();
    options.providers = callback_vendors("/dev/null", 0);
    for (auto& p : options.providers) {
        // No call may time out before the last one is open, however slow the machine.
        p.policy.attempt_timeout_ms = hour_ms;
        p.policy.total_timeout_ms = hour_ms;
        p.handler = [](const provider_request&) -> result<provider_reply> {
            std::this_thread::sleep_for(std::chrono::hours(1));
            return fail(errc::internal_error, "nobody waited for this");
        };
    }
    auto gw = gateway::open(world.database, options).value();
    for (const auto key : keys_below(2 * sessions_per_tenant)) {
        if (key.number % 2 != 0) continue;  // one call for each session
        world.messages(gw, key).start_send(world.request(key), [](result<reply>) {});
    }
    const bool all = await_open(world.database, open_keys, milliseconds(180'000));
    ::_exit(all ? EXIT_SUCCESS : EXIT_FAILURE);
}

bool check(bool ok, const std::string& what) {
    if (!ok) std::cout << "  " << what << '\n';
    return ok;
}

bool recovers() {
    const scratch_folder folder;
    crash_world world;
    world.database = folder.file("a.db");
    {
        auto gw = gateway::open(world.database, world.options()).value();
        world.found(gw, sessions_per_tenant);
        gw.close();
    }
    const pid_t child = ::fork();
    if (child == 0) die_with_open_calls(world);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!check(status == 0, "the calls did not become open")) return false;

    auto options = world.options();
    options.providers = callback_vendors(folder.file("journal"), 0);
    const auto open = [&] {
        auto gw = gateway::open(world.database, options).value();
        gw.prices().list().value();
        return gw;
    };
    const auto began = steady_clock::now();
    auto first = open();
    const bool in_time = await_open(world.database, 0, recovery_max);
    std::cout << open_keys << " open keys recovered in "
              << std::chrono::duration_cast<milliseconds>(steady_clock::now() - began).count()
              << " ms\n";
    if (!check(in_time, "recovery took too long")) return false;
    first.close();
    const auto before = ledger_text(world.database);
    auto second = open();
    second.close();
    if (!check(ledger_text(world.database) == before, "a second recovery changed something"))
        return false;

    client_log log(folder.file("client"));
    auto third = open();
    findings found;
    complete_all(third, world, log, {{0, 0}, {1, 0}, {0, 9'998}, {1, 9'998}}, found);
    const auto broken = broken_invariants(third);
    found.insert(found.end(), broken.begin(), broken.end());
    third.close();
    const auto more = judge({.journal_file = folder.file("journal"),
                             .client_file = folder.file("client"),
                             .database = world.database});
    found.insert(found.end(), more.begin(), more.end());
    show(found);
    return found.empty();
}

}  // namespace

int main() {
    try {
        return recovers() ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const std::exception& e) {
        std::cerr << "recovery: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
