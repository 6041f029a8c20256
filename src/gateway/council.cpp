// Councils without a session, and rankings of their scores.
#include <conclave/tenant.hpp>

#include "agents/council_rule.hpp"
#include "base/field.hpp"
#include "base/limits.hpp"
#include "council/report.hpp"
#include "crypto/sha256.hpp"
#include "crypto/text_forms.hpp"
#include "gateway/handle.hpp"
#include "json/parse.hpp"
#include "json/print.hpp"
#include "messaging/order.hpp"
#include "runtime/apart.hpp"

#include <atomic>
#include <utility>

namespace conclave {

using gateway_detail::handle;
using gateway_detail::read;
using gateway_detail::run;
using gateway_detail::tenant_not_found;

namespace {

constexpr std::string_view hidden_agent = "agt_council";

error with_request(error e, const request_id& id) {
    if (e.request_id.empty()) e.request_id = id.str();
    return e;
}

/// Each key has a session of its own, so that no run waits for another.
session_id session_of(std::string_view key) {
    constexpr std::size_t digits = 32;
    return session_id("ses_council_" + crypto::hex(crypto::sha256(key)).substr(0, digits));
}

result<messaging::send_order> plan(const tenant_id& tenant, council_request request) {
    if (auto ok = agents::check_council(request.council, "council"); !ok) return ok.error();
    if (auto ok = check_text("prompt", request.prompt,
                             {.min_bytes = 1,
                              .max_bytes = limits::content_bytes,
                              .controls = control_characters::all_but_nul,
                              .too_long = errc::payload_too_large});
        !ok)
        return ok.error();
    send_request send;
    send.session_id = session_of(request.idempotency_key);
    send.content = std::move(request.prompt);
    send.idempotency_key = std::move(request.idempotency_key);
    send.overrides.council = std::move(request.council);
    send.metadata = std::move(request.metadata);
    send.deadline_ms = request.deadline_ms;
    send.request_id = std::move(request.request_id);
    send.caller = std::move(request.caller);
    return messaging::validate(tenant_scope(tenant), std::move(send), messaging::council_operation);
}

/// Makes the hidden session of a key that was never seen.
result<void> open_session(handle& h, const messaging::send_order& order) {
    auto known = read(h, store::find_send{order.scope, order.key});
    if (!known) return std::move(known).error();
    if (known->send) return {};
    agent a;
    a.id = hidden_agent;
    a.name = "council";
    // Never registered: nobody but council.run is answered here.
    a.primary = "council";
    a.created_at = a.updated_at = h.now();
    auto opened = run(h, store::open_council_session{order.scope, std::move(a), order.session});
    if (!opened) return std::move(opened).error();
    if (!opened->tenant_found) return tenant_not_found(order.scope.id());
    return {};
}

/// A run that begins on another thread and may be cancelled before that.
struct pending_run {
    std::atomic<runtime::engine::ticket> ticket{0};
    std::atomic<bool> cancelled{false};
};

void tell(handle& h, completion<result<reply>> done, error e) {
    completion<void> task = [done = std::move(done), e = std::move(e)]() mutable {
        done(std::move(e));
    };
    if (!h.engine().complete(task)) runtime::run_apart(std::move(task));
}

void cancel(handle& h, runtime::engine::ticket t) {
    h.engine().cancel(t, fail(errc::cancelled, "the caller ended the wait"));
}

}  // namespace

result<reply> council_operations::run(council_request request) {
    const auto deadline_ms = request.deadline_ms;
    const auto id = request.request_id;
    auto order = plan(tenant_, std::move(request));
    if (!order) return with_request(std::move(order).error(), id);
    if (auto ok = open_session(*handle_, *order); !ok)
        return with_request(std::move(ok).error(), id);
    return handle_->send(*std::move(order), deadline_ms);
}

operation council_operations::start_run(council_request request, completion<result<reply>> done) {
    const auto deadline_ms = request.deadline_ms;
    const auto id = request.request_id;
    auto order = plan(tenant_, std::move(request));
    if (!order) {
        runtime::run_apart(
            [done = std::move(done), e = with_request(std::move(order).error(), id)]() mutable {
                done(std::move(e));
            });
        return {};
    }
    auto pending = std::make_shared<pending_run>();
    completion<void> task = [h = handle_, pending, order = *std::move(order), deadline_ms, id,
                             done = std::move(done)]() mutable {
        if (auto ok = open_session(*h, order); !ok)
            return tell(*h, std::move(done), with_request(std::move(ok).error(), id));
        pending->ticket = h->start_send(std::move(order), deadline_ms, std::move(done));
        if (pending->cancelled) cancel(*h, pending->ticket);
    };
    if (!handle_->engine().run_blocking(task)) runtime::run_apart(std::move(task));
    return operation([weak = std::weak_ptr(handle_), pending] {
        pending->cancelled = true;
        const auto h = weak.lock();
        if (h && pending->ticket != 0) cancel(*h, pending->ticket);
    });
}

result<std::string> council_operations::reaggregate(const message_id& id, std::string_view rule) {
    auto found = read(*handle_, store::find_council_report{tenant_scope(tenant_), id});
    if (!found) return std::move(found).error();
    if (!found->found)
        return fail(errc::resource_not_found, "the message was not found")
            .with("message_id", id.str());
    const auto metadata = json::parse(found->metadata, "metadata");
    const auto* report = metadata ? json::find(*metadata, "council") : nullptr;
    if (report == nullptr || report->is_null())
        return fail(errc::unsupported, "the message was not made by a council");
    return council::rank_again(json::print(*report), rule);
}

}  // namespace conclave
