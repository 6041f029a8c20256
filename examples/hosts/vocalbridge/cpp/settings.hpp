// What the environment says. The library never reads it; a host may.
#pragma once

#include <cstdint>
#include <string>

namespace vocalbridge {

struct settings {
    std::string host = "127.0.0.1";                   ///< HOST, an address
    std::uint16_t port = 3000;                        ///< PORT
    std::string store = "./dev.db";                   ///< DATABASE_URL without its `file:`
    std::string vendor_a_url = default_vendor_a_url;  ///< VENDOR_A_URL
    std::string vendor_b_url = default_vendor_b_url;  ///< VENDOR_B_URL

    static constexpr const char* default_vendor_a_url = "http://127.0.0.1:9101/vendor-a/generate";
    static constexpr const char* default_vendor_b_url = "http://127.0.0.1:9101/vendor-b/complete";
};

/// Throws std::runtime_error naming a variable that cannot be used.
settings read_environment();

}  // namespace vocalbridge
