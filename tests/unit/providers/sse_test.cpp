// Event streams, in whatever pieces they come.
#include "providers/sse.hpp"

#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <iostream>
#include <random>
#include <vector>

using namespace conclave;
using namespace std::string_view_literals;

namespace {

struct event {
    std::string name;
    std::string data;
    std::string id;

    bool operator==(const event&) const = default;
};

std::ostream& operator<<(std::ostream& out, const event& e) {
    return out << '{' << e.name << '|' << e.data << '|' << e.id << '}';
}

void drain(providers::sse_parser& parser, std::vector<event>& events) {
    while (const auto e = parser.next())
        events.push_back({std::string(e->name), std::string(e->data), std::string(e->id)});
}

/// Feeds copies that are gone afterwards, so that nothing may be kept of them.
template <class NextSize>
std::vector<event> read(std::string_view bytes, NextSize next_size, bool finish = false) {
    providers::sse_parser parser;
    std::vector<event> events;
    while (!bytes.empty()) {
        const auto size = std::min<std::size_t>(next_size(), bytes.size());
        std::string piece(bytes.substr(0, size));
        parser.feed(piece);
        drain(parser, events);
        piece.assign(piece.size(), '#');
        bytes.remove_prefix(size);
    }
    if (finish) {
        parser.finish();
        drain(parser, events);
    }
    return events;
}

std::vector<event> read(std::string_view bytes, bool finish = false) {
    return read(
        bytes, [&] { return bytes.size(); }, finish);
}

constexpr auto varied =
    "\xEF\xBB\xBF"
    "event: first\ndata: one\nid: 7\n\n"
    ": a comment\n\n\n"
    "data:two\r\ndata: three\r\n\r\n"
    "data\rdata:  four\r\r"
    "retry: 10\nunknown: x\nevent: lost\n\n"
    "id: a\0b\ndata: Gr\xC3\xBC\xC3\x9F"
    "e \xF0\x9F\x8E\x88\n\n"
    "id\ndata: five: 5\n\n"
    "data: unfinished\n"sv;

const std::vector<event> expected = {{"first", "one", "7"},
                                     {"", "two\nthree", "7"},
                                     {"", "\n four", "7"},
                                     {"",
                                      "Gr\xC3\xBC\xC3\x9F"
                                      "e \xF0\x9F\x8E\x88",
                                      "7"},
                                     {"", "five: 5", ""}};

}  // namespace

TEST_CASE("events are read as the standard has them") { CHECK(read(varied) == expected); }

TEST_CASE("it does not matter where the pieces of a stream end") {
    CHECK(read(varied, [] { return std::size_t{1}; }) == expected);
    const auto seed = conclave::test::test_seed();
    std::cout << "splits: seed " << seed << '\n';
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 500; ++i)
        CHECK(read(varied, [&] { return std::size_t{1 + random() % 9}; }) == expected);
}

TEST_CASE("an event without its last line ends is whole when nothing more can come") {
    auto all = expected;
    all.push_back({"", "unfinished", ""});
    CHECK(read(varied, true) == all);
    for (const auto end : {""sv, "\n"sv, "\r"sv, "\r\n"sv, "\n\n"sv}) {
        const auto stream = "event: e\ndata: x" + std::string(end);
        CHECK(read(stream, true) == std::vector<event>{{"e", "x", ""}});
        CHECK(read(
                  stream, [] { return std::size_t{1}; }, true) ==
              std::vector<event>{{"e", "x", ""}});
    }
    CHECK(read("", true).empty());
    CHECK(read("event: e\n", true).empty());
}

TEST_CASE("a line has a limit, whole or in pieces") {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
        const auto overflows = [&](std::size_t line_bytes) {
            providers::sse_parser parser({.line_bytes = 100});
            const auto line = "data: " + std::string(line_bytes - 6, 'x') + "\n\n";
            std::size_t events = 0;
            for (std::size_t at = 0; at < line.size(); at += piece) {
                parser.feed(std::string_view(line).substr(at, piece));
                while (parser.next()) ++events;
            }
            CHECK(events == (parser.overflowed() ? 0 : 1));
            return parser.overflowed();
        };
        CHECK_FALSE(overflows(100));
        CHECK(overflows(101));
    }
}

TEST_CASE("a line that never ends is given up at its limit") {
    providers::sse_parser parser;
    const std::string piece(1024 * 1024, 'x');
    std::size_t fed = 0;
    while (!parser.overflowed() && fed <= 2 * limits::sse_line_bytes) {
        parser.feed(piece);
        CHECK_FALSE(parser.next());
        fed += piece.size();
    }
    CHECK(fed == limits::sse_line_bytes + piece.size());
    parser.feed("\n\ndata: late\n\n");
    CHECK_FALSE(parser.next());
}

TEST_CASE("an event has a limit that counts all its lines") {
    const auto overflows = [](std::size_t data_bytes) {
        providers::sse_parser parser({.event_bytes = 20});
        const auto stream = "data: 123456789\ndata: " + std::string(data_bytes - 10, 'x') + "\n\n";
        parser.feed(stream);
        const bool whole = parser.next().has_value();
        CHECK(whole == !parser.overflowed());
        return parser.overflowed();
    };
    CHECK_FALSE(overflows(20));
    CHECK(overflows(21));
    providers::sse_parser single({.event_bytes = 4});
    single.feed("data: 12345\n\n");
    CHECK_FALSE(single.next());
    CHECK(single.overflowed());
}
