// Turns what a call showed into the events of one consumer.
#include "messaging/stream_log.hpp"

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "json/parse.hpp"
#include "json/print.hpp"
#include "json/tool_text.hpp"
#include "json/writer.hpp"
#include "messaging/error_document.hpp"
#include "messaging/reply_document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace conclave::messaging {

namespace {

std::string_view word_of(stream_event_type type) {
    switch (type) {
        case stream_event_type::started: return "started";
        case stream_event_type::attempt: return "attempt";
        case stream_event_type::thinking: return "thinking";
        case stream_event_type::delta: return "delta";
        case stream_event_type::tool_call: return "tool_call";
        case stream_event_type::tool_result: return "tool_result";
        case stream_event_type::council: return "council";
        case stream_event_type::usage: return "usage";
        case stream_event_type::reset: return "reset";
        case stream_event_type::done: return "done";
        case stream_event_type::error: return "error";
    }
    return "";
}

stream_event make_event(const stream_position& at, stream_event_type type, std::string members) {
    return {.id = print_event_id(at), .type = type, .members = std::move(members)};
}

std::string member(std::string_view key, std::string_view json) {
    std::string text;
    text.reserve(key.size() + json.size() + 3);
    text.append("\"").append(key).append("\":").append(json);
    return text;
}

std::string text_member(std::string_view key, std::string_view value) {
    std::string quoted;
    json::append_quoted(quoted, value);
    return member(key, quoted);
}

stream_event make_started(const stream_cursor& c) {
    return make_event(c.at, stream_event_type::started,
                      text_member("request_id", c.request.str()) + ',' +
                          member("replayed", c.replayed ? "true" : "false"));
}

/// A delta, or thinking.
stream_event make_piece(const stream_position& at, stream_event_type type, std::string_view text) {
    return {.id = print_event_id(at), .type = type, .text = std::string(text)};
}

/// Forward to the beginning of a character.
std::size_t next_border(std::string_view text, std::size_t at) {
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
    return at;
}

/// A decimal number without sign or superfluous zeros, taken off the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t n = 0;
    const auto* begin = text.data();
    const auto [end, error] = std::from_chars(begin, begin + text.size(), n);
    const auto digits = end - begin;
    if (error != std::errc{} || n < 0 || *begin == '-' || (*begin == '0' && digits > 1))
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(digits));
    return n;
}

