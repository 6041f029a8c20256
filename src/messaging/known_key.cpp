// The state table of a key.
#include "messaging/known_key.hpp"

#include "messaging/error_document.hpp"
#include "messaging/reply_document.hpp"

namespace conclave::messaging {

namespace {

error key_error(const send_order& order, errc code, std::string message) {
    auto e = fail(code, std::move(message)).with("idempotency_key", order.key_text);
    e.request_id = order.request.str();
    return e;
}

settled_answer replay(const send_order& order, const store::send_snapshot& send) {
    if (!send.reply_message)
        return {key_error(order, errc::internal_error, "the stored reply is missing"), false};
    return {restore_reply(*send.reply_message, send.reply_metadata, true), true, send.epoch,
            read_steps(send.reply_steps)};
}

settled_answer replay_failure(const store::send_snapshot& send) {
    return {parse_error(send.error_document).with("replayed", true), true};
}

settled_answer in_doubt(const send_order& order, const store::send_snapshot& send) {
    auto e = key_error(order, errc::outcome_unknown,
                       "a provider may have run this call, but no answer is held: resolve it");
    e.with("send_id", send.id.str());
    return {std::move(e), false};
}

/// Only where neither policy forbids a call that may be a second one.
bool may_recover(const resilience::resolved_policy& policy) {
    return policy.on_crash == crash_policy::recover &&
           policy.on_ambiguous == ambiguous_policy::retry;
}

}  // namespace

key_verdict judge_key(const send_order& order, const store::find_send::answer& known,
                      const resilience::resolved_policy& policy, const std::string& self) {
    // First of all, whatever else forbids a call: an orphan holds money and its session's turn.
    if (known.send && known.send->state == send_state::dispatching && known.send->owner.id == self)
        return own_orphan{};
    if (!known.tenant)
        return settled_answer{fail(errc::resource_not_found, "the tenant was not found")
                                  .with("tenant_id", order.scope.id().str()),
                              false};
    if (*known.tenant == tenant_status::suspended)
        return settled_answer{fail(errc::tenant_suspended, "the tenant is suspended"), false};
    if (!known.send) return may_run{};

    const auto& send = *known.send;
    if (send.fingerprint != fingerprint(order, known.fingerprint_key))
        return settled_answer{
            key_error(order, errc::idempotency_key_reused,
                      "this idempotency key stands for a call with other content"),
            false};
    switch (send.state) {
        case send_state::succeeded: return replay(order, send);
        case send_state::failed_final: return replay_failure(send);
        case send_state::closed:
            return settled_answer{key_error(order, errc::idempotency_key_expired,
                                            "the stored reply of this key was purged"),
                                  false};
        case send_state::failed_retryable: return may_run{};
        case send_state::unknown:
            if (!may_recover(policy)) return in_doubt(order, send);
            return may_run{.recover_unknown = true};
        case send_state::dispatching: return owned_elsewhere{send.owner};
    }
    return settled_answer{key_error(order, errc::internal_error, "unknown state of a key"), false};
}

}  // namespace conclave::messaging
