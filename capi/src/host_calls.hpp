// Calls of the engine that a host answers by number.
#pragma once

#include <conclave/provider.hpp>
#include <conclave/result.hpp>
#include <conclave/tool.hpp>

#include "capi/src/port.hpp"
#include "json/value.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace conclave::capi {

/// Who submitted a request: given to the engine as send_request::caller.
struct requester {
    std::shared_ptr<capi::port> port;
    std::uint64_t request = 0;
    std::uint64_t gateway = 0;           ///< the number of the open gateway it came through
    std::atomic<bool> completed{false};  ///< its caller may not serve the port any more

    requester(std::shared_ptr<capi::port> p, std::uint64_t r, std::uint64_t g)
        : port(std::move(p)), request(r), gateway(g) {}
};

/// Where a handler was registered: its functions are known there, and nowhere else.
struct handler_home {
    std::weak_ptr<capi::port> port;
    std::uint64_t gateway = 0;
};

/// A call of the engine that a host answers. The first answer counts.
class host_call {
   public:
    virtual ~host_call() = default;
    /// Answers with the document. VALIDATION_ERROR naming the field leaves the call as it is.
    virtual result<void> answer(const json::value& document) = 0;
    virtual void fail(error why) = 0;
    /// Adds to the answer what may be seen at once.
    virtual void add_text(std::string) {}
    virtual std::shared_ptr<void> caller() const = 0;
    /// Runs once if nobody waits for the answer any more.
    virtual void on_cancel(completion<void> stop) = 0;
};

/// All host calls of the process that wait for an answer. Thread-safe.
class host_calls {
   public:
    /// The table of the process; lives as long as it.
    static host_calls& all();

    /// A handler whose calls are host calls: on the port of the request that caused them, if that
    /// is still under way and came through the handler's own gateway, or else on the home's, which
    /// may be null. Without an open port a call fails at once.
    static async_provider_handler provider_handler(std::string name, handler_home home);

    static async_tool_handler tool_handler(std::string name, handler_home home);

    /// Answers; unknown numbers are ignored. VALIDATION_ERROR naming the field leaves the call
    /// waiting.
    result<void> answer(std::uint64_t call, std::string_view document);
    result<void> fail_call(std::uint64_t call, errc code, std::string_view document);
    result<void> add_text(std::uint64_t call, std::string_view text);

   private:
    void ask(const handler_home& home, std::string document, std::shared_ptr<host_call> call);
    std::shared_ptr<host_call> find(std::uint64_t call);
    bool forget(std::uint64_t call);

    std::mutex mutex_;
    std::uint64_t last_ = 0;
    std::unordered_map<std::uint64_t, std::shared_ptr<host_call>> waiting_;
};

}  // namespace conclave::capi
