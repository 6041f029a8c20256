// Kills workers at random and at named moments, then brings in the witnesses.
#include "faults/kill_round.hpp"

#include "faults/completion_round.hpp"
#include "faults/sqlite_rows.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace conclave::faults {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int sessions_per_tenant = 96;
constexpr int creations = 6;
constexpr int threads_per_worker = 3;
constexpr int sends_per_thread = 30;
constexpr int key_window = 24;  // that all workers send under at a time
constexpr int keys_per_kill = 2;
constexpr milliseconds life_max{400};

// What vendors do besides answering at once. The first six may not harm a call in the profile
// strict more than to leave it in doubt.
constexpr std::array troubles{
    R"({})",
    R"({"latency_ms":3})",
    R"({"latency_ms":30})",
    R"({"status":500})",
    R"({"drop":"after_request"})",
    R"({"reset":true})",
    R"({"status":429,"retry_after_ms":1})",
    R"({"drop":"mid_body"})",
    R"({"malformed":true})",
    R"({"status":400})",
};
constexpr int troubles_of_strict = 6;
constexpr int troubles_of_default = 9;

// What models say in streams: most of it asks for tools, some of it again and again.
constexpr const char* all_tools =
    R"("tool_calls":[{"name":"look"},{"name":"book"},{"name":"pay"}])";
constexpr const char* one_round = R"(,"text_after_tools":"All is done.")";
constexpr std::array sayings{
    R"("text":"A long answer, told in many small pieces.","chunks":8,"chunk_delay_ms":2)",
    R"("text":"One moment.","chunks":3,"chunk_delay_ms":1,)",
    R"("thinking":"Hm, what is to be done?","chunks":3,"chunk_delay_ms":1,)",
};
// And how it ends. The first four leave no more than a doubt.
constexpr std::array endings{
    R"()",
    R"(,"drop":"after_request")",
    R"(,"drop_after_events":3)",
    R"(,"stall_ms":20,"stall_after_events":2)",
    R"(,"drop_after_events":6)",
    R"(,"error_after_events":3,"error_status":503)",
    R"(,"malformed":true)",
    R"(,"omit":["usage"])",
    R"(,"omit":["finish","end"])",
    R"(,"status":429,"retry_after_ms":1)",
};
constexpr int endings_of_strict = 4;

}  // namespace

kill_round::kill_round(const kill_round_options& options)
    : options_(options),
      random_(options.seed),
      vendors_({"--no-quirks", "--no-journal", "--journal-file", folder_.file("journal")}) {
    world_.database = folder_.file("a.db");
    world_.vendors = vendors_.base_url();
    world_.strict = options.strict;
    world_.full_durability = options.full_durability;
    world_.tools = !options.protocols;
    world_.protocols = options.protocols;
}

findings kill_round::run() {
    kill_while_creating();
    kill_while_working();
    finish();
    return std::move(found_);
}

std::string kill_round::keep() {
    folder_.keep();
    return folder_.path().string();
}

worker_orders kill_round::orders() {
    return {.world_file = folder_.file("world"),
            .client_file = folder_.file("client"),
            .seed = random_(),
            .first_key = kills_ * keys_per_kill,
            .keys = key_window,
            .threads = threads_per_worker,
            .sends = sends_per_thread,
            .bug = options_.bug};
}

/// The first opening makes the database and its schema: each of these deaths may come in between.
void kill_round::kill_while_creating() {
    world_.save(folder_.file("world"));
    for (int i = 0; i < creations && kills_ < options_.kills; ++i, ++kills_) {
        auto work = orders();
        work.threads = 0;
        worker_process worker(work);
        ::pollfd opening{worker.events(), POLLIN, 0};
        ::poll(&opening, 1, -1);
        if (worker.take_events().empty()) found_.push_back("W a worker died before it opened");
        const auto delay = timespec{0, below(6'000'000)};
        ::nanosleep(&delay, nullptr);
        worker.kill();
        if (below(2) == 0)
            for (const char* end : {"", "-wal", "-shm", "-lock"})
                std::filesystem::remove(world_.database + end);
    }
    auto gw = gateway::open(world_.database, world_.options()).value();
    world_.found(gw, sessions_per_tenant);
    gw.close();
    world_.save(folder_.file("world"));
}

