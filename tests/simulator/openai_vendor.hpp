// What all of OpenAI's dialects have in common.
#pragma once

#include "dialect.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

/// Fixed, so that runs compare equal.
inline constexpr std::int64_t openai_created_s = 1'700'000'000;

class openai_vendor : public dialect {
   public:
    std::size_t vendor() const override { return 0; }
    void print(const model_error& error, std::string& body) const override;
    using dialect::print;

   protected:
    /// True for `path` below each base address the vendor has.
    static bool is_below_base(std::string_view path, std::string_view rest);
    /// The `error` member of an error document.
    static std::string error_object(const model_error& error);
    /// Takes the model out of a request, or refuses it.
    static void read_model(const nlohmann::json& document, request_facts& facts);
};

}  // namespace simulator
