// What a council takes beside its own critical path, and how many of them one process holds.
#include <conclave/conclave.hpp>

#include "measure.hpp"
#include "scenarios.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

namespace {

using namespace conclave;
using time_point = std::chrono::steady_clock::time_point;

constexpr int members = 5;
constexpr int commits_on_path = 4;  // the claim, a stage that closes, twice, and the bill

/// Answers when the time has come, from one thread.
class timetable {
   public:
    timetable() : thread_([this] { run(); }) {}
    ~timetable() {
        {
            const std::scoped_lock lock(mutex_);
            ended_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    void at(time_point when, std::function<void()> task) {
        {
            const std::scoped_lock lock(mutex_);
            tasks_.emplace(when, std::move(task));
        }
        changed_.notify_one();
    }

   private:
    void run() {
        std::unique_lock lock(mutex_);
        while (!ended_) {
            if (tasks_.empty()) {
                changed_.wait(lock);
                continue;
            }
            const auto first = tasks_.begin();
            if (first->first > std::chrono::steady_clock::now()) {
                changed_.wait_until(lock, first->first);
                continue;
            }
            const auto task = std::move(first->second);
            tasks_.erase(first);
            lock.unlock();
            task();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<time_point, std::function<void()>> tasks_;
    bool ended_ = false;
    std::thread thread_;
};

/// The slowest call of each stage, as the models themselves measured it.
class critical_path {
   public:
    void note(int stage, double us) {
        const std::scoped_lock lock(mutex_);
        slowest_[stage] = std::max(slowest_[stage], us);
    }
    double take() {
        const std::scoped_lock lock(mutex_);
        const auto sum = slowest_[0] + slowest_[1] + slowest_[2];
        slowest_[0] = slowest_[1] = slowest_[2] = 0;
        return sum;
    }

   private:
    std::mutex mutex_;
    double slowest_[3] = {};
};

std::string sheet(const std::string& prompt) {
    std::string text;
    const std::string mark = R"({"id":")";
    int score = 3;
    for (auto at = prompt.find(mark); at != std::string::npos; at = prompt.find(mark, at + 1)) {
        text += text.empty() ? R"({"assessments":[)" : ",";
        text += R"({"id":")" + prompt.substr(at + mark.size(), 4) +
                R"(","flaws":"f","strengths":"s","severity":"minor","score":)" +
                std::to_string(++score) + "}";
    }
    return text + "]}";
}

new_provider model(int number, int scale, timetable& times, critical_path& path) {
    const auto reply = [=, &times, &path](const provider_request& r, provider_call call) {
        const auto began = std::chrono::steady_clock::now();
        const auto& prompt = r.turns.back().content;
        const int stage = !r.output_schema.empty()                          ? 1
                          : prompt.find(R"("draft":)") != std::string::npos ? 2
                                                                            : 0;
        provider_reply said;
        said.tokens = token_usage{.input = 40, .output = 60};
        said.text = stage == 1 ? sheet(prompt) : std::string(200, static_cast<char>('a' + number));
        const auto ms = (stage == 0 ? 4 + 2 * number : stage == 1 ? 4 : 6) * scale;
        times.at(began + std::chrono::milliseconds(ms), [=, &path, call = std::move(call),
                                                         said = std::move(said)] {
            const auto us =
                std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began)
                    .count();
            path.note(stage, us);
            call.reply(said);
        });
    };
    return {.name = "m" + std::to_string(number),
            .kind = provider_kind::callback,
            .async_handler = reply};
}

struct house {
    gateway gw;
    tenant acme;
    agent board;
};

house open_house(const std::string& store, durability level, int scale, timetable& times,
                 critical_path& path) {
    open_options options;
    options.durability = level;
    council_options council;
    for (int i = 0; i < members; ++i) {
        options.providers.push_back(model(i, scale, times, path));
        council.members.push_back({"m" + std::to_string(i) + "/x"});
    }
    auto gw = gateway::open(store, std::move(options)).value();
    auto acme = gw.tenant(gw.tenants().create({.name = "Acme"}).value().id);
    auto board = acme.agents().create({.name = "Board", .council = council}).value();
    return {std::move(gw), std::move(acme), std::move(board)};
}

void overhead(durability level, const char* name, int turns) {
    const scratch_folder folder;
    critical_path path;
    timetable times;
    const auto h = open_house(folder.file("app.db"), level, 1, times, path);
    latencies added;
    latencies commits;
    for (int i = 0; i < turns; ++i) {
        // So many small commits as lie on the path of a turn.
        session_id session;
        const auto before = wall_us();
        for (int n = 0; n < commits_on_path; ++n)
            session = h.acme.sessions().create({.agent_id = h.board.id}).value().id;
        commits.add(wall_us() - before);
        path.take();
        const auto began = wall_us();
        h.acme.messages()
            .send({.session_id = session,
                   .content = "Hello",
                   .idempotency_key = "k" + std::to_string(i)})
            .value();
        added.add(wall_us() - began - path.take());
    }
    std::printf(
        "council of %d, durability %s: %d turns, beside the critical path"
        " p50 %.2f ms, p95 %.2f ms, p99 %.2f ms; %d small commits in the same run"
        " p50 %.2f ms, p99 %.2f ms\n",
        members, name, turns, added.percentile(0.5) / 1e3, added.percentile(0.95) / 1e3,
        added.percentile(0.99) / 1e3, commits_on_path, commits.percentile(0.5) / 1e3,
        commits.percentile(0.99) / 1e3);
}

void many(int councils) {
    const scratch_folder folder;
    critical_path path;
    timetable times;
    const auto h = open_house(folder.file("app.db"), durability::process, 100, times, path);
    std::vector<session_id> sessions;
    for (int i = 0; i < councils; ++i)
        sessions.push_back(h.acme.sessions().create({.agent_id = h.board.id}).value().id);
    const auto before = resident_mib();
    const auto began = wall_us();
    const auto cpu = cpu_us();
    std::vector<std::promise<bool>> ended(static_cast<std::size_t>(councils));
    for (int i = 0; i < councils; ++i) {
        const auto n = static_cast<std::size_t>(i);
        h.acme.messages().start_send(
            {.session_id = sessions[n],
             .content = "Hello",
             .idempotency_key = "k" + std::to_string(i)},
            [&ended, n](result<reply> r) { ended[n].set_value(r.has_value()); });
    }
    const auto held = resident_mib();
    int answered = 0;
    for (auto& e : ended) answered += e.get_future().get() ? 1 : 0;
    std::printf(
        "%d councils of %d at once: %d answered in %.1f s (critical path %.1f s),"
        " %.2f ms of CPU and about %.0f KiB each\n",
        councils, members, answered, (wall_us() - began) / 1e6, (1'200.0 + 400 + 600) / 1e3,
        (cpu_us() - cpu) / 1e3 / councils,
        (std::max(held, resident_mib()) - before) * 1024 / councils);
    if (answered != councils) throw std::runtime_error("a council gave no answer");
    if (!h.gw.check().value().ok()) throw std::runtime_error("an invariant is broken");
}

}  // namespace

void council_overhead(const run_length& l) {
    const int turns = std::clamp(l.samples / 10, 10, 300);
    overhead(durability::process, "process", turns);
    overhead(durability::full, "full", turns);
    many(l.samples >= 1'000 ? 1'000 : 50);
}

}  // namespace bench
