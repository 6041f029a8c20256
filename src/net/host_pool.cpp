// The connections to one scheme, host and port, and the exchanges that wait for one.
#include "net/host_pool.hpp"

#include <algorithm>
#include <utility>

namespace conclave::net {

host_pool::host_pool(client_context& context, url address)
    : context_(context), address_(std::move(address)) {}

void host_pool::admit(std::shared_ptr<http_exchange> exchange) {
    while (!idle_.empty()) {
        auto* candidate = idle_.back();
        idle_.pop_back();
        if (candidate->still_idle()) return candidate->run(std::move(exchange));
        candidate->close();
    }
    if (all_.size() < context_.options.max_connections_per_host) {
        dial(std::move(exchange));
    } else {
        enqueue(std::move(exchange));
    }
}

void host_pool::cancel(http_exchange& held) {
    take(held)->finish_later(exchange_failure::cancelled, false, "the exchange was cancelled");
}

void host_pool::close() {
    while (!waiting_.empty()) cancel(*waiting_.front());
    const auto connections = all_;
    for (const auto& each : connections) each->close();
}

bool host_pool::offer(connection& free) {
    if (!waiting_.empty()) {
        if (!free.still_idle()) return false;
        free.run(take_first());
        return true;
    }
    if (idle_.size() >= context_.options.max_idle_per_host) return false;
    idle_.push_back(&free);
    return true;
}

void host_pool::gone(connection& closed) {
    std::erase(idle_, &closed);
    std::erase_if(all_, [&](const auto& each) { return each.get() == &closed; });
    if (!waiting_.empty()) dial(take_first());
}

void host_pool::dial(std::shared_ptr<http_exchange> exchange) {
    const auto& made = all_.emplace_back(std::make_shared<connection>(context_, *this));
    made->open(std::move(exchange));
}

void host_pool::enqueue(std::shared_ptr<http_exchange> exchange) {
    auto& waiting = *waiting_.emplace_back(std::move(exchange));
    waiting.set_holder(this);
    waiting.queue_timer.emplace(context_.times, context_.now, [this, &waiting] {
        take(waiting)->finish_later(exchange_failure::timeout, false,
                                    "no connection became free in time");
    });
    waiting.queue_timer->set(std::min(waiting.connect_at, waiting.total_at));
}

std::shared_ptr<http_exchange> host_pool::take(http_exchange& waiting) {
    const auto at = std::find_if(waiting_.begin(), waiting_.end(),
                                 [&](const auto& each) { return each.get() == &waiting; });
    auto taken = std::move(*at);
    waiting_.erase(at);
    taken->queue_timer->cancel();
    return taken;
}

std::shared_ptr<http_exchange> host_pool::take_first() { return take(*waiting_.front()); }

}  // namespace conclave::net
