// Reads the environment.
#include "settings.hpp"

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace vocalbridge {

namespace {

constexpr std::string_view file_scheme = "file:";

std::string variable(const char* name, const std::string& otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : otherwise;
}

std::uint16_t parse_port(const std::string& text) {
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, port);
    if (parsed.ec != std::errc() || parsed.ptr != end)
        throw std::runtime_error("PORT must be a number from 0 to 65535");
    return port;
}

}  // namespace

settings read_environment() {
    settings s;
    s.host = variable("HOST", s.host);
    s.port = parse_port(variable("PORT", std::to_string(s.port)));
    s.store = variable("DATABASE_URL", s.store);
    if (s.store.starts_with(file_scheme)) s.store.erase(0, file_scheme.size());
    s.vendor_a_url = variable("VENDOR_A_URL", s.vendor_a_url);
    s.vendor_b_url = variable("VENDOR_B_URL", s.vendor_b_url);
    return s;
}

}  // namespace vocalbridge
