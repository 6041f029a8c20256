// Looks at an answer's parts.
#include "answer.hpp"

#include <algorithm>

namespace simulator {

std::string model_answer::id(std::string_view prefix) const {
    return std::string(prefix) + std::to_string(number);
}

std::string model_answer::id(std::string_view prefix, std::size_t index) const {
    return id(prefix) + "-" + std::to_string(index);
}

std::string model_answer::text(part_kind kind) const {
    std::string out;
    for (const auto& part : parts) {
        out += part.kind == kind ? part.text : "";
    }
    return out;
}

bool model_answer::has(part_kind kind) const {
    return std::any_of(parts.begin(), parts.end(),
                       [kind](const answer_part& part) { return part.kind == kind; });
}

std::size_t model_answer::size() const {
    std::size_t bytes = 0;
    for (const auto& part : parts) {
        bytes += part.text.size() + part.name.size();
    }
    return bytes;
}

}  // namespace simulator
