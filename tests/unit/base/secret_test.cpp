// Secrets do not leak by accident.
#include "base/secret.hpp"

#include <catch2/catch.hpp>
#include <malloc.h>

#include <concepts>
#include <cstdlib>
#include <new>
#include <ostream>
#include <string>
#include <utility>

using conclave::secret;

namespace {

template <class T>
concept printable = requires(std::ostream& out, const T& v) {
    out << v;
};

static_assert(!printable<secret>);
static_assert(!std::equality_comparable<secret>);
static_assert(!std::convertible_to<secret, std::string>);
static_assert(!std::convertible_to<secret, std::string_view>);
static_assert(!std::convertible_to<std::string, secret>);

constexpr std::string_view canary = "sk-canary-long-enough-for-the-heap";
bool watching = false;
int leaks = 0;

}  // namespace

// Looks into all memory that this program frees. Not inlined: gcc would pair these with its own.
[[gnu::noinline]] void operator delete(void* block) noexcept {
    if (watching && block != nullptr) {
        const std::string_view bytes(static_cast<char*>(block), malloc_usable_size(block));
        leaks += bytes.find(canary) != std::string_view::npos ? 1 : 0;
    }
    std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
    operator delete(block);
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return std::calloc(1, size);
}
[[gnu::noinline]] void* operator new(std::size_t size) {
    if (void* block = operator new(size, std::nothrow)) return block;
    throw std::bad_alloc();
}

TEST_CASE("a secret is revealed on demand only", "[secret]") {
    secret key(std::string("sk-short"));
    CHECK(key.reveal() == "sk-short");
    CHECK(secret().empty());

    secret copy = key;
    secret moved = std::move(key);
    CHECK(copy.reveal() == "sk-short");
    CHECK(moved.reveal() == "sk-short");
    CHECK(key.empty());

    copy = secret(std::string("other"));
    CHECK(copy.reveal() == "other");
    copy = moved;
    CHECK(copy.reveal() == "sk-short");
}

TEST_CASE("no memory that a secret gives back still holds it", "[secret]") {
    leaks = 0;
    watching = true;
    {
        secret key{std::string(canary)};
        secret copy = key;
        secret moved = std::move(key);
        copy = secret(std::string("other"));
        moved = copy;
    }
    watching = false;
    CHECK(leaks == 0);
}
