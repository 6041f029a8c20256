// Prints metrics.
#include "gateway/metrics_text.hpp"

#include "model/call.hpp"

#include <string_view>

namespace conclave::gateway_detail {

namespace {

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
    out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
    out.append(name).append(" ").append(type).append("\n");
}

void sample(std::string& out, std::string_view name, std::string_view labels, std::int64_t value) {
    out.append(name).append(labels).append(" ").append(std::to_string(value)).append("\n");
}

}  // namespace

std::string metrics_text(const runtime::engine::condition& c) {
    std::string out;
    head(out, "conclave_sends_in_flight", "gauge", "Sends that are running now.");
    sample(out, "conclave_sends_in_flight", "", c.sends_in_flight);
    head(out, "conclave_sends_total", "counter", "Sends that ended, by outcome.");
    sample(out, "conclave_sends_total", "{outcome=\"answered\"}", c.counts.sends_answered);
    sample(out, "conclave_sends_total", "{outcome=\"failed\"}", c.counts.sends_failed);
    sample(out, "conclave_sends_total", "{outcome=\"replayed\"}", c.counts.replays);
    head(out, "conclave_attempts_total", "counter", "Requests to providers, by class of outcome.");
    for (const auto& [key, count] : c.counts.attempts) {
        // Names of providers are letters, digits and a few marks: nothing to escape.
        const auto labels =
            "{provider=\"" + key.first + "\",class=\"" + std::string(to_string(key.second)) + "\"}";
        sample(out, "conclave_attempts_total", labels, count);
    }
    return out;
}

}  // namespace conclave::gateway_detail
