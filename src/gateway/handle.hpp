// What a gateway and its tenants share: one count on an engine and the waits begun through it.
#pragma once

#include <conclave/gateway.hpp>

#include "runtime/engine.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace conclave::gateway_detail {

/// One handle, shared by all copies of a gateway and its tenant scopes. Thread-safe.
class handle {
   public:
    handle(std::shared_ptr<runtime::engine> engine, open_options options);
    ~handle();

    /// To be called first in every operation: starts the engine on first use and sets the prices
    /// that open was given.
    result<void> ready();

    /// The same for operations that start nothing: HANDLE_CLOSED or HANDLE_FORKED.
    result<void> usable() const;

    runtime::engine& engine() { return *engine_; }
    const open_options& options() const { return options_; }
    timestamp now() const { return engine_->clock().now(); }

    result<reply> send(messaging::send_order order, std::optional<std::int64_t> deadline_ms);
    runtime::engine::ticket start_send(messaging::send_order order,
                                       std::optional<std::int64_t> deadline_ms,
                                       completion<result<reply>> done);

    runtime::engine::ticket start_embedding(messaging::embedding_order order,
                                            completion<result<embeddings>> done);

    /// HANDLE_CLOSED and HANDLE_FORKED, or why the store cannot be opened.
    result<runtime::engine::ticket> start_stream(messaging::send_order order,
                                                 std::optional<std::int64_t> deadline_ms,
                                                 std::shared_ptr<runtime::stream_reader> reader);

    void close(std::int64_t drain_ms);

   private:
    /// The sends that callers of this handle wait for. Completions may outlive the handle.
    class wait_list {
       public:
        /// False once the handle is closed.
        bool add(runtime::engine::ticket t);
        void remove(runtime::engine::ticket t);
        /// Takes no more; gives those left. Nothing if it was closed before.
        std::optional<std::set<runtime::engine::ticket>> close();
        bool closed() const { return closed_; }

       private:
        std::mutex mutex_;
        std::atomic<bool> closed_{false};
        std::set<runtime::engine::ticket> waits_;
    };

    result<void> set_prices();

    const std::shared_ptr<runtime::engine> engine_;
    const open_options options_;
    std::atomic<bool> prices_set_;
    const std::shared_ptr<wait_list> waits_ = std::make_shared<wait_list>();
};

/// Waits for a transaction, after ready().
template <class Command>
result<typename Command::outcome> run(handle& h, Command command) {
    if (auto ok = h.ready(); !ok) return ok.error();
    return h.engine().run(std::move(command));
}

template <class Query>
result<typename Query::answer> read(handle& h, const Query& query) {
    if (auto ok = h.ready(); !ok) return ok.error();
    return h.engine().read(query);
}

inline error tenant_not_found(const tenant_id& id) {
    return fail(errc::resource_not_found, "the tenant was not found").with("tenant_id", id.str());
}

}  // namespace conclave::gateway_detail
