// Every I/O call of several scenarios fails, once and for ever: a clear error, no invariant broken,
// and afterwards the same gateway works on.
#include "faults/client_log.hpp"
#include "faults/completion_round.hpp"
#include "faults/default_vfs.hpp"
#include "faults/fault_vfs.hpp"
#include "faults/oracle.hpp"
#include "faults/planted_bugs.hpp"
#include "faults/scratch_folder.hpp"
#include "faults/sqlite_rows.hpp"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <thread>

using namespace conclave;
using namespace conclave::faults;

namespace {

constexpr int sessions_per_tenant = 3;
constexpr int trouble_every = 2;  // so that there are retries and fallbacks
constexpr std::int64_t points_max = 5'000;
constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1'000;

// Neighbours share a session: each of these has its own.
const std::vector<world_key> old_keys{{0, 0}, {1, 0}};  ///< answered in the template
const std::vector<world_key> new_keys{{0, 2}, {1, 2}};  ///< never seen
const std::vector<world_key> lost_keys{{0, 4}};         ///< their owner died

/// The databases with which scenarios begin.
struct templates {
    scratch_folder folder;
    crash_world world;

    std::string journal() const { return folder.file("journal"); }
    std::string client() const { return folder.file("client"); }

    templates() {
        world.database = folder.file("a.db");
        open_and([&](gateway& gw) {
            world.found(gw, sessions_per_tenant);
            client_log log(client());
            findings found;
            complete_all(gw, world, log, old_keys, found);
        });
        lose_an_owner();
    }

   private:
    open_options options() const {
        auto o = world.options();
        o.providers = callback_vendors(journal(), 0);
        return o;
    }
    void open_and(const std::function<void(gateway&)>& work) const {
        auto gw = gateway::open(world.database, options()).value();
        work(gw);
        gw.close();
    }
    void lose_an_owner() const {
        const pid_t child = ::fork();
        if (child == 0) {
            auto o = options();
            for (auto& p : o.providers)
                p.handler = [](const provider_request&) -> result<provider_reply> {
                    ::_exit(EXIT_SUCCESS);
                };
            auto gw = gateway::open(world.database, o).value();
            (void)world.messages(gw, lost_keys[0]).send(world.request(lost_keys[0]));
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        std::int64_t open = 0;
        sqlite_rows(world.database)
            .each("SELECT count(*) FROM send WHERE state = 1",
                  [&](const sqlite_rows::row& row) { open = row.integer(0); });
        if (open != 1) throw std::runtime_error("no owner was lost");
    }
};

/// Lets virtual time run on while callers wait, so that no back-off takes real time.
class hasty_time {
   public:
    explicit hasty_time(const gateway& gw)
        : pump_([this, gw] {
              while (!stop_) {
                  (void)gw.advance(virtual_step_ms);
                  std::this_thread::sleep_for(real_step);
              }
          }) {}
    ~hasty_time() {
        stop_ = true;
        pump_.join();
    }
    hasty_time(const hasty_time&) = delete;
    hasty_time& operator=(const hasty_time&) = delete;

   private:
    static constexpr std::int64_t virtual_step_ms = 20;
    static constexpr std::chrono::microseconds real_step{200};
    std::atomic<bool> stop_{false};
    std::thread pump_;
};

/// One database on which one call fails, between arm() and heal().
class stage {
   public:
    stage(const templates& from, fault_vfs& vfs, io_fault fault, bool empty)
        : vfs_(vfs), fault_(std::move(fault)), world(from.world), log_(folder.file("client")) {
        world.database = folder.file("a.db");
        world.full_durability = true;
        if (empty) return;
        for (const char* end : {"", "-wal"})
            if (std::filesystem::exists(from.world.database + end))
                std::filesystem::copy_file(from.world.database + end, world.database + end);
        for (const char* name : {"journal", "client"})
            std::filesystem::copy_file(from.folder.file(name), folder.file(name),
                                       std::filesystem::copy_options::overwrite_existing);
    }

    void arm() { vfs_.fail(fault_); }
    void heal() { vfs_.heal(); }

