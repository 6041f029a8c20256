// Metrics in the text format of Prometheus.
#pragma once

#include "runtime/engine.hpp"

#include <string>

namespace conclave::gateway_detail {

/// Text exposition format 0.0.4 of the Prometheus documentation.
std::string metrics_text(const runtime::engine::condition& c);

}  // namespace conclave::gateway_detail
