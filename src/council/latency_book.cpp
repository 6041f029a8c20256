// Keeps the last latencies of each model and stage.
#include "council/latency_book.hpp"

#include <algorithm>
#include <cmath>

namespace conclave::council {

namespace {

std::string key_of(const route& r, std::string_view stage) {
    std::string key(stage);
    key.append(1, '\n').append(r.provider).append(1, '/').append(r.model);
    return key;
}

}  // namespace

void latency_book::note(const route& r, std::string_view stage, latency_sample sample,
                        std::int64_t share_ms) {
    auto& e =
        entries_.try_emplace(key_of(r, stage), entry{r, std::string(stage), {}}).first->second;
    e.share_ms = share_ms;
    if (e.samples.size() < latency_samples) {
        e.samples.push_back(sample);
        return;
    }
    e.samples[e.next] = sample;
    e.next = (e.next + 1) % latency_samples;
}

std::optional<std::int64_t> latency_book::quantile(const entry& e, double q) {
    if (e.samples.size() < latency_samples_min) return std::nullopt;
    auto samples = e.samples;
    const auto rank = std::ceil(q * static_cast<double>(samples.size()));
    const auto place = std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(rank) - 1, 0,
                                                  std::ssize(samples) - 1);
    // Of equal ones those that were cut took longer.
    std::nth_element(
        samples.begin(), samples.begin() + place, samples.end(),
        [](const auto& a, const auto& b) { return a.ms != b.ms ? a.ms < b.ms : a.cut < b.cut; });
    const auto& found = samples[static_cast<std::size_t>(place)];
    if (!found.cut) return found.ms;
    return std::llround(static_cast<double>(found.ms) * beyond_cut);
}

std::optional<std::int64_t> latency_book::quantile(const route& r, std::string_view stage,
                                                   double q) const {
    const auto found = entries_.find(key_of(r, stage));
    return found == entries_.end() ? std::nullopt : quantile(found->second, q);
}

std::vector<slow_route> latency_book::slow_routes() const {
    std::vector<slow_route> slow;
    for (const auto& [key, e] : entries_)
        if (const auto p95 = quantile(e, slow_q); p95 && *p95 > e.share_ms)
            slow.push_back({e.target, e.stage, *p95, e.share_ms});
    return slow;
}

}  // namespace conclave::council
