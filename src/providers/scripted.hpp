// A provider that answers from a script: the same for every run, without a network.
#pragma once

#include <conclave/provider.hpp>

#include "model/call.hpp"
#include "providers/embeddings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace conclave::providers {

struct scripted_answer {
    std::int64_t latency_ms = 0;
    std::vector<std::string> chunks;  ///< the first after latency_ms; the result with the last
    std::int64_t chunk_latency_ms = 0;
    call_result result;  ///< its latency_ms is the driver's
};

/// Failures are classified as the same failure over HTTP would be; a `code` that is one of our own
/// normalised codes is taken as it is. Immutable, thread-safe.
class scripted_script {
   public:
    /// Of a valid provider of kind `scripted`.
    explicit scripted_script(const new_provider& provider)
        : replies_(provider.replies), echo_(provider.echo) {}

    /// The answer to the call with this index (0, 1, ...): the replies in order, then from the
    /// start; with `echo` the last user text.
    scripted_answer next(const provider_request& request, std::uint64_t call_index) const;
    /// Likewise the answer to a call for vectors, at the latency, tokens or error of that reply:
    /// one for each input, made of its bytes alone, of 8 numbers unless told otherwise.
    scripted_answer next(const embeddings_request& request, std::uint64_t call_index) const;

   private:
    std::vector<scripted_reply> replies_;
    bool echo_;
};

}  // namespace conclave::providers
