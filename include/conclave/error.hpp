// What went wrong, in words a program and a person can act on.
#pragma once

#include <conclave/errc.hpp>
#include <conclave/export.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace conclave {

/// One allow-listed fact about an error, for example {"field", "name"}. Never holds a secret or a
/// provider's own words.
struct error_detail {
    std::string key;
    std::variant<std::string, std::int64_t, bool> value;

    bool operator==(const error_detail&) const = default;
};

/// An error as every language sees it. On failure nothing changed, unless a detail `executed` says
/// that a provider was called. Since 0.1.
struct error {
    errc code = errc::internal_error;
    /// One impersonal line, ours alone: safe to log and to show.
    std::string message;
    std::vector<error_detail> details;
    std::string request_id;
    /// Milliseconds after which the same call may succeed; absent when waiting does not help.
    std::optional<std::int64_t> retry_after_ms;

    /// True when the same call, with the same idempotency key, may succeed later.
    bool retryable() const { return conclave::retryable(code); }
    int http_status() const { return conclave::http_status(code); }

    /// Adds one detail and returns the error: `fail(...).with("field", "name")`.
    error& with(std::string key, std::variant<std::string, std::int64_t, bool> value) & {
        details.push_back({std::move(key), std::move(value)});
        return *this;
    }
    error&& with(std::string key, std::variant<std::string, std::int64_t, bool> value) && {
        details.push_back({std::move(key), std::move(value)});
        return std::move(*this);
    }

    bool operator==(const error&) const = default;
};

/// Makes an error: `return fail(errc::conflict, "...")`.
inline error fail(errc code, std::string message) {
    error e;
    e.code = code;
    e.message = std::move(message);
    return e;
}

/// Bad input: VALIDATION_ERROR whose message and detail `field` name the field.
CONCLAVE_API error invalid(std::string_view field, std::string_view problem);

/// Thrown by `result<T>::value()` only; nothing else in conclave throws it. Since 0.1.
class CONCLAVE_API exception : public std::runtime_error {
   public:
    explicit exception(conclave::error e);
    const conclave::error& error() const noexcept { return error_; }

   private:
    conclave::error error_;
};

}  // namespace conclave
