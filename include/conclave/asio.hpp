// Sends as Asio operations: `co_await async_send(acme.messages(), request, asio::use_awaitable)`.
// Name requests, streams and callables before: gcc 12 destroys a temporary of a co_await expression
// twice. What a handler's executor belongs to, such as an io_context, must outlive each wait:
// cancel it or close the gateway first.
#pragma once

#include <conclave/operation.hpp>
#include <conclave/stream.hpp>
#include <conclave/tenant.hpp>

// A program that includes Asio itself before this header defines ASIO_STANDALONE for all of it.
#ifndef ASIO_STANDALONE
#define ASIO_STANDALONE
#endif
// Asio 1.22 does not see that clang has the coroutines of C++20.
#if defined(__clang__) && !defined(ASIO_HAS_CO_AWAIT)
#define ASIO_HAS_CO_AWAIT
#endif
#if defined(__clang__) && !defined(ASIO_HAS_STD_COROUTINE)
#define ASIO_HAS_STD_COROUTINE
#endif

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace conclave {

namespace asio_detail {

/// Carries a result from the engine's thread to the executor of the handler.
template <class Handler, class T>
class arrival {
   public:
    explicit arrival(Handler handler)
        : work_(asio::make_work_guard(handler)), handler_(std::move(handler)) {}

    void operator()(T value) {
        auto executor = work_.get_executor();
        asio::post(executor, [handler = std::move(handler_), value = std::move(value)]() mutable {
            auto slot = asio::get_associated_cancellation_slot(handler);
            if (slot.is_connected()) slot.clear();
            std::move(handler)(std::move(value));
        });
        work_.reset();
    }

   private:
    asio::executor_work_guard<asio::associated_executor_t<Handler>> work_;
    Handler handler_;
};

}  // namespace asio_detail

/// As message_operations::send, completing through any Asio completion token with a result<reply>,
/// on the handler's associated executor, never inside the call. Its cancellation slot ends the wait
/// as operation::cancel does. Needs Asio 1.22 or later. Since 0.1.
template <class CompletionToken>
auto async_send(message_operations messages, send_request request, CompletionToken&& token) {
    return asio::async_initiate<CompletionToken, void(result<reply>)>(
        [](auto handler, message_operations ops, send_request r) {
            using handler_type = decltype(handler);
            // Connected first: once started, the handler may run on another thread at any time.
            const auto started = std::make_shared<operation>();
            auto slot = asio::get_associated_cancellation_slot(handler);
            if (slot.is_connected())
                slot.assign([started](asio::cancellation_type) { started->cancel(); });
            using arrival = asio_detail::arrival<handler_type, result<reply>>;
            *started = ops.start_send(
                std::move(r), completion<result<reply>>(prompt, arrival(std::move(handler))));
        },
        token, std::move(messages), std::move(request));
}

/// As message_stream::start_next, completing through any Asio completion token with the next event,
/// or nothing after the last, on the handler's associated executor, never inside the call. One at a
/// time. Its cancellation slot closes the stream, which ends the wait with nothing too: whoever
/// limits the time of one wait so goes on with another stream after the last event's id. Since 0.1.
template <class CompletionToken>
auto async_next(message_stream stream, CompletionToken&& token) {
    using event = std::optional<stream_event>;
    return asio::async_initiate<CompletionToken, void(event)>(
        [](auto handler, message_stream s) {
            auto slot = asio::get_associated_cancellation_slot(handler);
            if (slot.is_connected())
                slot.assign([s](asio::cancellation_type) mutable { s.close(); });
            using arrival = asio_detail::arrival<decltype(handler), event>;
            // A stream that nobody else has lives as long as the wait.
            auto arrive = [s, come = arrival(std::move(handler))](event e) mutable {
                come(std::move(e));
            };
            s.start_next(completion<event>(prompt, std::move(arrive)));
        },
        token, std::move(stream));
}

/// Any blocking call of a gateway as an Asio operation: `auto get = [=] { return
/// acme.sessions().get(id); }; co_await async_call(gw, get, token)`. It cannot be cancelled. Since
/// 0.1.
template <class Gateway, class Call, class CompletionToken>
auto async_call(Gateway gw, Call call, CompletionToken&& token) {
    using value = decltype(call());
    return asio::async_initiate<CompletionToken, void(value)>(
        [](auto handler, Gateway g, Call c) {
            using handler_type = decltype(handler);
            g.start(
                std::move(c),
                completion<value>(asio_detail::arrival<handler_type, value>(std::move(handler))));
        },
        token, std::move(gw), std::move(call));
}

}  // namespace conclave
