// Prints and reads error documents.
#include "messaging/error_document.hpp"

#include "json/parse.hpp"
#include "json/writer.hpp"

#include <type_traits>

namespace conclave::messaging {

namespace {

errc code_of(std::string_view name) {
    for (int n = 1; n <= static_cast<int>(errc::internal_error); ++n)
        if (to_string(static_cast<errc>(n)) == name) return static_cast<errc>(n);
    return errc::internal_error;
}

std::string text_of(const json::value& document, std::string_view key) {
    const auto* found = json::find(document, key);
    const auto* text = found ? found->as_string() : nullptr;
    return text ? *text : std::string();
}

void read_details(const json::value& document, error& e) {
    const auto* details = json::find(document, "details");
    if (details == nullptr || details->as_object() == nullptr) return;
    for (const auto& [key, value] : *details->as_object()) {
        if (const auto* text = value.as_string()) e.with(key, *text);
        if (const auto* number = value.as_integer()) e.with(key, *number);
        if (const auto* truth = value.as_boolean()) e.with(key, *truth);
    }
}

}  // namespace

std::string print_error(const error& e) {
    json::writer w(256);
    w.begin_object().key("code").string(to_string(e.code)).key("message").string(e.message);
    w.key("details").begin_object();
    for (const auto& [key, detail] : e.details) {
        w.key(key);
        std::visit(
            [&w](const auto& v) {
                using type = std::decay_t<decltype(v)>;
                if constexpr (std::is_same_v<type, std::string>)
                    w.string(v);
                else if constexpr (std::is_same_v<type, bool>)
                    w.boolean(v);
                else
                    w.integer(v);
            },
            detail);
    }
    w.end_object().key("request_id").string(e.request_id);
    w.key("retryable").boolean(e.retryable()).key("retry_after_ms");
    e.retry_after_ms ? w.integer(*e.retry_after_ms) : w.null();
    w.key("http_status").integer(e.http_status()).end_object();
    return std::move(w).text();
}

error parse_error(std::string_view document) {
    auto parsed = json::parse(document, "error");
    if (!parsed) return fail(errc::internal_error, "a stored error cannot be read");
    auto e = fail(code_of(text_of(*parsed, "code")), text_of(*parsed, "message"));
    read_details(*parsed, e);
    e.request_id = text_of(*parsed, "request_id");
    if (const auto* wait = json::find(*parsed, "retry_after_ms"); wait && wait->as_integer())
        e.retry_after_ms = *wait->as_integer();
    return e;
}

}  // namespace conclave::messaging