bool take_dot(std::string_view& text) {
    if (!text.starts_with('.')) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::string print_event_id(const stream_position& p) {
    constexpr std::size_t digits_max = 20;
    std::array<char, 3 * digits_max + 2> text{};
    auto* const end = text.data() + text.size();
    auto* at = std::to_chars(text.data(), end, p.generation).ptr;
    for (const auto number : {p.bytes, p.events}) {
        *at++ = '.';
        at = std::to_chars(at, end, number).ptr;
    }
    return {text.data(), at};
}

result<std::optional<stream_position>> parse_event_id(std::string_view text) {
    if (text.empty()) return std::optional<stream_position>();
    const auto generation = take_number(text);
    const auto bytes = generation && take_dot(text) ? take_number(text) : std::nullopt;
    const auto events = bytes && take_dot(text) ? take_number(text) : std::nullopt;
    if (!events || !text.empty())
        return invalid("last_event_id", "must be the id of an event of this stream");
    return std::optional(stream_position{*generation, *bytes, *events});
}

// --- What tools do
// --------------------------------------------------------------------------------

stream_step show_call(const tool_call& call, std::size_t place) {
    json::writer w;
    json::print(w, call);
    return {stream_event_type::tool_call, place, std::move(w).text()};
}

stream_step show_result(const tool_call& call, std::string_view content, bool failed,
                        std::size_t place) {
    json::writer w;
    w.begin_object().key("tool_call_id").string(call.id).key("name").string(call.name);
    w.key("content").string(content).key("is_error").boolean(failed).end_object();
    return {stream_event_type::tool_result, place, std::move(w).text()};
}

std::int64_t generation_of(std::int64_t epoch, const std::vector<stream_step>& steps) {
    bool of_council = false;
    std::int64_t taken_back = 0;
    for (const auto& step : steps) {
        if (step.type != stream_event_type::council) continue;
        of_council = true;
        if (step.value.find(R"("event":"synthesis_reset")") != std::string::npos) ++taken_back;
    }
    return of_council ? (epoch - 1) * council_generations + taken_back : epoch - 1;
}

std::string print_steps(const std::vector<stream_step>& steps) {
    if (steps.empty()) return {};
    json::writer w;
    w.begin_array();
    for (const auto& step : steps) {
        w.begin_object().key("place").integer(static_cast<std::int64_t>(step.place));
        w.key(word_of(step.type)).raw(step.value).end_object();
    }
    w.end_array();
    return std::move(w).text();
}

std::vector<stream_step> read_steps(std::string_view text) {
    std::vector<stream_step> steps;
    if (text.empty()) return steps;
    const auto parsed = json::parse(text, "steps");
    const auto* items = parsed ? parsed->as_array() : nullptr;
    if (items == nullptr) return steps;
    for (const auto& item : *items) {
        const auto* place = json::find(item, "place");
        if (place == nullptr || place->as_integer() == nullptr) continue;
        for (const auto type : {stream_event_type::tool_call, stream_event_type::tool_result,
                                stream_event_type::council})
            if (const auto* value = json::find(item, word_of(type)))
                steps.push_back(
                    {type, static_cast<std::size_t>(*place->as_integer()), json::print(*value)});
    }
    return steps;
}

// --- What the call shows ------------------------------------------------------------------------

void stream_log::add_mark(stream_event_type type, std::size_t place, bool stored,
                          std::string members) {
    marks_.push_back({type, place, stored_marks_, stored, std::move(members)});
    if (stored) ++stored_marks_;
}

void stream_log::begin_attempt(std::string_view provider, std::string_view model) {
    attempt_begin_ = text_.size();
    ++attempts_;
    add_mark(stream_event_type::attempt, text_.size(), false,
             text_member("provider", provider) + ',' + text_member("model", model) + ',' +
                 member("number", std::to_string(attempts_)));
}

void stream_log::add_thinking(std::string_view piece) {
    const bool goes_on = !marks_.empty() && marks_.back().type == stream_event_type::thinking &&
                         marks_.back().place == text_.size();
    if (!goes_on) add_mark(stream_event_type::thinking, text_.size(), false, {});
    marks_.back().members += piece;
}

void stream_log::discard_attempt() {
    text_.resize(attempt_begin_);
    for (auto& m : marks_) m.place = std::min(m.place, attempt_begin_);
}

void stream_log::restart(std::int64_t generation) { *this = stream_log(generation); }

void stream_log::show_round(std::string_view text, const std::vector<stream_step>& steps) {
    text_ += text.substr(std::min(text_.size(), text.size()));
    for (; steps_ < steps.size(); ++steps_) {
        const auto& step = steps[steps_];
        add_mark(step.type, step.place, true, member(word_of(step.type), step.value));
    }
}

void stream_log::complete(std::int64_t generation, const reply& r,
                          const std::vector<stream_step>& steps) {
    if (generation != generation_) restart(generation);
    show_round(r.message.content, steps);
    add_mark(stream_event_type::usage, text_.size(), true,
             member("usage", print_usage(r.metadata.usage)));
}

// --- What a consumer sees -----------------------------------------------------------------------

/// Whether a consumer can have come so far in this text.
bool stream_log::gave(const stream_position& p) const {
    if (p.generation != generation_ || p.bytes > static_cast<std::int64_t>(text_.size()))
        return false;
    return p.events <= (marks_.empty() ? 0 : marks_.back().events_before + marks_.back().stored);
}

void stream_log::enter(stream_cursor& c) const {
    c.entered = true;
    c.at = {generation_, 0, 0};
    c.next_mark = 0;
    c.thinking_read = 0;
    if (!c.resume_after || !gave(*c.resume_after)) return;
    c.at = *c.resume_after;
    const auto place = static_cast<std::size_t>(c.at.bytes);
    c.at.bytes = static_cast<std::int64_t>(next_border(text_, place));
    // Marks that lie where it stopped were seen if they are counted, or are told to no one twice.
    while (c.next_mark < marks_.size()) {
        const auto& m = marks_[c.next_mark];
        const auto seen = m.events_before + (m.stored ? 1 : 0) <= c.at.events;
        if (m.place > place || !seen) break;
        ++c.next_mark;
    }
}

std::optional<stream_event> stream_log::next(stream_cursor& c) const {
    const auto& known = c.entered ? std::optional(c.at) : c.resume_after;
    const bool stale = known && !gave(*known);
    if (stale || !c.entered) enter(c);
    if (stale) return make_event(c.at, stream_event_type::reset, {});
    if (!std::exchange(c.started, true)) return make_started(c);
    return next_fact(c);
}

void stream_log::bound(stream_cursor& c) const {
    c.end = {text_.size(), marks_.size(), marks_.empty() ? 0 : marks_.back().members.size()};
}

/// The thinking that waits at the consumer's place. A mark of thinking is passed by when another
/// has followed it, since until then it may grow.
std::optional<stream_event> stream_log::next_thinking(stream_cursor& c,
                                                      const stream_cursor::bounds& end) const {
    const auto marks = std::min(end.marks, marks_.size());
    for (; c.next_mark < marks; ++c.next_mark, c.thinking_read = 0) {
        const auto& m = marks_[c.next_mark];
        if (m.type != stream_event_type::thinking || m.place > static_cast<std::size_t>(c.at.bytes))
            return std::nullopt;
        const bool last = c.next_mark + 1 == marks;
        const auto size = last ? std::min(end.thinking, m.members.size()) : m.members.size();
        if (c.thinking_read < size) {
            const auto waiting =
                std::string_view(m.members).substr(c.thinking_read, size - c.thinking_read);
            const auto piece = utf8::truncate(waiting, limits::delta_bytes);
            c.thinking_read += piece.size();
            return make_piece(c.at, stream_event_type::thinking, piece);
        }
        if (last) return std::nullopt;
    }
    return std::nullopt;
}

std::optional<stream_event> stream_log::next_fact(stream_cursor& c) const {
    const auto end =
        c.end.value_or(stream_cursor::bounds{text_.size(), marks_.size(), std::string::npos});
    if (auto thinking = next_thinking(c, end)) return thinking;
    const auto place = static_cast<std::size_t>(c.at.bytes);
    auto text_end = std::min(end.bytes, text_.size());
    if (c.next_mark < std::min(end.marks, marks_.size())) {
        const auto& m = marks_[c.next_mark];
        if (m.place <= place && m.type != stream_event_type::thinking) {
            ++c.next_mark;
            if (m.stored) ++c.at.events;
            return make_event(c.at, m.type, m.members);
        }
        if (m.place > place) text_end = std::min(text_end, m.place);
    }
    if (place >= text_end) return std::nullopt;
    const auto waiting = std::string_view(text_).substr(place, text_end - place);
    const auto piece = utf8::truncate(waiting, limits::delta_bytes);
    c.at.bytes += static_cast<std::int64_t>(piece.size());
    return make_piece(c.at, stream_event_type::delta, piece);
}

stream_event make_done(const stream_position& at, reply r) {
    auto e = make_event(at, stream_event_type::done, {});
    e.reply = std::move(r);
    return e;
}

stream_event make_error(const stream_position& at, error failure) {
    auto e = make_event(at, stream_event_type::error, {});
    e.error = std::move(failure);
    return e;
}

}  // namespace conclave::messaging

std::string conclave::stream_event::document() const {
    std::string whole;
    whole.reserve(text.size() + members.size() + (reply ? reply->document.size() : 0) + 64);
    whole.append(R"({"id":")").append(id).append(R"(","type":")");
    whole.append(messaging::word_of(type)).append("\"");
    if (type == stream_event_type::delta || type == stream_event_type::thinking)
        json::append_quoted(whole.append(R"(,"text":)"), text);
    if (!members.empty()) whole.append(",").append(members);
    if (reply) whole.append(R"(,"reply":)").append(reply->document);
    if (error) whole.append(R"(,"error":)").append(messaging::print_error(*error));
    whole.append("}");
    return whole;
}
