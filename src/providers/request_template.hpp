// The request of a mapped provider: a JSON document with places for what is asked.
#pragma once

#include <conclave/provider.hpp>
#include <conclave/result.hpp>

#include "json/value.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace conclave::providers {

/// Placeholders are `{{model}}`, `{{instructions}}`, `{{prompt}}` (the last user text),
/// `{{messages}}` (role/content pairs, oldest first), `{{temperature}}` and `{{max_tokens}}`. A
/// string that is exactly one becomes that value; a member or item whose value is absent is left
/// out. The first three may also stand inside a longer string, where an absent one is empty. The
/// instructions lead `{{messages}}` as a `system` message unless the template has
/// `{{instructions}}`. Values are substituted as values: nothing in them can change the document's
/// form. Immutable.
class request_template {
   public:
    /// VALIDATION_ERROR naming `field` if the text is not a JSON object or array, or if "{{" in it
    /// does not begin a placeholder that may stand there.
    static result<request_template> parse(std::string_view text, std::string_view field);

    std::string fill(const provider_request& request) const;

   private:
    request_template(json::value document, bool places_instructions)
        : document_(std::move(document)), places_instructions_(places_instructions) {}

    json::value document_;
    bool places_instructions_;
};

}  // namespace conclave::providers
