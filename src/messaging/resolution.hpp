// Settles by hand what nobody knows the outcome of.
#pragma once

#include <conclave/price.hpp>
#include <conclave/reply.hpp>
#include <conclave/result.hpp>

#include "base/id_source.hpp"
#include "model/tenant_scope.hpp"
#include "store/sends.hpp"

#include <vector>

namespace conclave::messaging {

/// VALIDATION_ERROR naming the field: one of `idempotency_key` and `send_id` is needed, and for
/// `succeed` the key, the content and the tokens.
result<void> validate(const resolve_request& request);

/// The transaction that settles `found`. RESOURCE_NOT_FOUND if there is no such send. `succeed`
/// bills the given tokens at the price of the last attempt, as T2 would have.
result<store::resolve_send> plan_resolution(const tenant_scope& scope,
                                            const resolve_request& request,
                                            const store::find_unknown_send::answer& found,
                                            const std::vector<price_version>& prices,
                                            id_source& ids, timestamp now);

}  // namespace conclave::messaging
