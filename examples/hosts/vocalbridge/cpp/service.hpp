// The gateway as this system uses it: two vendors with their wire, policy and price.
#pragma once

#include <conclave/conclave.hpp>

#include "settings.hpp"

#include <array>
#include <string_view>

namespace vocalbridge {

inline constexpr std::array<std::string_view, 2> vendor_names = {"vendorA", "vendorB"};

/// Opens the store with both vendors registered and priced.
conclave::gateway open_service(const settings& s);

}  // namespace vocalbridge
