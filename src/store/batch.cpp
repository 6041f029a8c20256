// Adds up, then writes.
#include "store/batch.hpp"

#include "store/rows.hpp"

#include <utility>

namespace conclave::store {

namespace {

using sql::run;

void add(money& sum, money share) {
    std::int64_t nano_usd = 0;
    if (__builtin_add_overflow(sum.nano_usd(), share.nano_usd(), &nano_usd))
        throw sql::failure(sql::failure_kind::constraint, "a sum of money is too large");
    sum = money::from_nano_usd(nano_usd);
}

void write_balance(sql::connection& c, tenant_row tenant, money held, money spent) {
    if (held == money() && spent == money()) return;
    run(c,
        "UPDATE tenant_balance SET held_nano_usd = held_nano_usd + ?2,"
        " spent_nano_usd = spent_nano_usd + ?3 WHERE tenant_id = ?1",
        tenant, held.nano_usd(), spent.nano_usd());
}

void write_rollup(sql::connection& c, const batch::rollup_key& key, const rollup_share& share) {
    const auto& [tenant, day, provider, model, agent] = key;
    run(c,
        "INSERT INTO usage_rollup (tenant_id, day, provider, model, agent_id, messages,"
        " messages_of_provider, messages_of_tenant, input, cached_input, cache_write, output,"
        " reasoning, cost_nano_usd, unpriced_tokens)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
        " ON CONFLICT (tenant_id, day, provider, model, agent_id) DO UPDATE SET"
        " messages = messages + ?6, messages_of_provider = messages_of_provider + ?7,"
        " messages_of_tenant = messages_of_tenant + ?8, input = input + ?9,"
        " cached_input = cached_input + ?10, cache_write = cache_write + ?11,"
        " output = output + ?12, reasoning = reasoning + ?13,"
        " cost_nano_usd = cost_nano_usd + ?14, unpriced_tokens = unpriced_tokens + ?15",
        tenant, day, provider, model, agent, share.messages, share.messages_of_provider,
        share.messages_of_tenant, share.tokens.input, share.tokens.cached_input,
        share.tokens.cache_write, share.tokens.output, share.tokens.reasoning,
        share.cost.nano_usd(), share.unpriced_tokens);
}

void write_session_count(sql::connection& c, const batch::session_count_key& key,
                         std::int64_t sessions) {
    const auto& [tenant, day, scope, subject, model, previous] = key;
    run(c,
        "INSERT INTO usage_session_days (tenant_id, day, scope, subject, model, prev_day, sessions)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        " ON CONFLICT (tenant_id, day, scope, subject, model, prev_day)"
        " DO UPDATE SET sessions = usage_session_days.sessions + ?7",
        tenant, day, scope, subject, model, previous, sessions);
}

}  // namespace

tenant_row batch::row_of(const tenant_scope& scope) {
    const auto& id = scope.id().str();
    for (const auto* rows : {terms_.known, &std::as_const(tenants_)})
        if (const auto known = rows ? rows->find(id) : tenant_row::none; known != tenant_row::none)
            return known;
    const auto row = store::row_of(inner_, scope);
    if (row != tenant_row::none) tenants_.add(id, row);
    return row;
}

void batch::add_to_balance(tenant_row tenant, money held, money spent) {
    auto& sum = balances_[tenant];
    add(sum.held, held);
    add(sum.spent, spent);
}

void batch::add_to_rollup(rollup_key key, const rollup_share& share) {
    auto& sum = rollups_[std::move(key)];
    sum.messages += share.messages;
    sum.messages_of_provider += share.messages_of_provider;
    sum.messages_of_tenant += share.messages_of_tenant;
    sum.tokens += share.tokens;
    add(sum.cost, share.cost);
    sum.unpriced_tokens += share.unpriced_tokens;
}

void batch::count_session(session_count_key key) { ++sessions_[std::move(key)]; }

void batch::write_sums() {
    for (const auto& [tenant, sum] : std::exchange(balances_, {}))
        write_balance(inner_, tenant, sum.held, sum.spent);
    for (const auto& [key, share] : std::exchange(rollups_, {})) write_rollup(inner_, key, share);
    for (const auto& [key, sessions] : std::exchange(sessions_, {}))
        write_session_count(inner_, key, sessions);
}

void batch::forget() {
    bearer_.reset();
    tenants_ = {};
    balances_.clear();
    rollups_.clear();
    sessions_.clear();
}

}  // namespace conclave::store
