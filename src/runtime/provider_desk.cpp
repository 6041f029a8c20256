// Carries attempts out.
#include "runtime/provider_desk.hpp"

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "calls/paid_call.hpp"
#include "model/turn.hpp"
#include "net/url.hpp"
#include "providers/callback.hpp"
#include "providers/validate.hpp"
#include "providers/vendor_error.hpp"
#include "runtime/host_call.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace conclave::runtime {

namespace {

using std::chrono::milliseconds;

providers::wire_end wire_end_of(const net::exchange_end& end) {
    using net::exchange_failure;
    switch (end.failure) {
        case exchange_failure::none: return providers::wire_end::complete;
        case exchange_failure::malformed:
        case exchange_failure::too_large: return providers::wire_end::malformed;
        case exchange_failure::resolve: return providers::wire_end::unresolved;
        case exchange_failure::connect: return providers::wire_end::unreachable;
        case exchange_failure::tls: return providers::wire_end::untrusted;
        case exchange_failure::bad_request: return providers::wire_end::not_sent;
        default: break;
    }
    if (!end.request_written)
        return end.failure == exchange_failure::timeout ? providers::wire_end::unconnected
                                                        : providers::wire_end::not_sent;
    switch (end.failure) {
        case exchange_failure::timeout: return providers::wire_end::timeout;
        case exchange_failure::cancelled: return providers::wire_end::cancelled;
        default: return providers::wire_end::broken;
    }
}

/// Feeds an answer to the decoder and reports what it tells.
class http_answer final : public net::exchange_sink {
   public:
    http_answer(std::shared_ptr<const registered_provider> provider,
                std::unique_ptr<providers::decoder> decoder,
                std::function<void(const providers::stream_fact&)> on_fact,
                completion<call_result> done)
        : provider_(std::move(provider)),
          decoder_(std::move(decoder)),
          on_fact_(std::move(on_fact)),
          done_(std::move(done)) {}

    void on_head(const net::http_head& head) override {
        decoder_->on_head(head.status, head.headers);
    }
    void on_body(std::string_view bytes) override {
        if (!done_told_) read(bytes);
    }
    void on_end(const net::exchange_end& end) override {
        if (!done_told_) tell(wire_end_of(end));
    }

   private:
    void read(std::string_view bytes) {
        std::vector<providers::stream_fact> facts;
        decoder_->on_body(bytes, facts);
        for (const auto& fact : facts) {
            if (fact.what == providers::stream_fact::kind::text) text_bytes_ += fact.text.size();
            on_fact_(fact);
        }
        // A vendor may keep the connection after its last word; the exchange ends by itself.
        if (decoder_->has_ended()) tell(providers::wire_end::complete);
    }

    void tell(providers::wire_end end) {
        done_told_ = true;
        auto r = decoder_->on_end(end);
        // What stood in a last event without an end.
        if (text_bytes_ > 0 && r.text.size() > text_bytes_)
            on_fact_({providers::stream_fact::kind::text, r.text.substr(text_bytes_)});
        done_(std::move(r));
    }

    std::shared_ptr<const registered_provider> provider_;
    std::unique_ptr<providers::decoder> decoder_;
    std::function<void(const providers::stream_fact&)> on_fact_;
    completion<call_result> done_;
    std::size_t text_bytes_ = 0;
    bool done_told_ = false;
};

/// Gathers an answer of vectors, which comes whole.
class vectors_answer final : public net::exchange_sink {
   public:
    vectors_answer(std::shared_ptr<const registered_provider> provider,
                   completion<call_result> done)
        : provider_(std::move(provider)), done_(std::move(done)) {}

    void on_head(const net::http_head& head) override {
        status_ = head.status;
        headers_ = head.headers;
    }
    void on_body(std::string_view bytes) override {
        is_too_long_ = is_too_long_ || bytes.size() > limits::response_body_bytes - body_.size();
        if (!is_too_long_) body_ += bytes;
    }
    void on_end(const net::exchange_end& end) override {
        const auto how = is_too_long_ ? providers::wire_end::malformed : wire_end_of(end);
        auto answer = provider_->vectors->read(status_, headers_, body_, how);
        answer.call.vectors = std::move(answer.vectors);
        done_(std::move(answer.call));
    }

