// Measures streams: the way to the first token, and very many of them at once.
#include "bare_provider.hpp"
#include "measure.hpp"
#include "own_claims.hpp"
#include "scenarios.hpp"
#include "simulator/simulator_process.hpp"
#include "workload.hpp"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

using namespace conclave;

namespace {

constexpr int chunks_of_stream = 20;
constexpr int fewest_chunks = 2;
constexpr int most_at_the_start = 256;  ///< streams without their first event, lest queues overflow
constexpr rlim_t other_descriptors = 64;

/// How many streams the limit of descriptors leaves room for.
int raise_descriptor_limit(int wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<int>(
        std::min(limit.rlim_cur - other_descriptors, static_cast<rlim_t>(wanted)));
}

/// Many consumers of streams, which hear the text where it comes in.
class crowd {
   public:
    crowd(workload& house, int streams) : house_(house), streams_(count(streams)) {}

    void run() {
        auto messages = house_.tenant().messages();
        for (std::size_t i = 0; i < streams_.size(); ++i) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return waiting_ < most_at_the_start; });
            ++waiting_;
            lock.unlock();
            streams_[i].events = messages.stream(house_.next_request(static_cast<int>(i))).value();
            pull(streams_[i]);
        }
        std::unique_lock lock(mutex_);
        while (ended_ < streams_.size()) {
            const auto quiet = changed_.wait_for(lock, std::chrono::milliseconds(50));
            const bool is_due = peak_mib_ == 0 || quiet == std::cv_status::timeout;
            if (begun_ < streams_.size() || !is_due) continue;
            // Not under the lock, for which the sends would wait.
            lock.unlock();
            peak_mib_ = std::max(peak_mib_, resident_mib());
            lock.lock();
        }
    }

    std::size_t done() const { return done_; }
    std::size_t deltas() const { return deltas_; }
    std::size_t most_at_once() const { return most_at_once_; }
    /// The most that was resident while all of them ran.
    double peak_mib() const { return peak_mib_; }

   private:
    struct consumer {
        std::optional<message_stream> events;
        bool begun = false;
    };

    static std::size_t count(int n) { return static_cast<std::size_t>(n); }

    void pull(consumer& c) {
        c.events->start_next(completion<std::optional<stream_event>>(
            prompt, [this, &c](const std::optional<stream_event>& e) {
                if (hear(c, e)) pull(c);
            }));
    }

    bool hear(consumer& c, const std::optional<stream_event>& e) {
        const std::scoped_lock lock(mutex_);
        const bool first = !std::exchange(c.begun, true);
        if (first) {
            --waiting_;
            ++begun_;
            most_at_once_ = std::max(most_at_once_, begun_ - ended_);
        }
        const bool over =
            !e || e->type == stream_event_type::done || e->type == stream_event_type::error;
        deltas_ += e && e->type == stream_event_type::delta ? 1 : 0;
        done_ += e && e->type == stream_event_type::done ? 1 : 0;
        ended_ += over ? 1 : 0;
        if (first || over) changed_.notify_one();
        return !over;
    }

    workload& house_;
    std::vector<consumer> streams_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    std::size_t begun_ = 0;
    std::size_t ended_ = 0;
    std::size_t done_ = 0;
    std::size_t deltas_ = 0;
    std::size_t most_at_once_ = 0;
    double peak_mib_ = 0;
};

double first_token_us(workload& sends) {
    auto request = sends.next_request(0);
    const auto start = wall_us();
    auto events = sends.tenant().messages().stream(std::move(request)).value();
    double took = 0;
    while (const auto e = events.next()) {
        if (e->type == stream_event_type::delta && took == 0) took = wall_us() - start;
        if (e->error) throw std::runtime_error(e->error->message);
    }
    return took;
}

/// As a caller with a thread of its own hears them.
std::size_t wait_for_deltas(message_stream events) {
    std::size_t deltas = 0;
    while (const auto e = events.next()) {
        deltas += e->type == stream_event_type::delta ? 1 : 0;
        if (e->error) throw std::runtime_error(e->error->message);
    }
    return deltas;
}

