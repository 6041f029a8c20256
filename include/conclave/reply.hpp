// What a send takes and gives.
#pragma once

#include <conclave/content.hpp>
#include <conclave/council.hpp>
#include <conclave/id.hpp>
#include <conclave/money.hpp>
#include <conclave/session.hpp>
#include <conclave/time.hpp>
#include <conclave/token_usage.hpp>
#include <conclave/tool.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace conclave {

/// Values that replace the agent's own for this send; part of what the key stands for.
struct send_overrides {
    std::optional<std::string> model = {};  ///< the model of the primary route
    std::optional<double> temperature = {};
    std::optional<std::int64_t> max_tokens = {};
    std::optional<council_options> council = {};  ///< answers this one

    bool operator==(const send_overrides&) const = default;
};

/// One message of a user. Since 0.1.
struct send_request {
    conclave::session_id session_id;
    /// UTF-8, 1 byte to 1 MiB; empty with `parts` and with role `tool`.
    std::string content = {};
    std::string idempotency_key;             ///< 1 to 255 bytes of printable ASCII without spaces
    message_role role = message_role::user;  ///< or `tool`, which answers calls
    send_overrides overrides = {};
    std::optional<std::string> metadata = {};  ///< stored with the message
    /// How long the caller waits. The call itself goes on (see cancel_policy) and the same key
    /// finds its answer.
    std::optional<std::int64_t> deadline_ms = {};
    /// Taken over into the reply, errors and logs; one is made when empty.
    conclave::request_id request_id = {};
    /// Handed to asynchronous handlers that run for this send: neither stored nor part of what the
    /// key stands for. Of several callers that join one send, the one who began it. Let go of on
    /// any thread.
    std::shared_ptr<void> caller = {};
    /// With role `tool`: one for each call of the session's last answer.
    std::vector<tool_result> tool_results = {};
    /// JSON Schema that the answer must fit, at most 64 KiB; what it may say is listed in
    /// docs/embedding.md. An answer that does not fit is asked for once more; if that one does not
    /// either, the send fails for good.
    std::string output_schema = {};
    /// In place of `content`: 1 to 32 texts and images, 4 MiB in all. Images by URL (`https://`,
    /// `http://` or `gs://`) or as base64. Providers that take no images refuse them.
    std::vector<content_part> parts = {};
};

/// A question to a council without a session. Since 0.1.
struct council_request {
    std::string prompt;  ///< UTF-8, 1 byte to 1 MiB
    council_options council;
    std::string idempotency_key;  ///< 1 to 255 bytes of printable ASCII without spaces
    std::optional<std::string> metadata = {};
    std::optional<std::int64_t> deadline_ms = {};  ///< of the caller; as in send_request
    conclave::request_id request_id = {};
    std::shared_ptr<void> caller = {};
};

/// All tries at one route, in the order they were made.
struct attempt_summary {
    std::string provider;
    std::string model;
    bool success = false;
    std::string attempt_class;  ///< ok not_sent refused final server_error ambiguous partial
    std::optional<std::int64_t> http_status;
    std::int64_t latency_ms = 0;  ///< of the last try
    std::int64_t retries = 0;     ///< tries minus one, in each round of tools
    /// TIMEOUT RATE_LIMITED UPSTREAM_5XX UPSTREAM_4XX NETWORK BAD_RESPONSE CIRCUIT_OPEN
    std::optional<std::string> error_code;
    std::string stage = {};  ///< of a council: generate, critique or synthesis
    std::string seat = {};   ///< and whose call it was
};

struct reply_usage {
    token_usage tokens;
    optional_money cost;  ///< absent for a model without a price
    bool unpriced = false;
    bool estimated = false;
    bool cost_reported = false;  ///< some of the cost is as the provider itself reported it
    std::optional<std::string> usd_per_1k_tokens;  ///< of a blended price
};

/// A source that a tool named while the answer was made.
struct citation {
    std::string tool_call_id;
    std::string tool;  ///< its name
    conclave::source source;

    bool operator==(const citation&) const = default;
};

enum class finish_reason { stop, length, tool_calls, content_filter, error };

struct reply_metadata {
    conclave::agent_id agent_id;
    std::string provider_used;
    std::string model_used;
    std::string primary_attempted;
    std::optional<std::string> fallback_attempted;  ///< the configured fallback, used or not
    bool fallback_used = false;
    std::vector<attempt_summary> attempts;
    reply_usage usage;
    conclave::finish_reason finish_reason = conclave::finish_reason::stop;
    /// Those that the host is to answer; `finish_reason` is then `tool_calls`.
    std::vector<tool_call> tool_calls;
    std::vector<citation> sources;      ///< that tools named, call by call
    std::optional<std::string> output;  ///< with an `output_schema`: the answer as JSON
    /// Of a council, as JSON: basis, answers, scores, ranking, synthesis and what each seat cost.
    std::optional<std::string> council;
    std::string idempotency_key;
    bool replayed = false;
    conclave::request_id request_id;
};

/// The answer: the same for every caller of one key, only `replayed` differs. Since 0.1.
struct reply {
    conclave::message message;
    reply_metadata metadata;
    /// The reply as the JSON document of the contract, byte for byte the same on every replay but
    /// for `replayed`.
    std::string document;
};

/// How a doubtful send is settled by hand.
enum class resolve_decision { retry, succeed, fail };

struct resolve_request {
    std::string idempotency_key = {};  ///< this or `send_id`
    conclave::send_id send_id = {};
    resolve_decision decision = resolve_decision::retry;
    /// For `succeed`: the answer as the provider's own records show it, and its tokens.
    std::string content = {};
    token_usage tokens = {};
};

/// A send whose outcome nobody knows: its owner died, or an attempt was ambiguous under `stop`.
struct unknown_send {
    conclave::send_id send_id;
    std::string operation;
    conclave::session_id session_id;
    conclave::request_id request_id;
    std::int64_t epoch = 0;
    std::int64_t attempts = 0;
    timestamp created_at{};
    timestamp unknown_since{};
};

}  // namespace conclave