   private:
    std::shared_ptr<const registered_provider> provider_;
    completion<call_result> done_;
    std::int64_t status_ = 0;
    providers::header_list headers_;
    std::string body_;
    bool is_too_long_ = false;
};

call_result failed(call_class outcome, attempt_error error) {
    call_result r;
    r.outcome = outcome;
    r.error = error;
    return r;
}

/// Models pause to think, so a stream may be silent for longer than a first byte may take.
constexpr std::int64_t stream_idle_ms = 60'000;

net::http_request to_http(providers::wire_request wire, const messaging::call_provider& attempt,
                          providers::answer_form form) {
    net::http_request request;
    request.method = std::move(wire.method);
    request.url = std::move(wire.url);
    request.headers = std::move(wire.headers);
    request.body = std::move(wire.body);
    request.connect_timeout_ms = std::min(attempt.connect_timeout_ms, attempt.attempt_timeout_ms);
    request.first_byte_timeout_ms = attempt.first_byte_timeout_ms;
    if (form == providers::answer_form::streamed)
        request.idle_timeout_ms = std::max(attempt.first_byte_timeout_ms, stream_idle_ms);
    request.total_timeout_ms = attempt.attempt_timeout_ms;
    return request;
}

error handler_threw() {
    return fail(errc::internal_error, "the handler of the provider threw an exception");
}

/// A handler that throws has failed like one that gives an error.
result<provider_reply> run_handler(const registered_provider& provider,
                                   const provider_request& request) {
    try {
        return provider.config.handler(request);
    } catch (...) {
        return handler_threw();
    }
}

/// What becomes of a result whose text, or part of it, was told before: an answer must say the same
/// at its end, and anything but an answer is partial.
call_result with_told_text(call_result r, std::string told) {
    if (told.empty()) return r;
    if (r.outcome == call_class::ok) {
        if (r.text == told) return r;
        if (r.text.empty()) {
            r.text = std::move(told);
            return r;
        }
        r = providers::unreadable(r.http_status);
    }
    r.outcome = call_class::partial;
    r.finish = finish_reason::error;
    r.text = std::move(told);
    return r;
}

/// What a partial answer cost is told in part or not at all; of other failures nothing is known.
void complete_usage(call_result& r, const provider_request& request) {
    if (r.outcome == call_class::ok) return;
    if (r.outcome != call_class::partial) {
        r.usage.reset();
        return;
    }
    const auto estimate = calls::estimate_tokens(bytes_of(request), r.text.size());
    r.usage_estimated = true;
    if (!r.usage)
        r.usage = estimate;
    else
        r.usage->output = std::max(r.usage->output, estimate.output);
}

std::int64_t length_ms(const providers::scripted_answer& a) {
    const auto pauses = std::max<std::ptrdiff_t>(std::ssize(a.chunks) - 1, 0);
    return a.latency_ms + pauses * a.chunk_latency_ms;
}

/// The host's end of an attempt.
class provider_line final : public provider_call::line {
   public:
    provider_line(std::shared_ptr<host_call<provider_reply>> call,
                  std::function<void(std::string_view)> on_text)
        : call_(std::move(call)), pieces_(std::make_shared<pieces>()) {
        pieces_->heard = std::move(on_text);
    }
    ~provider_line() override {
        call_->reply(fail(errc::internal_error, "the handler let go of the call unanswered"));
    }

