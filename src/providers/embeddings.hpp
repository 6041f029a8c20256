// Vectors of texts: what goes out and what comes back.
#pragma once

#include <conclave/provider.hpp>
#include <conclave/result.hpp>

#include "providers/codec.hpp"
#include "providers/request_headers.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

struct embeddings_request {
    std::string model;
    std::vector<std::string> inputs;
    std::optional<std::int64_t> dimensions;
};

struct embeddings_answer {
    call_result call;                         ///< without a text
    std::vector<std::vector<float>> vectors;  ///< of a success: in the order of the inputs
};

/// One provider's way to ask for vectors. Immutable, thread-safe.
class embeddings_codec {
   public:
    virtual ~embeddings_codec() = default;
    /// VALIDATION_ERROR without a model or inputs.
    virtual result<wire_request> encode(const embeddings_request& request) const = 0;
    /// `headers` have lower-case names. All vectors of a success have one length.
    virtual embeddings_answer read(std::int64_t status, const header_list& headers,
                                   std::string_view body, wire_end end) const = 0;
};

/// Of a provider of kind `openai` or `gemini`; VALIDATION_ERROR names the field.
result<std::unique_ptr<embeddings_codec>> make_embeddings_codec(const new_provider& provider);

}  // namespace conclave::providers
