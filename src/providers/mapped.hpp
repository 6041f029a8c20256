// A vendor described in configuration: a request template, and where in its answers things stand.
#pragma once

#include <conclave/provider.hpp>
#include <conclave/result.hpp>

#include "providers/codec.hpp"

#include <memory>

namespace conclave::providers {

/// Of a provider of kind `mapped` that is valid but for its template. An answer with status 2xx is
/// a success if the pointer `text` leads to a string. Anything else is a failure if the pointers of
/// the error or a usual envelope say so, and unreadable otherwise. Tokens are told only if both
/// counts are. A delay in the body counts where no header asks for one.
result<std::unique_ptr<codec>> make_mapped_codec(const new_provider& provider);

}  // namespace conclave::providers
