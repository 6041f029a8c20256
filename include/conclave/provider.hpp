// Providers: where answers come from. They belong to the process, not to the file.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/content.hpp>
#include <conclave/policy.hpp>
#include <conclave/reply.hpp>
#include <conclave/result.hpp>
#include <conclave/token_usage.hpp>
#include <conclave/tool.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace conclave {

enum class provider_kind {
    openai,            ///< Chat Completions, at any vendor that speaks it
    openai_responses,  ///< OpenAI's Responses
    anthropic,         ///< Anthropic's Messages
    gemini,            ///< Google's generateContent
    mapped,            ///< a vendor described in configuration
    callback,          ///< the host's own function
    scripted,          ///< answers from a script, for tests and demos
};

/// What a provider is asked, in the words of no vendor.
struct provider_request {
    std::string model;
    std::string instructions;
    struct turn {
        message_role role = message_role::user;
        std::string content;
        std::vector<tool_call> tool_calls = {};  ///< of the assistant
        std::string tool_call_id = {};           ///< of a tool's result: the call it answers
        /// Of a user: what goes out in place of `content`, which then holds their texts alone.
        std::vector<content_part> parts = {};
        /// Of the assistant: what its provider wants to see again as it was (signed thinking),
        /// call_result::keepsake. Of no meaning to anybody else, who leave it out.
        std::string keepsake = {};
    };
    std::vector<turn> turns;  ///< oldest first
    std::optional<double> temperature;
    std::optional<std::int64_t> max_tokens;
    std::vector<tool_definition> tools;  ///< that may be called
    std::vector<std::string> stop = {};  ///< texts before which the answer ends
    std::string output_schema = {};      ///< JSON Schema that the answer must fit; empty: free text
};

/// What a `callback` provider answers.
struct provider_reply {
    std::string text = {};
    std::optional<token_usage> tokens = {};
    std::string model = {};  ///< the one asked for, when empty
    conclave::finish_reason finish_reason = conclave::finish_reason::stop;
    std::vector<tool_call> tool_calls = {};  ///< at most 32
};

/// The host's own provider. Called on a handler thread, several at once up to `concurrency`; it may
/// block. An error with PROVIDER_REJECTED or VALIDATION_ERROR is final, RATE_LIMITED waits for its
/// retry_after_ms, any other one counts as ambiguous.
using provider_handler = std::function<result<provider_reply>(const provider_request&)>;

/// An attempt that the host answers when it is ready. Copies stand for the same attempt; when the
/// last one goes unanswered, the attempt has failed as if the handler had thrown. Thread-safe,
/// never blocks, may outlive the gateway. Since 0.1.
class provider_call {
   public:
    /// A piece of the answer, to be seen at once: UTF-8, whole characters. Pieces after the answer
    /// are dropped; together they may be as long as an answer.
    void text(std::string piece) const { line_->text(std::move(piece)); }

    /// Answers. The first answer counts; one that comes after the attempt's timeout is dropped. Its
    /// text may be left empty after pieces, else it must be the same.
    void reply(result<provider_reply> answer) const { line_->reply(std::move(answer)); }

    /// What the send was given as `caller`; may be null.
    std::shared_ptr<void> caller() const { return line_->caller(); }

    /// Runs `stop` once if the attempt ends before it is answered: cut, timed out or its gateway
    /// closed. On a thread of the gateway, or at once if that has happened; it must return at once.
    /// A second one takes the place of the first.
    void on_cancel(completion<void> stop) const { line_->on_cancel(std::move(stop)); }

    /// The gateway's end of it; a test of a handler may bring its own.
    class line {
       public:
        virtual ~line() = default;
        virtual void text(std::string piece) = 0;
        virtual void reply(result<provider_reply> answer) = 0;
        virtual std::shared_ptr<void> caller() const = 0;
        virtual void on_cancel(completion<void> stop) = 0;
    };
    explicit provider_call(std::shared_ptr<line> l) : line_(std::move(l)) {}

   private:
    std::shared_ptr<line> line_;
};

