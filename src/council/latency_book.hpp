// How long the calls of each model take, stage by stage.
#pragma once

#include "model/route.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::council {

/// Too few say nothing of the slow end.
inline constexpr std::size_t latency_samples_min = 20;
/// Older ones are forgotten.
inline constexpr std::size_t latency_samples = 256;
/// A call that was cut would have taken longer, by this factor as far as quantiles are concerned:
/// taken at their word, cuts would lower the quantile that the next cuts are made by.
inline constexpr double beyond_cut = 1.25;
/// What is told of a slow model: the time within which 19 of 20 of its calls end.
inline constexpr double slow_q = 0.95;

struct latency_sample {
    std::int64_t ms = 0;
    bool cut = false;  ///< after so long; it had not ended
};

/// A model that takes longer in a stage than its last council had time for it.
struct slow_route {
    route target;
    std::string stage;
    std::int64_t p95_ms = 0;
    std::int64_t share_ms = 0;
};

/// What this process has seen. Executor only.
class latency_book {
   public:
    /// Of a call in a stage that has `share_ms` of its turn's time.
    void note(const route& r, std::string_view stage, latency_sample sample, std::int64_t share_ms);

    /// The time within which the share `q` of the calls ends; nothing under latency_samples_min.
    std::optional<std::int64_t> quantile(const route& r, std::string_view stage, double q) const;

    /// Models whose slow_q is beyond the share that their last council gave them.
    std::vector<slow_route> slow_routes() const;

   private:
    struct entry {
        route target;
        std::string stage;
        std::vector<latency_sample> samples;
        std::size_t next = 0;  ///< place of the oldest, once all are taken
        std::int64_t share_ms = 0;
    };
    static std::optional<std::int64_t> quantile(const entry& e, double q);

    std::map<std::string, entry, std::less<>> entries_;
};

}  // namespace conclave::council
