// Kills processes in the middle of deliberations, at each of their commits and at any time, lets
// the next one go on, and compares what came of it with what had to.
#include "faults/commit_kill.hpp"
#include "faults/council_oracle.hpp"
#include "faults/planted_bugs.hpp"
#include "faults/scratch_folder.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

using namespace conclave;
using namespace conclave::faults;

namespace {

struct loop_options {
    int kills = 100;       ///< at random times
    int kills_of_one = 1;  ///< how often one turn is killed at its commits: 0, 1 or 2 times
    std::uint64_t seed = std::random_device{}();
    std::string profile = "both";
    bool expect_finding = false;
};

/// One place in one run of a turn.
struct boundary {
    int commit = 0;
    commit_side side = commit_side::before;
};

/// How a child ended.
enum class child_end { answered, in_doubt, killed, failed };

/// Runs in a child process: what it opens dies with it.
template <class F>
pid_t in_child(F f) {
    const auto pid = ::fork();
    if (pid != 0) return pid;
    int code = static_cast<int>(child_end::failed);
    try {
        code = static_cast<int>(f());
    } catch (const std::exception& e) {
        std::cerr << "a child failed: " << e.what() << std::endl;
    }
    ::_exit(code);
}

child_end wait_for(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return child_end::killed;
    return WIFEXITED(status) ? static_cast<child_end>(WEXITSTATUS(status)) : child_end::failed;
}

/// Turns of one council, one after another, and what was found wrong with them.
class campaign {
   public:
    campaign(const loop_options& o, bool strict) : dice_(o.seed) {
        world_.database = folder_.file("app.db");
        world_.journal = folder_.file("journal");
        world_.strict = strict;
    }

    /// The ids come out of a child, as this process must not open a gateway before it forks.
    void begin() {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        const auto founder = in_child([&] {
            world_.found();
            const auto ids = world_.tenant + world_.session;
            const bool told = ::write(ends[1], ids.data(), ids.size()) > 0;
            return told ? child_end::answered : child_end::failed;
        });
        if (wait_for(founder) != child_end::answered) throw std::runtime_error("no world");
        char ids[256] = {};
        const auto bytes = ::read(ends[0], ids, sizeof ids);
        ::close(ends[0]);
        ::close(ends[1]);
        const std::string both(ids, static_cast<std::size_t>(bytes));
        world_.tenant = both.substr(0, both.find("ses_"));
        world_.session = both.substr(world_.tenant.size());
    }

    /// A turn for each boundary; with `depth` 2 one for each boundary of each of their recoveries.
    void kill_at_commits(int depth, const std::vector<boundary>& earlier = {}) {
        for (const auto side : {commit_side::before, commit_side::after})
            for (int commit = 1;; ++commit) {
                auto places = earlier;
                places.push_back({commit, side});
                if (!kill_turn(places)) break;
                if (depth > 1) kill_at_commits(depth - 1, places);
            }
    }

    /// Turn after turn by one process after another.
    void kill_at_random(int kills) {
        auto number = turns_;
        auto to_come = expect(number);
        for (int i = 0; i < kills; ++i) {
            kill_someday(number);
            for (; read_turn(world_.database, number).succeeded || !to_come; ++number) {
                check_text(number, to_come);
                to_come = expect(number + 1);
            }
            to_come = expect(number);
        }
        turns_ = number;
        finish(turns_++, to_come);
        random_kills_ += kills;
    }

    /// What all turns together must be.
    void judge() {
        const auto heard = read_calls_heard(world_.journal);
        int answered = 0;
        for (int number = 0; number < turns_; ++number) {
            const auto turn = read_turn(world_.database, number);
            if (turn.succeeded) ++answered;
            if (turn.succeeded && turn.text != undisturbed_text(number)) ++disturbed_;
            for (auto& f : judge_calls(turn, number, heard, world_.strict)) found_.push_back(f);
        }
        const auto gw = world_.open();
        for (auto& f : broken_invariants(gw)) found_.push_back(f);
        const auto bill =
            gw.tenant(tenant_id(world_.tenant)).usage().rollup("2020-01-01", "2029-12-31").value();
        if (bill.totals.messages != answered)
            found_.push_back("billed are " + std::to_string(bill.totals.messages) +
                             " messages of " + std::to_string(answered));
    }

    void report() const {
        std::cout << (world_.strict ? "strict" : "default") << ": " << kills_at_commits_
                  << " kills at commits, " << random_kills_ << " at random times, " << turns_
                  << " turns, " << disturbed_ << " answers without what was lost, " << found_.size()
                  << " findings" << std::endl;
        show(found_);
        std::cout.flush();  // the child that plays leaves by _exit
    }

    const findings& found() const { return found_; }

