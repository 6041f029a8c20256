// Answers model requests.
#include "vendors.hpp"

#include "json_text.hpp"

#include <algorithm>
#include <utility>

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::string_view default_model = "simulated-1";
constexpr std::size_t bytes_per_token = 4;

std::int64_t tokens_of(std::size_t bytes) {
    return static_cast<std::int64_t>((bytes + bytes_per_token - 1) / bytes_per_token);
}

// splitmix64: evenly distributed, and the same on every machine.
std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

request_facts read_facts(const dialect& shape, const std::string& body) {
    const auto document = json::parse(body, nullptr, false);
    request_facts facts;
    if (document.is_object()) {
        facts = shape.read(document);
    } else {
        facts.refusal = "the body must be a JSON object in UTF-8";
    }
    if (facts.model.empty()) {
        facts.model = default_model;
    }
    return facts;
}

std::string default_text(const request_facts& facts, bool read, std::uint64_t number,
                         std::size_t body_bytes) {
    if (read) {
        return "You said: " + facts.last_user_content;
    }
    return "Request " + std::to_string(number) + " of " + std::to_string(body_bytes) + " bytes.";
}

// Cuts the reply as the scenario asks. The whole is on the wire; the first `head_bytes` are
// headers.
void spoil(const scenario& act, std::size_t head_bytes, http_reply& reply) {
    auto& wire = reply.wire;
    switch (act.spoilt) {
        case fault::none: wire += act.trailing_garbage ? "TRAILING GARBAGE\r\n" : ""; return;
        case fault::drop_mid_headers: wire.resize(head_bytes / 2); break;
        case fault::drop_mid_body: wire.resize(head_bytes + (wire.size() - head_bytes) / 2); break;
        case fault::truncate_body:
            wire.resize(std::min(wire.size(), head_bytes + act.truncate_body_bytes));
            break;
        default: wire.clear(); break;
    }
    reply.after = act.spoilt == fault::hang    ? ending::hang
                  : act.spoilt == fault::reset ? ending::reset
                                               : ending::cut;
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
    request_facts facts;
    if (reads_requests_) {
        facts = read_facts(shape, request.body);
    } else {
        facts.model = scan_model(request.body, default_model);
    }
    const std::lock_guard lock(mutex_);
    auto& state = states_[shape.vendor()];
    ++requests_;
    const auto number = ++state.requests;
    // A request the vendor cannot read uses up no scenario.
    const auto scripted = facts.refusal.empty() ? take(state) : nullptr;
    const auto own = scripted ? scenario{} : unscripted(facts, shape, number);
    const auto& act = scripted ? *scripted : own;

    std::string words;
    if (!act.text) {
        words = act.status < 400 ? default_text(facts, reads_requests_, number, request.body.size())
                                 : std::string(reason_phrase(act.status));
    }
    model_answer answer;
    answer.number = number;
    answer.model = facts.model;
    answer.text = act.text ? *act.text : words;
    answer.tokens_in = act.tokens_in.value_or(tokens_of(request.body.size()));
    answer.tokens_out = act.tokens_out.value_or(tokens_of(answer.text.size()));
    answer.latency_ms = act.latency_ms;
    record(request, facts, act, answer, shape.vendor());
    print_body(act, shape, answer);
    print_wire(request, act, shape, reply);
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
        entry.idempotency_key = request.idempotency_key;
        entry.request_id = request.request_id;
        entry.body = request.body;
        entry.last_user_content = facts.last_user_content;
        entry.at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::steady_clock::now() - started_)
                          .count();
        entry.answered_status = act.spoilt == fault::none ? act.status : 0;
        entry.spoilt = act.spoilt;
        if (act.status < 400) {
            entry.tokens_in = answer.tokens_in;
            entry.tokens_out = answer.tokens_out;
        }
        entry.connection_id = request.connection_id;
    }
    journal_.add(std::move(entry));
}

void vendors::print_body(const scenario& act, const dialect& shape, const model_answer& answer) {
    body_.clear();
    if (act.body) {
        body_ = *act.body;
    } else if (act.status < 400) {
        shape.print(answer, body_);
    } else {
        shape.print(model_error{act.status, answer.text, act.retry_after_ms}, body_);
    }
    if (act.malformed) {
        body_.resize(body_.size() / 2);
    }
}

void vendors::print_wire(const http_request& request, const scenario& act, const dialect& shape,
                         http_reply& reply) {
    header_lines_ = act.header_lines;
    header_lines_ += "x-request-id: req-sim-";
    append_number(header_lines_, static_cast<std::int64_t>(requests_));
    header_lines_ += "\r\n";
    if (act.retry_after_ms && !shape.delay_in_body()) {
        header_lines_ += "retry-after-ms: ";
        append_number(header_lines_, *act.retry_after_ms);
        header_lines_ += "\r\n";
    }
    const auto head_bytes = print_reply({.status = act.status,
                                         .body = body_,
                                         .content_type = act.content_type,
                                         .header_lines = header_lines_,
                                         .chunked = act.chunked,
                                         .keep_alive = request.keep_alive},
                                        reply);
    reply.latency_ms = act.latency_ms;
    spoil(act, head_bytes, reply);
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
    return json{{"status", "ok"}, {"seed", seed_}, {"dropped_before_read", dropped}}.dump();
}

}  // namespace simulator
