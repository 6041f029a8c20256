// Validates prices.
#include "metering/price_version.hpp"

#include "base/field.hpp"
#include "base/limits.hpp"
#include "metering/price.hpp"

namespace conclave::metering {

result<price_version> make_price_version(new_price input, price_id id, timestamp now) {
    constexpr text_rule rule{.min_bytes = 1, .max_bytes = limits::name_bytes};
    if (auto ok = check_text("provider", input.provider, rule); !ok) return ok.error();
    if (auto ok = check_text("model", input.model, rule); !ok) return ok.error();
    auto price = parse_price(input.usd_per_1k_tokens, input.usd_per_million);
    if (!price) return std::move(price).error();
    price_version v;
    v.id = std::move(id);
    v.provider = std::move(input.provider);
    v.model = std::move(input.model);
    v.usd_per_1k_tokens = usd_per_1k_tokens(*price);
    v.usd_per_million = usd_per_million(*price);
    v.effective_from = input.effective_from.value_or(now);
    v.created_at = now;
    return v;
}

}  // namespace conclave::metering
