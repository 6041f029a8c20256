// The seam to a vendor's wire: bytes to send, facts read from bytes. No I/O.
#pragma once

#include <conclave/provider.hpp>
#include <conclave/result.hpp>

#include "model/call.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::providers {

/// What goes out. The driver adds timeouts; secrets are in the headers.
struct wire_request {
    std::string method = "POST";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// How the transport ended when no complete answer came.
enum class wire_end {
    complete,  ///< the answer is whole
    // No byte of the request left:
    unresolved,   ///< its host's name is not known
    unreachable,  ///< no connection, or the proxy made none
    untrusted,    ///< no TLS: hand-shake or certificate
    unconnected,  ///< no connection stood in time
    not_sent,     ///< for another reason
    // After it was written:
    timeout,
    broken,     ///< reset or truncated
    malformed,  ///< not HTTP, or past a limit
    cancelled,
};

/// How an answer is asked for. It may come in the other form all the same.
enum class answer_form { whole, streamed };

/// A fact learned while an answer arrives; one that comes whole gives none before the end.
struct stream_fact {
    enum class kind { text, thinking };
    kind what = kind::text;
    std::string text;
};

/// Reads one answer. Fed in order: head once, bytes in any split, end once.
class decoder {
   public:
    virtual ~decoder() = default;
    /// `headers` have lower-case names.
    virtual void on_head(std::int64_t status,
                         const std::vector<std::pair<std::string, std::string>>& headers) = 0;
    /// Appends what became visible to `facts`.
    virtual void on_body(std::string_view bytes, std::vector<stream_fact>& facts) = 0;
    /// Nothing that may still come would change the outcome.
    virtual bool has_ended() const { return false; }
    /// The outcome; latency_ms is the driver's. Never throws, whatever the bytes were.
    virtual call_result on_end(wire_end end) = 0;
};

/// One provider's protocol with its configuration. Immutable, thread-safe.
class codec {
   public:
    virtual ~codec() = default;
    /// Bytes for this request; VALIDATION_ERROR if the provider cannot express it. A provider that
    /// knows no streams is asked for the whole answer.
    virtual result<wire_request> encode(const provider_request& request,
                                        answer_form form) const = 0;
    /// Reads the answer to that request.
    virtual std::unique_ptr<decoder> make_decoder(const provider_request& request,
                                                  answer_form form) const = 0;
};

/// Builds the codec of a kind that is_http(); VALIDATION_ERROR names the field.
result<std::unique_ptr<codec>> make_codec(const new_provider& provider);

}  // namespace conclave::providers
