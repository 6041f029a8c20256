// Unpredictable bytes from OpenSSL, which reseeds after a fork.
#include "crypto/random.hpp"

#include "base/process.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <climits>
#include <stdexcept>

namespace conclave::crypto {

namespace {

/// What an id takes. More are asked of the generator: keys are never in the stock.
constexpr std::size_t few_bytes = 10;

void generate(std::span<std::byte> out) {
    while (!out.empty()) {
        const auto part = out.first(std::min<std::size_t>(out.size(), INT_MAX));
        if (RAND_bytes(reinterpret_cast<unsigned char*>(part.data()),
                       static_cast<int>(part.size())) != 1)
            throw std::runtime_error("the system gives no random bytes");
        out = out.subspan(part.size());
    }
}

}  // namespace

// OpenSSL would clean up at exit, under the threads of a gateway that nobody closed.
system_random::system_random() { (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr); }

void system_random::fill(std::span<std::byte> out) {
    if (out.size() > few_bytes) return generate(out);
    const std::scoped_lock lock(mutex_);
    take_from_stock(out);
}

void system_random::take_from_stock(std::span<std::byte> out) {
    if (const auto process = current_process(); left_ < out.size() || process != process_) {
        left_ = 0;  // should it throw
        generate(stock_);
        left_ = stock_.size();
        process_ = process;
    }
    left_ -= out.size();
    const auto given = std::span(stock_).subspan(left_, out.size());
    std::copy(given.begin(), given.end(), out.begin());
    std::fill(given.begin(), given.end(), std::byte{});
}

}  // namespace conclave::crypto
