// Asking for vectors.
#include <conclave/tenant.hpp>

#include "gateway/handle.hpp"
#include "messaging/embedding.hpp"
#include "runtime/apart.hpp"
#include "runtime/rendezvous.hpp"

#include <utility>

namespace conclave {

namespace {

error with_request(error e, const request_id& id) {
    if (e.request_id.empty()) e.request_id = id.str();
    return e;
}

}  // namespace

result<embeddings> embedding_operations::create(embeddings_request request) {
    const auto id = request.request_id;
    auto order = messaging::validate(tenant_scope(tenant_), std::move(request));
    if (!order) return with_request(std::move(order).error(), id);
    runtime::rendezvous<embeddings> answer;
    handle_->start_embedding(*std::move(order), answer.arrival());
    return answer.wait();
}

operation embedding_operations::start_create(embeddings_request request,
                                             completion<result<embeddings>> done) {
    const auto id = request.request_id;
    auto order = messaging::validate(tenant_scope(tenant_), std::move(request));
    if (!order) {
        runtime::run_apart(
            [done = std::move(done), e = with_request(std::move(order).error(), id)]() mutable {
                done(std::move(e));
            });
        return {};
    }
    const auto ticket = handle_->start_embedding(*std::move(order), std::move(done));
    return operation([weak = std::weak_ptr(handle_), ticket] {
        if (const auto handle = weak.lock())
            handle->engine().cancel(ticket, fail(errc::cancelled, "the caller ended the call"));
    });
}

}  // namespace conclave
