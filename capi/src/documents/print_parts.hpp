// The parts that many documents have.
#pragma once

#include <conclave/money.hpp>
#include <conclave/time.hpp>

#include "json/writer.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace conclave::capi {

inline void print_text(json::writer& w, const std::optional<std::string>& text) {
    text ? w.string(*text) : w.null();
}

inline void print_integer(json::writer& w, const std::optional<std::int64_t>& number) {
    number ? w.integer(*number) : w.null();
}

inline void print_time(json::writer& w, const std::optional<timestamp>& time) {
    time ? w.string(to_iso8601(*time)) : w.null();
}

/// A tool's schema as the user wrote it.
inline void print_parameters(json::writer& w, const std::string& parameters) {
    w.key("parameters").raw(parameters.empty() ? "{}" : parameters);
}

/// `<name>_usd` and `<name>_nano_usd`.
void print_money(json::writer& w, const std::string& name, const std::optional<money>& amount);

}  // namespace conclave::capi
