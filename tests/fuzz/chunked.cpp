// Fuzzes the reader of bodies in chunks.
#include "http_answer.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace {

using fuzz::http_answer;

constexpr std::string_view head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
constexpr std::string_view next_answer = "HTTP/1.1 500 No\r\n\r\n";

http_answer read(const std::string& wire, std::size_t piece) {
    return {wire, piece, http_answer::request_kind::usual};
}

/// The body in chunks of up to so many bytes, each with the extension.
std::string in_chunks(std::string_view body, std::size_t chunk, std::string_view extension) {
    std::string wire;
    while (!body.empty()) {
        const auto part = body.substr(0, chunk);
        body.remove_prefix(part.size());
        char digits[16];
        const auto end = std::to_chars(digits, digits + sizeof digits, part.size(), 16).ptr;
        wire.append(digits, end).append(extension).append("\r\n").append(part).append("\r\n");
    }
    return wire + "0\r\n\r\n";
}

/// Any bytes where chunks belong: the same answer whatever the cuts.
void read_any(std::string_view bytes, std::size_t piece) {
    const auto wire = std::string(head).append(bytes);
    const auto whole = read(wire, wire.size());
    fuzz::require(read(wire, piece).same(whole));
    // A body ends by its last chunk alone.
    const auto cut = wire.substr(0, wire.size() - std::min(wire.size(), piece));
    if (whole.now == http_answer::state::complete && cut.size() < whole.used)
        fuzz::require(cut.empty() || read(cut, cut.size()).now == http_answer::state::failed);
}

/// A body that was cut into chunks comes back whole, and what follows it stays unread.
void read_back(std::string_view body, std::size_t chunk, std::size_t piece) {
    const auto answer = std::string(head) + in_chunks(body, chunk, chunk % 2 == 0 ? ";a=1" : "");
    const auto got = read(answer + std::string(next_answer), piece);
    fuzz::require(got.now == http_answer::state::complete && got.keep_alive);
    fuzz::require(got.body == body && got.used == answer.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto bytes = fuzz::text_of(data, size);
    const std::size_t piece = fuzz::take_byte(bytes) + std::size_t{1};
    const std::size_t chunk = fuzz::take_byte(bytes) + std::size_t{1};
    read_any(bytes, piece);
    read_back(bytes, chunk, piece);
    return 0;
}
