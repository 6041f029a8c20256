// Anthropic's Messages.
#pragma once

#include <conclave/provider.hpp>

#include "providers/answer_decoder.hpp"
#include "providers/codec.hpp"

#include <memory>
#include <string_view>

namespace conclave::providers {

inline constexpr std::string_view anthropic_version = "2023-06-01";

/// Of a valid provider of kind `anthropic`. A request that names no limit of tokens gets
/// limits::hold_output_tokens, since this protocol wants one.
std::unique_ptr<codec> make_anthropic_codec(const new_provider& provider);

/// Reads its answers.
std::shared_ptr<const answer_reader> make_anthropic_reader();

}  // namespace conclave::providers
