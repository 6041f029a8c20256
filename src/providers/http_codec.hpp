// What the codecs of the vendors' own protocols have in common.
#pragma once

#include <conclave/provider.hpp>

#include "json/writer.hpp"
#include "providers/answer_decoder.hpp"
#include "providers/codec.hpp"
#include "providers/request_headers.hpp"
#include "providers/turns.hpp"
#include "providers/wire_names.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

/// Asks with POST and JSON, reads with an answer_reader. Immutable, thread-safe.
class http_codec : public codec {
   public:
    http_codec(const new_provider& provider, std::string_view kind,
               std::shared_ptr<const request_headers> headers,
               std::shared_ptr<const answer_reader> reader);

    result<wire_request> encode(const provider_request& request, answer_form form) const final;
    std::unique_ptr<decoder> make_decoder(const provider_request& request,
                                          answer_form form) const final;

   protected:
    const new_provider& provider() const { return provider_; }
    keepsake_owner owner(const provider_request& request) const;

   private:
    virtual std::string url(const provider_request& request, answer_form form) const = 0;
    virtual std::string body(const provider_request& request, const wire_names& names,
                             answer_form form) const = 0;

    new_provider provider_;  ///< without its secrets
    std::string kind_;
    std::shared_ptr<const request_headers> headers_;
    std::shared_ptr<const answer_reader> reader_;
};

/// What bounds and steers an answer.
struct sampling {
    std::optional<double> temperature;
    std::optional<std::int64_t> max_tokens;
    const std::vector<std::string>& stop;
};

inline sampling sampling_of(const provider_request& request) {
    return {request.temperature, request.max_tokens, request.stop};
}

/// As members, as far as the model takes them.
void write_sampling(json::writer& w, const sampling& s, const wire_names& names);

}  // namespace conclave::providers
