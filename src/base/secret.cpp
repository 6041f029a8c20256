// Overwrites what was secret.
#include "base/secret.hpp"

#include <cstddef>
#include <utility>

namespace conclave {
namespace {

// Volatile writes, which a compiler may not leave out although nobody reads them.
void overwrite(char* bytes, std::size_t size) noexcept {
    for (volatile char* p = bytes; size > 0; --size) *p++ = '\0';
}

}  // namespace

secret::secret(std::string text) : bytes_(text.begin(), text.end()) {
    overwrite(text.data(), text.size());
}

secret& secret::operator=(const secret& other) {
    if (this != &other) *this = secret(other);
    return *this;
}

secret& secret::operator=(secret&& other) noexcept {
    secret taken(std::move(other));
    bytes_.swap(taken.bytes_);
    return *this;
}

secret::~secret() { overwrite(bytes_.data(), bytes_.size()); }

}  // namespace conclave
