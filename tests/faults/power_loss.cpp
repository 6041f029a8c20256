// The power goes at any point, also while the last loss is being recovered from: with full
// durability nothing that anybody was told is lost.
#include "faults/client_log.hpp"
#include "faults/completion_round.hpp"
#include "faults/default_vfs.hpp"
#include "faults/fault_vfs.hpp"
#include "faults/oracle.hpp"
#include "faults/planted_bugs.hpp"
#include "faults/scratch_folder.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string_view>
#include <thread>

using namespace conclave;
using namespace conclave::faults;

namespace {

constexpr int lives = 3;
constexpr int sessions_per_tenant = 8;
constexpr int keys = 16;
constexpr int threads = 3;
constexpr int sends_per_thread = 8;
constexpr int trouble_every = 7;
// A bit more than the changing calls of a life that nothing cuts short.
constexpr std::int64_t changes_of_creation = 120;
constexpr std::int64_t changes_of_work = 260;
constexpr std::chrono::microseconds poll{200};

/// One database through several losses of power.
class history {
   public:
    history(std::uint64_t seed, const std::string& template_file, const crash_world& founded)
        : random_(seed), world_(founded) {
        world_.database = folder_of(0) + "/a.db";
        if (random_() % 5 != 0) {
            std::filesystem::copy_file(template_file, world_.database);
            return;
        }
        live_and_lose_power(0);
        auto founding = world_.options();
        founding.durability = durability::process;
        auto gw = gateway::open(world_.database, founding).value();
        world_.found(gw, sessions_per_tenant);
        gw.close();
    }

    /// How many losses of power there were so far.
    int losses() const { return losses_; }

    findings run() {
        while (losses_ < lives) live_and_lose_power(sends_per_thread);
        world_.full_durability = false;  // The power stays on, and the disk is a real one.
        client_log log(client_file());
        auto gw = gateway::open(world_.database, options()).value();
        findings found;
        complete_all(gw, world_, log, keys_below(keys), found);
        const auto broken = broken_invariants(gw);
        found.insert(found.end(), broken.begin(), broken.end());
        gw.close();
        const auto more = judge({.journal_file = folder_.file("journal"),
                                 .client_file = client_file(),
                                 .database = world_.database,
                                 .finished = true});
        found.insert(found.end(), more.begin(), more.end());
        return found;
    }

    std::string keep() {
        folder_.keep();
        return folder_.path().string();
    }

   private:
    std::string folder_of(int life) const {
        const auto path = folder_.path() / ("disk" + std::to_string(life));
        std::filesystem::create_directories(path);
        return path.string();
    }
    std::string client_file() const { return folder_.file("client"); }

    open_options options() const {
        auto o = world_.options();
        o.providers = callback_vendors(folder_.file("journal"), trouble_every);
        return o;
    }

    /// Goes on with what the disk holds then.
    void live_and_lose_power(int sends) {
        const auto span = sends == 0 ? changes_of_creation : changes_of_work;
        const auto cut_at =
            1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(span));
        const auto seed = random_();
        const auto next = folder_of(++losses_);
        const pid_t child = ::fork();
        if (child == 0) {
            ::alarm(60);
            live(sends, cut_at, seed, next);
            ::_exit(EXIT_SUCCESS);
        }
        int status = 0;
        if (::waitpid(child, &status, 0) != child || status != 0)
            throw std::runtime_error("a process failed before the power did, files in " + keep());
        world_.database = next + "/a.db";
    }

    /// In a process of its own, which ends with the power.
    void live(int sends, std::int64_t cut_at, std::uint64_t seed, const std::string& next) {
        fault_vfs vfs("power");
        const default_vfs everywhere(vfs.name());
        vfs.cut_power_at(cut_at);
        std::atomic<bool> done{false};
        std::thread work([&] {
            client_log log(client_file());
            auto gw = gateway::open(world_.database, options()).value();
            const auto opened = gw.prices().list();
            if (opened) {
                send_all(gw, log, sends, seed);
            } else if (!vfs.power_is_off()) {
                std::cerr << "power_loss: open: " << opened.error().message << '\n';
                ::_exit(EXIT_FAILURE);
            }
            gw.close();
            done = true;
        });
        while (!done && !vfs.power_is_off()) std::this_thread::sleep_for(poll);
        vfs.materialise(next, seed);
        ::_exit(EXIT_SUCCESS);
    }

    void send_all(const gateway& gw, client_log& log, int sends, std::uint64_t seed) const {
        std::vector<std::thread> all;
        for (int t = 0; t < threads; ++t)
            all.emplace_back([&, t] {
                std::mt19937_64 random(seed + static_cast<std::uint64_t>(t));
                for (int i = 0; i < sends; ++i) {
                    const world_key key{static_cast<int>(random() % world_tenants),
                                        static_cast<int>(random() % keys)};
                    log.add(key, world_.messages(gw, key).send(world_.request(key)));
                }
            });
        for (auto& t : all) t.join();
    }

    std::mt19937_64 random_;
    scratch_folder folder_;
    crash_world world_;
    int losses_ = 0;
};

int run(int points, std::uint64_t seed, bool expect_finding) {
    const scratch_folder folder;
    crash_world world;
    world.full_durability = true;
    world.database = folder.file("template.db");
    {
        auto gw = gateway::open(world.database, world.options()).value();
        world.found(gw, sessions_per_tenant);
        gw.close();
    }
    int done = 0;
    std::size_t found = 0;
    for (; done < points && (found == 0 || !expect_finding); ++seed) {
        history h(seed, world.database, world);
        const auto facts = h.run();
        done += h.losses();
        found += facts.size();
        if (facts.empty()) continue;
        std::cout << facts.size() << " findings; seed " << seed << ", files in " << h.keep()
                  << '\n';
        show(facts);
    }
    std::cout << done << " losses of power, " << found << " findings\n";
    return (found != 0) == expect_finding ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** words) {
    int points = 1'000;
    std::uint64_t seed = 1;
    bool expect_finding = false;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        const char* value = i + 1 < count ? words[i + 1] : "";
        if (word == "--expect-finding") {
            expect_finding = true;
            continue;
        }
        ++i;
        if (word == "--points") {
            points = std::atoi(value);
        } else if (word == "--seed") {
            seed = std::strtoull(value, nullptr, 10);
        } else if (word != "--bug" || !plant(value)) {
            std::cerr << "power_loss [--points N] [--seed S] [--bug NAME] [--expect-finding]\n";
            return EXIT_FAILURE;
        }
    }
    try {
        return run(points, seed, expect_finding);
    } catch (const std::exception& e) {
        std::cerr << "power_loss: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
