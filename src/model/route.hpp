// Where a call goes: `provider/model` or `provider`.
#pragma once

#include <conclave/result.hpp>

#include <string>
#include <string_view>

namespace conclave {

struct route {
    std::string provider;
    std::string model;  ///< empty: the provider's default

    std::string text() const { return model.empty() ? provider : provider + "/" + model; }
    bool operator==(const route&) const = default;
};

/// Splits at the first '/'. VALIDATION_ERROR naming `field` for an empty or over-long part.
result<route> parse_route(std::string_view text, std::string_view field);

}  // namespace conclave
