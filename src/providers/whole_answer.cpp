// Reads an answer that comes in one piece.
#include "providers/whole_answer.hpp"

#include "base/limits.hpp"
#include "json/parse.hpp"

#include <utility>

namespace conclave::providers {

std::optional<std::int64_t> token_count(const json::value& v) {
    const auto* count = v.as_integer();
    if (count == nullptr || *count < 0 || *count > tokens_max) return std::nullopt;
    return *count;
}

void whole_answer::on_head(std::int64_t status, const header_list& headers) {
    status_ = status;
    headers_ = headers;
}

void whole_answer::on_body(std::string_view bytes, std::vector<stream_fact>&) {
    if (too_long_ || bytes.size() > limits::response_body_bytes - body_.size()) {
        too_long_ = true;
        return;
    }
    body_ += bytes;
}

call_result whole_answer::on_end(wire_end end) {
    if (end == wire_end::complete && status_ != 0 && !too_long_) return read();
    auto r = too_long_ ? unreadable(status_) : interrupted(end, status_);
    if (status_ >= 400) r.retry_after_ms = asked_wait_ms(headers_);
    return r;
}

call_result whole_answer::read() const {
    const auto document = json::parse(body_, "answer");
    const auto* parsed = document ? &*document : nullptr;
    if (status_ < 200 || status_ >= 300) return read_failure_in(parsed, parsed);
    if (parsed == nullptr) return unreadable(status_);
    if (auto success = reader_->read_success(*parsed)) {
        success->http_status = status_;
        return *std::move(success);
    }
    const auto* envelope = reader_->find_failure(*parsed);
    return envelope != nullptr ? read_failure_in(envelope, parsed) : unreadable(status_);
}

call_result whole_answer::read_failure_in(const json::value* envelope,
                                          const json::value* document) const {
    auto facts = read_failure(status_, headers_, body_, envelope);
    if (document != nullptr) reader_->refine(*document, facts);
    facts.message = sent_->redacted(std::move(facts.message));
    return judge(facts);
}

}  // namespace conclave::providers
