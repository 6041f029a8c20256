// Checks a provider before it is registered, and builds its codec.
#include "providers/validate.hpp"

#include "base/ascii.hpp"
#include "base/field.hpp"
#include "base/http_field.hpp"
#include "base/limits.hpp"
#include "json/pointer.hpp"
#include "providers/anthropic.hpp"
#include "providers/endpoint.hpp"
#include "providers/fields.hpp"
#include "providers/gemini.hpp"
#include "providers/mapped.hpp"
#include "providers/openai.hpp"
#include "providers/request_template.hpp"
#include "providers/responses.hpp"
#include "providers/tool_rule.hpp"
#include "providers/wire_names.hpp"
#include "resilience/resolved_policy.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace conclave::providers {
namespace {

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

bool all_visible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_visible);
}

result<void> check_name(std::string_view name) {
    if (name.empty()) return invalid("name", "must not be empty");
    if (name.size() > provider_name_bytes) return invalid("name", "must be at most 64 bytes");
    const bool fits = std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
    });
    if (!fits) return invalid("name", "must have letters, digits, '_', '.' and '-' only");
    return {};
}

/// Characters and form, with words for each fault; the HTTP client's own parser has the last word.
result<void> check_url(std::string_view url) {
    constexpr std::string_view field = "base_url";
    if (url.empty()) return invalid(field, "must not be empty");
    if (url.size() > limits::url_bytes) return invalid(field, "must be at most 2048 bytes");
    const bool fits = std::all_of(url.begin(), url.end(), [](char c) {
        return is_visible(c) && std::string_view("\"<>\\^`{|}#").find(c) == std::string_view::npos;
    });
    if (!fits) return invalid(field, "must not have a character that a URL cannot have");
    const std::string_view scheme = url.starts_with("https://") ? "https://" : "http://";
    if (!url.starts_with(scheme)) return invalid(field, "must begin with http:// or https://");
    const auto rest = url.substr(scheme.size());
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (authority.empty()) return invalid(field, "must name a host");
    if (authority.find('@') != std::string_view::npos)
        return invalid(field, "must not hold a user name or password");
    return {};
}

result<void> check_header(std::string_view field, std::string_view name, std::string_view value) {
    if (name.size() > header_name_bytes || !is_http_token(name))
        return invalid(field, "must have a name of letters, digits and '-'");
    if (is_client_field(name)) return invalid(field, "must not have a name the client sets");
    if (value.size() > header_value_bytes)
        return invalid(field, "must have a value of at most 8192 bytes");
    const bool fits =
        std::all_of(value.begin(), value.end(), [](char c) { return is_visible(c) || c == ' '; });
    if (!fits) return invalid(field, "must have a value of printable ASCII");
    return {};
}

result<void> check_headers(const new_provider& p) {
    if (p.headers.size() > provider_headers) return invalid("headers", "must be at most 32");
    for (std::size_t i = 0; i < p.headers.size(); ++i) {
        const auto field = "headers[" + std::to_string(i) + "]";
        const auto& [name, value] = p.headers[i];
        if (auto checked = check_header(field, name, value); !checked) return checked;
        const bool places_key = value.find(api_key_placeholder) != std::string::npos;
        if (places_key && p.api_key.empty()) return invalid("api_key", "must not be empty");
    }
    return {};
}

result<void> check_http(const new_provider& p) {
    if (auto checked = check_url(p.base_url); !checked) return checked;
    if (p.api_key.size() > api_key_bytes) return invalid("api_key", "must be at most 8192 bytes");
    if (!all_visible(p.api_key))
        return invalid("api_key", "must be printable ASCII without spaces");
    return check_headers(p);
}

bool is_plain_word(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
    });
}

result<void> check_parameter_names(const new_provider& p) {
    if (p.parameter_names.size() > parameters)
        return invalid("parameter_names", "must be at most 10");
    for (const auto& [word, name] : p.parameter_names) {
        if (!parse_parameter(word))
            return invalid("parameter_names", "must not have a name that is no parameter");
        if (name.size() > parameter_name_bytes || !is_plain_word(name))
            return invalid("parameter_names." + word,
                           "must be at most 64 letters, digits, '_', '.' and '-'");
    }
    return {};
}

