// What was used and what it cost: events, roll-ups and spend.
#pragma once

#include <conclave/id.hpp>
#include <conclave/money.hpp>
#include <conclave/time.hpp>
#include <conclave/token_usage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conclave {

/// Days in UTC, both inclusive.
struct date_range {
    date from{};
    date to{};

    bool operator==(const date_range&) const = default;
};

/// Sums over one scope. `messages` counts billed assistant messages and `sessions` distinct
/// sessions with such a message: these two need not add up over providers or days. Tokens and money
/// always do, to the nano. Since 0.1.
struct usage_totals {
    std::int64_t sessions = 0;
    std::int64_t messages = 0;
    std::int64_t tokens_in = 0;
    std::int64_t tokens_out = 0;
    std::int64_t tokens_total = 0;
    money cost;
    std::int64_t unpriced_tokens = 0;  ///< tokens of models without a price; not in `cost`

    bool operator==(const usage_totals&) const = default;
};

struct provider_usage : usage_totals {
    std::string provider;

    bool operator==(const provider_usage&) const = default;
};

struct model_usage : usage_totals {
    std::string provider;
    std::string model;

    bool operator==(const model_usage&) const = default;
};

struct day_usage : usage_totals {
    date day{};

    bool operator==(const day_usage&) const = default;
};

struct agent_usage : usage_totals {
    conclave::agent_id agent_id;
    std::string agent_name;

    bool operator==(const agent_usage&) const = default;
};

/// What a bill can be grouped by. A model is told together with its provider.
enum class usage_dimension { day, provider, model, agent };

/// The sums of one combination of what the bill was grouped by; what it was not grouped by is
/// absent. Since 0.1.
struct usage_group : usage_totals {
    std::optional<date> day;
    std::optional<std::string> provider;
    std::optional<std::string> model;
    std::optional<conclave::agent_id> agent_id;  ///< empty: calls without an agent, for vectors
    std::string agent_name;
    /// False where agents are grouped together with providers or models: their distinct sessions
    /// are not kept, and `sessions` is 0.
    bool sessions_known = true;

    bool operator==(const usage_group&) const = default;
};

/// The bill of a tenant over a range of days. Since 0.1.
struct usage_rollup {
    date_range range;
    usage_totals totals;
    std::vector<provider_usage> by_provider;      ///< by name
    std::vector<model_usage> by_model;            ///< by provider, then model
    std::vector<day_usage> by_day;                ///< oldest first, days without use left out
    std::vector<agent_usage> top_agents_by_cost;  ///< dearest first
    /// All combinations with use, if it was asked to be grouped: in the order of days, names and
    /// ids, by what was asked for first, then by the next.
    std::optional<std::vector<usage_group>> groups;

    bool operator==(const usage_rollup&) const = default;
};

/// One line of the bill: what one message cost at one provider and model. Append-only. Since 0.1.
struct usage_event {
    usage_id id;
    conclave::session_id session_id;
    conclave::agent_id agent_id;
    conclave::message_id message_id;
    std::string provider;
    std::string model;
    token_usage tokens;
    optional_money cost;               ///< absent for a model without a price
    bool estimated = false;            ///< the provider gave no token counts
    bool cost_reported = false;        ///< some of the cost is as the provider itself reported it
    std::optional<usage_id> corrects;  ///< the earlier event that this one corrects
    timestamp created_at{};
};

/// How well the cost of an attempt is known. `known`: from the reported tokens and the price;
/// `reported`: the provider itself told the cost. `exposure`: the provider may have charged for it,
/// but no answer came; `cost` is then the worst case.
enum class cost_basis { known, estimated, exposure, reported };

/// One request to a provider, whether it succeeded or not. Since 0.1.
struct spend_attempt {
    conclave::send_id send_id;
    conclave::session_id session_id;
    conclave::agent_id agent_id;
    std::string provider;
    std::string model;
    std::string stage;       ///< `answer` for a plain send
    std::int64_t seat = 0;   ///< of a council
    std::int64_t round = 0;  ///< of the tool loop
    std::int64_t attempt = 0;
    std::string attempt_class;  ///< ok not_sent refused final server_error ambiguous partial
    std::optional<std::int64_t> http_status;
    std::int64_t latency_ms = 0;
    token_usage tokens;
    optional_money cost;  ///< absent for a model without a price
    cost_basis basis = cost_basis::known;
    bool billable = false;
    bool duplicate = false;  ///< came after its send had been taken over: spend, never a bill
    timestamp created_at{};
};

/// Everything that was or may have been spent at providers; never less than the bill. Since 0.1.
struct spend_report {
    date_range range;
    money bill;      ///< sum of the usage events
    money spend;     ///< sum of all attempts, exposure included
    money exposure;  ///< the part of `spend` that is only possible
    std::vector<spend_attempt> attempts;
    std::optional<std::string> next_cursor;  ///< of the attempts; the sums cover the whole range
};

}  // namespace conclave
