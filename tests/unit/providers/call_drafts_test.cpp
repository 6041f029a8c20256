// Fragments of tool calls, however vendors mark what belongs together.
#include "providers/call_drafts.hpp"

#include "base/limits.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using providers::call_drafts;
using calls = std::vector<tool_call>;

namespace {

calls put_together(const std::vector<call_drafts::fragment>& fragments) {
    call_drafts drafts;
    for (const auto& f : fragments) drafts.add(f);
    auto taken = drafts.take("call_");
    REQUIRE(taken);
    return *std::move(taken);
}

}  // namespace

TEST_CASE("an index says what belongs together, also in turns, and orders the calls") {
    CHECK(put_together({{1, "b", "g", ""},
                        {0, "a", "f", "{\"x\""},
                        {1, "", "", "{\"y\":"},
                        {0, "", "", ":1}"},
                        {1, "", "", "2}"}}) ==
          calls{{"a", "f", R"({"x":1})"}, {"b", "g", R"({"y":2})"}});
}

TEST_CASE("without an index an id does, and without either it is the last call") {
    CHECK(put_together({{{}, "a", "f", "{"}, {{}, "", "", "}"}, {{}, "b", "f", ""}}) ==
          calls{{"a", "f", "{}"}, {"b", "f", "{}"}});
    CHECK(put_together(
              {{-1, "a", "f", "{"}, {-1, "b", "g", "{"}, {-1, "a", "", "}"}, {-1, "b", "", "}"}}) ==
          calls{{"a", "f", "{}"}, {"b", "g", "{}"}});
    CHECK(put_together({{{}, "", "f", "{}"}, {{}, "", "f", "{}"}}) ==
          calls{{"call_0", "f", "{}"}, {"call_1", "f", "{}"}});
}

TEST_CASE("one index for all calls does not merge them") {
    CHECK(put_together({{0, "a", "f", "{}"}, {0, "b", "f", "{}"}}) ==
          calls{{"a", "f", "{}"}, {"b", "f", "{}"}});
    CHECK(put_together({{0, "", "f", "{}"}, {0, "", "f", "{}"}}) ==
          calls{{"call_0", "f", "{}"}, {"call_1", "f", "{}"}});
    // A name that is repeated with each fragment is the same call.
    CHECK(put_together({{0, "", "f", "{"}, {0, "", "f", "}"}}) == calls{{"call_0", "f", "{}"}});
    CHECK(put_together({{0, "a", "f", "{"}, {0, "a2", "", "}"}}) == calls{{"a2", "f", "{}"}});
}

TEST_CASE("after the finish an index alone decides") {
    call_drafts drafts;
    drafts.add({0, "a", "f", "{}"});
    drafts.finish();
    drafts.add({0, "b", "f", "{}"});
    CHECK(drafts.take("call_") == calls{{"b", "f", "{}{}"}});
}

TEST_CASE("arguments that are cut off stay as they are") {
    CHECK(put_together({{0, "a", "f", "{\"x\": [1,"}}) == calls{{"a", "f", "{\"x\": [1,"}});
}

TEST_CASE("an id that comes twice is told apart") {
    call_drafts drafts;
    for (const auto* id : {"a", "a", "a_1", "a"}) drafts.add_whole(id, "f", "");
    const auto taken = drafts.take("call_");
    REQUIRE(taken);
    CHECK((*taken)[0].id == "a");
    for (std::size_t i = 0; i < taken->size(); ++i)
        for (std::size_t k = 0; k < i; ++k) CHECK((*taken)[i].id != (*taken)[k].id);
}

TEST_CASE("an answer has a limit of calls") {
    const auto take = [](std::size_t n, bool whole) {
        call_drafts drafts;
        for (std::size_t i = 0; i < n; ++i) {
            if (whole)
                drafts.add_whole("", "f", "");
            else
                drafts.add({static_cast<std::int64_t>(i), "", "f", ""});
        }
        return drafts.take("call_");
    };
    for (const bool whole : {false, true}) {
        CHECK(take(limits::tool_calls, whole)->size() == limits::tool_calls);
        CHECK_FALSE(take(limits::tool_calls + 1, whole));
    }
}

TEST_CASE("what names no function is no call") {
    call_drafts drafts;
    drafts.add({0, "a", "", "{}"});
    CHECK_FALSE(drafts.empty());
    CHECK_FALSE(drafts.take("call_"));
}
