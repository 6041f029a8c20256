// Validates and fingerprints sends.
#include "messaging/order.hpp"

#include "agents/council_rule.hpp"
#include "base/field.hpp"
#include "base/limits.hpp"
#include "crypto/sha256.hpp"
#include "crypto/text_forms.hpp"
#include "json/council_text.hpp"
#include "json/object_text.hpp"
#include "json/parse.hpp"
#include "json/print.hpp"
#include "json/tool_text.hpp"
#include "json/writer.hpp"
#include "messaging/content_parts.hpp"

#include <algorithm>
#include <span>

namespace conclave::messaging {

namespace {

constexpr std::string_view fingerprint_format = "1";
constexpr std::string_view empty_list = "[]";

result<void> check_content(const std::string& content) {
    return check_text("content", content,
                      {.min_bytes = 1,
                       .max_bytes = limits::content_bytes,
                       .controls = control_characters::all_but_nul,
                       .too_long = errc::payload_too_large});
}

result<void> check_results(const std::vector<tool_result>& results) {
    if (results.empty()) return invalid("tool_results", "must not be empty with role `tool`");
    if (results.size() > limits::tool_calls) return invalid("tool_results", "must be at most 32");
    for (std::size_t i = 0; i < results.size(); ++i) {
        const auto field = "tool_results[" + std::to_string(i) + "]";
        const auto& r = results[i];
        if (auto ok = check_text(field + ".tool_call_id", r.tool_call_id,
                                 {.min_bytes = 1, .max_bytes = limits::name_bytes});
            !ok)
            return ok;
        const auto same = [&](const tool_result& o) { return o.tool_call_id == r.tool_call_id; };
        if (std::any_of(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(i), same))
            return invalid(field + ".tool_call_id", "must not be given twice");
        if (auto ok = check_text(field + ".content", r.content,
                                 {.max_bytes = limits::tool_result_bytes,
                                  .controls = control_characters::all_but_nul,
                                  .too_long = errc::payload_too_large});
            !ok)
            return ok;
    }
    return {};
}

/// Checks what is said in parts; their texts become the content.
result<void> take_parts(send_request& r) {
    if (!r.content.empty()) return invalid("content", "must be empty beside `parts`");
    if (auto ok = check_parts(r.parts); !ok) return ok;
    r.content = text_of(r.parts);
    return {};
}

/// What is said: a text, its parts, or the results of tools as one.
result<void> check_saying(send_request& r) {
    if (r.role == message_role::user) {
        if (!r.tool_results.empty())
            return invalid("tool_results", "must not be given without role `tool`");
        return r.parts.empty() ? check_content(r.content) : take_parts(r);
    }
    if (r.role != message_role::tool) return invalid("role", "must be `user` or `tool`");
    if (!r.parts.empty()) return invalid("parts", "must not be given with role `tool`");
    if (!r.content.empty()) return invalid("content", "must be empty beside `tool_results`");
    if (auto ok = check_results(r.tool_results); !ok) return ok;
    r.content = json::print_tool_results(r.tool_results);
    if (r.content.size() > limits::content_bytes)
        return too_large("tool_results", limits::content_bytes);
    return {};
}

result<void> check_overrides(const send_overrides& o) {
    if (o.model) {
        if (auto ok = check_text("overrides.model", *o.model,
                                 {.min_bytes = 1, .max_bytes = limits::name_bytes});
            !ok)
            return ok;
    }
    if (o.temperature && !(*o.temperature >= 0.0 && *o.temperature <= 2.0))
        return invalid("overrides.temperature", "must lie between 0 and 2");
    if (o.max_tokens)
        if (auto ok = check_range("overrides.max_tokens", *o.max_tokens, 1, limits::max_tokens);
            !ok)
            return ok;
    if (o.council) return agents::check_council(*o.council, "overrides.council");
    return {};
}

void append_field(std::string& out, std::string_view bytes) {
    const auto size = static_cast<std::uint64_t>(bytes.size());
    for (int shift = 56; shift >= 0; shift -= 8)
        out += static_cast<char>(static_cast<unsigned char>(size >> shift));
    out += bytes;
}

std::string canonical_text(const std::string& object) {
    if (object == "{}") return object;
    auto parsed = json::parse(object, "metadata");
    return parsed ? json::canonical(*parsed) : object;
}

std::string canonical_overrides(const send_order& order) {
    const auto& o = order.overrides;
    json::writer w(64);
    w.begin_object();
    if (o.council) w.key("council").raw(canonical_text(json::print_council(*o.council)));
    if (o.max_tokens) w.key("max_tokens").integer(*o.max_tokens);
    if (o.model) w.key("model").string(*o.model);
    if (order.schema) w.key("output_schema").raw(canonical_text(order.output_schema));
    if (o.temperature) w.key("temperature").number(*o.temperature);
    w.end_object();
    return std::move(w).text();
}

/// A JSON list of SHA-256, each over a call's id, a NUL and its result.
std::string digests_of(const std::vector<tool_result>& results) {
    json::writer w;
    w.begin_array();
    for (const auto& r : results) {
        auto bytes = r.tool_call_id;
        bytes += '\0';
        bytes += r.content;
        w.string(crypto::hex(crypto::sha256(bytes)));
    }
    w.end_array();
    return std::move(w).text();
}

/// Absent for a send that wants free text.
result<std::optional<json::schema>> read_schema(const std::string& text) {
    if (text.empty()) return std::optional<json::schema>();
    if (text.size() > limits::schema_bytes) return too_large("output_schema", limits::schema_bytes);
    auto schema = json::schema::read(text, "output_schema");
    if (!schema) return std::move(schema).error();
    return std::optional(*std::move(schema));
}

}  // namespace

result<send_key> hash_key(std::string_view operation, std::string_view key) {
    if (key.empty())
        return fail(errc::idempotency_key_required, "idempotency_key is missing")
            .with("field", "idempotency_key");
    const bool printable =
        std::all_of(key.begin(), key.end(), [](unsigned char c) { return c >= 0x21 && c <= 0x7e; });
    if (key.size() > limits::idempotency_key_bytes || !printable)
        return fail(errc::idempotency_key_invalid,
                    "idempotency_key must be 1 to 255 bytes of printable ASCII without spaces")
            .with("field", "idempotency_key");
    return send_key{std::string(operation), crypto::sha256(key)};
}

result<send_order> validate(tenant_scope scope, send_request request, std::string_view operation) {
    auto key = hash_key(operation, request.idempotency_key);
    if (!key) return std::move(key).error();
    if (auto ok = check_text("session_id", request.session_id.str(),
                             {.min_bytes = 1, .max_bytes = limits::id_bytes});
        !ok)
        return ok.error();
    if (auto ok = check_saying(request); !ok) return ok.error();
    if (auto ok = check_overrides(request.overrides); !ok) return ok.error();
    auto metadata = json::object_text(request.metadata, "metadata");
    if (!metadata) return std::move(metadata).error();
    if (auto ok = check_request_id(request.request_id.str()); !ok) return ok.error();
    if (request.deadline_ms) {
        if (auto ok = check_range("deadline_ms", *request.deadline_ms, 1, limits::policy_time_ms);
            !ok)
            return ok.error();
    }
    auto schema = read_schema(request.output_schema);
    if (!schema) return std::move(schema).error();
    return send_order{std::move(scope),
                      *std::move(key),
                      std::move(request.idempotency_key),
                      std::move(request.session_id),
                      request.role,
                      std::move(request.content),
                      *std::move(metadata),
                      std::move(request.overrides),
                      std::move(request.request_id),
                      std::move(request.caller),
                      std::move(request.tool_results),
                      std::move(request.output_schema),
                      *std::move(schema),
                      std::move(request.parts)};
}

digest fingerprint(const send_order& order, const digest& tenant_key) {
    std::string fields;
    fields.reserve(order.content.size() + 512);
    append_field(fields, fingerprint_format);
    append_field(fields, order.key.operation);
    append_field(fields, order.session.str());
    const bool answers_calls = order.role == message_role::tool;
    append_field(fields, answers_calls ? "tool" : "user");
    append_field(fields, answers_calls ? std::string_view() : std::string_view(order.content));
    append_field(fields, order.parts.empty() ? std::string(empty_list) : digests_of(order.parts));
    append_field(fields, answers_calls ? digests_of(order.tool_results) : std::string(empty_list));
    append_field(fields, canonical_overrides(order));
    append_field(fields, canonical_text(order.metadata));
    return crypto::hmac_sha256(tenant_key, fields);
}

}  // namespace conclave::messaging
