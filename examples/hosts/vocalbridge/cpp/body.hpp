// Reads the JSON body of a request and refuses what it does not know.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace vocalbridge {

/// A JSON object. Every member throws conclave::exception with VALIDATION_ERROR naming the field
/// that is wrong.
class body {
   public:
    /// `known` are the fields that may stand in it.
    body(const std::string& text, std::initializer_list<std::string_view> known);
    ~body();
    body(const body&) = delete;
    body& operator=(const body&) = delete;

    std::string text(std::string_view field) const;
    std::optional<std::string> maybe_text(std::string_view field) const;
    /// The object as JSON text.
    std::optional<std::string> maybe_object(std::string_view field) const;
    bool is_null(std::string_view field) const;

   private:
    std::unique_ptr<nlohmann::ordered_json> document_;
};

}  // namespace vocalbridge
