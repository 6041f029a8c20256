// Chat Completions, as OpenAI and many others speak it.
#pragma once

#include <conclave/provider.hpp>

#include "providers/codec.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace conclave::providers {

/// Where models differ in how they want to be asked.
struct openai_dialect {
    std::string_view instructions_role = "system";
    std::string_view max_tokens_member = "max_tokens";
};

/// By the model's name; the plain dialect for a name that is not in the table.
const openai_dialect& dialect_of(std::string_view model);

/// `base_url` with "/chat/completions" behind its path; a query stays at the end.
std::string chat_completions_url(std::string_view base_url);

/// Of a valid provider of kind `openai`.
std::unique_ptr<codec> make_openai_codec(const new_provider& provider);

}  // namespace conclave::providers
