// What must be true of every run; SEMANTICS section 6.
#include "metering/rollup.hpp"
#include "simulation/world.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace conclave::simulation {

namespace {

using std::chrono::days;

constexpr date first_day{std::chrono::year(2026) / 1 / 1};
constexpr date last_day = first_day + days(300);

/// Sums made from the events alone.
struct sums {
    std::int64_t tokens_in = 0;
    std::int64_t tokens_out = 0;
    std::int64_t nano_usd = 0;
    std::int64_t unpriced_tokens = 0;

    void add(const usage_event& e) {
        tokens_in += e.tokens.input;
        tokens_out += e.tokens.output;
        e.cost ? nano_usd += e.cost->nano_usd() : unpriced_tokens += e.tokens.total();
    }
    bool operator==(const sums&) const = default;
};

sums sums_of(const usage_totals& t) {
    return {t.tokens_in, t.tokens_out, t.cost.nano_usd(), t.unpriced_tokens};
}

void require(bool holds, const std::string& promise) {
    if (!holds) throw finding(promise);
}

std::vector<usage_event> all_events(instance& i, const tenant_scope& scope) {
    std::vector<usage_event> events;
    page_request page{1'000, {}};
    for (;;) {
        auto part = i.read(store::list_usage_events{scope, first_day, last_day, page}).events;
        std::move(part.items.begin(), part.items.end(), std::back_inserter(events));
        if (!part.next_cursor) return events;
        page.cursor = part.next_cursor;
    }
}

}  // namespace

spend_report all_spend(instance& i, const tenant_scope& scope) {
    spend_report all;
    page_request page{1'000, {}};
    for (;;) {
        auto part = i.read(store::read_spend{scope, first_day, last_day, page}).report;
        all.bill = part.bill;
        all.spend = part.spend;
        all.exposure = part.exposure;
        std::move(part.attempts.begin(), part.attempts.end(), std::back_inserter(all.attempts));
        if (!part.next_cursor) return all;
        page.cursor = part.next_cursor;
    }
}

void world::check_callers() const {
    for (std::size_t id = 0; id < callers_.size(); ++id)
        require(callers_[id].answers == (callers_[id].lost ? 0 : 1),
                "caller " + std::to_string(id) + " was not answered once");
}

void world::check_keys() {
    for (const auto& key : keys_) {
        const auto name = "key " + key.marker;
        require(key.fresh <= 1, name + ": two callers were told that theirs was the first call");
        if (key.first_success && !key.somebody_left && !key.resolved)
            require(key.fresh == 1, name + ": nobody was told that theirs was the first call");
        const auto stored =
            instances_[0]->read(store::find_send{tenants_[key.tenant].scope, key.hashed}).send;
        if (!stored) {
            require(!key.first_success, name + ": its reply is not in the store");
            continue;
        }
        require(stored->state != send_state::dispatching, name + " is still dispatching");
        if (!key.first_success) continue;
        require(stored->state == send_state::succeeded, name + ": its success is not in the store");
        require(stored->reply_message &&
                    stored->reply_message->content == key.first_success->message.content,
                name + ": another reply is stored");
    }
}

void world::check_ledger() {
    for (const auto& t : tenants_) check_ledger_of(t);
}

void world::check_ledger_of(const tenant_of_world& tenant) {
    auto& i = *instances_[0];
    const auto events = all_events(i, tenant.scope);
    std::map<std::string, std::vector<const usage_event*>> by_message;
    std::map<std::string, sums> by_provider;
    std::map<std::pair<std::string, std::string>, sums> by_model;
    std::map<date, sums> by_day;
    std::map<std::string, sums> by_agent;
    std::set<std::string> sessions;
    sums total;
    for (const auto& e : events) {
        by_message[e.message_id.str()].push_back(&e);
        total.add(e);
        by_provider[e.provider].add(e);
        by_model[{e.provider, e.model}].add(e);
        by_day[std::chrono::floor<days>(e.created_at)].add(e);
        by_agent[e.agent_id.str()].add(e);
        sessions.insert(e.session_id.str());
    }
    for (const auto& key : keys_) {
        if (&tenants_[key.tenant] != &tenant || !key.first_success) continue;
        const auto& lines = by_message[key.first_success->message.id.str()];
        const auto& usage = key.first_success->metadata.usage;
        token_usage tokens;
        std::optional<money> cost = money();
        std::set<std::pair<std::string, std::string>> models;
        for (const auto* line : lines) {
            tokens += line->tokens;
            if (cost) cost = line->cost ? std::optional(*cost + *line->cost) : std::nullopt;
            models.insert({line->provider, line->model});
        }
        require(!lines.empty() && models.size() == lines.size(),
                "key " + key.marker + " was billed " + std::to_string(lines.size()) + " times");
        require(tokens == usage.tokens && cost == usage.cost,
                "key " + key.marker + ": the bill is not what the reply says");
    }

    const auto stored = i.read(store::read_rollup{tenant.scope, first_day, last_day});
    const auto report =
        metering::fold({first_day, last_day}, stored.rows, stored.sessions, stored.rows.size() + 1);
    require(sums_of(report.totals) == total, "the totals are not the sum of the events");
    require(report.totals.messages == static_cast<std::int64_t>(by_message.size()),
            "the count of messages is wrong");
    require(report.totals.sessions == static_cast<std::int64_t>(sessions.size()),
            "the count of sessions is wrong");
    const auto same = [](const auto& parts, auto& expected, auto key_of, const char* what) {
        require(parts.size() == expected.size(), std::string("parts are missing: ") + what);
        for (const auto& p : parts)
            require(sums_of(p) == expected[key_of(p)],
                    std::string("a part is not the sum of its events: ") + what);
    };
    same(
        report.by_provider, by_provider, [](const auto& p) { return p.provider; }, "provider");
    same(
        report.by_model, by_model, [](const auto& p) { return std::pair(p.provider, p.model); },
        "model");
    same(
        report.by_day, by_day, [](const auto& p) { return p.day; }, "day");
    same(
        report.top_agents_by_cost, by_agent, [](const auto& p) { return p.agent_id.str(); },
        "agent");

    const auto spend = all_spend(i, tenant.scope);
    std::int64_t billed = 0;
    std::int64_t spent = 0;
    for (const auto& a : spend.attempts) {
        const auto nano = a.cost ? a.cost->nano_usd() : 0;
        spent += nano;
        billed += a.billable ? nano : 0;
        counts_.exposures += a.basis == cost_basis::exposure ? 1 : 0;
    }
    require(billed == total.nano_usd, "the bill is not the sum of the billable attempts");
    require(spend.bill.nano_usd() == billed && spend.spend.nano_usd() == spent,
            "the sums of the spend report are not those of its attempts");
    require(spend.spend >= spend.bill, "less was spent than billed");
    counts_.events += static_cast<std::int64_t>(events.size());
    counts_.attempts += static_cast<std::int64_t>(spend.attempts.size());
    counts_.days = std::max(counts_.days, static_cast<std::int64_t>(by_day.size()));
}

/// The vendors' own log against the ledger.
void world::check_receipts() {
    struct seen {
        std::int64_t received = 0;
        std::int64_t executed = 0;
        std::int64_t rows = 0;
        std::int64_t rows_sent = 0;
        bool council = false;  ///< has many calls; check_council_calls
    };
    std::map<std::string, seen> by_marker;
    for (const auto& r : vendors_.receipts()) {
        auto& s = by_marker[r.marker];
        ++s.received;
        s.executed += r.executed ? 1 : 0;
    }
    std::map<std::string, std::string> marker_of;
    for (const auto& key : keys_)
        if (const auto stored =
                instances_[0]->read(store::find_send{tenants_[key.tenant].scope, key.hashed});
            stored.send)
            marker_of[stored.send->id.str()] = key.marker;
    for (const auto& t : tenants_) {
        for (const auto& a : all_spend(*instances_[0], t.scope).attempts) {
            if (std::find(http_providers_.begin(), http_providers_.end(), a.provider) ==
                http_providers_.end())
                continue;
            auto& s = by_marker[marker_of[a.send_id.str()]];
            ++s.rows;
            s.council = s.council || a.stage != "answer";
            // A request that the provider's protocol cannot express is refused before it leaves.
            const bool inexpressible = a.attempt_class == "final" && !a.http_status;
            s.rows_sent += a.attempt_class != "not_sent" && !inexpressible ? 1 : 0;
        }
    }
    const bool whole = counts_.crashes == 0 && !had_trouble_;
    // A critic whose sheet could not be read is asked about that sheet alone.
    const auto unmarked = by_marker.extract("");
    std::int64_t missing = unmarked ? unmarked.mapped().received : 0;
    for (const auto& [marker, s] : by_marker) {
        const auto numbers = std::to_string(s.received) + " received, " +
                             std::to_string(s.rows_sent) + " of " + std::to_string(s.rows) +
                             " rows sent";
        require(s.received <= s.rows_sent,
                "key " + marker + ": calls at vendors without a row: " + numbers);
        if (whole && !s.council)
            require(s.received == s.rows_sent,
                    "key " + marker + ": rows of calls that no vendor saw: " + numbers);
        missing -= s.rows_sent - s.received;
        if (strict_ && !s.council)
            require(s.executed <= 1, "key " + marker + ": executed twice under `strict`");
    }
    require(missing <= 0, "calls at vendors without a row of any key");
    require(missing == 0 || !whole, "rows of calls that no vendor saw");
}

void world::check_transcripts() {
    for (const auto& t : tenants_) {
        for (const auto& s : t.sessions) {
            const auto read = instances_[0]->read(store::read_transcript{t.scope, s.id, 0, 1'000});
            std::int64_t seq = 0;
            for (const auto& m : read.messages)
                require(m.seq == ++seq, "the transcript of a session has a gap");
        }
    }
}

void world::check_invariants() {
    const auto report = instances_[0]->read(store::check_invariants{}).report;
    require(!report.invariants.empty(), "no invariant was checked");
    for (const auto& i : report.invariants) {
        if (i.ok) continue;
        std::string text = "invariant " + i.name + " (" + i.statement + "):";
        for (const auto& row : i.offending) text += "\n  " + row;
        throw finding(text);
    }
}

}  // namespace conclave::simulation
