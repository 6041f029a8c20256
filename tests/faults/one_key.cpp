// Everybody sends the same message under the same key at once: one call, one bill, equal replies.
#include "faults/client_log.hpp"
#include "faults/oracle.hpp"
#include "faults/scratch_folder.hpp"
#include "simulator/simulator_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <thread>
#include <vector>

using namespace conclave;
using namespace conclave::faults;

namespace {

constexpr world_key key{0, 0};
constexpr int callers = 256;

struct crowd {
    scratch_folder folder;
    simulator::simulator_process vendors{{"--no-quirks", "--journal-file", folder.file("journal")}};
    crash_world world;

    crowd() {
        vendors.control(R"({"target":"*","default":{"latency_ms":50}})");
        world.database = folder.file("a.db");
        world.vendors = vendors.base_url();
        world.full_durability = true;
        auto gw = gateway::open(world.database, world.options()).value();
        world.found(gw, 1);
        gw.close();
    }

    /// Opens, waits for `start`, and sends from so many threads.
    void send(int threads, const std::function<void()>& start) const {
        client_log log(folder.file("client"));
        auto gw = gateway::open(world.database, world.options()).value();
        gw.prices().list().value();
        start();
        std::vector<std::thread> all;
        for (int t = 0; t < threads; ++t)
            all.emplace_back(
                [&] { log.add(key, world.messages(gw, key).send(world.request(key))); });
        for (auto& t : all) t.join();
        gw.close();
    }

    findings judge_all() const {
        auto gw = gateway::open(world.database, world.options()).value();
        auto found = broken_invariants(gw);
        gw.close();
        const auto more = judge({.journal_file = folder.file("journal"),
                                 .client_file = folder.file("client"),
                                 .database = world.database,
                                 .finished = true});
        found.insert(found.end(), more.begin(), more.end());
        const auto told = client_log::read(folder.file("client"));
        const auto count = [&](auto which) {
            return std::count_if(told.begin(), told.end(), which);
        };
        if (count([](const client_entry& e) { return e.success; }) != callers)
            found.push_back("not every caller was told of success");
        if (count([](const client_entry& e) { return e.fresh; }) != 1)
            found.push_back("not exactly one caller was told that it was the first");
        if (vendors.count("openai") != 1)
            found.push_back(std::to_string(vendors.count("openai")) + " calls at the vendor");
        return found;
    }
};

findings one_process() {
    const crowd all;
    all.send(callers, [] {});
    return all.judge_all();
}

findings many_processes() {
    constexpr int processes = 8;
    const crowd all;
    int gate[2];
    if (::pipe(gate) != 0) throw std::runtime_error("no pipe");
    std::vector<pid_t> children;
    for (int i = 0; i < processes; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(gate[1]);
            char nothing = 0;
            all.send(callers / processes, [&] { (void)!::read(gate[0], &nothing, 1); });
            ::_exit(EXIT_SUCCESS);
        }
        children.push_back(child);
    }
    ::close(gate[0]);
    ::close(gate[1]);  // the gate opens: all reads end
    findings found;
    for (const auto child : children) {
        int status = 0;
        if (::waitpid(child, &status, 0) != child || status != 0)
            found.push_back("a process failed");
    }
    const auto more = all.judge_all();
    found.insert(found.end(), more.begin(), more.end());
    return found;
}

bool passes(const char* name, const findings& found) {
    std::cout << name << ": " << found.size() << " findings\n";
    show(found);
    return found.empty();
}

}  // namespace

int main() {
    try {
        const bool first = passes("1 process x 256 threads x 1 key", one_process());
        const bool second = passes("8 processes x 32 threads x 1 key", many_processes());
        return first && second ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const std::exception& e) {
        std::cerr << "one_key: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
