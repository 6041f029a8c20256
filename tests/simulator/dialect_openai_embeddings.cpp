// OpenAI-compatible embeddings.
#include "json_text.hpp"
#include "limits.hpp"
#include "openai_vendor.hpp"

#include <cstring>

namespace simulator {
namespace {

using nlohmann::json;

// Little-endian float32, on any machine.
std::string packed(const std::vector<float>& numbers) {
    std::string out;
    for (const float number : numbers) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &number, sizeof bits);
        for (int i = 0; i < 4; ++i) {
            out += static_cast<char>(bits >> (8 * i) & 0xffu);
        }
    }
    return out;
}

class openai_embeddings final : public openai_vendor {
   public:
    bool serves(std::string_view path) const override { return is_below_base(path, "embeddings"); }
    bool is_plain(const http_request&) const override { return false; }

    request_facts read(const http_request&, const json& document) const override {
        request_facts facts;
        read_model(document, facts);
        const auto& input = member(document, "input");
        for (const auto& text : input.is_object() ? json() : input) {
            if (!text.is_string()) {
                facts.refusal = "input must be a string or a list of strings";
                return facts;
            }
            facts.inputs.push_back(text.get<std::string>());
            facts.last_user_content = facts.inputs.back();
        }
        facts.turns = facts.inputs.size();
        if (facts.inputs.empty() || facts.inputs.size() > inputs_max) {
            facts.refusal = "input must hold 1 to " + std::to_string(inputs_max) + " texts";
        }
        const auto& dimensions = member(document, "dimensions");
        if (dimensions.is_number_unsigned() && dimensions > 0 && dimensions <= dimensions_max) {
            facts.dimensions = dimensions.get<std::size_t>();
        } else if (!dimensions.is_null()) {
            facts.refusal = "dimensions is out of range";
        }
        facts.form.base64_vectors = member(document, "encoding_format") == "base64";
        return facts;
    }

    using openai_vendor::print;
    void print(const model_answer& answer, std::string& body) const override {
        body += R"({"object":"list","data":[)";
        for (std::size_t i = 0; i < answer.vectors.size(); ++i) {
            const auto& numbers = answer.vectors[i];
            append(body, i == 0 ? "" : ",", R"({"object":"embedding","index":)",
                   static_cast<std::int64_t>(i), R"(,"embedding":)",
                   answer.form.base64_vectors ? '"' + base64(packed(numbers)) + '"'
                                              : json_text(json(numbers)),
                   "}");
        }
        append(body, R"(],"model":)", quoted{answer.model});
        if (!answer.omits.usage) {
            append(body, R"(,"usage":{"prompt_tokens":)", answer.tokens.in, R"(,"total_tokens":)",
                   answer.tokens.in, "}");
        }
        body += "}";
    }
};

}  // namespace

const dialect& openai_embeddings_dialect() {
    static const openai_embeddings instance;
    return instance;
}

}  // namespace simulator
