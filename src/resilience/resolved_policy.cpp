// Lays policies over one another.
#include "resilience/resolved_policy.hpp"

#include "base/field.hpp"

#include <string>

namespace conclave::resilience {
namespace {

// The values that a preset stands for; nothing if there is no such preset.
std::optional<policy> preset(std::string_view name) {
    policy p;
    if (name == "default") {
        const resolved_policy d;
        p.connect_timeout_ms = d.connect_timeout_ms;
        p.first_byte_timeout_ms = d.first_byte_timeout_ms;
        p.attempt_timeout_ms = d.attempt_timeout_ms;
        p.total_timeout_ms = d.total_timeout_ms;
        p.retries = d.retries;
        p.base_delay_ms = d.base_delay_ms;
        p.factor = d.factor;
        p.max_delay_ms = d.max_delay_ms;
        p.jitter = d.jitter;
        p.max_retry_after_ms = d.max_retry_after_ms;
        p.on_ambiguous = d.on_ambiguous;
        p.on_crash = d.on_crash;
        p.in_progress = d.in_progress;
        p.on_cancel = d.on_cancel;
    } else if (name == "vocalbridge") {
        p.attempt_timeout_ms = 2'000;
        p.retries = 2;
        p.base_delay_ms = 200;
        p.factor = 2.0;
        p.jitter = jitter_mode::none;
    } else if (name == "strict") {
        p.on_ambiguous = ambiguous_policy::stop;
        p.on_crash = crash_policy::report;
    } else {
        return std::nullopt;
    }
    return p;
}

// Replaces the values for which the layer has its own.
void overlay(resolved_policy& base, const policy& layer) {
    const auto replace = [](auto& value, const auto& own) {
        if (own) value = *own;
    };
    replace(base.connect_timeout_ms, layer.connect_timeout_ms);
    replace(base.first_byte_timeout_ms, layer.first_byte_timeout_ms);
    replace(base.attempt_timeout_ms, layer.attempt_timeout_ms);
    replace(base.total_timeout_ms, layer.total_timeout_ms);
    replace(base.retries, layer.retries);
    replace(base.base_delay_ms, layer.base_delay_ms);
    replace(base.factor, layer.factor);
    replace(base.max_delay_ms, layer.max_delay_ms);
    replace(base.jitter, layer.jitter);
    replace(base.max_retry_after_ms, layer.max_retry_after_ms);
    replace(base.on_ambiguous, layer.on_ambiguous);
    replace(base.on_crash, layer.on_crash);
    replace(base.in_progress, layer.in_progress);
    replace(base.on_cancel, layer.on_cancel);
}

}  // namespace

result<void> validate(const policy& p, std::string_view field) {
    const auto path = [field](std::string_view name) {
        return std::string(field).append(1, '.').append(name);
    };
    if (p.preset && !preset(*p.preset))
        return invalid(path("preset"), "must be one of default vocalbridge strict");

    struct range {
        std::string_view name;
        const std::optional<std::int64_t>& value;
        std::int64_t min;
        std::int64_t max;
    };
    for (const auto& [name, value, min, max] : {
             range{"connect_timeout_ms", p.connect_timeout_ms, 1, limits::policy_time_ms},
             range{"first_byte_timeout_ms", p.first_byte_timeout_ms, 1, limits::policy_time_ms},
             range{"attempt_timeout_ms", p.attempt_timeout_ms, 1, limits::policy_time_ms},
             range{"total_timeout_ms", p.total_timeout_ms, 1, limits::policy_time_ms},
             range{"retries", p.retries, 0, limits::retries},
             range{"base_delay_ms", p.base_delay_ms, 0, limits::policy_time_ms},
             range{"max_delay_ms", p.max_delay_ms, 0, limits::policy_time_ms},
             range{"max_retry_after_ms", p.max_retry_after_ms, 0, limits::policy_time_ms},
         }) {
        if (!value) continue;
        if (auto checked = check_range(path(name), *value, min, max); !checked) return checked;
    }
    // Written so that NaN is refused too.
    if (p.factor && !(*p.factor >= 1.0 && *p.factor <= limits::retry_factor))
        return invalid(path("factor"), "must be between 1 and 100");
    return {};
}

result<resolved_policy> resolve(const policy& gateway, const policy& provider,
                                const policy& agent) {
    resolved_policy resolved;
    for (const auto* layer : {&gateway, &provider, &agent}) {
        if (auto checked = validate(*layer); !checked) return checked.error();
        if (layer->preset) overlay(resolved, *preset(*layer->preset));
        overlay(resolved, *layer);
    }
    return resolved;
}

}  // namespace conclave::resilience
