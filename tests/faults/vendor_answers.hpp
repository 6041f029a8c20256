// Good answers of each dialect, to be spoilt, and what a gateway made of them.
#pragma once

#include <conclave/conclave.hpp>

#include "faults/misbehaving_vendor.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faults {

/// One dialect in one form of answer.
struct vendor_form {
    std::string_view target;  ///< as the simulator names it
    conclave::provider_kind kind;
    std::string_view path;  ///< below the vendor's address
    bool streams = false;

    std::string name() const { return std::string(target) + (streams ? " streamed" : " whole"); }
};

/// A good answer of a vendor: "Hello, wide world" in four pieces, 45 tokens in, 67 out.
struct good_answer {
    std::string body;
    bool streams = false;
    std::size_t shown = 0;      ///< bytes of the body until its first piece is whole
    std::string without_usage;  ///< the same answer, telling no tokens
    std::string failure;        ///< what the vendor says in a 200 instead, or in mid-stream

    std::string type() const { return streams ? "text/event-stream" : "application/json"; }
    /// Status line and headers up to the blank line, framing left out.
    std::string head(std::string_view status = "200 OK") const;
    /// A response of known length.
    std::string response(std::string_view content) const;
    std::string response() const { return response(body); }
    /// A head for a chunked body, and one chunk of it.
    std::string chunked_head() const;
    static std::string chunk(std::string_view content);
};

/// Each form with its good answer, as the simulator gives it.
std::vector<std::pair<vendor_form, good_answer>> good_answers();

/// What became of one send, and of the money.
struct outcome {
    /// Class, error and money of each attempt there was, oldest first, the last one's error by
    /// name: "refused, free; ambiguous TIMEOUT, exposed".
    std::string verdict;
    std::string text;   ///< of the reply, or what a stream showed
    std::string error;  ///< code of the error of the send; empty: it succeeded
    std::string broken_invariants;
    std::int64_t took_ms = 0;
};

/// A gateway whose only provider is the vendor at `base_url`, with a price, and a session there.
class paying_caller {
   public:
    paying_caller(const vendor_form& form, const std::string& base_url, std::int64_t retries = 0);

    /// Sends `key`, as a stream if the form streams, and looks on to the end.
    outcome send(const std::string& key = "key");

   private:
    bool streams_;
    conclave::gateway gateway_;
    conclave::tenant tenant_;
    conclave::session_id session_;
};

}  // namespace faults
