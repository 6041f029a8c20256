// What a header field may be called, and by whom.
#include "base/http_field.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace conclave {

bool is_http_token(std::string_view text) {
    constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter(c) || is_digit(c) || symbols.find(c) != std::string_view::npos;
    });
}

bool is_client_field(std::string_view name) {
    constexpr std::array<std::string_view, 12> names = {
        "accept-encoding",   "connection", "content-length",      "expect",  "host",
        "keep-alive",        "te",         "proxy-authorization", "trailer", "proxy-connection",
        "transfer-encoding", "upgrade"};
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view own) { return same_word(own, name); });
}

}  // namespace conclave
