// Digests with the algorithm fetched once and one context per thread: a fetch costs more than the
// digest of a short text.
#include "crypto/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <new>

namespace conclave::crypto {
namespace {

template <auto release>
struct releaser {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using md_context = std::unique_ptr<EVP_MD_CTX, releaser<EVP_MD_CTX_free>>;

// With these algorithms a call fails for want of memory alone.
void require(bool succeeded) {
    if (!succeeded) throw std::bad_alloc();
}

// The algorithms are never released: threads may still digest while the process exits.
EVP_MD_CTX* digest_context() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const md_context context(EVP_MD_CTX_new());
    require(algorithm != nullptr && context);
    require(EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1);
    return context.get();
}

// The two digests of RFC 2104 by hand: OpenSSL's HMAC sets its digest up anew for each key, which
// costs four times as much.
class keyed_pads {
   public:
    explicit keyed_pads(std::span<const std::byte> key) {
        digest short_key{};
        if (key.size() > block) {
            short_key = sha256(key);
            key = short_key;
        }
        for (std::size_t i = 0; i < block; ++i) {
            const auto byte = i < key.size() ? key[i] : std::byte{0};
            inner_[i] = byte ^ std::byte{0x36};
            outer_[i] = byte ^ std::byte{0x5c};
        }
        OPENSSL_cleanse(short_key.data(), short_key.size());
    }
    ~keyed_pads() {
        OPENSSL_cleanse(inner_.data(), block);
        OPENSSL_cleanse(outer_.data(), block);
    }
    keyed_pads(const keyed_pads&) = delete;
    keyed_pads& operator=(const keyed_pads&) = delete;

    std::span<const std::byte> inner() const { return inner_; }
    std::span<const std::byte> outer() const { return outer_; }

   private:
    static constexpr std::size_t block = 64;  // of SHA-256
    std::array<std::byte, block> inner_{};
    std::array<std::byte, block> outer_{};
};

/// Of two texts, one behind the other.
digest digest_of(std::span<const std::byte> first, std::span<const std::byte> second) {
    digest out{};
    auto* context = digest_context();
    require(EVP_DigestUpdate(context, first.data(), first.size()) == 1);
    require(EVP_DigestUpdate(context, second.data(), second.size()) == 1);
    require(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(out.data()), nullptr) ==
            1);
    return out;
}

}  // namespace

digest sha256(std::span<const std::byte> data) { return digest_of({}, data); }

digest sha256(std::string_view data) { return sha256(std::as_bytes(std::span(data))); }

digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> data) {
    const keyed_pads pads(key);
    return digest_of(pads.outer(), digest_of(pads.inner(), data));
}

digest hmac_sha256(std::span<const std::byte> key, std::string_view data) {
    return hmac_sha256(key, std::as_bytes(std::span(data)));
}

bool constant_time_equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace conclave::crypto
