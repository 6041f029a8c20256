// Vendor A of the vocalbridge system: flat answers, HTTP 500 now and then, sometimes slow.
#include "dialect.hpp"
#include "json_text.hpp"

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::uint64_t failing_percent = 10;
constexpr std::uint64_t slow_percent = 5;
constexpr std::int64_t slow_latency_ms = 2100;  // just beyond the 2 s a caller waits

class vendor_a final : public dialect {
   public:
    std::size_t vendor() const override { return 1; }
    bool serves(std::string_view path) const override { return path == "/vendor-a/generate"; }

    request_facts read(const http_request&, const json& document) const override {
        const auto prompt = document.value("prompt", json());
        const auto messages = document.value("messages", json());
        request_facts facts;
        if (!prompt.is_string() && !is_message_list(messages)) {
            facts.refusal = "prompt or messages is required";
            return facts;
        }
        const auto model = document.value("model", json());
        facts.model = model.is_string() ? model.get<std::string>() : "";
        facts.last_user_content =
            prompt.is_string() ? prompt.get<std::string>() : last_user_text(messages);
        return facts;
    }

    void print(const model_answer& answer, std::string& body) const override {
        body += R"({"outputText":)";
        append_quoted(body, answer.text(part_kind::text));
        body += R"(,"tokensIn":)";
        append_number(body, answer.tokens.in);
        body += R"(,"tokensOut":)";
        append_number(body, answer.tokens.out);
        body += R"(,"latencyMs":)";
        append_number(body, answer.latency_ms);
        body += "}";
    }

    void print(const model_error& error, std::string& body) const override {
        body.append(R"({"error":{"code":")");
        body.append(error.status < 500 ? "REQUEST_REJECTED" : "INTERNAL").append(R"(","message":)");
        append_quoted(body, error.message);
        body += "}}";
    }

    scenario habit(std::uint64_t dice) const override {
        scenario out;
        if (dice % 100 < failing_percent) {
            out.status = 500;
        } else if (dice % 100 < failing_percent + slow_percent) {
            out.latency_ms = slow_latency_ms + static_cast<std::int64_t>(dice / 100 % 500);
        }
        return out;
    }
};

}  // namespace

const dialect& vendor_a_dialect() {
    static const vendor_a instance;
    return instance;
}

}  // namespace simulator
