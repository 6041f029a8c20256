// Prints JSON.
#include "json_text.hpp"

#include <nlohmann/json.hpp>

namespace vocalbridge {

std::string json_string(std::string_view text) {
    using nlohmann::json;
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

object& object::raw(std::string_view name, std::string_view json) {
    if (out_.size() > 1) out_ += ',';
    out_.append(json_string(name)).append(1, ':').append(json);
    return *this;
}

object& object::text(std::string_view name, std::string_view value) {
    return raw(name, json_string(value));
}

object& object::maybe_text(std::string_view name, const std::optional<std::string>& value) {
    return raw(name, value ? json_string(*value) : "null");
}

object& object::number(std::string_view name, std::int64_t value) {
    return raw(name, std::to_string(value));
}

object& object::maybe_number(std::string_view name, const std::optional<std::int64_t>& value) {
    return raw(name, value ? std::to_string(*value) : "null");
}

object& object::truth(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
}

}  // namespace vocalbridge
