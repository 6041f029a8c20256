// One exchange on its way through the client.
#pragma once

#include "net/client_context.hpp"
#include "net/transport.hpp"
#include "net/url.hpp"

#include <memory>
#include <optional>
#include <string>

namespace conclave::net {

class http_exchange;

/// Whoever has the exchange at the moment: the queue of its host or a connection.
class exchange_holder {
   public:
    virtual void cancel(http_exchange& held) = 0;

   protected:
    ~exchange_holder() = default;
};

class http_exchange final : public exchange, public std::enable_shared_from_this<http_exchange> {
   public:
    http_exchange(client_context& context, http_request r, std::shared_ptr<exchange_sink> sink);

    void cancel() override;

    /// Hands the exchange over; null when it has ended.
    void set_holder(exchange_holder* holder) { holder_ = holder; }
    exchange_sink& sink() { return *sink_; }
    /// Calls on_end, and lets the sink go. The last thing a caller does.
    void finish(const exchange_end& end);
    /// The same as a task of its own.
    void finish_later(exchange_failure failure, bool request_written, std::string message);

    http_request request;
    url address;
    const instant connect_at;
    const instant total_at;
    std::optional<lazy_timer> queue_timer;  ///< only while it waits for a connection

   private:
    client_context& context_;
    std::shared_ptr<exchange_sink> sink_;
    exchange_holder* holder_ = nullptr;
};

}  // namespace conclave::net
