// Parses routes.
#include "model/route.hpp"

#include "base/limits.hpp"

#include <algorithm>

namespace conclave {

namespace {

bool printable(std::string_view s) {
    return std::all_of(s.begin(), s.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

result<route> parse_route(std::string_view text, std::string_view field) {
    if (text.empty()) return invalid(field, "must not be empty");
    if (text.size() > limits::name_bytes) return invalid(field, "is longer than 255 bytes");
    if (!printable(text)) return invalid(field, "must be printable ASCII without spaces");
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return route{std::string(text), {}};
    route r{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
    if (r.provider.empty() || r.model.empty())
        return invalid(field, "must be `provider/model` or `provider`");
    return r;
}

}  // namespace conclave
