// The table of what vendors and models take. A new model is a new row.
#include "providers/wire_names.hpp"

#include "providers/endpoint.hpp"

#include <algorithm>

namespace conclave::providers {
namespace {

struct named_parameter {
    std::string_view word;
    parameter which;
};

constexpr std::array words = {
    named_parameter{"instructions", parameter::instructions},
    named_parameter{"max_tokens", parameter::max_tokens},
    named_parameter{"temperature", parameter::temperature},
    named_parameter{"stop", parameter::stop},
    named_parameter{"output_schema", parameter::output_schema},
    named_parameter{"stream_usage", parameter::stream_usage},
    named_parameter{"thinking_state", parameter::thinking_state},
    named_parameter{"call_ids", parameter::call_ids},
    named_parameter{"schema_with_tools", parameter::schema_with_tools},
    named_parameter{"call_signature", parameter::call_signature},
};

/// An empty host, model or version fits all. A model fits by its name up to a '-', '.' or '@', a
/// host by its end, a version if it is not older.
struct row {
    provider_kind kind;
    std::string_view host;
    std::string_view model;
    std::string_view version;
    parameter which;
    std::string_view name;
};

constexpr auto chat = provider_kind::openai;
constexpr auto responses = provider_kind::openai_responses;
constexpr auto claude = provider_kind::anthropic;
constexpr auto gemini = provider_kind::gemini;

constexpr std::array rows = {
    row{chat, "", "", "", parameter::instructions, "system"},
    row{chat, "", "", "", parameter::max_tokens, "max_tokens"},
    row{chat, "", "", "", parameter::temperature, "temperature"},
    row{chat, "", "", "", parameter::stop, "stop"},
    row{chat, "", "", "", parameter::output_schema, "json_schema"},
    row{chat, "", "", "", parameter::stream_usage, "stream_options"},
    // It tells the usage of streams unasked and refuses members that it does not know.
    row{chat, "api.mistral.ai", "", "", parameter::stream_usage, ""},
    row{chat, "api.mistral.ai", "", "", parameter::call_ids, "alphanumeric_9"},
    row{chat, "api.openai.com", "", "", parameter::call_ids, "any_40"},
    row{chat, ".openai.azure.com", "", "", parameter::call_ids, "any_40"},
    row{chat, "api.perplexity.ai", "", "", parameter::stream_usage, ""},
    row{chat, "api.deepseek.com", "", "", parameter::output_schema, "json_object"},
    row{chat, "api.groq.com", "", "", parameter::output_schema, ""},
    row{chat, "api.groq.com", "openai/gpt-oss", "", parameter::output_schema, "json_schema"},
    row{chat, "", "gpt-3.5-turbo", "", parameter::output_schema, "json_object"},
    row{chat, "", "gpt-4", "", parameter::output_schema, ""},
    row{chat, "", "gpt-4-turbo", "", parameter::output_schema, "json_object"},
    row{chat, "", "gpt-4.1", "", parameter::output_schema, "json_schema"},

    row{responses, "", "", "", parameter::instructions, "instructions"},
    row{responses, "", "", "", parameter::max_tokens, "max_output_tokens"},
    row{responses, "", "", "", parameter::temperature, "temperature"},
    row{responses, "", "", "", parameter::output_schema, "json_schema"},
    row{responses, "", "", "", parameter::call_ids, "any_64"},

    row{claude, "", "", "", parameter::instructions, "system"},
    row{claude, "", "", "", parameter::max_tokens, "max_tokens"},
    row{claude, "", "", "", parameter::temperature, "temperature"},
    row{claude, "", "", "", parameter::stop, "stop_sequences"},
    row{claude, "", "", "", parameter::output_schema, "output_config"},
    row{claude, "", "", "", parameter::call_ids, "word_64"},
    row{claude, "", "claude-3", "", parameter::output_schema, ""},
    row{claude, "", "claude-opus-4", "", parameter::output_schema, ""},
    row{claude, "", "claude-opus-4-5", "", parameter::output_schema, "output_config"},
    row{claude, "", "claude-opus-4-6", "", parameter::output_schema, "output_config"},
    row{claude, "", "claude-opus-4-7", "", parameter::output_schema, "output_config"},
    row{claude, "", "claude-opus-4-8", "", parameter::output_schema, "output_config"},
    row{claude, "", "claude-sonnet-4", "", parameter::output_schema, ""},
    row{claude, "", "claude-sonnet-4-5", "", parameter::output_schema, "output_config"},
    row{claude, "", "claude-sonnet-4-6", "", parameter::output_schema, "output_config"},
    row{claude, "", "", "2026-10-21", parameter::temperature, ""},
    row{claude, "", "claude-sonnet-5", "", parameter::temperature, ""},
    row{claude, "", "claude-opus-5", "", parameter::temperature, ""},
    row{claude, "", "claude-haiku-5", "", parameter::temperature, ""},
    row{claude, "", "claude-fable-5", "", parameter::temperature, ""},

    row{gemini, "", "", "", parameter::instructions, "systemInstruction"},
    row{gemini, "", "", "", parameter::max_tokens, "maxOutputTokens"},
    row{gemini, "", "", "", parameter::temperature, "temperature"},
    row{gemini, "", "", "", parameter::stop, "stopSequences"},
    row{gemini, "", "", "", parameter::output_schema, "responseJsonSchema"},
    row{gemini, "", "", "", parameter::schema_with_tools, "responseJsonSchema"},
    row{gemini, "", "gemini-1", "", parameter::schema_with_tools, ""},
    row{gemini, "", "gemini-2", "", parameter::schema_with_tools, ""},
};

/// Google's models that refuse calls without a signature, and what it has for those that another
/// model made.
constexpr std::array<std::string_view, 2> signing_models = {"gemini-3", "gemini-4"};
constexpr std::string_view google_maker = "google/";
constexpr std::string_view no_signature = "skip_thought_signature_validator";
constexpr std::array signing_rows = {
    row{gemini, "", "", "", parameter::call_signature, no_signature},
    row{chat, "generativelanguage.googleapis.com", "", "", parameter::call_signature, no_signature},
};

/// OpenAI's reasoning models, by the first part of their names.
constexpr std::array<std::string_view, 5> reasoning_models = {"o1", "o3", "o4", "gpt-5", "gpt-6"};

constexpr std::array reasoning_rows = {
    row{chat, "", "", "", parameter::instructions, "developer"},
    row{chat, "", "o1-mini", "", parameter::instructions, "user"},
    row{chat, "", "", "", parameter::max_tokens, "max_completion_tokens"},
    row{chat, "", "", "", parameter::temperature, ""},
    row{chat, "", "", "", parameter::stop, ""},
    row{responses, "", "", "", parameter::temperature, ""},
    row{responses, "", "", "", parameter::thinking_state, "reasoning.encrypted_content"},
};

/// Mistral's models are as strict wherever they run; routers name their maker first.
constexpr std::string_view mistral_maker = "mistralai/";
constexpr std::array<std::string_view, 7> mistral_models = {
    "mistral", "ministral", "mixtral", "magistral", "codestral", "devstral", "pixtral"};
constexpr std::array mistral_rows = {
    row{chat, "", "", "", parameter::call_ids, "alphanumeric_9"},
};

bool fits_model(std::string_view name, std::string_view model) {
    if (!model.starts_with(name)) return false;
    const auto rest = model.substr(name.size());
    return rest.empty() || name.empty() || std::string_view("-.@").find(rest.front()) != rest.npos;
}

template <std::size_t Count>
bool is_among(const std::array<std::string_view, Count>& names, std::string_view model) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return fits_model(name, model); });
}

