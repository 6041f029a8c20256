// Draws numbers from a turn's seed.
#include "council/seeded_stream.hpp"

#include <cstring>
#include <limits>

namespace conclave::council {

namespace {

// Big-endian, whatever the machine.
void put_number(std::string& out, std::size_t at, std::uint64_t n) {
    for (std::size_t i = 0; i < 8; ++i) out[at + i] = static_cast<char>(n >> (56 - 8 * i));
}

// With its length in front, so that no two pairs of texts give the same bytes.
void append_text(std::string& out, std::string_view text) {
    out.resize(out.size() + 8);
    put_number(out, out.size() - 8, text.size());
    out += text;
}

}  // namespace

turn_seed make_turn_seed(std::string_view turn_id, std::string_view config_hash) {
    std::string bytes;
    append_text(bytes, turn_id);
    append_text(bytes, config_hash);
    return crypto::sha256(bytes);
}

seeded_stream::seeded_stream(const turn_seed& seed, std::string_view purpose) {
    block_.assign(reinterpret_cast<const char*>(seed.data()), seed.size());
    block_ += purpose;
    block_.resize(block_.size() + 8);
}

std::uint64_t seeded_stream::next() {
    if (used_ == sizeof bytes_) {
        put_number(block_, block_.size() - 8, counter_++);
        bytes_ = crypto::sha256(block_);
        used_ = 0;
    }
    std::uint64_t n = 0;
    for (int i = 0; i < 8; ++i) n = n << 8 | std::to_integer<std::uint64_t>(bytes_[used_++]);
    return n;
}

std::size_t seeded_stream::below(std::size_t bound) {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    const auto rest = (most % bound + 1) % bound;  // 2^64 modulo bound: drawn again, else unfair
    std::uint64_t n = next();
    while (n > most - rest) n = next();
    return static_cast<std::size_t>(n % bound);
}

}  // namespace conclave::council
