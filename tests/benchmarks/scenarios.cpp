// Measures sends.
#include "scenarios.hpp"

#include "bare_provider.hpp"
#include "bare_store.hpp"
#include "measure.hpp"
#include "simulator/simulator_process.hpp"
#include "workload.hpp"

#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

using namespace conclave;

namespace {

simulator::simulator_process quiet_vendor() {
    return simulator::simulator_process({"--no-quirks", "--no-journal"});
}

void print(const char* what, const throughput& t) {
    std::printf("  %-44s %9.0f /s   %6.1f us CPU each   p99 %7.1f ms\n", what, t.per_second,
                t.cpu_us_each, t.each.percentile(0.99) / 1000);
}

}  // namespace

void added_latency(const run_length& l) {
    std::puts("added latency, one caller, durability full");
    constexpr int sessions = 64;
    scratch_folder folder;
    auto vendor = quiet_vendor();
    bare_provider bare(vendor.base_url());
    workload sends(folder.file("send.db"), {.base_url = vendor.base_url(), .sessions = sessions});
    const auto row = run_single_commits(folder.file("row.db"), l.samples, true);
    bare_store bare_commits(folder.file("bare.db"), true);
    // Both logs have their full length then: a commit that lengthens a file writes its inode too.
    const auto busy_commits = bare_commits.run(1, l.seconds / 5);
    for (int i = 0; i < l.samples / 4; ++i) sends.send(i % sessions);
    latencies commits;
    latencies call;
    latencies send;
    // Interleaved, so that all see the same machine; the bare work in the order of a send's, so
    // that its settle, too, comes after the silence of a call.
    for (int i = 0; i < l.samples; ++i) {
        const auto claim = bare_commits.claim_us();
        auto start = wall_us();
        bare.call(i / sessions % workload::turns_per_session);
        call.add(wall_us() - start);
        commits.add(claim + bare_commits.settle_us());
        auto request = sends.next_request(i % sessions);
        start = wall_us();
        sends.send(std::move(request));
        send.add(wall_us() - start);
    }
    print("one durable commit of one row, for comparison", row);
    print("the two durable commits of a bare send", commits);
    print("the same in a loop, by a writer of their own", busy_commits.each);
    print("bare provider call", call);
    print("send", send);
    const auto added = send.percentile(0.5) - call.percentile(0.5);
    const auto allowed = commits.percentile(0.5) + 150;
    std::printf("  added %.1f us; the two commits + 150 us = %.1f us; ratio %.2f (at most 1)\n",
                added, allowed, added / allowed);
}

void replay(const run_length& l) {
    std::puts("replay of one key");
    scratch_folder folder;
    workload sends(folder.file("replay.db"), {.sessions = 1});
    sends.send_key(0, "the-key");
    latencies each;
    for (int i = 0; i < l.samples; ++i) {
        const auto start = wall_us();
        sends.send_key(0, "the-key");
        each.add(wall_us() - start);
    }
    print("replay (p50 below 100 us)", each);
}

void many_callers(const run_length& l) {
    // In a pause we checkpoint: not in the other's turn.
    constexpr std::chrono::milliseconds tidied_up{500};
    std::puts("512 callers, scripted provider, durability full");
    scratch_folder folder;
    bare_store bare(folder.file("bare.db"), true);
    workload sends(folder.file("send.db"), {.sessions = 512});
    std::vector<double> ratios;
    std::vector<double> cpu;
    for (int turn = 0; turn < 5; ++turn) {  // by turns: both see the same machine
        const auto theirs = bare.run(512, l.seconds / 2);
        const auto before = cpu_us();
        const auto ours =
            run_callers(512, l.seconds / 2, [&](int caller, std::int64_t) { sends.send(caller); });
        std::this_thread::sleep_for(tidied_up);
        cpu.push_back((cpu_us() - before) / static_cast<double>(ours.each.size()));
        print("bare loop of the two transactions", theirs);
        print("sends", ours);
        ratios.push_back(ours.per_second / theirs.per_second);
    }
    std::printf("  median ratio %.2f (at least 0.60); CPU %.1f us a send (at most 100)\n",
                median(ratios), median(cpu));
}

void over_http(const run_length& l) {
    std::puts("64 callers, simulator in its own process, durability process");
    scratch_folder folder;
    auto vendor = quiet_vendor();
    workload sends(folder.file("send.db"),
                   {.base_url = vendor.base_url(), .sessions = 64, .full = false});
    const auto ours =
        run_callers(64, l.seconds, [&](int caller, std::int64_t) { sends.send(caller); });
    print("sends (at least 6,000/s)", ours);
    std::printf("  resident memory %.1f MiB (below 25)\n", resident_mib());
}

}  // namespace bench
