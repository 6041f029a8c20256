// Which version of a price is in force.
#include "metering/price_book.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace conclave;
using namespace conclave::metering;

namespace {

timestamp at(int ms) { return timestamp{std::chrono::milliseconds{ms}}; }

price_entry entry(const char* id, const char* provider, const char* model, int from,
                  std::int64_t nano) {
    price_entry e{.id = id,
                  .provider = provider,
                  .model = model,
                  .price = {},
                  .effective_from = at(from),
                  .created_at = {}};
    e.price.blended = nano;
    return e;
}

std::string found(const price_book& book, const char* provider, const char* model, int when) {
    const auto* e = book.find(provider, model, at(when));
    return e != nullptr ? e->id.str() : "";
}

}  // namespace

TEST_CASE("the exact model goes before any, the latest version before earlier ones", "[price]") {
    price_book book;
    book.add(entry("any", "a", "*", 0, 1));
    book.add(entry("second", "a", "m", 200, 3));
    book.add(entry("first", "a", "m", 100, 2));
    CHECK(found(book, "a", "m", -1) == "");
    CHECK(found(book, "a", "m", 0) == "any");
    CHECK(found(book, "a", "m", 99) == "any");
    CHECK(found(book, "a", "m", 100) == "first");
    CHECK(found(book, "a", "m", 199) == "first");
    CHECK(found(book, "a", "m", 200) == "second");
    CHECK(found(book, "a", "other", 200) == "any");
    CHECK(found(book, "b", "m", 200) == "");
    CHECK(found(book, "", "", 200) == "");
}

TEST_CASE("of two versions for one time the later id counts, in whatever order they come",
          "[price]") {
    price_book book;
    book.add(entry("prc_2", "a", "m", 5, 2));
    book.add(entry("prc_1", "a", "m", 5, 1));
    CHECK(found(book, "a", "m", 5) == "prc_2");
}

TEST_CASE("versions do not change and do not move", "[price]") {
    price_book book;
    book.add(entry("prc_1", "a", "m", 5, 1));
    const auto* first = book.find("a", "m", at(5));
    book.add(entry("prc_1", "a", "m", 5, 99));
    for (int i = 0; i < 100; ++i)
        book.add(entry(("prc_x" + std::to_string(i)).c_str(), "a", "m", 6 + i, i));
    CHECK(book.find("a", "m", at(5)) == first);
    CHECK(first->price.blended == 1);
}