/// What comes behind the base URL, but for a model's name.
std::string_view operation_of(provider_kind kind) {
    switch (kind) {
        case provider_kind::openai: return "/chat/completions";
        case provider_kind::openai_responses: return "/responses";
        case provider_kind::anthropic: return "/v1/messages";
        default: return "/v1beta/models/:streamGenerateContent?alt=sse";
    }
}

/// A vendor's own protocol.
result<void> check_protocol(const new_provider& p) {
    if (auto checked = check_http(p); !checked) return checked;
    const auto operation = operation_of(p.kind);
    if (extend_url(p.base_url, operation).size() > limits::url_bytes)
        return invalid("base_url",
                       "must leave room for " + std::string(operation) + " in 2048 bytes");
    if (p.api_version.size() > api_version_bytes || !is_plain_word(p.api_version))
        return invalid("api_version", "must be at most 32 letters, digits, '_', '.' and '-'");
    return check_parameter_names(p);
}

result<void> check_pointer(std::string_view field, std::string_view pointer) {
    if (pointer.empty()) return {};
    if (pointer.size() > pointer_bytes) return invalid(field, "must be at most 255 bytes");
    if (!json::is_pointer(pointer)) return invalid(field, "must be a JSON pointer such as /a/0/b");
    return {};
}

result<void> check_mapped(const new_provider& p) {
    if (auto checked = check_http(p); !checked) return checked;
    const auto& m = p.mapped;
    if (m.method != "POST" && m.method != "PUT" && m.method != "PATCH")
        return invalid("mapped.method", "must be POST, PUT or PATCH");
    if (m.request_template.size() > request_template_bytes)
        return invalid("mapped.request_template", "must be at most 65536 bytes");
    const auto parsed = request_template::parse(m.request_template, "mapped.request_template");
    if (!parsed) return parsed.error();
    if (m.text.empty()) return invalid("mapped.text", "must not be empty");
    for (const auto& [field, pointer] :
         {std::pair<std::string_view, std::string_view>{"mapped.text", m.text},
          {"mapped.tokens_in", m.tokens_in},
          {"mapped.tokens_out", m.tokens_out},
          {"mapped.model", m.model},
          {"mapped.error_code", m.error_code},
          {"mapped.error_message", m.error_message},
          {"mapped.retry_after_ms", m.retry_after_ms}}) {
        if (auto checked = check_pointer(field, pointer); !checked) return checked;
    }
    if (m.tokens_in.empty() != m.tokens_out.empty())
        return invalid(m.tokens_in.empty() ? "mapped.tokens_in" : "mapped.tokens_out",
                       "must be given if the other count is");
    return {};
}

result<void> check_failure(const std::string& field, const scripted_reply::failure& failure) {
    if (failure.http_status != 0 && (failure.http_status < 400 || failure.http_status > 599))
        return invalid(field + ".http_status", "must be 0 or between 400 and 599");
    if (auto checked = check_text(field + ".code", failure.code, {}); !checked) return checked;
    return check_range(field + ".retry_after_ms", failure.retry_after_ms.value_or(0), 0,
                       asked_wait_ms_max);
}

constexpr text_rule scripted_text = {.max_bytes = limits::content_bytes,
                                     .controls = control_characters::all_but_nul,
                                     .too_long = errc::payload_too_large};

result<void> check_chunks(const std::string& field, const scripted_reply& reply) {
    if (reply.chunks.size() > scripted_chunks)
        return invalid(field + ".chunks", "must be at most 10000");
    std::string whole;
    for (std::size_t i = 0; i < reply.chunks.size(); ++i) {
        const auto name = field + ".chunks[" + std::to_string(i) + "]";
        if (auto checked = check_text(name, reply.chunks[i], scripted_text); !checked)
            return checked;
        whole += reply.chunks[i];
    }
    if (auto checked = check_text(field + ".chunks", whole, scripted_text); !checked)
        return checked;
    if (!reply.chunks.empty() && !reply.text.empty() && reply.text != whole)
        return invalid(field + ".text", "must be what `chunks` are together");
    return {};
}

