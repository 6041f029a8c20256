// Answers model requests.
#include "vendors.hpp"

#include "compose.hpp"
#include "event_stream.hpp"
#include "json_text.hpp"

#include <memory>
#include <utility>

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::string_view default_model = "simulated-1";
constexpr std::size_t measured_bytes_max = 64u << 20;

request_facts read_facts(const dialect& shape, const http_request& request) {
    const auto document = json::parse(request.body, nullptr, false);
    request_facts facts;
    if (document.is_object()) {
        facts = shape.read(request, document);
    } else {
        facts.refusal = "the body must be a JSON object in UTF-8";
    }
    if (facts.model.empty()) {
        facts.model = default_model;
    }
    return facts;
}

// Spaces behind a whole answer, for ever.
class endless_spaces final : public body_stream {
   public:
    std::optional<std::int64_t> next(std::string& wire) override {
        append_chunk(wire, std::string(4096, ' '));
        return 0;
    }
};

// The bytes of a stream, headers not counted; a stream without end has none.
std::size_t length_of(event_stream& stream) {
    std::size_t bytes = 0;
    std::string piece;
    while (bytes < measured_bytes_max && stream.next(piece)) {
        bytes += piece.size();
        piece.clear();
    }
    return bytes;
}

ending ending_of(const scenario& act) {
    return act.spoilt == fault::hang    ? ending::hang
           : act.spoilt == fault::reset ? ending::reset
                                        : act.end_by.value_or(ending::cut);
}

}  // namespace

vendors::vendors(std::uint64_t seed, bool habits, journal book)
    : seed_(seed), habits_(habits), reads_requests_(book.wants_text()), journal_(std::move(book)) {}

bool vendors::drops_unread(const dialect& shape) {
    const std::lock_guard lock(mutex_);
    auto& state = states_[shape.vendor()];
    const auto& next = state.plan.next.empty() ? state.plan.otherwise : state.plan.next.front();
    if (!next || next->spoilt != fault::drop_before_read) {
        return false;
    }
    take(state);
    ++state.dropped_unread;
    return true;
}

scenario_ptr vendors::take(vendor_state& state) {
    if (state.plan.next.empty()) {
        return state.plan.otherwise;
    }
    auto next = std::move(state.plan.next.front());
    state.plan.next.pop_front();
    return next;
}

scenario vendors::unscripted(const request_facts& facts, const dialect& shape,
                             std::uint64_t number) const {
    scenario out;
    if (!facts.refusal.empty()) {
        out.status = 400;
        out.text = facts.refusal;
    } else if (habits_) {
        out = shape.habit(mix(mix(seed_ + shape.vendor()) + number));
    }
    return out;
}

void vendors::answer(const http_request& request, const dialect& shape, http_reply& reply) {
    const bool reads = reads_requests_ || !shape.is_plain(request);
    request_facts facts;
    if (reads) {
        facts = read_facts(shape, request);
    } else {
        facts.model = scan_model(request.body, default_model);
    }
    const std::lock_guard lock(mutex_);
    auto& state = states_[shape.vendor()];
    ++requests_;
    const auto number = ++state.requests;
    // A request the vendor cannot read uses up no scenario.
    auto act = facts.refusal.empty() ? take(state) : nullptr;
    if (!act) {
        act = std::make_shared<scenario>(unscripted(facts, shape, number));
    }
    model_answer answer;
    answer.number = number;
    answer.model = facts.model;
    answer.form = facts.form;
    answer.latency_ms = act->latency_ms;
    answer.tokens.in = act->tokens_in.value_or(tokens_of(request.body.size()));
    if (act->status < 400) {
        if (!reads) {
            facts.last_user_content = "request " + std::to_string(number);
        }
        compose(*act, facts, mix(mix(seed_ + shape.vendor()) + number), answer);
    }
    record(request, facts, *act, answer, shape.vendor());
    print(request, std::move(act), shape, std::move(answer), reply);
}

void vendors::record(const http_request& request, const request_facts& facts, const scenario& act,
                     const model_answer& answer, std::size_t vendor) {
    journal_entry entry;
    entry.vendor = vendor;
    if (reads_requests_) {
        entry.n = requests_;
        entry.number = answer.number;
        entry.method = request.method;
        entry.path = request.path();
        if (!request.authorization.empty()) {
            entry.authorization =
                request.authorization.substr(0, request.authorization.find(' ')) + " ***";
        }
        entry.api_key = request.api_key.empty() ? "" : "***";
        entry.api_version = request.api_version;
        entry.idempotency_key = request.idempotency_key;
        entry.request_id = request.request_id;
        entry.body = request.body;
        entry.last_user_content = facts.last_user_content;
        entry.model = facts.model;
        entry.streams = facts.form.streams;
        entry.turns = facts.turns;
        entry.tools = facts.tools.size();
        entry.tool_results = facts.tool_results;
        entry.tool_rounds = facts.tool_rounds;
        entry.at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::steady_clock::now() - started_)
                          .count();
        entry.answered_status = act.spoilt == fault::none ? act.status : 0;
        entry.spoilt = act.spoilt;
        if (act.status < 400 && !act.error_after_events) {
            entry.tokens_in = answer.tokens.in;
            entry.tokens_out = answer.tokens.out;
        }
        entry.connection_id = request.connection_id;
    }
    journal_.add(std::move(entry));
}

