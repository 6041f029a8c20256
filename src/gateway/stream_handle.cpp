// Pulls events for a host.
#include "gateway/stream_handle.hpp"

#include "runtime/apart.hpp"

#include <utility>

namespace conclave {

namespace gateway_detail {

namespace {

using runtime::stream_reader;

/// Prompt takers run where the event comes from, if that is the loop's thread, as a send always is;
/// all others on the completion thread.
stream_reader::courier make_courier(runtime::engine& of) {
    return [engine = of.weak_from_this()](stream_reader::taker take,
                                          std::optional<stream_event>&& event,
                                          stream_reader::giver by) {
        using giver = stream_reader::giver;
        if (take.is_prompt() && by == giver::send) return take(std::move(event));
        // The reader may outlive the gateway; a taker then needs a thread of its own.
        const auto running = engine.lock();
        if (take.is_prompt() && by == giver::end && running && running->on_loop())
            return take(std::move(event));
        completion<void> task = [take = std::move(take), e = std::move(event)]() mutable {
            take(std::move(e));
        };
        if (running && running->complete(task)) return;
        runtime::run_apart(std::move(task));
    };
}

}  // namespace

result<std::shared_ptr<stream_handle>> stream_handle::open(
    gateway_handle gateway, messaging::send_order order, std::optional<std::int64_t> deadline_ms,
    std::optional<messaging::stream_position> resume_after) {
    if (order.request.empty()) order.request = gateway->engine().ids().request();
    std::shared_ptr<stream_handle> h(new stream_handle(std::move(gateway)));
    h->reader_ = std::make_shared<stream_reader>(order.request, resume_after,
                                                 make_courier(h->gateway_->engine()));
    auto ticket = h->gateway_->start_stream(std::move(order), deadline_ms, h->reader_);
    if (!ticket) return std::move(ticket).error();
    h->ticket_ = *ticket;
    return h;
}

std::optional<stream_event> stream_handle::next() { return reader_->next(); }

void stream_handle::start_next(completion<std::optional<stream_event>> done) {
    reader_->pull(std::move(done));
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
