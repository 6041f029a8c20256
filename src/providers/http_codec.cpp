// Asks and reads in a vendor's own protocol.
#include "providers/http_codec.hpp"

#include <utility>

namespace conclave::providers {

http_codec::http_codec(const new_provider& provider, std::string_view kind,
                       std::shared_ptr<const request_headers> headers,
                       std::shared_ptr<const answer_reader> reader)
    : kind_(kind), headers_(std::move(headers)), reader_(std::move(reader)) {
    provider_.name = provider.name;
    provider_.kind = provider.kind;
    provider_.base_url = provider.base_url;
    provider_.api_version = provider.api_version;
    provider_.parameter_names = provider.parameter_names;
}

result<wire_request> http_codec::encode(const provider_request& request, answer_form form) const {
    if (auto checked = check_request(request); !checked) return checked.error();
    return wire_request{"POST", url(request, form), headers_->make(),
                        body(request, wire_names(provider_, request.model), form)};
}

std::unique_ptr<decoder> http_codec::make_decoder(const provider_request& request,
                                                  answer_form form) const {
    return std::make_unique<answer_decoder>(reader_, headers_, owner(request), form);
}

keepsake_owner http_codec::owner(const provider_request& request) const {
    return {kind_, provider_.name, request.model};
}

void write_sampling(json::writer& w, const sampling& s, const wire_names& names) {
    if (s.temperature && names.takes(parameter::temperature))
        w.key(names[parameter::temperature]).number(*s.temperature);
    if (s.max_tokens && names.takes(parameter::max_tokens))
        w.key(names[parameter::max_tokens]).integer(*s.max_tokens);
    if (!s.stop.empty() && names.takes(parameter::stop)) {
        w.key(names[parameter::stop]).begin_array();
        for (const auto& text : s.stop) w.string(text);
        w.end_array();
    }
}

}  // namespace conclave::providers
