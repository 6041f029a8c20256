// Vendor B of the vocalbridge system: nested answers, HTTP 429 with the delay in the body.
#include "dialect.hpp"
#include "json_text.hpp"

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::uint64_t limited_percent = 10;

class vendor_b final : public dialect {
   public:
    std::size_t vendor() const override { return 2; }
    bool serves(std::string_view path) const override { return path == "/vendor-b/complete"; }

    request_facts read(const http_request&, const json& document) const override {
        const auto input = document.value("input", json());
        request_facts facts;
        if (!input.is_string() && !is_message_list(input)) {
            facts.refusal = "input must be a string or a list of messages";
            return facts;
        }
        const auto model = document.value("model", json());
        facts.model = model.is_string() ? model.get<std::string>() : "";
        facts.last_user_content =
            input.is_string() ? input.get<std::string>() : last_user_text(input);
        return facts;
    }

    void print(const model_answer& answer, std::string& body) const override {
        body += R"({"choices":[{"message":{"content":)";
        append_quoted(body, answer.text(part_kind::text));
        body += R"(}}],"usage":{"input_tokens":)";
        append_number(body, answer.tokens.in);
        body += R"(,"output_tokens":)";
        append_number(body, answer.tokens.out);
        body += "}}";
    }

    void print(const model_error& error, std::string& body) const override {
        body.append(R"({"error":{"type":")");
        body.append(error.status == 429 ? "rate_limited" : "failed").append(R"(","message":)");
        append_quoted(body, error.message);
        if (error.retry_after_ms >= 0) {
            body += R"(,"retryAfterMs":)";
            append_number(body, error.retry_after_ms);
        }
        body += "}}";
    }

    scenario habit(std::uint64_t dice) const override {
        scenario out;
        if (dice % 100 < limited_percent) {
            out.status = 429;
            out.retry_after_ms = 200 + 100 * static_cast<std::int64_t>(dice / 100 % 8);
        }
        return out;
    }

    void print_delay(std::int64_t, std::string&) const override {}
};

}  // namespace

const dialect& vendor_b_dialect() {
    static const vendor_b instance;
    return instance;
}

}  // namespace simulator
