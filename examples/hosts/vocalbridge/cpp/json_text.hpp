// JSON objects in a given order of keys. Money stays the decimal text it is: it never becomes a
// binary floating point number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vocalbridge {

/// `text` as a JSON string.
std::string json_string(std::string_view text);

/// Collects members: `object().text("id", id).number("seq", 1).str()`.
class object {
   public:
    object& text(std::string_view name, std::string_view value);
    /// null when absent.
    object& maybe_text(std::string_view name, const std::optional<std::string>& value);
    object& number(std::string_view name, std::int64_t value);
    object& maybe_number(std::string_view name, const std::optional<std::int64_t>& value);
    object& truth(std::string_view name, bool value);
    /// `json` as it is: an object, an array or a decimal number.
    object& raw(std::string_view name, std::string_view json);

    /// Ends the object and gives its text, once.
    std::string str() { return std::move(out_ += '}'); }

   private:
    std::string out_ = "{";
};

/// The items, each printed by `print`, as an array.
template <class Items, class Print>
std::string array_of(const Items& items, Print print) {
    std::string out = "[";
    for (const auto& item : items) {
        if (out.size() > 1) out += ',';
        out += print(item);
    }
    return out + ']';
}

}  // namespace vocalbridge
