// Everything that belongs to one tenant.
#pragma once

#include <conclave/agent.hpp>
#include <conclave/completion.hpp>
#include <conclave/embeddings.hpp>
#include <conclave/export.hpp>
#include <conclave/operation.hpp>
#include <conclave/reply.hpp>
#include <conclave/result.hpp>
#include <conclave/session.hpp>
#include <conclave/stream.hpp>
#include <conclave/tenant_record.hpp>
#include <conclave/usage.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave {

namespace gateway_detail {
class handle;
}
using gateway_handle = std::shared_ptr<gateway_detail::handle>;

// All calls below block until the answer is there and may be made from any thread at once. Each can
// fail with STORE_BUSY, STORE_UNAVAILABLE, STORE_CORRUPT, HANDLE_CLOSED and HANDLE_FORKED; with
// RESOURCE_NOT_FOUND for an id that does not exist or belongs to another tenant, which is the same;
// and with VALIDATION_ERROR or PAYLOAD_TOO_LARGE naming the field. On failure nothing changed.

/// API keys of one tenant. Since 0.1.
class CONCLAVE_API api_key_operations {
   public:
    /// Makes a key. Its `secret` is shown this once.
    result<created_api_key> create(new_api_key input = {});
    result<page<api_key>> list(page_request page = {});
    /// At once in this process and in others. Revoking twice keeps the first time and reason.
    result<api_key> revoke(const api_key_id& id, std::string_view reason = {});

   private:
    friend class tenant;
    api_key_operations(gateway_handle h, tenant_id t)
        : handle_(std::move(h)), tenant_(std::move(t)) {}
    gateway_handle handle_;
    tenant_id tenant_;
};

/// Agents of one tenant. AGENT_NOT_FOUND for an id that is not theirs. Since 0.1.
class CONCLAVE_API agent_operations {
   public:
    result<agent> create(new_agent input);
    result<agent> get(const agent_id& id);
    result<page<agent>> list(page_request page = {});
    /// Stores a new version. CONFLICT if another update came in between.
    result<agent> update(const agent_id& id, agent_update change);
    /// Later sends to its sessions give AGENT_NOT_FOUND; transcripts and usage stay.
    result<void> delete_agent(const agent_id& id);

   private:
    friend class tenant;
    agent_operations(gateway_handle h, tenant_id t)
        : handle_(std::move(h)), tenant_(std::move(t)) {}
    gateway_handle handle_;
    tenant_id tenant_;
};

/// Sessions of one tenant. Since 0.1.
class CONCLAVE_API session_operations {
   public:
    /// AGENT_NOT_FOUND if the agent is not the tenant's.
    result<session> create(new_session input);
    result<session> get(const session_id& id);
    result<page<session>> list(session_filter filter = {});
    /// SESSION_CLOSED for a closed session.
    result<session> update(const session_id& id, session_update change);
    /// Later sends give SESSION_CLOSED. Closing twice is no error.
    result<session> close(const session_id& id);
    /// Erases the messages; usage events and key hashes stay.
    result<void> delete_session(const session_id& id);
    /// Messages oldest first.
    result<conclave::transcript> transcript(const session_id& id, page_request page = {});
    /// The whole conversation as text.
    result<std::string> export_text(const session_id& id, export_format format);

   private:
    friend class tenant;
    session_operations(gateway_handle h, tenant_id t)
        : handle_(std::move(h)), tenant_(std::move(t)) {}
    gateway_handle handle_;
    tenant_id tenant_;
};

/// Messages of one tenant. Since 0.1.
class CONCLAVE_API message_operations {
   public:
    /// Sends one message and waits for the reply. One idempotency key means one answer and one
    /// bill, however often and from wherever it is sent, also across the death of the process: a
    /// duplicate joins the running call or replays the stored reply, free of charge. The bill is
    /// durable before this returns.
    ///
    /// Errors: IDEMPOTENCY_KEY_REQUIRED, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED (the key
    /// stands for another call), IDEMPOTENCY_KEY_EXPIRED (the reply was purged),
    /// IDEMPOTENCY_IN_PROGRESS (another process works on it: repeat), OUTCOME_UNKNOWN (resolve it),
    /// PROVIDER_REJECTED (for good), ALL_PROVIDERS_FAILED (nothing billed: repeat with the same
    /// key), SESSION_CLOSED, AGENT_NOT_FOUND, TENANT_SUSPENDED, DEADLINE_EXCEEDED, CANCELLED. An
    /// error with the detail `executed` says that a provider answered and the store could not keep
    /// it: repeat with the same key.
    result<reply> send(send_request request);

    /// As send, without waiting: `done` runs exactly once, on the completion thread, never inside
    /// this call. It should return soon. A completion made with `prompt` may run on the thread that
    /// carries all sends, which saves a change of threads.
    operation start_send(send_request request, completion<result<reply>> done);

    /// As send, showing the answer while it is made. A stream and a send of one key are the same
    /// call and may join each other; who joins sees all from the beginning, and a replay is cut
    /// into pieces. `last_event_id`, the id of an event of an earlier stream of this key, continues
    /// after it; if that text was replaced since, the stream begins with `reset`. What is wrong
    /// with the request itself is said at once, naming the field; everything later is the last
    /// event.
    ///
    /// Once text was seen, an attempt that fails is not repeated elsewhere: the stream ends with
    /// its error, nothing is billed, and the same key runs the call again.
    result<message_stream> stream(send_request request, std::string_view last_event_id = {});