/// The host's own provider without a thread of its own: called on the gateway's loop, so it must
/// return at once and must not call anything of conclave that blocks. It answers through `call`;
/// the request lives as long as the handler runs. Errors count as those of provider_handler do.
using async_provider_handler = std::function<void(const provider_request&, provider_call call)>;

/// One reply of a `scripted` provider.
struct scripted_reply {
    std::string text = {};                       ///< with `chunks` empty, or all of them in one
    std::optional<std::int64_t> tokens_in = {};  ///< counted from the words when absent
    std::optional<std::int64_t> tokens_out = {};
    std::int64_t latency_ms = 0;  ///< on the gateway's clock; of the first of the chunks
    /// Pieces that come one after another, before `error` if there is one.
    std::vector<std::string> chunks = {};
    std::int64_t chunk_latency_ms = 0;  ///< of each chunk but the first
    struct failure {
        std::int64_t http_status = 500;  ///< 0: the connection never stood
        std::string code = {};
        std::optional<std::int64_t> retry_after_ms = {};
    };
    std::optional<failure> error = {};
    /// Of the answer, after its text. An empty `id` is filled in.
    std::vector<tool_call> tool_calls = {};
};

/// How a `mapped` provider speaks: a request template and where in the answer things stand.
struct mapped_wire {
    std::string method = "POST";
    /// JSON. A string that is exactly `{{model}}`, `{{instructions}}`, `{{prompt}}` (the last user
    /// text), `{{messages}}` (role/content pairs), `{{temperature}}` or `{{max_tokens}}` is
    /// replaced by that value; a member whose value is absent is dropped. The first three may also
    /// stand inside a longer string. The instructions lead `{{messages}}` as a `system` message
    /// unless the template has a place for them.
    std::string request_template;
    std::string text;  ///< JSON pointers (RFC 6901) into the answer
    std::string tokens_in = {};
    std::string tokens_out = {};
    std::string model = {};
    std::string error_code = {};
    std::string error_message = {};
    std::string retry_after_ms = {};
};

/// A provider to register. Since 0.1.
struct new_provider {
    std::string name;  ///< 1 to 64 of [A-Za-z0-9_.-]
    provider_kind kind = provider_kind::openai;
    std::string base_url = {};  ///< taken as it is; `mapped`: the full URL
    /// Kept in memory only, never comes back out. Sent as `Authorization: Bearer` (`anthropic`:
    /// `x-api-key`, `gemini`: `x-goog-api-key`), or where a header's value has `{{api_key}}`.
    std::string api_key = {};
    /// `anthropic`: `2023-06-01` when empty. `gemini`: the version in the path, `v1beta` when empty
    /// and `base_url` has none. `openai` and `openai_responses`: sent as `?api-version=` if given.
    std::string api_version = {};
    /// Where a vendor or model differs from what is known of it: `max_tokens`, `temperature`,
    /// `stop`, `output_schema`, `stream_usage`, `instructions` (the role), `thinking_state`,
    /// `call_ids` (the form: `alphanumeric_9`, `word_64`, `any_40` or `any_64`),
    /// `schema_with_tools` (`output_schema` where there are tools) or `call_signature` (what stands
    /// for a missing one), and its name there; empty: it does not take this one, which is then left
    /// out; a schema is told in words, ids of any form are taken.
    std::vector<std::pair<std::string, std::string>> parameter_names = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    conclave::policy policy = {};
    std::optional<std::int64_t> concurrency = {};  ///< calls at once; the rest queues
    std::string default_model = {};                ///< for routes that name the provider alone
    mapped_wire mapped = {};
    std::vector<scripted_reply> replies = {};   ///< used in order, then from the start
    bool echo = false;                          ///< `scripted`: answers with the user's text
    provider_handler handler = {};              ///< `callback`: this
    async_provider_handler async_handler = {};  ///< or this
};

struct provider_info {
    std::string name;
    provider_kind kind = provider_kind::openai;
    std::string base_url;
    std::string state;  ///< `ready`
    breaker_state breaker = breaker_state::closed;
};

}  // namespace conclave
