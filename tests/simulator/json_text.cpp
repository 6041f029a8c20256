// Prints JSON straight into a string, and takes text out of message contents.
#include "json_text.hpp"

#include <algorithm>
#include <charconv>

namespace simulator {

using nlohmann::json;

void append_number(std::string& out, std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

void append_quoted(std::string& out, std::string_view text) {
    constexpr char hex[] = "0123456789abcdef";
    out += '"';
    std::size_t plain = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        out.append(text, plain, i - plain);
        plain = i + 1;
        if (c < 0x20) {
            out.append("\\u00").append(1, hex[c >> 4]).append(1, hex[c & 15]);
        } else {
            out.append(1, '\\').append(1, text[i]);
        }
    }
    out.append(text, plain, text.size() - plain).append(1, '"');
}

std::string quoted_bytes(std::string_view bytes) { return json_text(json(bytes)); }

const json& member(const json& object, std::string_view name) {
    static const json null;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? null : *found;
}

std::string text_member(const json& object, std::string_view name) {
    const auto& value = member(object, name);
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::string json_text(const json& document) {
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string base64(std::string_view bytes) {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t block = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            block =
                block << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += i + k <= bytes.size() ? digits[block >> (18 - 6 * k) & 63u] : '=';
        }
    }
    return out;
}

std::string content_text(const json& content) {
    if (content.is_string()) {
        return content.get<std::string>();
    }
    std::string text;
    if (content.is_array()) {
        for (const auto& part : content) {
            if (part.is_object() && part.contains("text") && part["text"].is_string()) {
                text += part["text"].get_ref<const std::string&>();
            }
        }
    }
    return text;
}

std::string last_user_text(const json& messages) {
    const auto last = std::find_if(messages.rbegin(), messages.rend(), [](const json& message) {
        return message.is_object() && message.value("role", json()) == "user";
    });
    return last == messages.rend() ? "" : content_text(last->value("content", json()));
}

bool is_message_list(const json& messages) {
    return messages.is_array() && !messages.empty() &&
           std::all_of(messages.begin(), messages.end(), [](const json& message) {
               return message.is_object() && message.value("role", json()).is_string();
           });
}

std::string_view scan_model(std::string_view body, std::string_view otherwise) {
    constexpr std::string_view member = "\"model\"";
    const auto at = body.find(member);
    const auto from = at == body.npos ? at : body.find_first_not_of(" \t\r\n:", at + member.size());
    if (from == body.npos || body[from] != '"') {
        return otherwise;
    }
    const auto to = body.find_first_of("\"\\", from + 1);
    return to == body.npos || body[to] != '"' ? otherwise : body.substr(from + 1, to - from - 1);
}

}  // namespace simulator