    gateway open() const {
        auto o = world.options();
        o.busy_timeout_ms = 200;
        o.clock = clock_kind::virtual_time;
        // The handlers run in real time.
        o.policy.attempt_timeout_ms = o.policy.total_timeout_ms = day_ms;
        o.providers = callback_vendors(folder.file("journal"), trouble_every);
        return gateway::open(world.database, o).value();
    }
    /// The first use opens the file; an error must be a clear one.
    void touch(const gateway& gw) { expect_clear("open", gw.prices().list()); }
    void send(const gateway& gw, const std::vector<world_key>& keys) {
        const hasty_time runs(gw);
        for (const auto key : keys) log_.add(key, world.messages(gw, key).send(world.request(key)));
    }
    template <class T>
    void expect_clear(const char* what, const result<T>& r) {
        if (r) return;
        const auto code = r.error().code;
        if (code != errc::store_unavailable && code != errc::store_busy)
            found.push_back(std::string(what) + " gave " + std::string(to_string(code)) + ": " +
                            r.error().message);
    }
    void expect(bool ok, const std::string& what) {
        if (!ok) found.push_back(what);
    }

    /// The gateway, not opened anew, brings all keys to their end; then the oracle speaks.
    void finish(gateway& gw) {
        heal();
        std::vector<world_key> keys = old_keys;
        keys.insert(keys.end(), new_keys.begin(), new_keys.end());
        keys.insert(keys.end(), lost_keys.begin(), lost_keys.end());
        {
            const hasty_time runs(gw);
            complete_all(gw, world, log_, keys, found);
        }
        const auto broken = broken_invariants(gw);
        found.insert(found.end(), broken.begin(), broken.end());
        gw.close();
        const auto more = judge({.journal_file = folder.file("journal"),
                                 .client_file = folder.file("client"),
                                 .database = world.database,
                                 .finished = true});
        found.insert(found.end(), more.begin(), more.end());
    }

   private:
    fault_vfs& vfs_;
    const io_fault fault_;

   public:
    scratch_folder folder;
    crash_world world;
    findings found;

