// One pull outstanding while events are wanted.
#include "capi/src/stream_pump.hpp"

#include <conclave.h>

#include <utility>

namespace conclave::capi {

stream_pump::stream_pump(message_stream stream, std::shared_ptr<port> target, std::uint64_t request,
                         completion<result<std::string>> done)
    : stream_(std::move(stream)),
      target_(std::move(target)),
      request_(request),
      done_(std::move(done)) {}

void stream_pump::pull(std::uint32_t count) {
    {
        const std::scoped_lock lock(mutex_);
        wanted_ += count;
        if (ended_ || std::exchange(pulling_, true)) return;
    }
    next();
}

void stream_pump::next() {
    using event = std::optional<stream_event>;
    stream_.start_next(completion<event>(
        prompt, [self = shared_from_this()](event e) { self->arrive(std::move(e)); }));
}

void stream_pump::arrive(std::optional<stream_event> e) {
    if (!e) return end(fail(errc::cancelled, "the stream was left"));
    auto document = e->document();
    bool opened = false;
    {
        // Under the lock that `end` takes, so that no event comes after the completion.
        const std::scoped_lock lock(mutex_);
        if (ended_) return;
        opened = target_->push({CONCLAVE_EVENT_STREAM, request_, 0, 0, std::move(document)});
    }
    if (e->type == stream_event_type::done) return end(std::move(e->reply->document));
    if (e->type == stream_event_type::error) return end(*std::move(e->error));
    if (!opened) return cancel();  // Nobody can take the rest.
    {
        const std::scoped_lock lock(mutex_);
        if (--wanted_ == 0 || ended_) {
            pulling_ = false;
            return;
        }
    }
    next();
}

void stream_pump::cancel() {
    stream_.close();
    end(fail(errc::cancelled, "the caller left the stream"));
}

void stream_pump::end_closed() {
    stream_.close();
    end(fail(errc::handle_closed, "the gateway is closed"));
}

void stream_pump::end(result<std::string> outcome) {
    completion<result<std::string>> done;
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(ended_, true)) return;
        done = std::move(done_);
    }
    done(std::move(outcome));
}

}  // namespace conclave::capi