void vendors::print(const http_request& request, scenario_ptr act, const dialect& shape,
                    model_answer answer, http_reply& reply) {
    const bool streams = answer.form.streams && act->status < 400;
    if (streams) {
        body_.clear();
    } else {
        print_body(*act, shape, answer);
    }
    print_headers(*act, shape);
    const auto stream_type = answer.form.array_stream ? "" : "text/event-stream; charset=utf-8";
    const auto head_bytes = print_reply(
        {.status = act->status,
         .body = body_,
         .content_type = act->content_type.empty() && streams ? stream_type : act->content_type,
         .header_lines = header_lines_,
         .chunked = act->chunked,
         .open = streams || act->endless,
         .keep_alive = request.keep_alive},
        reply);
    auto body_bytes = reply.wire.size() - head_bytes;
    if (streams) {
        if (act->spoilt == fault::drop_mid_body) {
            event_stream trial(shape, answer, act, open_streams_);
            body_bytes = length_of(trial);
        }
        reply.rest = std::make_unique<event_stream>(shape, std::move(answer), act, open_streams_);
    } else if (act->endless) {
        reply.rest = std::make_unique<endless_spaces>();
    } else if (act->spoilt == fault::none && act->trailing_garbage) {
        reply.wire += trailing_garbage;
    }
    pace(*act, head_bytes, body_bytes, streams, reply);
}

void vendors::print_body(const scenario& act, const dialect& shape, const model_answer& answer) {
    body_.clear();
    if (act.body) {
        body_ = *act.body;
    } else if (act.status >= 400) {
        const auto words = act.text ? std::string_view(*act.text) : reason_phrase(act.status);
        shape.print(model_error{act.status, words, act.retry_after_ms.value_or(-1)}, body_);
    } else if (act.error_after_events) {
        shape.print(model_error{act.error_status, error_words(act), -1}, body_);
    } else {
        shape.print(answer, body_);
    }
    if (act.malformed) {
        body_.resize(body_.size() / 2);
    }
}

void vendors::print_headers(const scenario& act, const dialect& shape) {
    header_lines_ = act.header_lines;
    header_lines_.append(shape.request_id_header()).append(": req-sim-");
    append_number(header_lines_, static_cast<std::int64_t>(requests_));
    header_lines_ += "\r\n";
    if (act.retry_after_ms) {
        shape.print_delay(*act.retry_after_ms, header_lines_);
    }
}

// Where a stream has events, a plain answer has only a middle.
void vendors::pace(const scenario& act, std::size_t head_bytes, std::size_t body_bytes,
                   bool streams, http_reply& reply) {
    const auto middle = head_bytes + body_bytes / 2;
    reply.latency_ms = act.latency_ms;
    reply.bytes_per_write = act.bytes_per_write;
    reply.write_delay_ms = act.write_delay_ms;
    reply.stall_ms = act.stall_ms;
    if (act.stall_ms > 0 && act.stall_after_bytes) {
        reply.stall_at = head_bytes + *act.stall_after_bytes;
    } else if (act.stall_ms > 0 && !streams) {
        reply.stall_at = middle;
    }
    switch (act.spoilt) {
        case fault::none: return;
        case fault::drop_mid_headers: reply.cut_at = head_bytes / 2; break;
        case fault::drop_mid_body: reply.cut_at = middle; break;
        case fault::truncate_body: reply.cut_at = head_bytes + act.truncate_body_bytes; break;
        case fault::drop_after_events:
            if (!streams) {
                reply.cut_at = middle;
            }
            break;
        default: reply.cut_at = 0; break;
    }
    reply.after = ending_of(act);
}

void vendors::apply(const control& document) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (!document.vendor || *document.vendor == i) {
            states_[i].plan = document.plan;
        }
    }
}

void vendors::reset() {
    const std::lock_guard lock(mutex_);
    states_ = {};
    requests_ = 0;
    journal_.clear();
}

std::string vendors::journal_text() const {
    const std::lock_guard lock(mutex_);
    return journal_.text();
}

std::string vendors::counts() const {
    const std::lock_guard lock(mutex_);
    return journal_.counts();
}

std::string vendors::health() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t dropped = 0;
    for (const auto& state : states_) {
        dropped += state.dropped_unread;
    }
    return json{{"status", "ok"},
                {"seed", seed_},
                {"dropped_before_read", dropped},
                {"open_streams", open_streams_.load()}}
        .dump();
}

}  // namespace simulator
