// Checks the events of one stream.
#include "simulation/onlooker.hpp"

#include "simulation/finding.hpp"

#include <optional>
#include <utility>

namespace conclave::simulation {

onlooker::onlooker(request_id request)
    : reader_(std::make_shared<runtime::stream_reader>(
          std::move(request), std::nullopt,
          [](runtime::stream_reader::taker take, std::optional<stream_event>&& event,
             runtime::stream_reader::giver) { take(std::move(event)); })) {}

void onlooker::pull() {
    pulls_ = true;
    // The send in flight keeps it: in a crash both are gone.
    reader_->pull([weak = weak_from_this()](const std::optional<stream_event>& e) {
        const auto self = weak.lock();
        if (!self || !e) return;
        self->see(*e);
        self->pull();
    });
}

void onlooker::see(const stream_event& e) {
    if (over_) throw finding("a stream went on after its last event");
    switch (e.type) {
        case stream_event_type::started:
            if (started_) throw finding("a stream started twice");
            started_ = true;
            return;
        case stream_event_type::reset: text_.clear(); break;
        case stream_event_type::done:
            over_ = true;
            if (e.reply->message.content != text_)
                throw finding("a stream showed another text than its reply: " + text_);
            break;
        case stream_event_type::error: over_ = true; return;
        default: text_ += e.text; break;
    }
    if (!started_) throw finding("a stream told something before it started");
}

void onlooker::end(const result<reply>& outcome) {
    reader_->end(outcome);
    if (!pulls_) pull();
    if (!over_) throw finding("a stream did not end with its send");
}

}  // namespace conclave::simulation
