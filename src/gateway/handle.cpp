// Counts handles and their waits.
#include "gateway/handle.hpp"

#include "metering/price_version.hpp"
#include "runtime/apart.hpp"

#include <utility>

namespace conclave::gateway_detail {

namespace {

error closed() { return fail(errc::handle_closed, "the gateway is closed"); }

}  // namespace

handle::handle(std::shared_ptr<runtime::engine> engine, open_options options)
    : engine_(std::move(engine)),
      options_(std::move(options)),
      prices_set_(options_.prices.empty()) {
    engine_->add_handle();
}

handle::~handle() { close(0); }

result<void> handle::ready() {
    if (auto ok = engine_->ready(); !ok) return ok;
    if (closed_) return closed();
    if (prices_set_) return {};
    return set_prices();
}

result<void> handle::set_prices() {
    for (const auto& price : options_.prices) {
        auto version = metering::make_price_version(price, engine_->ids().price(), now());
        if (!version) return std::move(version).error();
        if (auto ok = engine_->run(store::set_price{*std::move(version)}); !ok) return ok.error();
    }
    prices_set_ = true;
    return {};
}

bool handle::remember(runtime::engine::ticket t) {
    const std::scoped_lock lock(mutex_);
    if (closed_) return false;
    waits_.insert(t);
    return true;
}

void handle::forget(runtime::engine::ticket t) {
    const std::scoped_lock lock(mutex_);
    waits_.erase(t);
}

result<reply> handle::send(messaging::send_order order, std::optional<std::int64_t> deadline_ms) {
    if (auto ok = ready(); !ok) return ok.error();
    const auto ticket = engine_->new_ticket();
    if (!remember(ticket)) return closed();
    auto answer = engine_->send(ticket, std::move(order), deadline_ms);
    forget(ticket);
    return answer;
}

runtime::engine::ticket handle::start_send(messaging::send_order order,
                                           std::optional<std::int64_t> deadline_ms,
                                           completion<result<reply>> done) {
    const auto ticket = engine_->new_ticket();
    auto ok = ready();
    if (ok && !remember(ticket)) ok = closed();
    if (!ok) {
        runtime::run_apart([done = std::move(done), e = std::move(ok).error()]() mutable {
            done(std::move(e));
        });
        return ticket;
    }
    engine_->start_send(ticket, std::move(order), deadline_ms,
                        [this, ticket, done = std::move(done)](result<reply> r) mutable {
                            forget(ticket);
                            done(std::move(r));
                        });
    return ticket;
}

void handle::close(std::int64_t drain_ms) {
    std::set<runtime::engine::ticket> waits;
    {
        const std::scoped_lock lock(mutex_);
        if (closed_.exchange(true)) return;
        waits = waits_;
    }
    if (engine_->remove_handle()) return engine_->close(drain_ms);
    for (const auto t : waits) engine_->cancel(t, closed());
}

}  // namespace conclave::gateway_detail