    void text(std::string piece) override {
        const std::scoped_lock lock(pieces_->mutex);
        // One piece too many is heard, so that the attempt fails by it.
        if (pieces_->bytes > limits::response_body_bytes || !call_->open()) return;
        pieces_->bytes += piece.size();
        const bool alone = pieces_->waiting.empty();
        pieces_->waiting += piece;
        if (!alone || pieces_->waiting.empty()) return;
        call_->post([p = pieces_] {
            std::string waiting;
            {
                const std::scoped_lock taking(p->mutex);
                std::swap(waiting, p->waiting);
            }
            p->heard(waiting);
        });
    }
    void reply(result<provider_reply> answer) override { call_->reply(std::move(answer)); }
    std::shared_ptr<void> caller() const override { return call_->caller(); }
    void on_cancel(completion<void> stop) override { call_->on_cancel(std::move(stop)); }

   private:
    /// Text on its way to the executor: what comes while a task waits goes with it.
    struct pieces {
        std::mutex mutex;
        std::string waiting;
        std::size_t bytes = 0;  ///< in all
        std::function<void(std::string_view)> heard;
    };

    std::shared_ptr<host_call<provider_reply>> call_;
    std::shared_ptr<pieces> pieces_;
};

}  // namespace

/// An attempt between `call` and its completion.
struct provider_desk::running_call {
    // What each piece of text touches comes first.
    listener hears;
    std::string text;  ///< as far as it was told
    call_id id = 0;
    messaging::call_provider attempt;
    completion<call_result> done;
    std::shared_ptr<const registered_provider> provider;
    instant began{};
    bool dispatched = false;
    executor::timer_id timer = 0;  ///< the attempt's timeout
    executor::timer_id step = 0;   ///< the script's next
    providers::scripted_answer script;
    std::size_t chunks_told = 0;
    std::shared_ptr<net::exchange> exchange;
    std::shared_ptr<host_call<provider_reply>> host;  ///< of an asynchronous handler
};

provider_desk::provider_desk(seams s) : seams_(s) {}
provider_desk::~provider_desk() {
    // A host may answer for as long as it likes; from now on nobody hears it.
    for (const auto& [id, c] : calls_)
        if (c->host) c->host->close();
}

result<std::shared_ptr<const registered_provider>> prepare_provider(new_provider config) {
    if (auto ok = providers::validate(config); !ok) return ok.error();
    auto ready = std::make_shared<registered_provider>();
    if (config.kind == provider_kind::scripted)
        ready->script = std::make_unique<providers::scripted_script>(config);
    if (providers::is_http(config.kind)) {
        if (auto url = net::parse_url(config.base_url, "base_url"); !url)
            return std::move(url).error();
        auto codec = providers::make_codec(config);
        if (!codec) return std::move(codec).error();
        ready->codec = *std::move(codec);
        if (auto vectors = providers::make_embeddings_codec(config))
            ready->vectors = *std::move(vectors);
    }
    ready->config = std::move(config);
    return std::shared_ptr<const registered_provider>(std::move(ready));
}

void provider_desk::add(std::shared_ptr<const registered_provider> provider) {
    seats_[provider->config.name].provider = std::move(provider);
}

provider_desk::call_id provider_desk::call(messaging::call_provider attempt,
                                           completion<call_result> done, listener hears) {
    const auto id = ++last_call_;
    auto owned = std::make_unique<running_call>();
    auto& c = *owned;
    c.id = id;
    c.attempt = std::move(attempt);
    c.done = std::move(done);
    c.hears = std::move(hears);
    c.began = seams_.clock.elapsed();
    calls_.emplace(id, std::move(owned));

    const auto found = seats_.find(c.attempt.target.provider);
    if (found == seats_.end()) {
        seams_.executor.post(
            [this, id] { end(id, failed(call_class::not_sent, attempt_error::network)); });
        return id;
    }
    auto& seat = found->second;
    c.provider = seat.provider;
    const auto limit = c.provider->config.concurrency;
    if (limit && seat.running >= *limit) {
        seat.queue.push_back(id);
        c.timer = seams_.executor.run_at(c.began + milliseconds(c.attempt.attempt_timeout_ms),
                                         [this, id] { time_out(id); });
        return id;
    }
    ++seat.running;
    dispatch(c);
    return id;
}