    /// Settles by hand a send that stands as unknown, and gives its reply if there is one.
    /// RESOURCE_NOT_FOUND if there is no such send; CONFLICT if its outcome is known. `retry` lets
    /// the same key be sent again, `succeed` bills what the caller knows, `fail` ends it for good.
    result<std::string> resolve(const resolve_request& request);
    result<page<unknown_send>> list_unknown(page_request page = {});

   private:
    friend class tenant;
    message_operations(gateway_handle h, tenant_id t)
        : handle_(std::move(h)), tenant_(std::move(t)) {}
    gateway_handle handle_;
    tenant_id tenant_;
};

/// Vectors of texts, for one tenant. Since 0.1.
class CONCLAVE_API embedding_operations {
   public:
    /// Asks for the vectors of texts, with the retries of the provider's policy, and waits. The
    /// bill is durable before this returns: a usage event of its own, without session, agent and
    /// message. There is no idempotency key and nothing is replayed: calling again asks and bills
    /// again. PROVIDER_REJECTED, ALL_PROVIDERS_FAILED (nothing billed), DEADLINE_EXCEEDED,
    /// TENANT_SUSPENDED. An error with the detail `executed` says that the vectors were there and
    /// the store could not keep their bill.
    result<embeddings> create(embeddings_request request);

    /// As create, without waiting: `done` runs exactly once, on the completion thread, never inside
    /// this call. Cancelling the operation ends the call; what was sent stays as possible spend.
    operation start_create(embeddings_request request, completion<result<embeddings>> done);

   private:
    friend class tenant;
    embedding_operations(gateway_handle h, tenant_id t)
        : handle_(std::move(h)), tenant_(std::move(t)) {}
    gateway_handle handle_;
    tenant_id tenant_;
};

/// Councils of one tenant, beside those that agents have. Since 0.1.
class CONCLAVE_API council_operations {
   public:
    /// Asks a council, without agent or session, and waits for its reply: what it did stands in
    /// `metadata.council`. Its idempotency key is one of its own, apart from those of messages;
    /// everything else is as of message_operations::send, with COUNCIL_QUORUM_FAILED (too few
    /// answered: what came is kept, and the same key asks only those who are missing) and
    /// BUDGET_EXCEEDED (`max_usd`: nothing was called).
    result<reply> run(council_request request);

    /// As run, without waiting: `done` runs exactly once, on the completion thread, never inside
    /// this call.
    operation start_run(council_request request, completion<result<reply>> done);

    /// The ranking of an answer's stored scores by a rule, `robust/1`, `mean` or `borda`: a JSON
    /// document. Free of charge, and changes nothing. RESOURCE_NOT_FOUND, VALIDATION_ERROR naming
    /// `rule`, UNSUPPORTED for a message that rests on no scores.
    result<std::string> reaggregate(const message_id& id, std::string_view rule);

   private:
    friend class tenant;
    council_operations(gateway_handle h, tenant_id t)
        : handle_(std::move(h)), tenant_(std::move(t)) {}
    gateway_handle handle_;
    tenant_id tenant_;
};

/// The bill and the spend of one tenant. Days are UTC and inclusive, at most ten years. Since 0.1.
class CONCLAVE_API usage_operations {
   public:
    /// With `group_by` the report has groups, too; VALIDATION_ERROR naming it for more than 10,000.
    result<usage_rollup> rollup(date from, date to, std::vector<usage_dimension> group_by = {});
    result<page<usage_event>> events(date from, date to, page_request page = {});
    /// Every attempt, exposure included; the sums cover the whole range, the list is paged.
    result<spend_report> spend(date from, date to, page_request page = {});

    /// The same with days as text, "2026-11-01".
    result<usage_rollup> rollup(std::string_view from, std::string_view to,
                                std::vector<usage_dimension> group_by = {});
    result<page<usage_event>> events(std::string_view from, std::string_view to,
                                     page_request page = {});
    result<spend_report> spend(std::string_view from, std::string_view to, page_request page = {});

   private:
    friend class tenant;
    usage_operations(gateway_handle h, tenant_id t)
        : handle_(std::move(h)), tenant_(std::move(t)) {}
    gateway_handle handle_;
    tenant_id tenant_;
};

/// The scope of one tenant: the only way to its data. Cheap to copy; keeps the gateway open.
/// Since 0.1.
class CONCLAVE_API tenant {
   public:
    const tenant_id& id() const noexcept { return id_; }

    result<tenant_record> get() const;

    api_key_operations api_keys() const { return {handle_, id_}; }
    agent_operations agents() const { return {handle_, id_}; }
    session_operations sessions() const { return {handle_, id_}; }
    message_operations messages() const { return {handle_, id_}; }
    council_operations council() const { return {handle_, id_}; }
    embedding_operations embeddings() const { return {handle_, id_}; }
    usage_operations usage() const { return {handle_, id_}; }

   private:
    friend class gateway;
    tenant(gateway_handle h, tenant_id t) : handle_(std::move(h)), id_(std::move(t)) {}
    gateway_handle handle_;
    tenant_id id_;
};

}  // namespace conclave
