// Finds the dialect of a request.
#include "dialect.hpp"

#include "json_text.hpp"

namespace simulator {

void dialect::print_delay(std::int64_t delay_ms, std::string& header_lines) const {
    header_lines += "retry-after-ms: ";
    append_number(header_lines, delay_ms);
    header_lines += "\r\n";
}

const dialect* find_dialect(std::string_view path) {
    for (const auto* shape : {&openai_dialect(), &vendor_a_dialect(), &vendor_b_dialect(),
                              &openai_responses_dialect(), &anthropic_dialect(), &gemini_dialect(),
                              &openai_embeddings_dialect(), &gemini_embeddings_dialect()}) {
        if (shape->serves(path)) {
            return shape;
        }
    }
    return nullptr;
}

}  // namespace simulator