void provider_desk::dispatch(running_call& c) {
    c.dispatched = true;
    if (c.attempt.texts && c.provider->config.kind != provider_kind::scripted)
        return dispatch_vectors(c);
    switch (c.provider->config.kind) {
        case provider_kind::scripted: return dispatch_scripted(c);
        case provider_kind::callback: return dispatch_callback(c);
        default: return dispatch_http(c);
    }
}

void provider_desk::dispatch_http(running_call& c) {
    const auto id = c.id;
    const auto form = c.hears.form;
    const auto& codec = *c.provider->codec;
    auto wire = codec.encode(*c.attempt.request, form);
    if (!wire) {
        seams_.executor.post(
            [this, id] { end(id, failed(call_class::final, attempt_error::upstream_4xx)); });
        return;
    }
    auto sink = std::make_shared<http_answer>(
        c.provider, codec.make_decoder(*c.attempt.request, form),
        [this, id](const providers::stream_fact& fact) {
            fact.what == providers::stream_fact::kind::text ? hear(id, fact.text)
                                                            : hear_thinking(id, fact.text);
        },
        [this, id](call_result r) { end(id, std::move(r)); });
    c.exchange = seams_.transport.send(to_http(*std::move(wire), c.attempt, form), std::move(sink));
}

/// A provider that was replaced by one without vectors has not been asked.
void provider_desk::dispatch_vectors(running_call& c) {
    const auto id = c.id;
    const auto refuse = [&] {
        seams_.executor.post(
            [this, id] { end(id, failed(call_class::final, attempt_error::upstream_4xx)); });
    };
    if (!c.provider->vectors) return refuse();
    auto wire = c.provider->vectors->encode(*c.attempt.texts);
    if (!wire) return refuse();
    auto sink = std::make_shared<vectors_answer>(
        c.provider, [this, id](call_result r) { end(id, std::move(r)); });
    c.exchange = seams_.transport.send(
        to_http(*std::move(wire), c.attempt, providers::answer_form::whole), std::move(sink));
}

void provider_desk::dispatch_scripted(running_call& c) {
    const auto id = c.id;
    auto& seat = seats_.find(c.attempt.target.provider)->second;
    const auto& script = *c.provider->script;
    const auto number = seat.calls_made++;
    c.script = c.attempt.texts ? script.next(*c.attempt.texts, number)
                               : script.next(*c.attempt.request, number);
    const auto limit_ms = c.attempt.attempt_timeout_ms;
    // Set first, so that an end due at the same time comes too late.
    if (length_ms(c.script) >= limit_ms)
        c.timer = seams_.executor.run_at(seams_.clock.elapsed() + milliseconds(limit_ms),
                                         [this, id] { time_out(id); });
    play_later(c, c.script.latency_ms);
}

/// Sets the script's next step.
void provider_desk::play_later(running_call& c, std::int64_t wait_ms) {
    const auto id = c.id;
    if (wait_ms == 0) return seams_.executor.post([this, id] { play(id); });
    const auto at = seams_.clock.elapsed() + milliseconds(wait_ms);
    c.step = seams_.executor.run_at(at, [this, id] { play(id); });
}

/// Tells the script's next chunk, and with the last one the result.
void provider_desk::play(call_id id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    auto& c = *found->second;
    c.step = 0;
    const auto& chunks = c.script.chunks;
    if (c.chunks_told < chunks.size()) hear(id, chunks[c.chunks_told++]);
    if (c.chunks_told < chunks.size()) return play_later(c, c.script.chunk_latency_ms);
    end(id, std::move(c.script.result));
}

void provider_desk::dispatch_callback(running_call& c) {
    const auto id = c.id;
    c.timer =
        seams_.executor.run_at(seams_.clock.elapsed() + milliseconds(c.attempt.attempt_timeout_ms),
                               [this, id] { time_out(id); });
    if (c.provider->config.async_handler) return ask_host(c);
    // A copy: a handler may go on after its timeout, when the next attempt is made.
    seams_.handlers.run([this, id, provider = c.provider, request = *c.attempt.request,
                         &executor = seams_.executor]() mutable {
        auto outcome = providers::read_callback(run_handler(*provider, request), request);
        executor.post([this, id, r = std::move(outcome)]() mutable { end(id, std::move(r)); });
    });
}