void kill_round::kill_while_working() {
    const int journal_watch = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    ::inotify_add_watch(journal_watch, folder_.file("journal").c_str(), IN_MODIFY);
    calm_vendors();
    {
        std::vector<seat> seats(static_cast<std::size_t>(options_.workers));
        for (auto& s : seats) start(s);
        while (kills_ < options_.kills) watch(seats, journal_watch);
    }
    ::close(journal_watch);
}

/// Waits until something happens or somebody's time has come, once.
void kill_round::watch(std::vector<seat>& seats, int journal_watch) {
    std::vector<::pollfd> all{{journal_watch, POLLIN, 0}};
    auto first = seats.front().due;
    for (const auto& s : seats) {
        all.push_back({s.worker->events(), POLLIN, 0});
        first = std::min(first, s.due);
    }
    const auto left = std::max(first - steady_clock::now(), steady_clock::duration::zero());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec wait{seconds.count(), (left - seconds).count()};
    ::ppoll(all.data(), all.size(), &wait, nullptr);

    std::array<char, 4096> changes{};
    if (all[0].revents != 0 && ::read(journal_watch, changes.data(), changes.size()) > 0)
        for (auto& s : seats) came(s, moment::request);
    for (std::size_t i = 0; i < seats.size(); ++i) {
        auto& s = seats[i];
        if (all[i + 1].revents != 0) hear(s);
        if (s.worker->ended())
            reap(s);
        else if (s.due <= steady_clock::now()) {
            s.worker->kill();
            ++kills_;
            start(s);
        }
    }
}

void kill_round::hear(seat& s) {
    constexpr std::array moments{std::pair{worker_event::opening, moment::opening},
                                 std::pair{worker_event::piece, moment::piece},
                                 std::pair{worker_event::effect, moment::effect},
                                 std::pair{worker_event::result, moment::result},
                                 std::pair{worker_event::closing, moment::closing}};
    for (const char told : s.worker->take_events())
        for (const auto& [event, when] : moments)
            if (told == static_cast<char>(event)) came(s, when);
}

/// A worker that came to its own end must have done so well.
void kill_round::reap(seat& s) {
    if (!s.worker->join()) found_.push_back("W a worker died by itself, or could not open");
    start(s);
}

void kill_round::came(seat& s, moment when) {
    if (s.when != when || s.countdown == 0) return;
    if (--s.countdown == 0) s.due = std::min(s.due, steady_clock::now() + s.delay);
}

