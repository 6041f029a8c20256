// OpenAI's Responses.
#pragma once

#include <conclave/provider.hpp>

#include "providers/answer_decoder.hpp"
#include "providers/codec.hpp"

#include <memory>

namespace conclave::providers {

/// Of a valid provider of kind `openai_responses`. Nothing is stored at the vendor: the whole
/// conversation goes along, and reasoning comes and goes encrypted.
std::unique_ptr<codec> make_responses_codec(const new_provider& provider);

/// Reads its answers.
std::shared_ptr<const answer_reader> make_responses_reader();

}  // namespace conclave::providers