result<void> check_reply(const std::string& field, const scripted_reply& reply) {
    if (auto checked = check_text(field + ".text", reply.text, scripted_text); !checked)
        return checked;
    if (auto checked = check_chunks(field, reply); !checked) return checked;
    for (const auto& [name, value, max] :
         {std::tuple{".tokens_in", reply.tokens_in.value_or(0), tokens_max},
          std::tuple{".tokens_out", reply.tokens_out.value_or(0), tokens_max},
          std::tuple{".latency_ms", reply.latency_ms, limits::policy_time_ms},
          std::tuple{".chunk_latency_ms", reply.chunk_latency_ms, limits::policy_time_ms}}) {
        if (auto checked = check_range(field + name, value, 0, max); !checked) return checked;
    }
    if (!keep_tool_calls(reply.tool_calls, "call_"))
        return invalid(field + ".tool_calls",
                       "must be at most 32, each with a name and its own id");
    return reply.error ? check_failure(field + ".error", *reply.error) : result<void>();
}

result<void> check_scripted(const new_provider& p) {
    if (p.echo && !p.replies.empty()) return invalid("echo", "must not be set beside replies");
    if (!p.echo && p.replies.empty()) return invalid("replies", "must not be empty");
    if (p.replies.size() > scripted_replies) return invalid("replies", "must be at most 10000");
    for (std::size_t i = 0; i < p.replies.size(); ++i) {
        const auto field = "replies[" + std::to_string(i) + "]";
        if (auto checked = check_reply(field, p.replies[i]); !checked) return checked;
    }
    return {};
}

/// Fields that would be ignored are a mistake.
result<void> check_unused(const new_provider& p) {
    const bool http = is_http(p.kind);
    const auto unused = [](std::string_view field) {
        return invalid(field, "must not be given for this kind");
    };
    if (!http && !p.base_url.empty()) return unused("base_url");
    if (!http && !p.api_key.empty()) return unused("api_key");
    if (!http && !p.headers.empty()) return unused("headers");
    const bool protocol = http && p.kind != provider_kind::mapped;
    if (!protocol && !p.api_version.empty()) return unused("api_version");
    if (!protocol && !p.parameter_names.empty()) return unused("parameter_names");
    if (p.kind != provider_kind::mapped && !p.mapped.request_template.empty())
        return unused("mapped");
    if (p.kind != provider_kind::scripted && !p.replies.empty()) return unused("replies");
    if (p.kind != provider_kind::scripted && p.echo) return unused("echo");
    if (p.kind != provider_kind::callback && p.handler) return unused("handler");
    if (p.kind != provider_kind::callback && p.async_handler) return unused("async_handler");
    return {};
}

result<void> check_kind(const new_provider& p) {
    switch (p.kind) {
        case provider_kind::openai:
        case provider_kind::openai_responses:
        case provider_kind::anthropic:
        case provider_kind::gemini: return check_protocol(p);
        case provider_kind::mapped: return check_mapped(p);
        case provider_kind::scripted: return check_scripted(p);
        case provider_kind::callback:
            if (static_cast<bool>(p.handler) != static_cast<bool>(p.async_handler)) return {};
            return invalid("handler", "must be given, or else `async_handler`");
    }
    return invalid("kind", "must be a kind of provider");
}

}  // namespace

result<void> validate(const new_provider& p) {
    if (auto checked = check_name(p.name); !checked) return checked;
    if (auto checked = check_unused(p); !checked) return checked;
    if (auto checked = check_kind(p); !checked) return checked;
    if (auto checked = resilience::validate(p.policy, "policy"); !checked) return checked;
    if (auto checked = check_range("concurrency", p.concurrency.value_or(1), 1,
                                   static_cast<std::int64_t>(limits::sends_in_flight));
        !checked)
        return checked;
    if (p.default_model.size() > limits::name_bytes)
        return invalid("default_model", "must be at most 255 bytes");
    if (!all_visible(p.default_model))
        return invalid("default_model", "must be printable ASCII without spaces");
    return {};
}

result<std::unique_ptr<codec>> make_codec(const new_provider& p) {
    if (auto checked = validate(p); !checked) return checked.error();
    switch (p.kind) {
        case provider_kind::openai: return make_openai_codec(p);
        case provider_kind::openai_responses: return make_responses_codec(p);
        case provider_kind::anthropic: return make_anthropic_codec(p);
        case provider_kind::gemini: return make_gemini_codec(p);
        case provider_kind::mapped: return make_mapped_codec(p);
        case provider_kind::callback:
        case provider_kind::scripted: break;
    }
    return invalid("kind", "must be one that is spoken to over HTTP");
}

}  // namespace conclave::providers
