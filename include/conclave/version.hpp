// The version of these headers, and that of the library in use.
#pragma once

#include <conclave/export.hpp>

#include <string_view>

/// Version of the headers a program is compiled with. Since 0.1.
#define CONCLAVE_VERSION_MAJOR 0
#define CONCLAVE_VERSION_MINOR 1
#define CONCLAVE_VERSION_PATCH 0
#define CONCLAVE_VERSION "0.1.0"

namespace conclave {

/// The version of the library the program runs with, as "major.minor.patch". It differs from
/// CONCLAVE_VERSION when a shared library was exchanged. Never blocks, any thread; the text lives
/// as long as the process. Since 0.1.
CONCLAVE_API std::string_view version() noexcept;

}  // namespace conclave
