// A call for vectors: what is asked, the paid call it becomes, its bill.
#pragma once

#include <conclave/embeddings.hpp>
#include <conclave/result.hpp>

#include "base/id_source.hpp"
#include "calls/paid_call.hpp"
#include "messaging/configuration.hpp"
#include "model/tenant_scope.hpp"
#include "providers/embeddings.hpp"
#include "store/embeddings.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace conclave::messaging {

inline constexpr std::string_view embedding_operation = "embeddings.create";
inline constexpr std::string_view embedding_stage = "embedding";

/// What a call for vectors asks for, checked.
struct embedding_order {
    tenant_scope scope;
    std::string route;
    std::vector<std::string> inputs;
    std::optional<std::int64_t> dimensions;
    std::optional<std::int64_t> deadline_ms;
    conclave::request_id request;
};

/// VALIDATION_ERROR or PAYLOAD_TOO_LARGE naming the field.
result<embedding_order> validate(tenant_scope scope, embeddings_request request);

/// Everything that is fixed before the first attempt.
struct embedding_plan {
    send_id id;
    send_key key;
    calls::paid_call call;  ///< of one route
    std::shared_ptr<const providers::embeddings_request> request;
    std::size_t bytes = 0;  ///< of the inputs
};

/// VALIDATION_ERROR naming `route` if its provider is not registered or gives no vectors.
result<embedding_plan> plan_embedding(const embedding_order& order, const configuration& config,
                                      id_source& ids, timestamp now, instant elapsed);

/// Every token of the inputs is counted by us where the provider told nothing.
void complete_usage(call_result& result, const embedding_plan& plan);

/// The bill of an answer and what the caller gets once it stands.
struct embedding_settlement {
    store::settle_embedding command;
    embeddings given;
};
embedding_settlement settle(const embedding_order& order, embedding_plan& plan,
                            store::send_fence fence, id_source& ids, timestamp now);

}  // namespace conclave::messaging
