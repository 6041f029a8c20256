// An answer as it is made: the events of one send, pulled one by one.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/error.hpp>
#include <conclave/export.hpp>
#include <conclave/reply.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace conclave {

namespace gateway_detail {
class stream_handle;
}

enum class stream_event_type {
    started,      ///< the call runs, or is replayed: `request_id`, `replayed`
    attempt,      ///< a request to a provider begins: `provider`, `model`, `number`
    thinking,     ///< `text`: what the model tells of its thinking
    delta,        ///< `text`: the next piece of the answer
    tool_call,    ///< the model asks for a tool
    tool_result,  ///< and what the tool gave
    council,      ///< a step of a council: `council`, with `seq`, `event` and what belongs to it
    usage,        ///< tokens and cost, as in the reply
    reset,        ///< the text so far is void: another run of the call took its place
    done,         ///< the last one: `reply`
    error,        ///< or this: `error`
};

/// One event of a stream. Since 0.1.
struct stream_event {
    /// What to resume after, as `last_event_id`.
    std::string id;
    stream_event_type type = stream_event_type::started;
    std::string text = {};     ///< of `delta` and `thinking`: UTF-8, whole characters
    std::string members = {};  ///< what else `document` has, as JSON without its braces
    std::optional<conclave::reply> reply = {};  ///< of `done`
    std::optional<conclave::error> error = {};  ///< of `error`

    /// The whole event as it is now, as the contract's JSON: {"id", "type", ...}. A copy.
    CONCLAVE_API std::string document() const;
};

/// One consumer of a send's events. Copies are the same consumer; when the last one goes, it is
/// closed. Nothing is dropped and nothing queues up for a slow consumer: the text is kept once for
/// all of them, and pieces that wait come as one. Thread-safe. Since 0.1.
class CONCLAVE_API message_stream {
   public:
    /// The next event; nothing after `done`, `error` and close. Blocks until there is one that no
    /// start_next waits for: use one or the other. Not from a completion or handler.
    std::optional<stream_event> next();

    /// The same without waiting: `done` runs exactly once, on the completion thread, never inside
    /// this call. Pulls are served in their order; one at a time is enough. While 1,024 of them
    /// wait, one more gets an `error` with STORE_BUSY, and the stream goes on. A completion made
    /// with `prompt` may run on the thread that carries all sends, which saves a change of threads
    /// for each piece of text; with several of those waiting, two may run at once on two threads.
    /// It may pull the next event, as the last thing it does: that one's completion may begin on
    /// another thread before this one has returned.
    void start_next(completion<std::optional<stream_event>> done);

    /// This consumer goes away; pulls that wait get nothing. The call runs on, settles once, and
    /// the same key finds its answer, unless nothing was called yet or its policy says `abort` and
    /// nobody else is there. Never blocks.
    void close();

   private:
    friend class message_operations;
    explicit message_stream(std::shared_ptr<gateway_detail::stream_handle> h)
        : handle_(std::move(h)) {}
    std::shared_ptr<gateway_detail::stream_handle> handle_;
};

}  // namespace conclave
