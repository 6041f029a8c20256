// Fuzzes JSON Schema: its reader, and the check of a document.
#include "json/schema.hpp"

#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "json/parse.hpp"
#include "json/print.hpp"

#include <string>

namespace {

namespace json = conclave::json;

template <class T>
void check_error(const conclave::result<T>& r) {
    if (r) return;
    fuzz::require(!r.error().message.empty() && conclave::utf8::valid(r.error().message));
}

}  // namespace

/// A schema, a zero byte and a document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto all = fuzz::text_of(data, size);
    const auto end = all.find('\0');
    const std::string text(all.substr(0, end));
    const auto schema = json::schema::read(text, "schema");
    check_error(schema);
    if (!schema || end == all.npos) return 0;
    const auto document = json::parse(all.substr(end + 1), "document");
    if (!document) return 0;
    const auto fits = schema->check(*document, "document");
    check_error(fits);

    // The same document in other words fits as well.
    const auto again = json::parse(json::print(*document), "document");
    fuzz::require(again && schema->check(*again, "document").has_value() == fits.has_value());

    // Nothing fits a schema and its opposite. References would lead elsewhere in it.
    if (text.find('$') != text.npos || text.find("\\u") != text.npos) return 0;
    const auto opposite = json::schema::read(R"({"not":)" + text + "}", "schema");
    fuzz::require(!opposite || !fits || !opposite->check(*document, "document"));
    return 0;
}
