// Gemini's embedContent and batchEmbedContents.
#include "gemini_vendor.hpp"
#include "json_text.hpp"
#include "limits.hpp"

#include <algorithm>

namespace simulator {
namespace {

using nlohmann::json;

class gemini_embeddings final : public gemini_vendor {
   public:
    bool serves(std::string_view path) const override {
        const auto method = method_of(path);
        return method == "embedContent" || method == "batchEmbedContents";
    }

    request_facts read(const http_request& request, const json& document) const override {
        request_facts facts;
        facts.model = model_of(request.path());
        facts.form.batch = method_of(request.path()) == "batchEmbedContents";
        if (facts.form.batch) {
            for (const auto& one : member(document, "requests")) {
                read_one(one, facts);
            }
        } else {
            read_one(document, facts);
        }
        facts.turns = facts.inputs.size();
        if (facts.inputs.empty() || facts.inputs.size() > inputs_max) {
            facts.refusal = "requests must hold 1 to " + std::to_string(inputs_max);
        }
        return facts;
    }

    using gemini_vendor::print;
    void print(const model_answer& answer, std::string& body) const override {
        body += answer.form.batch ? R"({"embeddings":[)" : R"({"embedding":)";
        for (std::size_t i = 0; i < answer.vectors.size(); ++i) {
            append(body, i == 0 ? "" : ",", R"({"values":)", json_text(json(answer.vectors[i])),
                   "}");
        }
        body += answer.form.batch ? "]" : "";
        if (!answer.omits.usage) {
            append(body, R"(,"usageMetadata":{"promptTokenCount":)", answer.tokens.in, "}");
        }
        body += "}";
    }

   private:
    static void read_one(const json& one, request_facts& facts) {
        const auto& content = member(one, "content");
        const auto& dimensions = either(one, "outputDimensionality");
        if (!member(content, "parts").is_array()) {
            facts.refusal = "content is required";
        }
        if (dimensions.is_number_unsigned() && dimensions <= dimensions_max) {
            facts.dimensions = dimensions.get<std::size_t>();
        } else if (!dimensions.is_null()) {
            facts.refusal = "outputDimensionality is out of range";
        }
        facts.inputs.push_back(text_of(content));
        facts.last_user_content = facts.inputs.back();
    }
};

}  // namespace

const dialect& gemini_embeddings_dialect() {
    static const gemini_embeddings instance;
    return instance;
}

}  // namespace simulator