/// As a host with an event loop hears them, and as the sink of a bare request: where they come in.
class pulled_deltas : public std::enable_shared_from_this<pulled_deltas> {
   public:
    explicit pulled_deltas(message_stream events) : events_(std::move(events)) {}

    static std::size_t count(message_stream events) {
        const auto all = std::make_shared<pulled_deltas>(std::move(events));
        all->pull();
        all->over_.get_future().wait();
        if (!all->failed_.empty()) throw std::runtime_error(all->failed_);
        return all->deltas_;
    }

   private:
    void pull() {
        events_.start_next(completion<std::optional<stream_event>>(
            prompt, [self = shared_from_this()](const std::optional<stream_event>& e) {
                if (!e) return self->over_.set_value();
                if (e->type == stream_event_type::delta) ++self->deltas_;
                if (e->error) self->failed_ = e->error->message;
                self->pull();
            }));
    }

    message_stream events_;
    std::size_t deltas_ = 0;
    std::string failed_;
    std::promise<void> over_;
};

template <class Run>
double cpu_of(Run run) {
    const auto before = cpu_us();
    run();
    return cpu_us() - before;
}

/// CPU in microseconds for one chunk more of the same text, at the same pace: what else a stream
/// takes is then the same, on caches as warm.
struct chunk_costs {
    known_median bare;    ///< of the bare request, whose sink hears chunks where they come in
    known_median pulled;  ///< added by messages.stream, heard there as well
    known_median waited;  ///< the same, heard by a thread that waits
    double least_found;   ///< the fewest events that a reader found, of the chunks there were
};

void print(const char* what, const known_median& us) {
    std::printf("  %-44s %6.2f us CPU (%.2f to %.2f)\n", what, us.middle, us.low, us.high);
}

void print(const chunk_costs& c) {
    print("a chunk of the bare request", c.bare);
    print("added, pulled where it comes in (below 5)", c.pulled);
    print("added, to a thread that waits in next()", c.waited);
}

class chunk_meter {
   public:
    chunk_costs measure(int chunks, int delay_ms, int rounds) {
        const int few = chunks / 4;
        enum kind : std::size_t { bare, pulled, waited, kinds };
        std::array<std::vector<double>, kinds> costs;
        least_found_ = 1;
        // In any order: which thread ran where before makes a difference to the next stream.
        std::array<std::size_t, 2 * kinds> order{};
        std::iota(order.begin(), order.end(), std::size_t{0});
        for (int i = 0; i < rounds; ++i) {
            std::shuffle(order.begin(), order.end(), any_);
            std::array<double, 2 * kinds> us{};
            for (const auto which : order) {
                const bool is_whole = which >= kinds;
                const int pieces = is_whole ? chunks : few;
                answer_in(chunks, pieces, delay_ms);
                us[which] = which % kinds == bare     ? bare_us()
                            : which % kinds == pulled ? stream_us(pulled_deltas::count, pieces)
                                                      : stream_us(wait_for_deltas, pieces);
            }
            for (std::size_t k = 0; k < kinds; ++k)
                costs[k].push_back((us[kinds + k] - us[k]) / (chunks - few));
            for (const auto k : {pulled, waited}) costs[k].back() -= costs[bare].back();
        }
        return {median_with_interval(costs[bare]), median_with_interval(costs[pulled]),
                median_with_interval(costs[waited]), least_found_};
    }

