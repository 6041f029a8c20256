// Tools: functions of the host that a model may call.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace conclave {

/// A model's wish to have a tool called.
struct tool_call {
    std::string id;  ///< of this call; its result names it
    std::string name;
    std::string arguments =
        "{}";  ///< JSON as text: an object, unless the model wrote something else

    bool operator==(const tool_call&) const = default;
};

/// What a tool gave, as the model is told it.
struct tool_result {
    std::string tool_call_id;
    std::string content;  ///< UTF-8, at most 64 KiB

    bool operator==(const tool_result&) const = default;
};

/// A tool as a model sees it.
struct tool_definition {
    std::string name;         ///< 1 to 64 of [A-Za-z0-9_-]
    std::string description;  ///< at most 4 KiB
    /// JSON Schema of the arguments, at most 64 KiB; empty for a tool that takes any. What it may
    /// say is listed in docs/embedding.md.
    std::string parameters;

    bool operator==(const tool_definition&) const = default;
};

/// Where a tool has something from: a page, a document, a record. Since 0.1.
struct source {
    std::string title;         ///< 1 byte to 1 KiB
    std::string url = {};      ///< at most 2 KiB
    std::string snippet = {};  ///< what was used of it, at most 4 KiB

    bool operator==(const source&) const = default;
};

/// What a tool gives: a text for the model and, for the reply, where it comes from. A text converts
/// to it. Since 0.1.
struct tool_answer {
    std::string content;               ///< UTF-8, at most 64 KiB
    std::vector<source> sources = {};  ///< at most 32; the model is not told of them

    tool_answer(std::string text, std::vector<source> from = {})
        : content(std::move(text)), sources(std::move(from)) {}
    tool_answer(const char* text) : content(text) {}
};

/// A tool's own function. Called on a handler thread; it may block. The arguments of the call fit
/// the tool's `parameters`. An error is told to the model, which goes on.
using tool_handler = std::function<result<tool_answer>(const tool_call&)>;

/// A call that the host answers when it is ready. Copies stand for the same call; when the last one
/// goes unanswered, the tool has failed. Thread-safe, never blocks, may outlive the gateway. Since
/// 0.1.
class tool_call_handle {
   public:
    /// The first answer counts; one that comes after the tool's timeout is dropped.
    void reply(result<tool_answer> answer) const { line_->reply(std::move(answer)); }

    /// What the send was given as `caller`; may be null.
    std::shared_ptr<void> caller() const { return line_->caller(); }

    /// As provider_call::on_cancel.
    void on_cancel(completion<void> stop) const { line_->on_cancel(std::move(stop)); }

    /// The gateway's end of it; a test of a handler may bring its own.
    class line {
       public:
        virtual ~line() = default;
        virtual void reply(result<tool_answer> answer) = 0;
        virtual std::shared_ptr<void> caller() const = 0;
        virtual void on_cancel(completion<void> stop) = 0;
    };
    explicit tool_call_handle(std::shared_ptr<line> l) : line_(std::move(l)) {}

   private:
    std::shared_ptr<line> line_;
};

/// A tool's function without a thread of its own: called on the gateway's loop, so it must return
/// at once and must not call anything of conclave that blocks.
using async_tool_handler = std::function<void(const tool_call&, tool_call_handle call)>;

/// A tool to register. Since 0.1.
struct new_tool {
    std::string name;
    std::string description = {};
    std::string parameters = {};
    tool_handler handler = {};              ///< this
    async_tool_handler async_handler = {};  ///< or this
    std::int64_t timeout_ms = 30'000;       ///< 1 ms to 24 h
    /// Whether a call does more than look something up. After a crash a call whose outcome was
    /// lost is made again if it does not, or if it is `idempotent`; any other leaves its send
    /// OUTCOME_UNKNOWN.
    bool side_effects = true;
    bool idempotent = false;  ///< a second call with the same tool_call_id does nothing more
};

/// A registered tool.
struct tool_info {
    std::string name;
    std::string description;
    std::string parameters;
    std::int64_t timeout_ms = 0;
    bool side_effects = true;
    bool idempotent = false;
};

}  // namespace conclave
