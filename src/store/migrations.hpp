// The numbered schema changes, embedded from src/store/migrations/<number>_<name>.sql.
#pragma once

#include <cstdint>
#include <span>

namespace conclave::store {

/// Texts live as long as the process.
struct migration {
    std::int64_t version;
    const char* name;
    const char* checksum;  ///< SHA-256 of the file in hexadecimal
    const char* sql;
};

/// All of them, from version 1 without gaps. A published file never changes.
std::span<const migration> migrations();

}  // namespace conclave::store