   private:
    /// The same text in so many pieces.
    void answer_in(int length, int pieces, int delay_ms) {
        vendor_.control(R"({"target":"openai","default":{"text":"You said )" +
                        std::string(static_cast<std::size_t>(length) * 4, 'a') + R"(","chunks":)" +
                        std::to_string(pieces) + R"(,"chunk_delay_ms":)" +
                        std::to_string(delay_ms) + "}}");
    }
    double bare_us() {
        return cpu_of([&] { bare_.first_token_us(0); });
    }
    double stream_us(std::size_t (*hear)(message_stream), int pieces) {
        auto request = sends_.next_request(0);
        std::size_t deltas = 0;
        const auto us = cpu_of(
            [&] { deltas = hear(sends_.tenant().messages().stream(std::move(request)).value()); });
        least_found_ = std::min(least_found_, static_cast<double>(deltas) / pieces);
        return us;
    }

    scratch_folder folder_;
    simulator::simulator_process vendor_{{"--no-quirks", "--no-journal"}};
    bare_provider bare_{vendor_.base_url()};
    workload sends_{folder_.file("send.db"), {.base_url = vendor_.base_url(), .full = false}};
    std::mt19937 any_{std::random_device{}()};
    double least_found_ = 1;
};

enum class shown { nothing, all };

/// Streams of the same text over the same time, in more chunks or fewer.
class slow_meter {
   public:
    slow_meter(int streams, int chunk_ms) : streams_(streams), chunk_ms_(chunk_ms) {}

    /// Of messages.stream.
    double stream_cpu_us(int chunks, shown what) const {
        answer_in(chunks);
        scratch_folder folder;
        workload house(folder.file("send.db"), {.base_url = vendor_.base_url(),
                                                .sessions = streams_,
                                                .full = false,
                                                .policy = {.attempt_timeout_ms = patience_ms,
                                                           .total_timeout_ms = patience_ms}});
        ::malloc_trim(0);
        const auto before_mib = resident_mib();
        const auto wall = wall_us();
        crowd all(house, streams_);
        const auto cpu = cpu_of([&] { all.run(); });
        if (all.done() != static_cast<std::size_t>(streams_))
            throw std::runtime_error("only " + std::to_string(all.done()) +
                                     " streams were answered");
        if (all.deltas() < all.done() * static_cast<std::size_t>(chunks) * 9 / 10)
            throw std::runtime_error("chunks were put together");
        if (what == shown::all) print(all, before_mib, cpu, wall_us() - wall);
        return cpu;
    }

    /// Of bare requests, of which no more begin at once.
    double bare_cpu_us(int chunks) const {
        answer_in(chunks);
        std::counting_semaphore<most_at_the_start> room(most_at_the_start);
        std::latch ended(streams_);
        std::atomic<int> failed = 0;
        bare_provider bare(vendor_.base_url());
        const auto cpu = cpu_of([&] {
            for (int i = 0; i < streams_; ++i) {
                room.acquire();
                bare.start_stream(
                    0, patience_ms, [&](const result<bool>&) { room.release(); },
                    [&](const result<bool>& whole) {
                        failed += whole && *whole ? 0 : 1;
                        ended.count_down();
                    });
            }
            ended.wait();
        });
        if (failed != 0) throw std::runtime_error("bare streams failed");
        return cpu;
    }

   private:
    static constexpr std::int64_t patience_ms = 600'000;

    void answer_in(int chunks) const {
        const auto whole_ms = chunk_ms_ * (chunks_of_stream - 1);
        vendor_.control(R"({"target":"openai","default":{"text":"You said )" +
                        std::string(chunks_of_stream * 16, 'a') + R"(","chunks":)" +
                        std::to_string(chunks) + R"(,"chunk_delay_ms":)" +
                        std::to_string(whole_ms / (chunks - 1)) + "}}");
    }

    void print(const crowd& all, double before_mib, double cpu, double wall) const {
        std::printf("  %zu at once, %zu pieces of text seen, in %.1f s\n", all.most_at_once(),
                    all.deltas(), wall / 1e6);
        std::printf("  memory %.1f KiB each (below 20): from %.1f to %.1f MiB\n",
                    (all.peak_mib() - before_mib) * 1024 / streams_, before_mib, all.peak_mib());
        std::printf("  %.2f cores (below 1); %.1f us CPU for a chunk, sends included\n", cpu / wall,
                    cpu / streams_ / chunks_of_stream);
    }

    const int streams_;
    const int chunk_ms_;
    const simulator::simulator_process vendor_{{"--no-quirks", "--no-journal"}};
};

}  // namespace

