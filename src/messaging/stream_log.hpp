// What a running or stored call shows of itself, kept once for all who look on.
#pragma once

#include <conclave/reply.hpp>
#include <conclave/result.hpp>
#include <conclave/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::messaging {

/// How far a consumer has come; as text, `g.b.k`, the id of the event that took it there.
struct stream_position {
    std::int64_t generation = 0;  ///< runs of the call whose text was replaced
    std::int64_t bytes = 0;       ///< of visible text
    std::int64_t events = 0;      ///< of those that are stored: usage and what tools did

    bool operator==(const stream_position&) const = default;
};

std::string print_event_id(const stream_position& p);
/// Nothing for an empty text. VALIDATION_ERROR naming `last_event_id` for what is no id.
result<std::optional<stream_position>> parse_event_id(std::string_view text);

/// What a tool or a council did, as streams show it: stored with the reply, so that replays show it
/// too.
struct stream_step {
    stream_event_type type = stream_event_type::tool_call;
    std::size_t place = 0;  ///< before this byte of the text
    std::string value;      ///< JSON: of `tool_call`, `tool_result` or `council`
};

stream_step show_call(const tool_call& call, std::size_t place);
stream_step show_result(const tool_call& call, std::string_view content, bool failed,
                        std::size_t place);
/// A text that a council took back begins another generation of the same run.
inline constexpr std::int64_t council_generations = 16;
/// The generation in which a stream is after these steps of a run.
std::int64_t generation_of(std::int64_t epoch, const std::vector<stream_step>& steps);
/// Empty for no steps.
std::string print_steps(const std::vector<stream_step>& steps);
std::vector<stream_step> read_steps(std::string_view text);

/// A consumer's place in a log, and how it sees itself.
struct stream_cursor {
    request_id request;  ///< the consumer's own
    bool replayed = false;
    std::optional<stream_position> resume_after;

    stream_position at;
    std::size_t next_mark = 0;
    std::size_t thinking_read = 0;  ///< of that mark, if it is one of thinking
    bool entered = false;
    bool started = false;
    /// Where to stop although the log goes on.
    struct bounds {
        std::size_t bytes = 0;
        std::size_t marks = 0;
        std::size_t thinking = 0;  ///< of the last mark
    };
    std::optional<bounds> end;
};

/// The visible text of one call with marks between its bytes: attempts, tools, usage. A consumer is
/// a cursor into it. Not thread-safe.
class stream_log {
   public:
    explicit stream_log(std::int64_t generation) : generation_(generation) {}

    std::int64_t generation() const { return generation_; }
    const std::string& text() const { return text_; }

    void begin_attempt(std::string_view provider, std::string_view model);
    std::size_t attempts() const { return attempts_; }
    void add_text(std::string_view piece) { text_ += piece; }
    /// Thinking is neither stored nor counted: a replay has none, and who resumes is not told that
    /// from before its place.
    void add_thinking(std::string_view piece);
    bool has_text_of_attempt() const { return text_.size() > attempt_begin_; }
    /// Takes back the text of an attempt that failed before anybody saw it.
    void discard_attempt();

    /// Shows what was said and done up to the end of a round of tools, as far as it was not yet.
    void show_round(std::string_view text, const std::vector<stream_step>& steps);
    /// Another run: nothing that was shown stands.
    void restart(std::int64_t generation);
    /// The answer stands: shows the part of its text that was not shown yet, and its usage.
    void complete(std::int64_t generation, const reply& r, const std::vector<stream_step>& steps);

    /// The next event for a consumer; nothing until there is more.
    std::optional<stream_event> next(stream_cursor& c) const;
    /// What is there now is all that this consumer will see.
    void bound(stream_cursor& c) const;

   private:
    struct mark {
        stream_event_type type;
        std::size_t place = 0;  ///< before this byte
        std::int64_t events_before = 0;
        bool stored = false;  ///< counts as an event of a position
        /// Of its document, without id and type; of thinking the text itself, which grows.
        std::string members;
    };

    void add_mark(stream_event_type type, std::size_t place, bool stored, std::string members);
    bool gave(const stream_position& p) const;
    void enter(stream_cursor& c) const;
    std::optional<stream_event> next_fact(stream_cursor& c) const;
    std::optional<stream_event> next_thinking(stream_cursor& c,
                                              const stream_cursor::bounds& end) const;

    std::int64_t generation_ = 0;
    std::string text_;
    std::size_t attempt_begin_ = 0;
    std::size_t attempts_ = 0;
    std::vector<mark> marks_;
    std::int64_t stored_marks_ = 0;
    std::size_t steps_ = 0;
};

/// The last event of a consumer.
stream_event make_done(const stream_position& at, reply r);
stream_event make_error(const stream_position& at, error e);

}  // namespace conclave::messaging
