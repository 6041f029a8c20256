// Sending, and settling what is in doubt.
#include <conclave/tenant.hpp>

#include "gateway/handle.hpp"
#include "gateway/stream_handle.hpp"
#include "messaging/order.hpp"
#include "messaging/resolution.hpp"
#include "model/page_rule.hpp"
#include "runtime/apart.hpp"

#include <utility>

namespace conclave {

using gateway_detail::read;
using gateway_detail::run;

namespace {

error with_request(error e, const request_id& id) {
    if (e.request_id.empty()) e.request_id = id.str();
    return e;
}

}  // namespace

result<reply> message_operations::send(send_request request) {
    const auto deadline_ms = request.deadline_ms;
    const auto id = request.request_id;
    auto order = messaging::validate(tenant_scope(tenant_), std::move(request));
    if (!order) return with_request(std::move(order).error(), id);
    return handle_->send(*std::move(order), deadline_ms);
}

operation message_operations::start_send(send_request request, completion<result<reply>> done) {
    const auto deadline_ms = request.deadline_ms;
    const auto id = request.request_id;
    auto order = messaging::validate(tenant_scope(tenant_), std::move(request));
    if (!order) {
        runtime::run_apart(
            [done = std::move(done), e = with_request(std::move(order).error(), id)]() mutable {
                done(std::move(e));
            });
        return {};
    }
    const auto ticket = handle_->start_send(*std::move(order), deadline_ms, std::move(done));
    return operation([weak = std::weak_ptr(handle_), ticket] {
        if (const auto handle = weak.lock())
            handle->engine().cancel(ticket, fail(errc::cancelled, "the caller ended the wait"));
    });
}

result<message_stream> message_operations::stream(send_request request,
                                                  std::string_view last_event_id) {
    const auto deadline_ms = request.deadline_ms;
    const auto id = request.request_id;
    auto order = messaging::validate(tenant_scope(tenant_), std::move(request));
    if (!order) return with_request(std::move(order).error(), id);
    auto resume_after = messaging::parse_event_id(last_event_id);
    if (!resume_after) return with_request(std::move(resume_after).error(), id);
    auto stream =
        gateway_detail::stream_handle::open(handle_, *std::move(order), deadline_ms, *resume_after);
    if (!stream) return with_request(std::move(stream).error(), id);
    return message_stream(*std::move(stream));
}

result<std::string> message_operations::resolve(const resolve_request& request) {
    if (auto ok = messaging::validate(request); !ok) return ok.error();
    const tenant_scope scope(tenant_);
    store::find_unknown_send query{scope, std::nullopt, request.send_id};
    if (request.send_id.empty()) {
        auto key = messaging::hash_key(messaging::send_operation, request.idempotency_key);
        if (!key) return std::move(key).error();
        query.key = *std::move(key);
    }
    auto found = read(*handle_, query);
    if (!found) return std::move(found).error();
    auto prices = read(*handle_, store::list_prices{});
    if (!prices) return std::move(prices).error();
    auto command = messaging::plan_resolution(scope, request, *found, prices->versions,
                                              handle_->engine().ids(), handle_->now());
    if (!command) return std::move(command).error();
    auto outcome = run(*handle_, *std::move(command));
    if (!outcome) return std::move(outcome).error();
    if (!outcome->changed)
        return fail(errc::conflict, outcome->state == send_state::unknown
                                        ? "no attempt of this send could have succeeded"
                                        : "the outcome of this send is known")
            .with("state", std::string(to_string(outcome->state)));
    return std::string(to_string(outcome->state));
}

result<page<unknown_send>> message_operations::list_unknown(page_request page) {
    auto checked = check_page(std::move(page));
    if (!checked) return std::move(checked).error();
    auto tenant = read(*handle_, store::find_tenant{tenant_scope(tenant_)});
    if (!tenant) return std::move(tenant).error();
    if (!tenant->record) return gateway_detail::tenant_not_found(tenant_);
    auto answer =
        read(*handle_, store::list_unknown_sends{tenant_scope(tenant_), *std::move(checked)});
    if (!answer) return std::move(answer).error();
    return std::move(answer->sends);
}

}  // namespace conclave
