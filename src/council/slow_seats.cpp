// Compares what models take with what a council gives them.
#include "council/slow_seats.hpp"

namespace conclave::council {

namespace {

bool has_work(const terms& t, stage s, std::size_t seat) {
    const bool member = seat < t.table.members;
    switch (s) {
        case stage::generate: return member;
        case stage::critique:
            return seat < t.table.critics_end && (!member || t.options.critics.members);
        case stage::synthesis:
            if (t.options.mode == council_mode::select) return false;
            return t.table.synthesizer ? seat == *t.table.synthesizer : member;
        case stage::gate:
        case stage::gate_swapped: return t.has_gate() && has_work(t, stage::critique, seat);
    }
    return false;
}

}  // namespace

std::vector<slow_seat> find_slow_seats(const terms& t, const latency_book& latencies) {
    std::vector<slow_seat> slow;
    for (std::size_t i = 0; i < t.table.seats.size(); ++i)
        for (const auto s : all_stages) {
            if (!has_work(t, s, i)) continue;
            const auto p95 = latencies.quantile(t.table.seats[i].target, name_of(s), slow_q);
            const auto share = t.share_ms(s);
            if (p95 && *p95 > share) slow.push_back({i, s, *p95, share});
        }
    return slow;
}

}  // namespace conclave::council
