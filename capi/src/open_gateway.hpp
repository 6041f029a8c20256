// One open gateway as the C API sees it: its requests under way.
#pragma once

#include <conclave/gateway.hpp>

#include "capi/src/operations.hpp"
#include "capi/src/port.hpp"
#include "capi/src/stream_pump.hpp"
#include "json/value.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace conclave::capi {

/// Who calls, and for whom: copied from conclave_options.
struct call_options {
    std::optional<std::string> api_key = {};
    std::optional<std::string> tenant_id = {};
    std::string request_id = {};
    std::optional<std::int64_t> deadline_ms = {};  ///< of sends and streams that name none
    std::weak_ptr<port> handlers = {};
};

/// Thread-safe. Kept alive by its requests.
class open_gateway : public std::enable_shared_from_this<open_gateway> {
   public:
    explicit open_gateway(conclave::gateway gw);

    /// Registers a callback provider whose calls are host calls.
    result<void> add_callback_provider(new_provider provider, std::weak_ptr<port> handlers);

    /// To be called first: HANDLE_FORKED in a child of fork if this was used before it. Until then
    /// no lock here may be touched.
    result<void> usable();

    /// Gives the error of a request its id: that of the caller, or a new one.
    error with_request(error e, const std::string& request_id) const;

    result<std::string> call_blocking(const operation_entry& op, json::value document,
                                      call_options options);

    /// The number of the request; its completion comes on `target`.
    result<std::uint64_t> submit(const operation_entry& op, json::value document,
                                 call_options options, std::shared_ptr<port> target);

    void cancel(std::uint64_t request);
    void pull(std::uint64_t request, std::uint32_t count);

    /// Drains and ends every request.
    void close();

   private:
    struct under_way {
        std::shared_ptr<requester> caller;
        operation sending = {};
        std::shared_ptr<stream_pump> stream = {};
        std::uint64_t wanted = 0;   ///< events that were pulled before it stood
        bool cancel_asked = false;  ///< before it could be
    };

    /// The document and options of a request on its way to where it runs.
    struct order {
        const operation_entry* op = nullptr;
        json::value document;
        call_options options;
        std::uint64_t request = 0;
        std::shared_ptr<requester> caller = {};
    };

    result<tenant> tenant_of(const call_options& o) const;
    result<std::string> run(const order& o) const;
    result<std::string> run_waiting(const order& o) const;
    void start_waiting(order o);
    void begin(order& o, tenant scope);
    void begin_council(order& o, tenant scope);
    completion<result<reply>> completion_of(const order& o);
    void start_embedding(order& o, embeddings_request request, tenant scope);
    void keep(const order& o, const operation& started);
    void start_stream(order& o, send_request request, const std::string& last_event_id,
                      tenant scope);
    void end_apart(const order& o, error e);
    void end(std::uint64_t request, result<std::string> outcome);

    const std::uint64_t number_;
    const conclave::gateway gateway_;
    std::atomic<std::int64_t> used_in_{0};  ///< the process that used it first
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, under_way> requests_;
};

}  // namespace conclave::capi
