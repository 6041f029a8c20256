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

void latency_book::note(const route& r, std::string_view stage, std::int64_t latency_ms) {
    auto& s = samples_[key_of(r, stage)];
    if (s.ms.size() < latency_samples) {
        s.ms.push_back(latency_ms);
        return;
    }
    s.ms[s.next] = latency_ms;
    s.next = (s.next + 1) % latency_samples;
}

std::optional<std::int64_t> latency_book::quantile(const route& r, std::string_view stage,
                                                   double q) const {
    const auto found = samples_.find(key_of(r, stage));
    if (found == samples_.end() || found->second.ms.size() < latency_samples_min)
        return std::nullopt;
    auto ms = found->second.ms;
    const auto rank = std::ceil(q * static_cast<double>(ms.size()));
    const auto place =
        std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(rank) - 1, 0, std::ssize(ms) - 1);
    std::nth_element(ms.begin(), ms.begin() + place, ms.end());
    return ms[static_cast<std::size_t>(place)];
}

}  // namespace conclave::council
