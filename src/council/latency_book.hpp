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

/// What this process has seen. Executor only.
class latency_book {
   public:
    /// Of a call that ended, or that was cut after so long.
    void note(const route& r, std::string_view stage, std::int64_t latency_ms);

    /// The time within which the share `q` of the calls ends; nothing under latency_samples_min.
    std::optional<std::int64_t> quantile(const route& r, std::string_view stage, double q) const;

   private:
    struct samples {
        std::vector<std::int64_t> ms;
        std::size_t next = 0;  ///< place of the oldest, once all are taken
    };
    std::map<std::string, samples, std::less<>> samples_;
};

}  // namespace conclave::council