void kill_round::choose_death(seat& s) {
    const auto die = [&](moment when, int nth, int delay_us) {
        s.when = when;
        s.countdown = nth;
        s.delay = microseconds(delay_us);
    };
    const int dice = below(100);
    if (options_.protocols && below(3) == 0)
        die(below(2) == 0 ? moment::piece : moment::effect, 1 + below(8), below(1'500));
    else if (dice < 30)
        die(moment::start, 1, below(60'000));
    else if (dice < 40)
        die(moment::opening, 1, below(6'000));
    else if (dice < 62)
        die(moment::request, 1 + below(6), below(3'000));
    else if (dice < 84)
        die(moment::result, 1 + below(20), below(1'000));
    else if (dice < 94)
        die(moment::closing, 1, below(3'000));
    else
        die(moment::start, 1, 60'000 + below(140'000));
    s.due = steady_clock::now() + life_max;
    came(s, moment::start);
}

void kill_round::start(seat& s) {
    if (++starts_ % 8 == 0) trouble_vendors();
    if (options_.wrong_verdict_every > 0 && below(options_.wrong_verdict_every) == 0) mislead();
    auto work = orders();
    // Some close soon, so that there is a closing to die in.
    if (below(3) == 0) work.sends = 1 + below(5);
    s.worker = std::make_unique<worker_process>(work);
    choose_death(s);
}

void kill_round::trouble_vendors() {
    if (options_.protocols) return trouble_protocols();
    const auto target = [&](const std::string& name, int kinds, const std::string& lasting) {
        std::string document = R"({"target":")" + name + R"(","scenarios":[)";
        for (int i = 0; i < 12; ++i)
            document +=
                (i == 0 ? "" : ",") + std::string(troubles[static_cast<std::size_t>(below(kinds))]);
        vendors_.control(document + R"(],"default":)" + lasting + "}");
    };
    const int kinds = options_.strict ? troubles_of_strict : troubles_of_default;
    target("openai", kinds, below(4) == 0 ? R"({"latency_ms":20})" : R"({"latency_ms":1})");
    target("vendor-b", kinds, R"({})");
    if (!options_.strict) target("vendor-a", kinds, R"({"latency_ms":1})");
}

void kill_round::trouble_protocols() {
    const int kinds = options_.strict ? endings_of_strict : static_cast<int>(std::ssize(endings));
    for (const char* vendor : {"openai", "openai-responses", "anthropic", "gemini"}) {
        std::string document = R"({"target":")" + std::string(vendor) + R"(","scenarios":[)";
        for (int i = 0; i < 16; ++i) {
            const auto saying = static_cast<std::size_t>(below(static_cast<int>(sayings.size())));
            document += (i == 0 ? "{" : ",{") + std::string(sayings[saying]);
            if (saying > 0) document += all_tools;
            if (saying > 0 && below(2) == 0) document += one_round;
            if (below(3) == 0) document += endings[static_cast<std::size_t>(below(kinds))];
            document += '}';
        }
        vendors_.control(document + R"(],"default":{)" + all_tools + one_round + "}}");
    }
}

void kill_round::calm_vendors() {
    if (options_.protocols)
        return vendors_.control(std::string(R"({"target":"*","default":{)") + all_tools +
                                one_round + "}}");
    vendors_.control(R"({"target":"*","default":{}})");
    // The oracle counts on it: vendor-a refuses, so nothing of strict was executed there.
    if (options_.strict)
        vendors_.control(R"({"target":"vendor-a","default":{"status":429,"retry_after_ms":1}})");
}

/// Makes the others take the youngest worker for dead: it may be recovered beside, never doubled.
/// Calls take long enough then to be overtaken.
void kill_round::mislead() {
    vendors_.control(R"({"target":"openai","default":{"latency_ms":40}})");
    sqlite_rows(world_.database)
        .run(
            "UPDATE owner SET lock_offset = lock_offset + 1 WHERE owner_id ="
            " (SELECT max(owner_id) FROM owner)");
}

void kill_round::finish() {
    calm_vendors();
    client_log log(folder_.file("client"));
    {
        auto gw = gateway::open(world_.database, world_.options()).value();
        world_.equip(gw);
        const auto keys = keys_below(kills_ * keys_per_kill + key_window);
        const auto doubtful = complete_all(gw, world_, log, keys, found_);
        judge_now(false);
        settle_by_hand(gw, log, doubtful);
        const auto broken = broken_invariants(gw);
        found_.insert(found_.end(), broken.begin(), broken.end());
        gw.close();
    }
    judge_now(true);
}

void kill_round::settle_by_hand(const gateway& gw, client_log& log,
                                const std::vector<world_key>& doubtful) {
    constexpr std::array decisions{resolve_decision::retry, resolve_decision::succeed,
                                   resolve_decision::fail};
    for (const auto key : doubtful) {
        // In the default profile, where only tools leave doubts, every key comes to its answer.
        const auto decision = options_.strict ? static_cast<std::size_t>(below(3)) : 0U;
        resolve_request by_hand{.idempotency_key = key.text(),
                                .decision = decisions[decision],
                                .content = "You said: " + key.content(),
                                .tokens = {.input = 10, .output = 5}};
        auto settled = world_.messages(gw, key).resolve(by_hand);
        if (!settled && settled.error().code == errc::conflict) {
            // The owner died when every attempt had been refused: none could have succeeded.
            by_hand.decision = resolve_decision::retry;
            settled = world_.messages(gw, key).resolve(by_hand);
        }
        if (!settled)
            found_.push_back("O7 " + key.content() + ": " + settled.error().message);
        else if (by_hand.decision == resolve_decision::retry)
            ++allowed_again_[key];
    }
    for (const auto key : complete_all(gw, world_, log, doubtful, found_))
        found_.push_back("O7 " + key.content() + ": unknown again after it was resolved");
}

witnesses kill_round::evidence(bool finished) const {
    return {.journal_file = folder_.file("journal"),
            .client_file = folder_.file("client"),
            .database = world_.database,
            .strict = options_.strict,
            .finished = finished,
            .allowed_again = allowed_again_};
}

void kill_round::judge_now(bool finished) {
    const auto more = judge(evidence(finished));
    found_.insert(found_.end(), more.begin(), more.end());
}

}  // namespace conclave::faults
