// Reads an answer that comes in one piece: collects the body, then judges it at the end.
#pragma once

#include "json/value.hpp"
#include "providers/codec.hpp"
#include "providers/request_headers.hpp"
#include "providers/vendor_error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

/// No answer has more tokens of one sort; a greater count is taken for not told.
inline constexpr std::int64_t tokens_max = 1'000'000'000'000;

/// A count of tokens; nothing for anything that cannot be one.
std::optional<std::int64_t> token_count(const json::value& v);

/// What one protocol makes of a document. Immutable, thread-safe.
class answer_reader {
   public:
    virtual ~answer_reader() = default;
    /// The facts of an answer with status 2xx; nothing when it holds none. Outcome, status and
    /// latency are not its business.
    virtual std::optional<call_result> read_success(const json::value& document) const = 0;
    /// Where in an answer without success a failure is reported; nullptr when nowhere.
    virtual const json::value* find_failure(const json::value& document) const {
        return reports_failure(document) ? &document : nullptr;
    }
    /// Corrects what was read of a failure.
    virtual void refine(const json::value& document, vendor_facts& facts) const {
        static_cast<void>(document);
        static_cast<void>(facts);
    }
};

class whole_answer final : public decoder {
   public:
    whole_answer(std::shared_ptr<const answer_reader> reader,
                 std::shared_ptr<const request_headers> sent)
        : reader_(std::move(reader)), sent_(std::move(sent)) {}

    void on_head(std::int64_t status, const header_list& headers) override;
    void on_body(std::string_view bytes, std::vector<stream_fact>& facts) override;
    call_result on_end(wire_end end) override;

   private:
    call_result read() const;
    call_result read_failure_in(const json::value* envelope, const json::value* document) const;

    std::shared_ptr<const answer_reader> reader_;
    std::shared_ptr<const request_headers> sent_;
    std::int64_t status_ = 0;
    header_list headers_;
    std::string body_;
    bool too_long_ = false;
};

}  // namespace conclave::providers
