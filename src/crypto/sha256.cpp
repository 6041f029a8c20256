// Digests with the algorithm fetched once and one context per thread: a fetch costs more than the
// digest of a short text.
#include "crypto/sha256.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

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
using mac_context = std::unique_ptr<EVP_MAC_CTX, releaser<EVP_MAC_CTX_free>>;

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

mac_context new_hmac_context() {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    require(algorithm != nullptr);
    mac_context context(EVP_MAC_CTX_new(algorithm));
    char name[] = "SHA256";
    const OSSL_PARAM options[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                  OSSL_PARAM_construct_end()};
    require(context && EVP_MAC_CTX_set_params(context.get(), options) == 1);
    return context;
}

const unsigned char* bytes_of(std::span<const std::byte> data) {
    return reinterpret_cast<const unsigned char*>(data.data());
}

unsigned char* bytes_of(digest& out) { return reinterpret_cast<unsigned char*>(out.data()); }

}  // namespace

digest sha256(std::span<const std::byte> data) {
    digest out{};
    auto* context = digest_context();
    require(EVP_DigestUpdate(context, data.data(), data.size()) == 1);
    require(EVP_DigestFinal_ex(context, bytes_of(out), nullptr) == 1);
    return out;
}

digest sha256(std::string_view data) { return sha256(std::as_bytes(std::span(data))); }

digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> data) {
    thread_local const mac_context context = new_hmac_context();
    // A null key would mean "the key of the last call".
    static constexpr unsigned char empty = 0;
    digest out{};
    std::size_t size = 0;
    require(EVP_MAC_init(context.get(), key.empty() ? &empty : bytes_of(key), key.size(),
                         nullptr) == 1);
    require(EVP_MAC_update(context.get(), bytes_of(data), data.size()) == 1);
    require(EVP_MAC_final(context.get(), bytes_of(out), &size, out.size()) == 1);
    return out;
}

digest hmac_sha256(std::span<const std::byte> key, std::string_view data) {
    return hmac_sha256(key, std::as_bytes(std::span(data)));
}

bool constant_time_equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace conclave::crypto