   private:
    client_log log_;
};

std::int64_t count_tenants(const std::string& database, const std::string& name) {
    std::int64_t count = 0;
    sqlite_rows(database).each("SELECT count(*) FROM tenant WHERE name = '" + name + "'",
                               [&](const sqlite_rows::row& row) { count = row.integer(0); });
    return count;
}

// --- Scenarios ----------------------------------------------------------------------------------

void migrate_new_file(stage& s) {
    s.arm();
    auto gw = s.open();
    s.touch(gw);
    s.heal();
    s.world.found(gw, sessions_per_tenant);
    s.finish(gw);
}

void open_old_file(stage& s) {
    s.arm();
    auto gw = s.open();
    s.touch(gw);
    s.finish(gw);
}

void send_new(stage& s) {
    auto gw = s.open();
    s.touch(gw);
    s.arm();
    s.send(gw, new_keys);
    s.finish(gw);
}

void replay_old(stage& s) {
    auto gw = s.open();
    s.touch(gw);
    s.arm();
    s.send(gw, old_keys);
    s.finish(gw);
}

void recover_lost(stage& s) {
    s.arm();
    auto gw = s.open();
    s.touch(gw);
    s.send(gw, lost_keys);
    s.finish(gw);
}

void close_and_reopen(stage& s) {
    auto first = s.open();
    s.send(first, new_keys);
    s.arm();
    first.close();
    s.heal();
    auto gw = s.open();
    s.finish(gw);
}

void back_up(stage& s) {
    auto gw = s.open();
    s.send(gw, new_keys);
    const auto copy = s.folder.file("copy.db");
    s.arm();
    const auto done = gw.backup(copy);
    s.heal();
    s.expect_clear("backup", done);
    s.expect(done.has_value() == std::filesystem::exists(copy), "half a backup was left");
    const auto again = s.folder.file("again.db");
    s.expect(gw.backup(again).has_value(), "no backup after the fault");
    for (const auto& file : {copy, again}) {
        if (!std::filesystem::exists(file)) continue;
        s.expect(unsound(file).empty(), "the backup is unsound");
        s.expect(ledger_text(file) == ledger_text(s.world.database), "the backup differs");
    }
    s.finish(gw);
}

/// "On failure nothing changed": what a restart finds then is looked at, too.
void create_tenant(stage& s) {
    auto gw = s.open();
    s.send(gw, lost_keys);  // else its recovery could overwrite what a failed commit left
    s.arm();
    const auto created = gw.tenants().create({.name = "New"});
    s.heal();
    s.expect_clear("create", created);
    const auto restart = s.folder.file("restart.db");
    for (const char* end : {"", "-wal"})
        if (std::filesystem::exists(s.world.database + end))
            std::filesystem::copy_file(s.world.database + end, restart + end);
    if (created)
        s.expect(count_tenants(restart, "New") == 1, "a tenant that was created is missing");
    else if (!says_in_doubt(created.error()))
        s.expect(count_tenants(restart, "New") == 0, "a tenant that was refused is there");
    s.expect(gw.tenants().create({.name = "Last"}).has_value(), "no tenant after the fault");
    s.finish(gw);
}

struct scenario {
    const char* name;
    void (*run)(stage&);
    bool empty = false;  ///< begins without a file
};

constexpr scenario scenarios[] = {
    {"migrate", migrate_new_file, true},
    {"open", open_old_file},
    {"send", send_new},
    {"replay", replay_old},
    {"recover", recover_lost},
    {"close", close_and_reopen},
    {"backup", back_up},
    {"create", create_tenant},
};

/// Readers' calls come in between as they like; a kind of call that only the writer makes is met at
/// each of its points in every run.
const io_fault kinds[] = {
    {.for_ever = false},
    {.for_ever = true},
    {.for_ever = false, .only = io_call::sync},
    {.for_ever = true, .only = io_call::sync},
    {.for_ever = false, .only = io_call::write, .code = SQLITE_FULL},
    {.for_ever = true, .only = io_call::write, .code = SQLITE_FULL},
};

/// Runs the scenario with the first, second ... call failing, until none is left to fail.
std::size_t at_each_point(const scenario& each, const templates& from, fault_vfs& vfs) {
    const auto began = std::chrono::steady_clock::now();
    std::int64_t points = 0;
    std::size_t found = 0;
    for (auto fault : kinds) {
        bool untouched = false;
        for (fault.nth = 1; !untouched && fault.nth < points_max; ++fault.nth, ++points) {
            stage s(from, vfs, fault, each.empty);
            each.run(s);
            untouched = vfs.failed() == 0;
            if (s.found.empty()) continue;
            found += s.found.size();
            s.folder.keep();
            std::cout << each.name << ", call " << fault.nth
                      << (fault.for_ever ? " and all later ones" : "")
                      << (fault.code ? ", disk full" : "") << ", files in "
                      << s.folder.path().string() << '\n';
            show(s.found);
        }
    }
    std::cout << each.name << ": " << points << " fault points, " << found << " findings, "
              << std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()
              << " s" << std::endl;
    return found;
}

int run(std::string_view only, bool expect_finding) {
    const templates from;
    fault_vfs vfs("faults");
    const default_vfs everywhere(vfs.name());
    std::size_t found = 0;
    for (const auto& each : scenarios)
        if (only.empty() || only == each.name) found += at_each_point(each, from, vfs);
    return (found != 0) == expect_finding ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** words) {
    std::string_view only;
    bool expect_finding = false;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        const char* value = i + 1 < count ? words[i + 1] : "";
        if (word == "--expect-finding") {
            expect_finding = true;
            continue;
        }
        ++i;
        if (word == "--scenario") {
            only = value;
        } else if (word != "--bug" || !plant(value)) {
            std::cerr << "io_faults [--scenario NAME] [--bug NAME] [--expect-finding]\n";
            return EXIT_FAILURE;
        }
    }
    try {
        return run(only, expect_finding);
    } catch (const std::exception& e) {
        std::cerr << "io_faults: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