void provider_desk::ask_host(running_call& c) {
    const auto id = c.id;
    c.host = std::make_shared<host_call<provider_reply>>(
        seams_.executor, c.attempt.caller,
        [this, id, request = c.attempt.request](result<provider_reply> r) {
            end(id, providers::read_callback(std::move(r), *request));
        });
    try {
        auto line = std::make_shared<provider_line>(
            c.host, [this, id](std::string_view text) { hear(id, text); });
        c.provider->config.async_handler(*c.attempt.request, provider_call(std::move(line)));
    } catch (...) {
        c.host->reply(handler_threw());
    }
}

/// The wait for a free place was part of the attempt.
void provider_desk::dispatch_late(running_call& c) {
    seams_.executor.cancel(std::exchange(c.timer, 0));
    const auto left =
        milliseconds(c.attempt.attempt_timeout_ms) - (seams_.clock.elapsed() - c.began);
    c.attempt.attempt_timeout_ms =
        std::max<std::int64_t>(1, std::chrono::duration_cast<milliseconds>(left).count());
    dispatch(c);
}

/// A piece of an answer that is to be seen at once.
void provider_desk::hear(call_id id, std::string_view text) {
    const auto found = calls_.find(id);
    if (found == calls_.end() || text.empty()) return;
    auto& c = *found->second;
    const auto room = limits::response_body_bytes - c.text.size();
    if (text.size() > room || !utf8::valid(text)) {
        if (c.exchange) c.exchange->cancel();
        return end(id, providers::unreadable(0));
    }
    c.text += text;
    if (c.hears.on_text) c.hears.on_text(text);
}

void provider_desk::hear_thinking(call_id id, std::string_view text) {
    const auto found = calls_.find(id);
    if (found != calls_.end() && found->second->hears.on_thinking)
        found->second->hears.on_thinking(text);
}

void provider_desk::time_out(call_id id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    found->second->timer = 0;
    const auto outcome = found->second->dispatched ? call_class::ambiguous : call_class::not_sent;
    end(id, failed(outcome, attempt_error::timeout));
}

void provider_desk::cancel(call_id id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    auto& c = *found->second;
    if (c.exchange) return c.exchange->cancel();
    // Until its end is told, a seat that falls free must not dispatch it.
    if (c.provider && !c.dispatched)
        std::erase(seats_.find(c.attempt.target.provider)->second.queue, id);
    const auto outcome = c.dispatched ? call_class::ambiguous : call_class::not_sent;
    seams_.executor.post([this, id, outcome] { end(id, failed(outcome, attempt_error::network)); });
}

void provider_desk::end(call_id id, call_result r) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;  // A handler that answers after its timeout.
    const auto c = std::move(found->second);
    calls_.erase(found);
    seams_.executor.cancel(c->timer);
    seams_.executor.cancel(c->step);
    if (c->host) c->host->close();
    // What a vendor goes on to say after a failure is of no use, and may have no end.
    if (c->exchange && r.outcome != call_class::ok) c->exchange->cancel();
    r = with_told_text(std::move(r), std::move(c->text));
    complete_usage(r, *c->attempt.request);
    r.latency_ms =
        std::chrono::duration_cast<milliseconds>(seams_.clock.elapsed() - c->began).count();
    const auto seat = seats_.find(c->attempt.target.provider);
    if (seat != seats_.end() && c->provider) {
        auto& queue = seat->second.queue;
        if (!c->dispatched) {
            std::erase(queue, id);
        } else if (queue.empty()) {
            --seat->second.running;
        } else {
            auto& next = *calls_.find(queue.front())->second;
            queue.pop_front();
            dispatch_late(next);
        }
    }
    c->done(std::move(r));
}

}  // namespace conclave::runtime
