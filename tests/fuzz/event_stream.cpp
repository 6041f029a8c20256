// Fuzzes the reader of event streams.
#include "fuzz.hpp"
#include "providers/sse.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace {

using conclave::providers::sse_limits;
using conclave::providers::sse_parser;

constexpr sse_limits small{.line_bytes = 256, .event_bytes = 512};

struct heard {
    std::vector<std::string> events;
    bool overflowed = false;

    bool operator==(const heard&) const = default;
};

void drain(sse_parser& parser, heard& all) {
    while (const auto e = parser.next()) {
        fuzz::require(e->data.size() <= small.event_bytes);
        all.events.push_back(std::string(e->name) + '|' + std::string(e->id) + '|' +
                             std::string(e->data));
    }
}

heard read(std::string_view stream, std::size_t piece) {
    sse_parser parser(small);
    heard all;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        const std::string bytes(stream.substr(at, piece));
        parser.feed(bytes);
        drain(parser, all);
    }
    parser.finish();
    drain(parser, all);
    all.overflowed = parser.overflowed();
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto stream = fuzz::text_of(data, size);
    const std::size_t piece = fuzz::take_byte(stream) + std::size_t{1};
    const auto whole = read(stream, std::max<std::size_t>(stream.size(), 1));
    fuzz::require(read(stream, piece) == whole);
    fuzz::require(read(stream, 1) == whole);
    return 0;
}
