// The simulated vendors: which scenario a request meets, and the answer it gets.
#pragma once

#include "dialect.hpp"
#include "http_message.hpp"
#include "journal.hpp"
#include "scenario.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace simulator {

/// Thread-safe; never blocks but for the journal file.
class vendors {
   public:
    /// With `habits` false an unscripted vendor always answers promptly and correctly.
    vendors(std::uint64_t seed, bool habits, journal book);

    /// True when the next request of this vendor is to be dropped unread; that uses up the
    /// scenario.
    bool drops_unread(const dialect& shape);

    /// Takes a complete model request: numbers it, journals it, then fills `reply`.
    void answer(const http_request& request, const dialect& shape, http_reply& reply);

    /// Replaces the scenarios of the vendors a control document names.
    void apply(const control& document);
    /// Back to the state after start: no scenarios, empty journal, requests numbered from 1.
    void reset();

    std::string journal_text() const;
    std::string counts() const;
    std::string health() const;

   private:
    struct vendor_state {
        script plan;
        std::uint64_t requests = 0;
        std::uint64_t dropped_unread = 0;
    };

    scenario_ptr take(vendor_state& state);
    scenario unscripted(const request_facts& facts, const dialect& shape,
                        std::uint64_t number) const;
    void record(const http_request& request, const request_facts& facts, const scenario& act,
                const model_answer& answer, std::size_t vendor);
    void print(const http_request& request, scenario_ptr act, const dialect& shape,
               model_answer answer, http_reply& reply);
    void print_body(const scenario& act, const dialect& shape, const model_answer& answer);
    void print_headers(const scenario& act, const dialect& shape);
    static void pace(const scenario& act, std::size_t head_bytes, std::size_t body_bytes,
                     bool streams, http_reply& reply);

    const std::uint64_t seed_;
    const bool habits_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    const bool reads_requests_;
    std::atomic<std::int64_t> open_streams_{0};

    mutable std::mutex mutex_;  // guards all below
    journal journal_;
    std::array<vendor_state, vendor_names.size()> states_;
    std::uint64_t requests_ = 0;
    std::string body_, header_lines_;  // reused, so that an answer allocates nothing
};

}  // namespace simulator
