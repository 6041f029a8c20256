// JSON Schema: the part of it that tools and structured answers need, by name.
#pragma once

#include <conclave/result.hpp>

#include "json/value.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace conclave::json {

namespace schema_detail {
struct table;
}

/// A schema that was understood as a whole. Immutable; copies share it.
///
/// What it knows of JSON Schema 2020-12: `type`, `enum`, `const`, `properties`, `required`,
/// `additionalProperties`, `minProperties`, `maxProperties`, `items`, `prefixItems`, `minItems`,
/// `maxItems`, `uniqueItems`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`,
/// `multipleOf`, `minLength`, `maxLength` (code points), `allOf`, `anyOf`, `oneOf`, `not`, `$ref`
/// within the document, `$defs` and `definitions`. Annotations (`title`, `description`, `default`,
/// `examples`, `format` and their like, and `x-...`) assert nothing. Anything else is refused by
/// name, `pattern` too, so that no assertion is ever passed over.
class schema {
   public:
    /// Of a JSON object. VALIDATION_ERROR naming the keyword and its place, for example
    /// `parameters.properties.city.pattern`; `field` is the name of the whole.
    static result<schema> read(std::string_view text, std::string_view field);

    /// VALIDATION_ERROR naming the first place that does not fit, for example
    /// `arguments.days[0]`; `name` is that of the whole. Bounded in depth and work: a document that
    /// would take more does not fit.
    result<void> check(const value& document, std::string_view name) const;

   private:
    explicit schema(std::shared_ptr<const schema_detail::table> t) : table_(std::move(t)) {}
    std::shared_ptr<const schema_detail::table> table_;
};

}  // namespace conclave::json
