// One exchange on its way through the client.
#include "net/http_exchange.hpp"

#include <utility>

namespace conclave::net {

http_exchange::http_exchange(client_context& context, http_request r,
                             std::shared_ptr<exchange_sink> sink)
    : request(std::move(r)),
      connect_at(context.after(request.connect_timeout_ms)),
      total_at(context.after(request.total_timeout_ms)),
      context_(context),
      sink_(std::move(sink)) {}

void http_exchange::cancel() {
    if (holder_) holder_->cancel(*this);
}

void http_exchange::finish(const exchange_end& end) {
    holder_ = nullptr;
    const auto sink = std::move(sink_);
    sink->on_end(end);
}

void http_exchange::finish_later(exchange_failure failure, bool request_written,
                                 std::string message) {
    holder_ = nullptr;
    exchange_end end{failure, request_written, std::move(message)};
    context_.times.post([self = shared_from_this(), end = std::move(end)] { self->finish(end); });
}

}  // namespace conclave::net
