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
      prices_set_(options_.prices.empty()) {}

handle::~handle() {
    if (!engine_->on_own_thread()) {
        close(0);
        return;
    }
    // The last copy went in a completion: the threads cannot wait for themselves.
    auto waits = waits_->close();
    if (waits && engine_->remove_handle())
        runtime::run_apart([engine = engine_] { engine->close(0); });
}

result<void> handle::usable() const {
    if (auto ok = engine_->usable(); !ok) return ok;
    if (waits_->closed()) return closed();
    return {};
}

result<void> handle::ready() {
    if (auto ok = usable(); !ok) return ok;
    if (auto ok = engine_->ready(); !ok) return ok;
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

bool handle::wait_list::add(runtime::engine::ticket t) {
    const std::scoped_lock lock(mutex_);
    if (closed_) return false;
    waits_.insert(t);
    return true;
}

void handle::wait_list::remove(runtime::engine::ticket t) {
    const std::scoped_lock lock(mutex_);
    waits_.erase(t);
}

std::optional<std::set<runtime::engine::ticket>> handle::wait_list::close() {
    const std::scoped_lock lock(mutex_);
    if (closed_.exchange(true)) return std::nullopt;
    return std::move(waits_);
}

result<reply> handle::send(messaging::send_order order, std::optional<std::int64_t> deadline_ms) {
    if (auto ok = ready(); !ok) return ok.error();
    const auto ticket = engine_->new_ticket();
    if (!waits_->add(ticket)) return closed();
    auto answer = engine_->send(ticket, std::move(order), deadline_ms);
    waits_->remove(ticket);
    return answer;
}

runtime::engine::ticket handle::start_send(messaging::send_order order,
                                           std::optional<std::int64_t> deadline_ms,
                                           completion<result<reply>> done) {
    const auto ticket = engine_->new_ticket();
    auto ok = ready();
    if (ok && !waits_->add(ticket)) ok = closed();
    if (!ok) {
        runtime::run_apart(
            [done = std::move(done), e = std::move(ok).error()]() mutable { done(std::move(e)); });
        return ticket;
    }
    const bool is_prompt = done.is_prompt();
    auto ended = [waits = waits_, ticket, done = std::move(done)](result<reply> r) mutable {
        waits->remove(ticket);
        done(std::move(r));
    };
    using receiver = completion<result<reply>>;
    engine_->start_send(
        ticket, std::move(order), deadline_ms,
        is_prompt ? receiver(prompt, std::move(ended)) : receiver(std::move(ended)));
    return ticket;
}

runtime::engine::ticket handle::start_embedding(messaging::embedding_order order,
                                                completion<result<embeddings>> done) {
    const auto ticket = engine_->new_ticket();
    auto ok = ready();
    if (ok && !waits_->add(ticket)) ok = closed();
    if (!ok) {
        runtime::run_apart(
            [done = std::move(done), e = std::move(ok).error()]() mutable { done(std::move(e)); });
        return ticket;
    }
    engine_->start_embedding(
        ticket, std::move(order),
        [waits = waits_, ticket, done = std::move(done)](result<embeddings> r) mutable {
            waits->remove(ticket);
            done(std::move(r));
        });
    return ticket;
}

result<runtime::engine::ticket> handle::start_stream(
    messaging::send_order order, std::optional<std::int64_t> deadline_ms,
    std::shared_ptr<runtime::stream_reader> reader) {
    if (auto ok = ready(); !ok) return ok.error();
    const auto ticket = engine_->new_ticket();
    if (!waits_->add(ticket)) return closed();
    engine_->start_stream(ticket, std::move(order), deadline_ms, std::move(reader),
                          [waits = waits_, ticket] { waits->remove(ticket); });
    return ticket;
}

void handle::close(std::int64_t drain_ms) {
    const auto waits = waits_->close();
    if (!waits) return;
    if (engine_->remove_handle()) return engine_->close(drain_ms);
    for (const auto t : *waits) engine_->cancel(t, closed());
}

}  // namespace conclave::gateway_detail
