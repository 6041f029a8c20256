// A vendor described in configuration.
#include "providers/mapped.hpp"

#include "json/pointer.hpp"
#include "providers/answer_decoder.hpp"
#include "providers/fields.hpp"
#include "providers/request_template.hpp"
#include "providers/turns.hpp"

#include <optional>
#include <utility>

namespace conclave::providers {
namespace {

class mapped_reader final : public answer_reader {
   public:
    explicit mapped_reader(mapped_wire wire) : wire_(std::move(wire)) {}

    bool read_success(const json::element& document, answer_draft& draft) const override {
        const auto* found = at(document, wire_.text);
        const auto* text = found != nullptr ? found->as_string() : nullptr;
        if (text == nullptr) return false;
        draft.say(*text);
        const auto input = count_at(document, wire_.tokens_in);
        const auto output = count_at(document, wire_.tokens_out);
        if (input && output) draft.usage = token_usage{.input = *input, .output = *output};
        draft.model = kept_name(word_at(document, wire_.model).value_or(std::string()));
        return true;
    }

    const json::element* find_failure(const json::element& document) const override {
        for (const auto* pointer : {&wire_.error_code, &wire_.error_message}) {
            const auto* found = at(document, *pointer);
            if (found != nullptr && !found->is_null()) return &document;
        }
        return answer_reader::find_failure(document);
    }

    void refine(const json::element& document, vendor_facts& facts) const override {
        if (auto code = word_at(document, wire_.error_code)) facts.code = *std::move(code);
        if (auto message = word_at(document, wire_.error_message))
            facts.message = *std::move(message);
        const auto* delay = at(document, wire_.retry_after_ms);
        if (delay != nullptr && !facts.retry_after_ms && facts.http_status >= 400)
            facts.retry_after_ms = asked_wait_ms(*delay, 1);
    }

   private:
    /// nullptr also without a pointer: the document itself is never meant.
    static const json::element* at(const json::element& document, std::string_view pointer) {
        return pointer.empty() ? nullptr : json::at_pointer(document, pointer);
    }

    static std::optional<std::int64_t> count_at(const json::element& document,
                                                std::string_view pointer) {
        const auto* found = at(document, pointer);
        return found != nullptr ? token_count(*found) : std::nullopt;
    }

    static std::optional<std::string> word_at(const json::element& document,
                                              std::string_view pointer) {
        const auto* found = at(document, pointer);
        if (found == nullptr) return std::nullopt;
        if (const auto* text = found->as_string()) return std::string(*text);
        if (const auto* number = found->as_integer()) return std::to_string(*number);
        return std::nullopt;
    }

    mapped_wire wire_;
};

class mapped_codec final : public codec {
   public:
    mapped_codec(const new_provider& provider, request_template request)
        : method_(provider.mapped.method),
          url_(provider.base_url),
          template_(std::move(request)),
          headers_(std::make_shared<request_headers>(provider)),
          reader_(std::make_shared<mapped_reader>(provider.mapped)) {}

    result<wire_request> encode(const provider_request& request, answer_form) const override {
        if (request.turns.empty()) return invalid("turns", "must not be empty");
        if (!request.tools.empty()) return invalid("tools", "cannot be told to this vendor");
        if (has_images(request)) return invalid("turns", "cannot have images for this vendor");
        return wire_request{method_, url_, headers_->make(), template_.fill(request)};
    }

    std::unique_ptr<decoder> make_decoder(const provider_request&, answer_form) const override {
        return std::make_unique<answer_decoder>(reader_, headers_, keepsake_owner(),
                                                answer_form::whole);
    }

   private:
    std::string method_;
    std::string url_;
    request_template template_;
    std::shared_ptr<const request_headers> headers_;
    std::shared_ptr<const mapped_reader> reader_;
};

}  // namespace

result<std::unique_ptr<codec>> make_mapped_codec(const new_provider& provider) {
    auto request =
        request_template::parse(provider.mapped.request_template, "mapped.request_template");
    if (!request) return std::move(request).error();
    return std::unique_ptr<codec>(std::make_unique<mapped_codec>(provider, *std::move(request)));
}

}  // namespace conclave::providers
