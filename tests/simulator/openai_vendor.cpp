// OpenAI's errors.
#include "openai_vendor.hpp"

#include "json_text.hpp"

namespace simulator {
namespace {

struct error_words {
    std::string_view type, code;
};

error_words words_for(int status) {
    switch (status) {
        case 401: return {"invalid_request_error", "\"invalid_api_key\""};
        case 404: return {"invalid_request_error", "\"model_not_found\""};
        case 429: return {"requests", "\"rate_limit_exceeded\""};
        default: break;
    }
    return {status < 500 ? "invalid_request_error" : "server_error", "null"};
}

}  // namespace

std::string openai_vendor::error_object(const model_error& error) {
    const auto words = words_for(error.status);
    return joined(R"({"message":)", quoted{error.message}, R"(,"type":")", words.type,
                  R"(","param":null,"code":)", words.code, "}");
}

void openai_vendor::print(const model_error& error, std::string& body) const {
    append(body, R"({"error":)", error_object(error), "}");
}

bool openai_vendor::is_below_base(std::string_view path, std::string_view rest) {
    for (const std::string_view base : {"/v1/", "/openai/v1/"}) {
        if (path.size() == base.size() + rest.size() && path.substr(0, base.size()) == base &&
            path.substr(base.size()) == rest) {
            return true;
        }
    }
    return false;
}

void openai_vendor::read_model(const nlohmann::json& document, request_facts& facts) {
    facts.model = text_member(document, "model");
    if (!member(document, "model").is_string()) {
        facts.refusal = "you must provide a model parameter";
    }
}

}  // namespace simulator
