// Fuzzes the reader of API keys.
#include "fuzz.hpp"
#include "tenancy/api_key_text.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace {

using namespace conclave;

constexpr std::size_t id_chars = 26;
constexpr std::size_t prefix_chars = 32;
constexpr std::size_t longest = prefix_chars + 1 + id_chars + 1 + 43 + 6;

/// The input as a source of bytes.
class given_bytes final : public random_source {
   public:
    explicit given_bytes(std::string_view bytes) : bytes_(bytes) {}
    void fill(std::span<std::byte> out) override {
        for (auto& b : out) b = static_cast<std::byte>(fuzz::take_byte(bytes_));
    }

   private:
    std::string_view bytes_;
};

/// Any text: an id is only read from where it stands.
void read_any(std::string_view text) {
    const auto id = tenancy::read_key_text(text);
    if (!id) return;
    fuzz::require(text.size() <= longest && id->str().size() == 4 + id_chars);
    fuzz::require(text.find('_' + id->str().substr(4) + '_') != text.npos);
}

/// A key of these bytes: read back whole, and not with one byte changed.
void read_back(std::string_view bytes) {
    const auto place = fuzz::take_byte(bytes);
    const auto change = fuzz::take_byte(bytes);
    std::string prefix(bytes.substr(0, prefix_chars));
    if (prefix.empty()) prefix = tenancy::default_key_prefix;
    std::string id(bytes.substr(0, id_chars));
    id.resize(id_chars, '0');
    given_bytes random(bytes);
    auto text = tenancy::make_key_text(prefix, api_key_id("key_" + id), random);
    fuzz::require(tenancy::read_key_text(text) == api_key_id("key_" + id));
    auto& byte = text[place % text.size()];
    byte = static_cast<char>(byte ^ static_cast<char>(change));
    fuzz::require(change == 0 || !tenancy::read_key_text(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    read_any(text);
    read_back(text);
    return 0;
}
