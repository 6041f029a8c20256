// Reads answers.
#include "providers/answer_decoder.hpp"

#include "base/ascii.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <utility>

namespace conclave::providers {
namespace {

constexpr std::string_view end_mark = "[DONE]";

}  // namespace

void answer_decoder::on_head(std::int64_t status, const header_list& headers) {
    status_ = status;
    headers_ = headers;
    if (status_ < 200 || status_ >= 300) shape_ = shape::document;
}

void answer_decoder::on_body(std::string_view bytes, std::vector<stream_fact>& facts) {
    if (too_long_ || bytes.size() > limits::response_body_bytes - bytes_) {
        too_long_ = true;
        return;
    }
    bytes_ += bytes.size();
    if (shape_ == shape::unknown) shape_ = find_shape(bytes);
    if (shape_ != shape::events) {
        body_ += bytes;
        return;
    }
    draft_.facts = &facts;
    if (!events_) {
        events_ = reader_->read_events();
        // The blanks that did not tell the shape: those of a line's beginning are part of it.
        parser_.feed(body_);
        read_events();
        body_.clear();
    }
    parser_.feed(bytes);
    read_events();
    draft_.facts = nullptr;
}

call_result answer_decoder::on_end(wire_end end) {
    const bool expected = shape_ == shape::unknown && form_ == answer_form::streamed;
    if (shape_ == shape::events || (expected && status_ != 0)) return judge_events(end);
    if (end == wire_end::complete && status_ != 0 && !too_long_) return read_document();
    auto r = too_long_ ? unreadable(status_) : interrupted(end, status_);
    if (status_ >= 400) r.retry_after_ms = asked_wait_ms(headers_);
    return r;
}

answer_decoder::shape answer_decoder::find_shape(std::string_view bytes) const {
    const auto first = std::find_if_not(bytes.begin(), bytes.end(), is_space);
    if (first == bytes.end()) return shape::unknown;
    const bool document = std::string_view("{[\"").find(*first) != std::string_view::npos;
    return document || !reader_->read_events() ? shape::document : shape::events;
}

void answer_decoder::read_events() {
    json::document document;
    while (const auto event = parser_.next()) read_event(*event, document);
    too_long_ = too_long_ || parser_.overflowed();
}

/// After a failure nothing counts: one vendor goes on with a usage of zeros and an end mark.
void answer_decoder::read_event(const sse_event& event, json::document& document) {
    if (failure_ || garbled_ || event.data.empty()) return;
    begun_ = true;
    if (event.name.empty())
        if (const auto text = frame_.text_in(event.data)) return draft_.add(frame_kind_, *text);
    frame_.clear();
    if (trim(event.data) == end_mark) return events_->end_of_stream(draft_);
    if (!document.read(event.data, "event")) {
        // A proxy may report a failure in plain words.
        const bool is_words = event.name == "error" && !event.data.starts_with('{');
        const json::element words(event.data);
        if (is_words) failure_ = std::make_unique<call_result>(read_failure_in(&words, nullptr));
        garbled_ = !is_words;
        return;
    }
    const auto& read = document.root();
    const auto* envelope = reader_->find_failure(read);
    if (envelope == nullptr && event.name == "error") envelope = &read;
    if (envelope != nullptr) {
        failure_ = std::make_unique<call_result>(read_failure_in(envelope, &read));
        return;
    }
    events_->read(event.name, read, draft_);
    if (event.name.empty()) keep_frame(event, document);
}

void answer_decoder::keep_frame(const sse_event& event, const json::document& document) {
    const auto loose = events_->find_loose(document.root());
    if (loose.text == nullptr) return;
    std::optional<std::size_t> padding_at;
    if (loose.padding != nullptr) padding_at = document.place_of(*loose.padding);
    frame_.keep(event.data, document.place_of(*loose.text), padding_at);
    frame_kind_ = loose.kind;
}

call_result answer_decoder::judge_events(wire_end end) {
    // What cannot be read of an event without an end was cut, not garbled.
    const bool garbled = garbled_;
    if (shape_ == shape::events) {
        parser_.finish();
        read_events();
    }
    if (failure_) {
        add_arrived(*failure_, std::move(draft_));
        return std::move(*failure_);
    }
    if (draft_.closed) return finish();
    const bool was_stream = begun_ || form_ == answer_form::streamed;
    auto r = garbled || too_long_ ? unreadable(status_)
             : was_stream         ? truncated(end, status_)
                                  : interrupted(end, status_);
    add_arrived(r, std::move(draft_));
    return r;
}

call_result answer_decoder::finish() {
    if (auto r = finish_answer(draft_, owner_)) {
        r->http_status = status_;
        return *std::move(r);
    }
    auto r = unreadable(status_);
    if (shape_ == shape::events) add_arrived(r, std::move(draft_));
    return r;
}

call_result answer_decoder::read_document() {
    const bool succeeded = status_ >= 200 && status_ < 300;
    json::document document;
    const auto* parsed = document.read(body_, "answer") ? &document.root() : nullptr;
    if (!succeeded) return read_failure_in(parsed, parsed);
    if (parsed == nullptr) return unreadable(status_);
    if (reader_->read_success(*parsed, draft_)) return finish();
    const auto* envelope = reader_->find_failure(*parsed);
    return envelope != nullptr ? read_failure_in(envelope, parsed) : unreadable(status_);
}

call_result answer_decoder::read_failure_in(const json::element* envelope,
                                            const json::element* document) const {
    auto facts = read_failure(status_, headers_, body_, envelope);
    if (document != nullptr) reader_->refine(*document, facts);
    facts.message = sent_->redacted(std::move(facts.message));
    return judge(facts);
}

}  // namespace conclave::providers
