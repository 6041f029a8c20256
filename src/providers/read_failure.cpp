// Finds what a vendor says about a failure, whatever the envelope.
#include "base/ascii.hpp"
#include "json/pointer.hpp"
#include "json/print.hpp"
#include "providers/fields.hpp"
#include "providers/vendor_error.hpp"

#include <charconv>
#include <cmath>
#include <initializer_list>

namespace conclave::providers {
namespace {

using json::at_pointer;
using json::find;

std::optional<double> parse_number(std::string_view text) {
    double number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<std::int64_t> to_wait_ms(std::optional<double> amount, double unit_ms) {
    if (!amount || !(*amount >= 0)) return std::nullopt;  // also not a number
    const double ms = *amount * unit_ms;
    if (ms >= static_cast<double>(asked_wait_ms_max)) return asked_wait_ms_max;
    return std::llround(ms);
}

const std::string* find_header(const header_list& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (key == name) return &value;
    }
    return nullptr;
}

/// Text or integer: codes come as both.
std::string code_at(const json::element& v, std::string_view key) {
    const auto* found = find(v, key);
    if (found == nullptr) return {};
    if (const auto* text = found->as_string()) return std::string(*text);
    if (const auto* number = found->as_integer()) return std::to_string(*number);
    return {};
}

/// A text, or a list (of validation errors) as JSON. Not an object: in a failed choice `message` is
/// the model's.
std::string message_of(const json::element* v) {
    if (v == nullptr) return {};
    if (const auto* text = v->as_string()) return std::string(*text);
    return v->is_array() ? json::print(*v) : std::string();
}

std::string first_message(const json::element& v, std::initializer_list<std::string_view> keys) {
    for (const auto key : keys) {
        if (auto message = message_of(find(v, key)); !message.empty()) return message;
    }
    return {};
}

/// The object that holds code and type: inside `error` if that is one, else the document itself.
const json::element& inner_of(const json::element& envelope) {
    const auto* error = find(envelope, "error");
    return error != nullptr && error->is_object() ? *error : envelope;
}

std::string find_message(const json::element& envelope) {
    if (const auto* text = envelope.as_string()) return std::string(*text);
    const auto& inner = inner_of(envelope);
    if (&inner == &envelope) return first_message(envelope, {"error", "message", "detail"});
    auto message = first_message(inner, {"message", "error", "detail"});
    return message.empty() ? first_message(envelope, {"message", "detail"}) : message;
}

/// Google's list of typed details.
void read_details(const json::element& inner, vendor_facts& facts) {
    for (const auto& detail : items_at(inner, "details")) {
        const auto type = code_at(detail, "@type");
        if (type.ends_with("google.rpc.ErrorInfo")) facts.reason = code_at(detail, "reason");
        if (!type.ends_with("google.rpc.RetryInfo") || facts.retry_after_ms) continue;
        const auto delay = code_at(detail, "retryDelay");
        if (delay.ends_with('s'))
            facts.retry_after_ms =
                to_wait_ms(parse_number(std::string_view(delay).substr(0, delay.size() - 1)), 1000);
    }
}

void read_document(const json::element& envelope, vendor_facts& facts) {
    const auto& inner = inner_of(envelope);
    facts.code = code_at(inner, "code");
    facts.type = code_at(inner, "type");
    facts.status_word = code_at(inner, "status");
    if (const auto* stable = at_pointer(inner, "/details/error_code"))
        if (const auto* text = stable->as_string()) facts.code = *text;
    if (const auto* metadata = find(inner, "metadata")) facts.reason = code_at(*metadata, "reason");
    facts.message = find_message(envelope);
    read_details(inner, facts);
    if (const auto* seconds = find(envelope, "estimated_time"); seconds && !facts.retry_after_ms)
        facts.retry_after_ms = asked_wait_ms(*seconds, 1000);
}

}  // namespace

std::optional<std::int64_t> asked_wait_ms(const header_list& headers) {
    if (const auto* value = find_header(headers, "retry-after-ms")) {
        const auto wait = to_wait_ms(parse_number(trim(*value)), 1);
        if (wait && *wait > 0) return wait;
    }
    const auto* seconds = find_header(headers, "retry-after");
    return seconds != nullptr ? to_wait_ms(parse_number(trim(*seconds)), 1000) : std::nullopt;
}

std::optional<std::int64_t> asked_wait_ms(const json::element& delay, double unit_ms) {
    if (const auto* text = delay.as_string()) return to_wait_ms(parse_number(trim(*text)), unit_ms);
    return to_wait_ms(delay.as_number(), unit_ms);
}

bool reports_failure(const json::element& document) {
    if (const auto* error = find(document, "error")) {
        const auto* text = error->as_string();
        const bool has_members = error->is_object() && !error->children().empty();
        if ((text != nullptr && !text->empty()) || has_members) return true;
    }
    const auto is_error = [&](std::string_view key) {
        const auto* word = text_at(document, key);
        return word != nullptr && *word == "error";
    };
    return is_error("object") || is_error("type");
}

vendor_facts read_failure(std::int64_t http_status, const header_list& headers,
                          std::string_view body, const json::element* document) {
    vendor_facts facts;
    facts.http_status = http_status;
    if (document != nullptr) {
        const auto list = document->is_array() ? document->children() : json::elements();
        read_document(list.empty() ? *document : list.front(), facts);
    }
    if (facts.message.empty() && http_status >= 300) facts.message = trim(body);
    if (http_status < 400) {
        facts.retry_after_ms.reset();
        return facts;
    }
    if (const auto asked = asked_wait_ms(headers)) facts.retry_after_ms = asked;
    if (const auto* word = find_header(headers, "x-should-retry")) {
        if (*word == "true") facts.should_retry = true;
        if (*word == "false") facts.should_retry = false;
    }
    return facts;
}

}  // namespace conclave::providers
