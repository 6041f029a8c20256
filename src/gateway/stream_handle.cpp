// Pulls events for a host.
#include "gateway/stream_handle.hpp"

#include "runtime/apart.hpp"

#include <utility>

namespace conclave {

namespace gateway_detail {

result<std::shared_ptr<stream_handle>> stream_handle::open(
    gateway_handle gateway, messaging::send_order order, std::optional<std::int64_t> deadline_ms,
    std::optional<messaging::stream_position> resume_after) {
    if (order.request.empty()) order.request = gateway->engine().ids().request();
    std::shared_ptr<stream_handle> h(new stream_handle(std::move(gateway)));
    h->reader_ = std::make_shared<runtime::stream_reader>(order.request, resume_after);
    auto ticket = h->gateway_->start_stream(std::move(order), deadline_ms, h->reader_);
    if (!ticket) return std::move(ticket).error();
    h->ticket_ = *ticket;
    return h;
}

std::optional<stream_event> stream_handle::next() { return reader_->next(); }

void stream_handle::start_next(completion<std::optional<stream_event>> done) {
    // The reader may outlive the gateway; a completion then needs a thread of its own.
    const auto engine = gateway_->engine().weak_from_this();
    reader_->pull([engine, done = std::move(done)](runtime::stream_reader::pulled&& p) mutable {
        const auto running = engine.lock();
        if (done.is_prompt() && !p.inside && running && running->on_loop())
            return done(std::move(p.event));
        completion<void> task = [done = std::move(done), e = std::move(p.event)]() mutable {
            done(std::move(e));
        };
        if (running && running->complete(task)) return;
        runtime::run_apart(std::move(task));
    });
}

void stream_handle::close() {
    reader_->close();
    gateway_->engine().cancel(ticket_, fail(errc::cancelled, "the consumer went away"));
}

}  // namespace gateway_detail

std::optional<stream_event> message_stream::next() { return handle_->next(); }

void message_stream::start_next(completion<std::optional<stream_event>> done) {
    handle_->start_next(std::move(done));
}

void message_stream::close() { handle_->close(); }

}  // namespace conclave
