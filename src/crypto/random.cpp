// Unpredictable bytes from OpenSSL, which reseeds after a fork.
#include "crypto/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <climits>
#include <stdexcept>

namespace conclave::crypto {

void system_random::fill(std::span<std::byte> out) {
    while (!out.empty()) {
        const auto part = out.first(std::min<std::size_t>(out.size(), INT_MAX));
        if (RAND_bytes(reinterpret_cast<unsigned char*>(part.data()),
                       static_cast<int>(part.size())) != 1)
            throw std::runtime_error("the system gives no random bytes");
        out = out.subspan(part.size());
    }
}

}  // namespace conclave::crypto