void first_token(const run_length& l) {
    std::puts("time to the first token, one caller, durability full");
    scratch_folder folder;
    // The text comes so long before the end that the two do not meet.
    constexpr std::chrono::milliseconds silence{3};
    const simulator::simulator_process vendor({"--no-quirks", "--no-journal"});
    vendor.control(R"({"target":"openai","default":{"text":"You said so, and more of it.",)"
                   R"("chunks":2,"chunk_delay_ms":)" +
                   std::to_string(silence.count()) + "}}");
    bare_provider bare(vendor.base_url());
    workload sends(folder.file("send.db"), {.base_url = vendor.base_url()});
    own_claims claims(folder.file("claims.db"));
    latencies claim;
    latencies raw;
    latencies ours;
    // Interleaved, so that all see the same machine: the claim after as long a silence as ours
    // begins with, and the bare request after a commit, as ours goes on.
    for (int i = 0; i < l.samples / 4 + 1; ++i) {
        claims.prepare();
        std::this_thread::sleep_for(silence);
        claim.add(claims.claim_us());
        raw.add(bare.first_token_us(i % workload::turns_per_session));
        ours.add(first_token_us(sends));
    }
    print("T1's commit", claim);
    print("first token of the bare request", raw);
    print("first token of messages.stream", ours);
    const auto added = ours.percentile(0.5) - raw.percentile(0.5) - claim.percentile(0.5);
    std::printf(
        "  added beyond T1's commit %.1f us (below 200); all in all %.2f x the bare request\n",
        added, ours.percentile(0.5) / raw.percentile(0.5));
}

void chunk_cost(const run_length& l) {
    chunk_meter meter;
    const int rounds = l.samples / 40 + 1;
    constexpr int paced = 400;
    std::printf("a stream of %d chunks, one in a millisecond; %d rounds, 95 %% confidence\n", paced,
                rounds);
    const auto each = meter.measure(paced, 1, rounds);
    // What a late reader finds comes to him as one: that is not measured here.
    if (each.least_found < 0.9) throw std::runtime_error("chunks were put together");
    print(each);
    constexpr int hurried = 4000;
    const auto fast = meter.measure(hurried, 0, rounds);
    std::printf("a stream of %d chunks as fast as they come, found in %.2f as many events\n",
                hurried, fast.least_found);
    print(fast);
}

void slow_streams(const run_length& l) {
    const int streams = raise_descriptor_limit(l.streams);
    std::printf("%d streams of %d chunks at once, one chunk in %d ms, durability process\n",
                streams, chunks_of_stream, l.chunk_ms);
    const slow_meter meter(streams, l.chunk_ms);
    // The same streams, for as long, of many chunks and of few: the rest is the chunks'. In this
    // order a machine that becomes slower or faster all the time does so for both alike.
    const auto ours = meter.stream_cpu_us(chunks_of_stream, shown::all);
    const auto bare = meter.bare_cpu_us(chunks_of_stream);
    const auto bare_alone = meter.bare_cpu_us(fewest_chunks);
    const auto ours_alone = meter.stream_cpu_us(fewest_chunks, shown::nothing);
    const auto of_chunk = [&](double cpu_us) {
        return cpu_us / streams / (chunks_of_stream - fewest_chunks);
    };
    std::printf("  a chunk of as many bare requests %.2f us CPU, of messages.stream %.2f\n",
                of_chunk(bare - bare_alone), of_chunk(ours - ours_alone));
    std::printf("  added by a chunk (below 5)       %.2f us CPU\n",
                of_chunk(ours - ours_alone - bare + bare_alone));
}

}  // namespace bench
