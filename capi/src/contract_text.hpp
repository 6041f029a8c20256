// capi/contract/contract.json, embedded.
#pragma once

#include <string_view>

namespace conclave::capi {

/// Ends with NUL after its last byte.
std::string_view contract_text() noexcept;

}  // namespace conclave::capi
