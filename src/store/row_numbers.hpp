// The numbers by which rows name one another inside one database.
#pragma once

#include <cstdint>

namespace conclave::store {

// Never told to anybody: outside, everything has its id. `none` matches no row.
enum class tenant_row : std::int64_t { none = 0 };
enum class session_row : std::int64_t { none = 0 };
enum class send_row : std::int64_t { none = 0 };

}  // namespace conclave::store
