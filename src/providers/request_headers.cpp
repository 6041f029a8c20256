// Builds the headers of requests.
#include "providers/request_headers.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace conclave::providers {
namespace {

void replace_all(std::string& text, std::string_view part, std::string_view by) {
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + by.size()))
        text.replace(at, part.size(), by);
}

bool has_header(const new_provider& provider, std::string_view name) {
    return std::any_of(provider.headers.begin(), provider.headers.end(),
                       [&](const auto& header) { return to_lower(header.first) == name; });
}

bool places_api_key(const new_provider& provider) {
    return std::any_of(provider.headers.begin(), provider.headers.end(), [](const auto& header) {
        return header.second.find(api_key_placeholder) != std::string::npos;
    });
}

}  // namespace

request_headers::request_headers(const new_provider& provider, key_place key,
                                 const header_list& protocol) {
    const auto add = [this](std::string name, std::string value) {
        headers_.emplace_back(std::move(name), secret(std::move(value)));
    };
    if (!has_header(provider, "content-type")) add("content-type", "application/json");
    if (!provider.api_key.empty() && !places_api_key(provider) && !has_header(provider, key.header))
        add(std::string(key.header), std::string(key.before) + provider.api_key);
    for (const auto& [name, value] : protocol)
        if (!has_header(provider, name)) add(name, value);
    for (const auto& [name, configured] : provider.headers) {
        auto value = configured;
        replace_all(value, api_key_placeholder, provider.api_key);
        if (value.size() >= redacted_bytes_min) secrets_.emplace_back(value);
        add(to_lower(name), std::move(value));
    }
    if (provider.api_key.size() >= redacted_bytes_min) secrets_.emplace_back(provider.api_key);
}

header_list request_headers::make() const {
    header_list headers;
    headers.reserve(headers_.size());
    for (const auto& [name, value] : headers_) headers.emplace_back(name, value.reveal());
    return headers;
}

std::string request_headers::redacted(std::string text) const {
    for (const auto& s : secrets_) replace_all(text, s.reveal(), "[redacted]");
    return text;
}

}  // namespace conclave::providers
