// UTF-8, also against a slow and obvious decoder.
#include "base/utf8.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

using namespace std::string_view_literals;
namespace utf8 = conclave::utf8;

namespace {

// Decodes by arithmetic and checks the value afterwards.
bool valid_by_decoding(std::string_view text) {
    static constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t bytes = lead < 0x80             ? 1
                                  : (lead & 0xE0) == 0xC0 ? 2
                                  : (lead & 0xF0) == 0xE0 ? 3
                                  : (lead & 0xF8) == 0xF0 ? 4
                                                          : 0;
        if (bytes == 0 || i + bytes > text.size()) return false;
        std::uint32_t code = bytes == 1 ? lead : lead & (0x7FU >> bytes);
        for (std::size_t k = 1; k < bytes; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xC0) != 0x80) return false;
            code = (code << 6) | (next & 0x3FU);
        }
        if (code < smallest[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            return false;
        i += bytes;
    }
    return true;
}

}  // namespace

TEST_CASE("the borders of UTF-8", "[utf8]") {
    for (const auto text :
         {""sv, "a"sv, "\0"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv,
          "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv,
          "\xF4\x8F\xBF\xBF"sv, "12345678\xC3\xA9"sv, "1234567\xC3\xA9"sv})
        CHECK(utf8::valid(text));
    for (const auto text :
         {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC2"sv, "\xC2\x41"sv, "\xE0\x9F\xBF"sv,
          "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xE2\x82"sv, "\xE2\x82\x41"sv, "\xF0\x8F\xBF\xBF"sv,
          "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xF0\x9F\x98"sv, "\xFE"sv, "\xFF"sv,
          "12345678\xC3"sv, "1234567\xC3"sv})
        CHECK_FALSE(utf8::valid(text));
}

TEST_CASE("every three bytes are judged as by decoding", "[utf8]") {
    std::string text(3, '\0');
    int wrong = 0;
    for (int a = 0; a < 256; ++a)
        for (int b = 0; b < 256; ++b)
            for (int c = 0; c < 256; c += (a < 0xE0 ? 15 : 1)) {
                text[0] = static_cast<char>(a);
                text[1] = static_cast<char>(b);
                text[2] = static_cast<char>(c);
                wrong += utf8::valid(text) != valid_by_decoding(text) ? 1 : 0;
            }
    CHECK(wrong == 0);
}

TEST_CASE("random texts are judged as by decoding", "[utf8]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::string_view pieces[] = {
        "a",    "word and ", "\xC3\xA9", "\xE2\x82\xAC", "\x80", "\xED\xA0\x80", "\xF0\x9F\x98\x80",
        "\xC3", "12345678",  "\xF0\x9F"};
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (auto n = random() % 12; n > 0; --n) text += pieces[random() % (i % 2 ? 4 : 10)];
        CAPTURE(text);
        REQUIRE(utf8::valid(text) == valid_by_decoding(text));
    }
}

TEST_CASE("the prefix that is valid ends before what is not", "[utf8]") {
    for (const std::string_view before :
         {"", "a", "seven b", "eight by", "nine byte", "\xC3\xA9\xE2\x82\xAC"}) {
        CHECK(utf8::valid_prefix(before) == before.size());
        for (const std::string_view wrong : {"\xC3", "\xE2\x82", "\xFF", "\xED\xA0\x80"})
            for (const std::string_view after : {"", "and more that is valid"}) {
                const auto text = std::string(before) + std::string(wrong) + std::string(after);
                CHECK(utf8::valid_prefix(text) == before.size());
            }
    }
}

TEST_CASE("code points are counted and never cut", "[utf8]") {
    constexpr auto text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"sv;
    CHECK(utf8::count_code_points(text) == 4);
    CHECK(utf8::truncate(text, 10) == text);
    CHECK(utf8::truncate(text, 9) == text.substr(0, 6));
    CHECK(utf8::truncate(text, 6) == text.substr(0, 6));
    CHECK(utf8::truncate(text, 5) == text.substr(0, 3));
    CHECK(utf8::truncate(text, 2) == "a");
    CHECK(utf8::truncate(text, 0).empty());
}