   private:
    /// Kills a new turn at one place after another, each in a process of its own, and lets the last
    /// one finish it. False if it came to its end before the last of them.
    bool kill_turn(const std::vector<boundary>& places) {
        const auto number = turns_++;
        bool killed = true;
        for (const auto& p : places) {
            const auto to_come = expect(number);
            killed = run(number, p) == child_end::killed;
            if (killed) ++kills_at_commits_;
            if (!killed) check_text(number, to_come);
        }
        finish(number, expect(number));
        return killed;
    }

    child_end run(int number, boundary place) {
        return wait_for(in_child([&] {
            watch_commits();
            const auto gw = world_.open();
            if (place.commit > 0) kill_at_commit(place.commit, place.side);
            const auto reply = world_.ask(gw, number);
            if (reply) return child_end::answered;
            if (reply.error().code == errc::outcome_unknown) return child_end::in_doubt;
            std::cerr << "question " << number << ": " << reply.error().message << std::endl;
            return child_end::failed;
        }));
    }

    /// Most kills hit a process at work, some one that opens.
    void kill_someday(int number) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        const auto pid = in_child([&]() -> child_end {
            const auto gw = world_.open();
            if (::write(ends[1], "", 1) != 1) return child_end::failed;
            for (auto next = number;; ++next) (void)world_.ask(gw, next);
        });
        char opened = 0;
        if (dice_() % 8 != 0 && ::read(ends[0], &opened, 1) != 1) opened = 0;
        std::this_thread::sleep_for(std::chrono::microseconds(dice_() % 30'000));
        ::kill(pid, SIGKILL);
        if (wait_for(pid) != child_end::killed) found_.push_back("a child ended by itself");
        ::close(ends[0]);
        ::close(ends[1]);
    }

    /// What has to come of a turn from here on.
    std::optional<std::string> expect(int number) {
        const auto turn = read_turn(world_.database, number);
        const auto text = text_to_come(turn, number, world_.strict);
        const bool disturbed = turn.has_lost_calls();
        if (!turn.succeeded && !disturbed && text != undisturbed_text(number))
            found_.push_back("question " + std::to_string(number) +
                             ": nothing was lost, and yet another text is due");
        return text;
    }

    void check_text(int number, const std::optional<std::string>& to_come) {
        const auto turn = read_turn(world_.database, number);
        if (turn.succeeded && (!to_come || turn.text != *to_come))
            found_.push_back("question " + std::to_string(number) + ": came \"" + turn.text +
                             "\", due was \"" + to_come.value_or("nothing") + '"');
    }

    void finish(int number, const std::optional<std::string>& to_come) {
        const auto due = to_come ? child_end::answered : child_end::in_doubt;
        if (run(number, {}) != due)
            found_.push_back("question " + std::to_string(number) + ": came to another end");
        check_text(number, to_come);
    }

    const scratch_folder folder_;
    council_world world_;
    std::mt19937_64 dice_;
    int turns_ = 0;
    int kills_at_commits_ = 0;
    int random_kills_ = 0;
    int disturbed_ = 0;
    findings found_;
};

/// How many findings there are.
std::size_t play(const loop_options& o, bool strict) {
    campaign c(o, strict);
    c.begin();
    if (o.kills_of_one > 0) c.kill_at_commits(o.kills_of_one);
    if (o.kills > 0) c.kill_at_random(o.kills);
    c.judge();
    c.report();
    return c.found().size();
}

int run(const loop_options& o) {
    std::cout << "seed " << o.seed << std::endl;
    std::size_t found = 0;
    for (const bool strict : {false, true}) {
        if (o.profile == (strict ? "default" : "strict")) continue;
        // A child of its own, since it opens a gateway in the end.
        const auto pid = in_child(
            [&] { return play(o, strict) == 0 ? child_end::answered : child_end::in_doubt; });
        const auto end = wait_for(pid);
        if (end != child_end::answered) ++found;
        if (end == child_end::failed) return EXIT_FAILURE;
    }
    return (found != 0) == o.expect_finding ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool read_options(int count, char** words, loop_options& o) {
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        if (word == "--expect-finding") {
            o.expect_finding = true;
            continue;
        }
        if (++i == count) return false;
        const char* value = words[i];
        if (word == "--kills")
            o.kills = std::atoi(value);
        else if (word == "--kills-of-one")
            o.kills_of_one = std::atoi(value);
        else if (word == "--seed")
            o.seed = std::strtoull(value, nullptr, 10);
        else if (word == "--profile")
            o.profile = value;
        else if (word != "--bug" || !plant(value))
            return false;
    }
    return o.kills >= 0 && o.kills_of_one >= 0;
}

}  // namespace

int main(int count, char** words) {
    loop_options o;
    if (!read_options(count, words, o)) {
        std::cerr << "council_kill_loop [--kills N] [--kills-of-one 0|1|2] [--seed S]"
                     " [--profile default|strict|both] [--bug NAME] [--expect-finding]\n";
        return EXIT_FAILURE;
    }
    try {
        return run(o);
    } catch (const std::exception& e) {
        std::cerr << "council_kill_loop: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
