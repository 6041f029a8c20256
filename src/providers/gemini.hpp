// Google's generateContent.
#pragma once

#include <conclave/provider.hpp>

#include "providers/answer_decoder.hpp"
#include "providers/codec.hpp"

#include <memory>

namespace conclave::providers {

/// Of a valid provider of kind `gemini`: at Google's host for API keys, or, with a base URL that
/// ends before `/models` and a header for the token, at Vertex.
std::unique_ptr<codec> make_gemini_codec(const new_provider& provider);

/// Reads its answers.
std::shared_ptr<const answer_reader> make_gemini_reader();

}  // namespace conclave::providers
