// Unpredictable bytes from OpenSSL, which reseeds after a fork.
#include "crypto/random.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <climits>
#include <stdexcept>

namespace conclave::crypto {

// OpenSSL would clean up at exit, under the threads of a gateway that nobody closed.
system_random::system_random() { (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr); }

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
