// What both of Gemini's dialects have in common.
#pragma once

#include "dialect.hpp"

#include <string>
#include <string_view>

namespace simulator {

class gemini_vendor : public dialect {
   public:
    std::size_t vendor() const override { return 5; }
    bool is_plain(const http_request&) const override { return false; }
    void print(const model_error& error, std::string& body) const override;
    using dialect::print;
    /// The body tells it.
    void print_delay(std::int64_t, std::string&) const override {}

   protected:
    /// What is to be done with the model, for example `generateContent`; empty for other paths.
    static std::string_view method_of(std::string_view path);
    static std::string_view model_of(std::string_view path);
    /// A member by its name in camel case or, as the vendor also takes it, in snake case.
    static const nlohmann::json& either(const nlohmann::json& object, std::string_view camel);
    /// The text of a content's parts, thoughts left out.
    static std::string text_of(const nlohmann::json& content);
};

}  // namespace simulator
