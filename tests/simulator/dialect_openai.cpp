// OpenAI-compatible chat completions.
#include "dialect.hpp"
#include "json_text.hpp"

namespace simulator {
namespace {

using nlohmann::json;

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

class openai final : public dialect {
   public:
    std::size_t vendor() const override { return 0; }
    bool serves(std::string_view path) const override {
        return path == "/v1/chat/completions" || path == "/openai/v1/chat/completions";
    }

    request_facts read(const json& document) const override {
        const auto model = document.value("model", json());
        const auto messages = document.value("messages", json());
        request_facts facts;
        if (!model.is_string()) {
            facts.refusal = "you must provide a model parameter";
        } else if (!is_message_list(messages)) {
            facts.refusal = "messages must be a list of at least one message with a role";
        } else if (document.value("stream", json()) == true) {
            facts.refusal = "stream is not supported by this model";
        } else {
            facts.model = model.get<std::string>();
            facts.last_user_content = last_user_text(messages);
        }
        return facts;
    }

    void print(const model_answer& answer, std::string& body) const override {
        constexpr std::int64_t created_s = 1'700'000'000;  // fixed, so that runs compare equal
        body += R"({"id":"chatcmpl-sim-)";
        append_number(body, static_cast<std::int64_t>(answer.number));
        body += R"(","object":"chat.completion","created":)";
        append_number(body, created_s);
        body += R"(,"model":)";
        append_quoted(body, answer.model);
        body += R"(,"choices":[{"index":0,"message":{"role":"assistant","content":)";
        append_quoted(body, answer.text);
        body += R"(,"refusal":null},"logprobs":null,"finish_reason":"stop"}],)"
                R"("usage":{"prompt_tokens":)";
        append_number(body, answer.tokens_in);
        body += R"(,"completion_tokens":)";
        append_number(body, answer.tokens_out);
        body += R"(,"total_tokens":)";
        append_number(body, answer.tokens_in + answer.tokens_out);
        body += "}}";
    }

    void print(const model_error& error, std::string& body) const override {
        const auto words = words_for(error.status);
        body += R"({"error":{"message":)";
        append_quoted(body, error.message);
        body.append(R"(,"type":")").append(words.type).append(R"(","param":null,"code":)");
        body.append(words.code).append("}}");
    }

    scenario habit(std::uint64_t) const override { return {}; }
    bool delay_in_body() const override { return false; }
};

}  // namespace

const dialect& openai_dialect() {
    static const openai instance;
    return instance;
}

}  // namespace simulator
