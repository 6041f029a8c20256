// Chat Completions, as OpenAI and many others speak it.
#pragma once

#include <conclave/provider.hpp>

#include "providers/answer_decoder.hpp"
#include "providers/codec.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace conclave::providers {

/// `base_url` with "/chat/completions" behind its path; a query stays at the end.
std::string chat_completions_url(std::string_view base_url);

/// Of a valid provider of kind `openai`.
std::unique_ptr<codec> make_openai_codec(const new_provider& provider);

/// Reads its answers.
std::shared_ptr<const answer_reader> make_openai_reader();

}  // namespace conclave::providers
