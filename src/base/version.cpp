// The version compiled into the library.
#include <conclave/version.hpp>

namespace conclave {

std::string_view version() noexcept { return CONCLAVE_VERSION; }

}  // namespace conclave
