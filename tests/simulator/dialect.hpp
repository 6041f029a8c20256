// A vendor's wire shapes. One file pair per shape of requests implements this.
#pragma once

#include "answer.hpp"
#include "answer_steps.hpp"
#include "event_writer.hpp"
#include "http_message.hpp"
#include "request_facts.hpp"
#include "scenario.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

/// Stateless; one object per shape, valid for ever.
class dialect {
   public:
    virtual ~dialect() = default;

    /// Index into vendor_names.
    virtual std::size_t vendor() const = 0;
    /// True when a POST to `path` is a request of this shape.
    virtual bool serves(std::string_view path) const = 0;
    /// True when nothing in this request changes the form of its answer, so that it need not be
    /// read where nobody asks for the journal.
    virtual bool is_plain(const http_request&) const { return true; }

    /// Reads a request, whose body is the object `document`.
    virtual request_facts read(const http_request& request,
                               const nlohmann::json& document) const = 0;
    virtual void print(const model_answer& answer, std::string& body) const = 0;
    virtual void print(const model_error& error, std::string& body) const = 0;

    /// Tells one step of a stream. Vendors that do not stream never get one.
    virtual void tell(const model_answer&, const answer_step&, event_writer&) const {}
    /// Tells of a failure in mid-stream, and all that comes after it.
    virtual void tell(const model_answer&, const model_error&, event_writer&) const {}

    /// What the vendor does unasked. `dice` is evenly distributed, fixed by seed and request
    /// number.
    virtual scenario habit(std::uint64_t) const { return {}; }
    /// Appends the header that tells a retry delay; nothing where the body tells it.
    virtual void print_delay(std::int64_t delay_ms, std::string& header_lines) const;
    /// Name of the header that carries the vendor's own name of the request.
    virtual std::string_view request_id_header() const { return "x-request-id"; }
};

const dialect& openai_dialect();
const dialect& openai_embeddings_dialect();
const dialect& openai_responses_dialect();
const dialect& anthropic_dialect();
const dialect& gemini_dialect();
const dialect& gemini_embeddings_dialect();
const dialect& vendor_a_dialect();
const dialect& vendor_b_dialect();

/// The dialect that serves a POST to `path`, or null.
const dialect* find_dialect(std::string_view path);

}  // namespace simulator
