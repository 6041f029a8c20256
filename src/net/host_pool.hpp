// The connections to one scheme, host and port, and the exchanges that wait for one.
#pragma once

#include "net/client_context.hpp"
#include "net/connection.hpp"
#include "net/http_exchange.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace conclave::net {

class host_pool final : public exchange_holder {
   public:
    host_pool(client_context& context, url address);

    /// Runs the exchange on the connection used last, on a new one, or when one becomes free.
    void admit(std::shared_ptr<http_exchange> exchange);
    /// Takes a waiting exchange out; it ends later.
    void cancel(http_exchange& held) override;
    void close();

    /// From a connection that can carry another exchange; true when it may stay.
    bool offer(connection& free);
    /// From a connection that has closed.
    void gone(connection& closed);

    bool empty() const { return all_.empty() && waiting_.empty(); }
    const url& address() const { return address_; }
    tls_session_slot& session() { return session_; }

   private:
    void dial(std::shared_ptr<http_exchange> exchange);
    void enqueue(std::shared_ptr<http_exchange> exchange);
    std::shared_ptr<http_exchange> take(http_exchange& waiting);
    std::shared_ptr<http_exchange> take_first();

    client_context& context_;
    const url address_;
    tls_session_slot session_;
    std::vector<std::shared_ptr<connection>> all_;
    std::vector<connection*> idle_;  ///< used last at the back
    std::deque<std::shared_ptr<http_exchange>> waiting_;
};

}  // namespace conclave::net
