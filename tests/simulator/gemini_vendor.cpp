// Gemini's errors and paths.
#include "gemini_vendor.hpp"

#include "json_text.hpp"

#include <cctype>

namespace simulator {
namespace {

std::string_view status_word(int status) {
    switch (status) {
        case 400: return "INVALID_ARGUMENT";
        case 401: return "UNAUTHENTICATED";
        case 403: return "PERMISSION_DENIED";
        case 404: return "NOT_FOUND";
        case 402:
        case 429: return "RESOURCE_EXHAUSTED";
        case 503: return "UNAVAILABLE";
        case 504: return "DEADLINE_EXCEEDED";
        default: break;
    }
    return status < 500 ? "FAILED_PRECONDITION" : "INTERNAL";
}

// "48s", with the milliseconds behind a point where there are any.
std::string delay_text(std::int64_t delay_ms) {
    auto out = std::to_string(delay_ms / 1000);
    if (const auto rest = delay_ms % 1000; rest > 0) {
        out += "." + std::to_string(1000 + rest).substr(1);
    }
    return out + "s";
}

}  // namespace

void gemini_vendor::print(const model_error& error, std::string& body) const {
    append(body, R"({"error":{"code":)", std::int64_t{error.status}, R"(,"message":)",
           quoted{error.message}, R"(,"status":")", status_word(error.status), R"(")");
    if (error.retry_after_ms >= 0) {
        append(body, R"(,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo",)",
               R"("retryDelay":")", delay_text(error.retry_after_ms), R"("}])");
    }
    body += "}}";
}

std::string_view gemini_vendor::method_of(std::string_view path) {
    const auto colon = path.rfind(':');
    return colon == path.npos || path.find("/models/") == path.npos ? std::string_view()
                                                                    : path.substr(colon + 1);
}

std::string_view gemini_vendor::model_of(std::string_view path) {
    constexpr std::string_view before = "/models/";
    const auto from = path.find(before) + before.size();
    return path.substr(from, path.rfind(':') - from);
}

const nlohmann::json& gemini_vendor::either(const nlohmann::json& object, std::string_view camel) {
    if (const auto& found = member(object, camel); !found.is_null()) {
        return found;
    }
    std::string snake;
    for (const char c : camel) {
        if (std::isupper(static_cast<unsigned char>(c)) != 0) {
            snake += '_';
        }
        snake += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return member(object, snake);
}

std::string gemini_vendor::text_of(const nlohmann::json& content) {
    std::string out;
    for (const auto& part : member(content, "parts")) {
        out += member(part, "thought") == true ? "" : text_member(part, "text");
    }
    return out;
}

}  // namespace simulator