std::string_view without_maker(std::string_view model, std::string_view maker) {
    return model.starts_with(maker) ? model.substr(maker.size()) : model;
}

}  // namespace

std::optional<parameter> parse_parameter(std::string_view word) {
    for (const auto& [known, which] : words)
        if (known == word) return which;
    return std::nullopt;
}

wire_names::wire_names(const new_provider& provider, std::string_view model) {
    const auto host = host_of(provider.base_url);
    const auto apply = [&](const row& r) {
        if (r.kind == provider.kind && host.ends_with(r.host) && fits_model(r.model, model) &&
            (r.version.empty() || provider.api_version >= r.version))
            names_[static_cast<std::size_t>(r.which)] = r.name;
    };
    for (const auto& r : rows) apply(r);
    if (is_among(reasoning_models, model))
        for (const auto& r : reasoning_rows) apply(r);
    if (is_among(mistral_models, without_maker(model, mistral_maker)))
        for (const auto& r : mistral_rows) apply(r);
    if (is_among(signing_models, without_maker(model, google_maker)))
        for (const auto& r : signing_rows) apply(r);
    for (const auto& [word, name] : provider.parameter_names)
        if (const auto which = parse_parameter(word))
            names_[static_cast<std::size_t>(*which)] = name;
}

}  // namespace conclave::providers
