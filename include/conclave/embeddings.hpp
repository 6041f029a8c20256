// Vectors of texts.
#pragma once

#include <conclave/id.hpp>
#include <conclave/reply.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conclave {

/// Texts whose vectors are wanted. Since 0.1.
struct embeddings_request {
    std::string route;                ///< `provider/model` or `provider`
    std::vector<std::string> inputs;  ///< 1 to 2,048 texts of 1 byte or more, 4 MiB in all
    std::optional<std::int64_t> dimensions = {};  ///< of each vector, 1 to 65,536; the model's own
    /// Ends the call, in so far as its policy does not end it before.
    std::optional<std::int64_t> deadline_ms = {};
    /// Taken over into result and errors; one is made when empty.
    conclave::request_id request_id = {};
};

/// One vector for each text, in their order, all of one length. Since 0.1.
struct embeddings {
    std::vector<std::vector<float>> vectors;
    std::string provider_used;
    std::string model_used;
    reply_usage usage;  ///< as of a reply; nothing is put out
    conclave::request_id request_id;
};

}  // namespace conclave
