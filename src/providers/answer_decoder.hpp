// Reads an answer, in one piece or as a stream, and judges it at the end.
#pragma once

#include "json/document.hpp"
#include "providers/answer_draft.hpp"
#include "providers/chunk_frame.hpp"
#include "providers/codec.hpp"
#include "providers/request_headers.hpp"
#include "providers/sse.hpp"
#include "providers/vendor_error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

/// Strings of an event that may be others in the next one: read again with those, it does no more
/// than say or think its text.
struct loose_strings {
    const json::element* text = nullptr;  ///< nullptr: the event is none of that kind
    stream_fact::kind kind = stream_fact::kind::text;
    const json::element* padding = nullptr;  ///< a string without a meaning, if there is one
};

/// Reads the events of one answer. Used once.
class event_reader {
   public:
    virtual ~event_reader() = default;
    /// Of an event that was just read.
    virtual loose_strings find_loose(const json::element& event) const {
        static_cast<void>(event);
        return {};
    }
    /// Adds what an event that reports no failure tells; closes the draft with the last one that
    /// matters. Events of no known type are skipped.
    virtual void read(std::string_view name, const json::element& event, answer_draft& draft) = 0;
    /// The end mark `[DONE]`, which some vendors send.
    virtual void end_of_stream(answer_draft& draft) { static_cast<void>(draft); }
};

/// What one protocol makes of a document. Immutable, thread-safe.
class answer_reader {
   public:
    virtual ~answer_reader() = default;
    /// Reads an answer with status 2xx; false when it holds none. Outcome, status and latency are
    /// not its business.
    virtual bool read_success(const json::element& document, answer_draft& draft) const = 0;
    /// Where in a document a failure is reported; nullptr when nowhere.
    virtual const json::element* find_failure(const json::element& document) const {
        return reports_failure(document) ? &document : nullptr;
    }
    /// Corrects what was read of a failure.
    virtual void refine(const json::element& document, vendor_facts& facts) const {
        static_cast<void>(document);
        static_cast<void>(facts);
    }
    /// nullptr for a protocol that does not stream.
    virtual std::unique_ptr<event_reader> read_events() const { return nullptr; }
};

/// Whether the bytes are a stream of events or one document, they say themselves: a document begins
/// with a bracket or a quote, which no line of an event stream does.
class answer_decoder final : public decoder {
   public:
    answer_decoder(std::shared_ptr<const answer_reader> reader,
                   std::shared_ptr<const request_headers> sent, keepsake_owner owner,
                   answer_form form)
        : reader_(std::move(reader)),
          sent_(std::move(sent)),
          owner_(std::move(owner)),
          form_(form) {}

    void on_head(std::int64_t status, const header_list& headers) override;
    void on_body(std::string_view bytes, std::vector<stream_fact>& facts) override;
    bool has_ended() const override { return draft_.ended || failure_ || garbled_ || too_long_; }
    call_result on_end(wire_end end) override;

   private:
    enum class shape { unknown, document, events };

    shape find_shape(std::string_view bytes) const;
    void read_events();
    /// `document` is one to read into.
    void read_event(const sse_event& event, json::document& document);
    /// The next event may be as this one, which was just read.
    void keep_frame(const sse_event& event, const json::document& document);
    call_result read_document();
    call_result judge_events(wire_end end);
    call_result read_failure_in(const json::element* envelope, const json::element* document) const;
    call_result finish();

    // What each event touches comes first: of very many streams no cache holds the rest.
    std::shared_ptr<const answer_reader> reader_;
    std::unique_ptr<event_reader> events_;
    shape shape_ = shape::unknown;
    bool too_long_ = false;
    bool begun_ = false;    ///< an event was read
    bool garbled_ = false;  ///< an event could not be read
    std::unique_ptr<call_result> failure_;
    std::size_t bytes_ = 0;
    sse_parser parser_;
    answer_draft draft_;
    chunk_frame frame_;  ///< of the event before, if it had no name
    stream_fact::kind frame_kind_ = stream_fact::kind::text;

    std::shared_ptr<const request_headers> sent_;
    keepsake_owner owner_;
    answer_form form_;
    std::int64_t status_ = 0;
    header_list headers_;
    std::string body_;
};

}  // namespace conclave::providers
