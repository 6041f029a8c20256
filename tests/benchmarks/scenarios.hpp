// What is measured: each scenario prints its figures and the ratio that matters.
#pragma once

namespace bench {

struct run_length {
    double seconds = 5;           ///< of each throughput run
    int samples = 3'000;          ///< of each latency run
    int history_sends = 500'000;  ///< two messages each
    int turns = 40'000;           ///< of each cell of a simulated table
    int streams = 10'000;         ///< at once
    int chunk_ms = 1'000;         ///< between the chunks of a slow stream
};

/// Added latency of one caller over the bare provider call, and over the commits it needs.
void added_latency(const run_length& l);
/// Replays of one key.
void replay(const run_length& l);
/// 512 callers with a scripted provider, durability full, against the bare loop.
void many_callers(const run_length& l);
/// 64 callers against the simulator in its own process, durability process; resident memory.
void over_http(const run_length& l);
/// From a call to its first token, over a bare streaming request and the commit of T1.
void first_token(const run_length& l);
/// CPU of a chunk of a stream until the caller has it, over that of a bare streaming request, which
/// tells nobody of single chunks.
void chunk_cost(const run_length& l);
/// Ten thousand streams of twenty chunks, each in a session of its own: memory and CPU, and what a
/// chunk of theirs adds to one of as many bare requests.
void slow_streams(const run_length& l);
/// Reading a completion of 32 KiB against parsing it, and each chunk of each vendor's streams.
void decoding(const run_length& l);
/// Send latency and roll-up time with a long history against an empty store.
void long_history(const run_length& l);
/// How often a council's aggregation picks the best answer, over scenarios, sizes and orders.
void selection(const run_length& l);
/// The same where there are goals; fails where one is missed by more than three standard errors.
void selection_goals(const run_length& l);
/// What the policies for stragglers cost in time, answers and quality, on a virtual clock.
void straggler(const run_length& l);
/// The same of the default policy; fails where a goal is missed.
void straggler_goals(const run_length& l);
/// What a council takes beside its own critical path, and a thousand of them at once.
void council_overhead(const run_length& l);

}  // namespace bench
