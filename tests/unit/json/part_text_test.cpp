// The parts of messages as JSON.
#include "json/part_text.hpp"

#include <catch2/catch.hpp>

using namespace conclave;

TEST_CASE("parts are read as they were printed") {
    using kind = content_part::kind;
    const std::vector<content_part> parts = {
        {kind::text, "a \"text\"\n", ""},
        {kind::image_url, "https://example.com/a.png", ""},
        {kind::image_url, "gs://bucket/a", "image/webp"},
        {kind::image, "AAAA", "image/png"},
    };
    const auto text = json::print_parts(parts);
    CHECK(text == R"([{"type":"text","text":"a \"text\"\n"},)"
                  R"({"type":"image","url":"https://example.com/a.png"},)"
                  R"({"type":"image","media_type":"image/webp","url":"gs://bucket/a"},)"
                  R"({"type":"image","media_type":"image/png","data":"AAAA"}])");
    CHECK(json::read_parts(text) == parts);
    CHECK(json::print_parts({}) == "[]");
    CHECK(json::read_parts("[]").empty());
}

TEST_CASE("what is no part is left out") {
    CHECK(json::read_parts("").empty());
    CHECK(json::read_parts("{}").empty());
    CHECK(json::read_parts(R"([1, null, {"type":"text"}, {"text":1}])").empty());
}
